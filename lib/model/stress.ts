// What large moves do to a book: a grid of them, those that happened, the smallest that breaks it, and who is to blame.

import type { Ratio, Usd } from '../base/units.ts'
import type { AssetSymbol, Underlying } from './identity.ts'

/** Prices and volatilities of one group of underlyings moved together. */
export interface StressGroup {
  /** An underlying, or `all` for every risky one. */
  readonly name: string
  /** spots x volatilities by rows: change of net asset value. */
  readonly changeUsd: readonly Usd[]
  /** accounts x spots by rows, in the order of the grid's; a volatility does not move them. */
  readonly healthFactor: readonly number[]
  /** Labels of positions that no model can value somewhere in the group: they are left out of both sides of the change there. Absent: none. */
  readonly leftOut?: readonly string[]
}

export interface StressGrid {
  /** Price in the scenario / price now; 1 is in it. */
  readonly spots: readonly number[]
  /** Implied volatility at 30 days / now; the shock is (30 / days)^0.3 as large at other expiries. */
  readonly volatilities: readonly number[]
  /** Position ids of the lending accounts that owe something. */
  readonly accounts: readonly string[]
  /** `all` first where there is more than one underlying; stablecoins are in none. */
  readonly groups: readonly StressGroup[]
}

export interface AccountFactor {
  readonly positionId: string
  readonly healthFactor: number
}

/** A crisis that happened, in today's book. Both lenses move, each as it did then. */
export interface CrisisRow {
  /** `2020-03-12`, `usdc-2023`: of the registry, or of the caller's. */
  readonly id: string
  readonly name: string
  /** ISO date on which it began; absent in reports from before it was kept. */
  readonly date?: string
  /** How far prices of the book's underlyings and rates of its assets went, after / before - 1, as the market had them. */
  readonly moves?: Readonly<Record<Underlying | AssetSymbol, Ratio>>
  readonly navUsd: Usd
  readonly changeUsd: Usd
  /** Each account through the protocol's lens. */
  readonly accounts: readonly AccountFactor[]
  /** The lowest of them; absent without debt. */
  readonly healthFactor?: number
  /** Factors of the book that the crisis does not name, and by which rule they moved, in words. */
  readonly assumed: readonly string[]
  readonly leftOut?: readonly string[]
}

/** One of market and oracle moves while the other still stands where it was. */
export interface LagRow {
  /** All risky underlyings: price in the scenario / price now. */
  readonly spot: number
  /** The market moved and the oracle did not yet. */
  readonly oracleLags: LensPair
  /** The oracle moved (a wrong print, or it comes first) and the market did not. */
  readonly oracleLeads: LensPair
}

export interface LensPair {
  readonly navUsd: Usd
  /** As the protocol sees it; absent without debt. */
  readonly healthFactor?: number
  /** As the market would: what the factor becomes once the oracle follows, or goes back to. */
  readonly marketHealthFactor?: number
}

export interface FactorMove {
  /** `spot of ETH`, `volatility of ETH`. */
  readonly factor: string
  /** After / before - 1. */
  readonly move: Ratio
}

/** The likeliest way (the smallest Mahalanobis distance) to one breach. */
export interface Breach {
  readonly kind: 'health-factor' | 'net-asset-value'
  /** Of the account; absent for net asset value. */
  readonly positionId?: string
  /** `ETH -31 %, BTC -25 %: health factor of aave-v3 below 1, 3.4 sigma of one day`. */
  readonly inWords: string
  /** 0: broken already. */
  readonly sigmas: number
  readonly moves: readonly FactorMove[]
  /** What the breached figure is there, by full revaluation: just below 1, or at or below the floor in USD. */
  readonly figure: number
}

export interface ReverseStress {
  readonly horizonDays: number
  /** `market model ID` or `default`. */
  readonly covariance: string
  readonly floorUsd?: Usd
  readonly starts: number
  readonly seed: number
  /** One for each account and the floor, nearest first; none where nothing within `maxSigmas` breaks it. */
  readonly breaches: readonly Breach[]
  readonly maxSigmas: number
  /** By which rule factors without history move, in words. */
  readonly assumed: readonly string[]
}

export interface StressPart {
  readonly cause: string
  readonly changeUsd: Usd
}

/** One loss split twice; each of both sums to the whole. */
export interface ExplainedLoss {
  readonly scenario: string
  readonly changeUsd: Usd
  /** Largest loss first; those beyond the twenty largest in one line. */
  readonly byPosition: readonly (StressPart & { readonly positionId?: string })[]
  /** Shapley average over the factors that moved. */
  readonly byFactor: readonly StressPart[]
}

/** The lowest health factor of the grid and the crises, split by factor; the parts sum to `to - from`. */
export interface ExplainedHealth {
  readonly scenario: string
  readonly positionId: string
  readonly from: number
  readonly to: number
  readonly byFactor: readonly { readonly cause: string; readonly change: number }[]
}

export interface StressTest {
  readonly grid: StressGrid
  readonly crises: readonly CrisisRow[]
  readonly lags: readonly LagRow[]
  readonly reverse: ReverseStress
  /** The largest loss of the grid and the crises; absent where nothing loses. */
  readonly worst?: ExplainedLoss
  /** Absent without debt. */
  readonly worstHealth?: ExplainedHealth
}

/** What a crisis moves. Prices after / before - 1; what is not named moves by the rule that the row states. */
export interface Crisis {
  readonly id: string
  readonly name: string
  /** ISO date on which it began. */
  readonly date: string
  /** Where the figures come from. */
  readonly source: string
  /** By underlying. */
  readonly spot: Readonly<Record<Underlying, Ratio>>
  /** Every risky underlying that is not named, at one; absent: by its beta to ETH. */
  readonly others?: Ratio
  /** Exchange rates to the underlying by asset symbol. */
  readonly rates?: Readonly<Record<AssetSymbol, Ratio>>
  /** All staked and other followers of an underlying whose rate is not 1, where `rates` does not name them. */
  readonly followers?: Readonly<Record<Underlying, Ratio>>
  /** Implied volatility at 30 days, after / before; absent: as the prices' fall suggests, which the row says. */
  readonly volatility?: number
  /** Where the protocols' oracles did not say what the market did: prices (underlyings) and rates (asset symbols) as they had them. */
  readonly oracle?: Readonly<Record<Underlying | AssetSymbol, Ratio>>
  /** Only what is named moves: an event of one issuer. */
  readonly isolated?: true
}
