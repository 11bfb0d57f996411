// Noun 2: what is held and what it is worth, judged for quality; immutable once stored.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { PositionTerms } from '../instruments/index.ts'
import type { MarketData } from '../instruments/market/market-schema.ts'
import type { ChainHealth } from './chain-health.ts'
import type { DataState, Gap } from './data-state.ts'
import type { AssetSymbol, PinnedBlock, Underlying } from './identity.ts'
import type { PriceMemory, PriceSignal } from './price-memory.ts'
import type { LendingReading, PoolPriceReading, ProviderOutcome } from './reading.ts'
import type { Telemetry } from './telemetry.ts'
import type { VenueAccount } from './venue-reading.ts'

export interface AssetPrice {
  readonly asset: AssetSymbol
  readonly underlying: Underlying
  /** What we value with: the feed's answer, or that of who stands in for it. Absent when there is a gap. */
  readonly usd?: Usd
  readonly updatedAt?: UnixSeconds
  readonly ageSeconds?: number
  readonly heartbeatSeconds: number
  /** First lens: what the lending protocol believes; it decides liquidation. */
  readonly protocolUsd?: Usd
  /** Second lens: what the deepest known pool pays. */
  readonly marketUsd?: Usd
  /** market / protocol - 1. */
  readonly lensGap?: Ratio
  /** A lens gap beyond is told; beyond four times as much one of both is wrong. */
  readonly maxLensGap?: Ratio
  /** Who is believed, where it is not the first configured source. */
  readonly source?: string
  /** The first source says what cannot be. */
  readonly isRefused?: true
  /** What is told of it without distrusting it. */
  readonly signals?: readonly PriceSignal[]
  readonly dataState: DataState
}

export interface Position {
  /** Stable from snapshot to snapshot, e.g. `wallet:USDC`, `aave-v3`, `uniswap-v3:12`. */
  readonly id: string
  /** For people: `USDC in the account`, `Aave v3 loan`. */
  readonly label: string
  readonly chainId: number
  readonly instrument: PositionTerms
  readonly dataState: DataState
}

/** What is told of an underlying's market beside its price. */
export type MarketPart = 'forward' | 'volatility' | 'funding' | 'perpetualPremium'

/** Who told a part of the market. */
export interface MarketSource {
  readonly underlying: Underlying
  readonly part: MarketPart
  /** Id of a venue, or `declared`. */
  readonly source: string
  readonly asOf: UnixSeconds
}

export interface Snapshot {
  /** `portfolio#at#digest`, the digest over the sorted (chainId, number, hash) of all chains. */
  readonly id: string
  readonly portfolioId: string
  readonly configVersion: string
  readonly at: UnixSeconds
  readonly blocks: readonly PinnedBlock[]
  readonly providers: readonly ProviderOutcome[]
  /** How each chain does; absent: not known. */
  readonly chains?: readonly ChainHealth[]
  readonly prices: readonly AssetPrice[]
  readonly pools: readonly PoolPriceReading[]
  readonly positions: readonly Position[]
  /** What is known of the market beside prices, and since when; absent: nothing. */
  readonly marketData?: MarketData & { readonly asOf: UnixSeconds }
  /** Who told which part of it; absent: nobody. */
  readonly marketSources?: readonly MarketSource[]
  /** What secures positions at exchanges; absent: there is none. */
  readonly venueAccounts?: readonly VenueAccount[]
  /** The protocols' own summaries; risk compares with them. */
  readonly lending: readonly LendingReading[]
  /** What the next snapshot compares prices with; absent: nothing was read. */
  readonly priceMemory?: readonly PriceMemory[]
  /** How the markets do that the portfolio depends on; absent: not known. */
  readonly telemetry?: readonly Telemetry[]
  readonly gaps: readonly Gap[]
  readonly dataState: DataState
}
