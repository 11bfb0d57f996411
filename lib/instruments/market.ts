// All that an instrument's value depends on, as one immutable value.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'

/** How an asset follows its underlying: WETH is 1 ETH, wstETH its exchange rate. */
export interface AssetRate {
  readonly underlying: string
  /** Units of the underlying for one of the asset. */
  readonly rate: number
}

export interface Market {
  readonly at: UnixSeconds
  /** USD per underlying. */
  readonly spot: Readonly<Record<string, Usd>>
  /** By asset symbol. */
  readonly rates: Readonly<Record<string, AssetRate>>
}

/** USD for one of the asset. @throws HomeostatError `no-price`: a missing price is never zero. */
export function priceOf(market: Market, asset: string): Usd {
  const { underlying, rate } = rateOf(market, asset)
  const spot = market.spot[underlying]
  if (spot === undefined) throw missing(asset, `no spot for its underlying ${underlying}`)
  return spot * rate
}

/** The asset's underlying and rate. @throws HomeostatError `no-price` */
export function rateOf(market: Market, asset: string): AssetRate {
  const rate = market.rates[asset]
  if (rate === undefined) throw missing(asset, 'it is not part of this market')
  return rate
}

/** The same market with one underlying's spot replaced. */
export function withSpot(market: Market, underlying: string, usd: Usd): Market {
  return { ...market, spot: { ...market.spot, [underlying]: usd } }
}

function missing(asset: string, why: string): HomeostatError {
  return new HomeostatError('no-price', {
    message: `There is no price for ${asset}: ${why}.`,
    retry: 'later',
    facts: { asset },
    hint: 'See the gaps of the snapshot.',
  })
}
