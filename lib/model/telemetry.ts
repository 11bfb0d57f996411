// How the markets do that a portfolio depends on: how much is lent out, what can be taken out, how deep pools are, who holds a token, what is earned.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { AssetSymbol } from './identity.ts'

/**
 * What every kind has in common. A figure that is absent does not exist there (a market without a cap), unless its name stands in `unread`:
 * then it exists and could not be read.
 */
interface Readable<Figure extends string> {
  readonly unread?: readonly Figure[]
}

type MarketFigure =
  | 'supplied'
  | 'borrowed'
  | 'available'
  | 'utilisation'
  | 'supplyCap'
  | 'borrowCap'
  | 'reserveFactor'
  | 'accruedToTreasury'
  | 'debtCeilingUsd'
  | 'frozen'
  | 'paused'

/** Where accounts owe and can be liquidated. */
export const lendingProtocols = ['aave-v3', 'compound-v3', 'morpho-blue'] as const
/** Protocols that have such markets: where a position of theirs is unread, so is its market. */
export const marketProtocols = [...lendingProtocols, 'erc4626'] as const

/** One asset in one lending market or vault. Amounts are whole tokens. */
export interface MarketTelemetry extends Readable<MarketFigure> {
  readonly kind: 'market'
  /** `PROTOCOL:PLACE:ASSET`, the same in every reading. */
  readonly id: string
  readonly protocol: (typeof marketProtocols)[number]
  /** For people: `Aave v3`, `Compound v3 USDC`. */
  readonly label: string
  readonly asset: AssetSymbol
  /** With interest to the block. */
  readonly supplied?: number
  readonly borrowed?: number
  /** What could be taken out of the market now, by everybody together. */
  readonly available?: number
  /** The part of what is supplied that is lent out, as the protocol itself counts. */
  readonly utilisation?: Ratio
  readonly supplyCap?: number
  readonly borrowCap?: number
  /** Isolated collateral: what may be owed against it in all, and what is. Absent: it is not isolated. */
  readonly debtCeilingUsd?: Usd
  readonly isolatedDebtUsd?: Usd
  /** Part of the supply that counts towards its cap beside `supplied`: what the protocol has earned and not yet taken. */
  readonly accruedToTreasury?: number
  /** The part of the interest that the protocol keeps. */
  readonly reserveFactor?: Ratio
  /** What the protocol has put aside in the market: negative means that it is short. */
  readonly reserves?: number
  /** What the protocol earns in a year at the present rates. */
  readonly revenuePerYear?: number
  /** Frozen: no new supply or debt. Paused: nothing moves. */
  readonly frozen?: boolean
  readonly paused?: boolean
}

/** The exchange that moves a pool's price by two per cent, whole tokens; what goes in includes the fee. */
export interface DepthSide {
  readonly base: number
  readonly quote: number
}

/** One pool between two assets. */
export interface PoolTelemetry extends Readable<'depth' | 'fees'> {
  readonly kind: 'pool'
  /** `VENUE:POOL`. */
  readonly id: string
  readonly venue: string
  /** For people: `Uniswap v3 0.05 %`. */
  readonly label: string
  readonly base: AssetSymbol
  readonly quote: AssetSymbol
  /** Units of quote for one base. */
  readonly price?: number
  readonly depth?: {
    /** Selling base until its price is 2 % lower: base in, quote out. */
    readonly down: DepthSide
    /** Buying base until its price is 2 % higher: quote in, base out. */
    readonly up: DepthSide
  }
  readonly fees?: PoolFees
}

/** Counters of a pool that only mean something as a difference: see pool-revenue.ts. */
export interface PoolFees {
  /** Fees for one unit of liquidity since the pool began, Q128.128 modulo 2^256, in the smallest units, as decimal text. */
  readonly growthBase: string
  readonly growthQuote: string
  /** In range now, the pool's own units, as decimal text. */
  readonly liquidity: string
  readonly decimalsBase: number
  readonly decimalsQuote: number
  /** What waits for the protocol to collect it, whole tokens. */
  readonly protocolBase: number
  readonly protocolQuote: number
}

/** Who holds a token, from its Transfer logs. */
export interface HolderTelemetry {
  readonly kind: 'holders'
  readonly id: string
  readonly asset: AssetSymbol
  /** Part of the supply of the ten largest holders. */
  readonly topShare: Ratio
  /** Sum of the squared shares: 1 is one holder, 1/n are n equal ones. */
  readonly herfindahl: Ratio
  readonly holders: number
  readonly fromBlock: number
  readonly toBlock: number
  /** Every holder was counted. If not, shares are of those that were, and only a bound. */
  readonly complete: boolean
  readonly at: UnixSeconds
}

export type Telemetry = MarketTelemetry | PoolTelemetry | HolderTelemetry

/** What a pool earned between two readings, whole tokens. */
export interface PoolRevenue {
  readonly id: string
  /** By those who provide liquidity, at the liquidity that is in range now. */
  readonly earned: DepthSide
  /** By the protocol; absent if it collected in between. */
  readonly protocol?: DepthSide
}

/** How much of the cap on supply is used; 1 and above: nobody can supply more. */
export function supplyCapUsed({ supplied, supplyCap, accruedToTreasury = 0 }: MarketTelemetry): Ratio | undefined {
  if (supplied === undefined || supplyCap === undefined) return undefined
  return (supplied + accruedToTreasury) / supplyCap
}

/** How much of the cap on debt is used. */
export function borrowCapUsed({ borrowed, borrowCap }: MarketTelemetry): Ratio | undefined {
  return borrowed === undefined || borrowCap === undefined ? undefined : borrowed / borrowCap
}
