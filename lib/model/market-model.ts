// What was learned from history: one immutable value that reports refer to by id, so that each can be computed again.

import type { Ratio, UnixSeconds } from '../base/units.ts'
import type { BarInterval } from './history.ts'
import type { Underlying } from './identity.ts'
import type { RegimeView } from './regime.ts'

/** What was known of an asset, and by which rule it was treated. */
export interface ModelAsset {
  readonly asset: Underlying
  readonly interval: BarInterval
  /** Returns between neighbouring bars. */
  readonly observations: number
  readonly firstAt: UnixSeconds
  readonly lastAt: UnixSeconds
  /** Bars missing between the first and the last. */
  readonly missing: number
  /** `short`: estimated in part from others; `constant`: never moved; `ended`: no bars any more; `new`: too few to use. */
  readonly state: 'used' | 'short' | 'new' | 'constant' | 'ended'
  /** In words, with figures; empty: nothing to say. */
  readonly remarks: readonly string[]
}

/** Rows and columns in the order of `assets`. */
export interface CovarianceEstimate {
  readonly assets: readonly Underlying[]
  /** Annual, over 365 days. */
  readonly volatility: readonly number[]
  /** n x n by rows, ones on the diagonal. */
  readonly correlation: readonly number[]
  /** Ledoit-Wolf, 0..1. */
  readonly shrinkage: Ratio
  readonly meanCorrelation?: number
}

/** Response of an asset's log return to that of a macro series. */
export interface MacroBeta {
  readonly asset: Underlying
  /** `SPX`, `DXY`, `US10Y`, `VIX`: the name of the series. */
  readonly series: string
  readonly beta: number
  readonly standardError: number
  /** Of the asset's variance. */
  readonly rSquared: Ratio
  readonly observations: number
}

/** Forecast volatility of an asset over the day ahead. */
export interface VolatilityForecast {
  readonly asset: Underlying
  /** Annual, over 365 days. */
  readonly volatility: number
  readonly method: 'har' | 'garch' | 'ewma'
  /** Share of yesterday's variance that came in jumps; absent: not measured. */
  readonly jumpShare?: Ratio
}

/**
 * Standardised residuals by date, from which scenarios are drawn: return = volatility x residual. Plain JSON.
 * A factor without history is not here: who draws says by which rule it stands in.
 */
export interface ResidualModel {
  readonly interval: BarInterval
  readonly assets: readonly Underlying[]
  /** Begin of each date's bar. */
  readonly starts: readonly UnixSeconds[]
  /** dates x assets by rows; null where there is none (JSON has no gap). */
  readonly residuals: readonly (number | null)[]
  /** Per asset and bar of `interval`, not annual: forecast for the next bar. */
  readonly volatility: readonly number[]
  /** Per asset: a volatility never falls below its 10th percentile. */
  readonly floor: readonly number[]
  /** Per asset, how a volatility follows its returns; the fitter's own parameters. */
  readonly dynamics: readonly Readonly<Record<string, number>>[]
  /** Per asset, the fitted tails of the residuals; the fitter's own parameters. Absent: as they are. */
  readonly tails?: readonly Readonly<Record<string, number>>[]
}

export interface MarketModel {
  /** `at~digest of what it was made of`. */
  readonly id: string
  /** End of the last bar that was used. */
  readonly at: UnixSeconds
  readonly madeAt: UnixSeconds
  readonly assets: readonly ModelAsset[]
  readonly covariance?: CovarianceEstimate
  /** Conditional correlation, where enough history is there for it. */
  readonly conditional?: CovarianceEstimate
  readonly volatility: readonly VolatilityForecast[]
  readonly daily?: ResidualModel
  readonly hourly?: ResidualModel
  /** As of the last whole day. */
  readonly regime?: RegimeView
  /** Where the online update goes on; the regime's own plain value. */
  readonly regimeState?: unknown
  readonly macro: readonly MacroBeta[]
  /** What could not be done and what a reader has to know, in words. */
  readonly notes: readonly string[]
}
