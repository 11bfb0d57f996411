// What further sources say of an asset's price, beside its feed: another oracle, a market, a rate, a published value.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { Address, AssetSymbol } from './identity.ts'

/** A further source of an asset's price, with the settings that the schema of its kind made. */
export interface PriceSourceConfig {
  readonly kind: string
  readonly settings: unknown
}

/** How far two views of a price may be apart before it is told, and before it is not trusted: a dollar less than ether, ether less than others. */
export const assetClasses = ['stablecoin', 'major', 'other'] as const
export type AssetClass = (typeof assetClasses)[number]

/** What more is known of a feed than where it is. */
export interface FeedPins {
  /** Pinned: a proxy that names another is not trusted. Its own bounds count beside the configured ones. */
  readonly aggregator?: Address
  /** The feed promises an update whenever the price has moved by so much. */
  readonly deviationBps?: number
}

/** How an asset's price is judged, beside its feed. */
export interface AssetPricing {
  readonly class?: AssetClass
  /** How far the market may stray from a price before it is told; four times as far, and the price is not trusted. */
  readonly maxLensGap?: Ratio
  /** Asked in this order: opinions beside the feed, and what is valued by where it has none. */
  readonly prices?: readonly PriceSourceConfig[]
}

export interface PriceQuote {
  readonly asset: AssetSymbol
  /** Kind of its source. */
  readonly kind: string
  /** For people: `Uniswap v3 TWAP of 30 min`. */
  readonly label: string
  /** `market`: what people pay. `oracle`: what somebody says that it is worth. */
  readonly role: 'oracle' | 'market'
  /** In whole units of `per`, of dollars if that is absent. */
  readonly price: number
  readonly per?: AssetSymbol
  readonly updatedAt: UnixSeconds
  /** It promises to be no older than this, with its grace. */
  readonly goodForSeconds: number
  /** Of a market: what selling the asset fetches until its price is 2 % lower, in units of `per`. */
  readonly depth?: number
  /** A market that is thinner says nothing. */
  readonly minDepthUsd?: Usd
  /** Taken off for the age of a published value. */
  readonly haircut?: Ratio
}
