// Noun 1: what the sources returned for one portfolio at one pinned block a chain, before anybody judges it.

import type { TokenUnits, UnixSeconds, Usd } from '../base/units.ts'
import type { PositionTerms } from '../instruments/index.ts'
import type { ChainVitals } from './chain-health.ts'
import type { Gap } from './data-state.ts'
import type { Address, AssetSymbol, PinnedBlock } from './identity.ts'
import type { PriceQuote } from './price-quote.ts'
import type { Telemetry } from './telemetry.ts'

export interface ProviderOutcome {
  readonly name: string
  /** Scheme and host only. */
  readonly host: string
  readonly ok: boolean
  readonly milliseconds: number
  /** Code of the failure. */
  readonly code?: string
}

export interface FeedReading {
  readonly asset: AssetSymbol
  readonly usd: Usd
  readonly updatedAt: UnixSeconds
  readonly roundId: string
}

/** What a lending protocol believes that an asset is worth. */
export interface ProtocolPriceReading {
  readonly protocol: 'aave-v3'
  readonly asset: AssetSymbol
  readonly usd: Usd
}

/** A pool's mid price: `price` units of `quote` for one `base`. */
export interface PoolPriceReading {
  readonly venue: 'uniswap-v3'
  readonly pool: Address
  readonly base: AssetSymbol
  readonly quote: AssetSymbol
  readonly feeTier: number
  readonly price: number
  /** In the pool's raw units, as decimal text. */
  readonly liquidity: TokenUnits
}

export interface BalanceReading {
  readonly asset: AssetSymbol
  readonly quantity: number
  readonly units: TokenUnits
}

export interface LendingLegReading {
  readonly asset: AssetSymbol
  readonly supplied: number
  readonly usedAsCollateral: boolean
  readonly variableDebt: number
  readonly stableDebt: number
  /** Fraction of the collateral's value that counts before liquidation. */
  readonly liquidationThreshold: number
  readonly loanToValue: number
  /** 0.05: a liquidator takes 5 % extra. */
  readonly liquidationBonus: number
  /** Per year, continuous-equivalent not applied: as the protocol states them, fractions. */
  readonly supplyRate: number
  readonly borrowRate: number
  readonly availableLiquidity: number
  readonly frozen: boolean
  readonly paused: boolean
}

/** One account on a lending protocol, with the protocol's own summary to compare with. */
export interface LendingReading {
  readonly protocol: 'aave-v3'
  /** Of the position that it sums up; absent: named like the protocol. */
  readonly positionId?: string
  readonly account: Address
  readonly legs: readonly LendingLegReading[]
  readonly reported: {
    readonly collateralUsd: Usd
    readonly debtUsd: Usd
    readonly liquidationThreshold: number
    /** Absent without debt. */
    readonly healthFactor?: number
  }
}

/** A concentrated-liquidity position. Prices are `asset1` per `asset0` in whole tokens. */
export interface RangeReading {
  readonly protocol: 'uniswap-v3'
  readonly tokenId: string
  readonly pool: Address
  readonly asset0: AssetSymbol
  readonly asset1: AssetSymbol
  readonly feeTier: number
  readonly tickLower: number
  readonly tickUpper: number
  /** Raw, as decimal text. */
  readonly liquidity: TokenUnits
  /** L / 10^((decimals0 + decimals1) / 2): liquidity for whole tokens. */
  readonly liquidityPerWholeToken: number
  readonly lowerPrice: number
  readonly upperPrice: number
  readonly poolPrice: number
  /** Fees owed and recorded by the protocol, in whole tokens. */
  readonly owed0: number
  readonly owed1: number
}

/** A position as its protocol's adapter understands it: already the terms of an instrument. */
export interface PositionReading {
  /** `PROTOCOL:...`, the same in every reading. */
  readonly id: string
  /** For people. */
  readonly label: string
  readonly instrument: PositionTerms
  /** Assets, or underlyings, whose prices its value needs. */
  readonly needs: readonly string[]
}

/** What one chain said, by the names that things have on it. */
export interface ChainReading {
  /** Absent if the chain could not be read at all; then a gap that touches everything says why. */
  readonly block?: PinnedBlock
  readonly chainId: number
  readonly providers: readonly ProviderOutcome[]
  /** Absent if the chain could not be read, or was not asked. */
  readonly vitals?: ChainVitals
  readonly feeds: readonly FeedReading[]
  readonly protocolPrices: readonly ProtocolPriceReading[]
  readonly poolPrices: readonly PoolPriceReading[]
  readonly balances: readonly BalanceReading[]
  readonly lending: readonly LendingReading[]
  readonly ranges: readonly RangeReading[]
  readonly positions: readonly PositionReading[]
  /** What further sources said of prices; absent: none are configured. */
  readonly quotes?: readonly PriceQuote[]
  /** How the markets do that it touches; absent: nobody asked. */
  readonly telemetry?: readonly Telemetry[]
  readonly gaps: readonly Gap[]
}

/** Of the home chain, and of each further one in the order of the settings. */
export interface Reading extends ChainReading {
  readonly portfolioId: string
  readonly configVersion: string
  readonly at: UnixSeconds
  readonly elsewhere?: readonly ChainReading[]
}
