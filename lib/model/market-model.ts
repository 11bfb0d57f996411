// What was learned from history: one immutable value that reports refer to by id, so that each can be computed again.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { DataState } from './data-state.ts'
import type { BarInterval } from './history.ts'
import type { Underlying } from './identity.ts'
import type { RegimeView } from './regime.ts'

/** What was known of an asset, and by which rule it was treated. */
export interface ModelAsset {
  readonly asset: Underlying
  readonly interval: BarInterval
  /** Returns between neighbouring bars. */
  readonly observations: number
  /** Begin of the first and the last bar with a return; absent: there is none. */
  readonly firstAt?: UnixSeconds
  readonly lastAt?: UnixSeconds
  /** Bars without a return between the first and the last. */
  readonly missing: number
  /** `short`: estimated in part from others; `constant`: never moved; `ended`: no bars any more; `new`: too few to use. */
  readonly state: 'used' | 'short' | 'new' | 'constant' | 'ended'
  /** In words, with figures; empty: nothing to say. */
  readonly remarks: readonly string[]
  /** The last close, and the end of its bar: where a day that is not over goes on from. Absent: no bar. */
  readonly lastClose?: { readonly usd: Usd; readonly at: UnixSeconds }
}

/** What options say of an underlying, and what they cost over the volatility that is expected. */
export interface SurfaceSummary {
  readonly underlying: Underlying
  /** A venue, or `declared`. */
  readonly source: string
  readonly asOf: UnixSeconds
  /** By rising expiry. */
  readonly slices: readonly SurfaceSlice[]
  /** Options' implied variance over about 30 days less the forecast one, both per year; above 0: options are dear. Absent: no forecast or no slice for it. */
  readonly varianceRiskPremium?: number
}

export interface SurfaceSlice {
  readonly expiry: UnixSeconds
  /** Annual volatility at the money forward. */
  readonly atTheMoney: number
  /** Call less put volatility at a forward delta of 25 %; absent: no strike has that delta. */
  readonly riskReversal25?: number
  readonly butterfly25?: number
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
  /** With the other series held still; absent for a single series, and where they share too few closes. */
  readonly joint?: { readonly beta: number; readonly standardError: number }
}

/** Forecast volatility of an asset over the day ahead. */
export interface VolatilityForecast {
  readonly asset: Underlying
  /** Annual, over 365 days. */
  readonly volatility: number
  readonly method: 'har' | 'garch' | 'ewma'
  /** What the model says, where what a snapshot saw since the last close raises it; absent: nothing does. */
  readonly beforeToday?: number
  /** Share of yesterday's variance that came in jumps; absent: not measured. */
  readonly jumpShare?: Ratio
}

/**
 * How a variance follows its returns: next = omega + (alpha + gamma [return < 0]) return^2 + beta variance, per bar (Glosten, Jagannathan & Runkle 1993).
 * With omega 0 and alpha + beta = 1 it is exponential smoothing; with alpha 0 and beta 1 it stands still.
 */
export type VolatilityDynamics = Readonly<
  Record<
    | 'omega'
    | 'alpha'
    | 'gamma'
    | 'beta'
    /** Mean squared residual: along a path the variance follows return^2 / scale, so that it has no trend of its own. */
    | 'scale'
    /** A volatility neither falls below (its own 10th percentile) nor rises above (the highest of its history). */
    | 'floor'
    | 'ceiling',
    number
  >
>

/** What one column of residuals stands on. */
export interface ResidualOrigin {
  /** `short` and `gaps`: some residuals come from others'; `constant`: never moved; `ended`: no bars any more. */
  readonly state: 'used' | 'short' | 'gaps' | 'constant' | 'ended'
  /** Own returns behind it, dates before those of the model included. */
  readonly observations: number
  /** Dates of the model whose residual is beta times another's plus a drawn residual of its own. */
  readonly filled: number
  /** Whose it mostly is: an asset or `market`. */
  readonly regressor?: string
  readonly beta?: number
  readonly rSquared?: Ratio
  /** Fitted generalised-Pareto shapes below and above; absent: that tail is as it was. */
  readonly lowerShape?: number
  readonly upperShape?: number
}

/** One column of residuals with its volatility now. */
export interface ResidualColumn {
  /** Per bar of the model's interval, not annual: forecast for the next bar, floor applied. 0: it never moved. */
  readonly volatility: number
  readonly dynamics: VolatilityDynamics
}

/**
 * Standardised residuals by date, from which scenarios are drawn: log return = volatility x residual, mean zero. Plain JSON, four decimals a residual.
 * A factor that is not here has too little history or none: who draws says by which rule it stands in.
 */
export interface ResidualModel {
  readonly interval: BarInterval
  readonly assets: readonly Underlying[]
  /** Begin of each date's bar. */
  readonly starts: readonly UnixSeconds[]
  /** dates x assets by rows, complete: what was missing is regressed on others, see `origins`. Tails are smoothed, ranks unchanged. */
  readonly residuals: readonly number[]
  /** Per asset. */
  readonly columns: readonly ResidualColumn[]
  readonly origins: readonly ResidualOrigin[]
  /** Equal-weight mean return of the assets that move and have a long history: what a factor without history stands on. */
  readonly market: ResidualColumn & { readonly residuals: readonly number[]; readonly assets: readonly Underlying[] }
  /** Of what was drawn to fill gaps. */
  readonly seed: number
  /** What was regressed, what has ended, what was too new, in sentences. */
  readonly notes: readonly string[]
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
  /** Absent: no venue and no declaration tells volatilities by expiry. */
  readonly surfaces?: readonly SurfaceSummary[]
  /** Where the history came from: bars by source, and its assets. */
  readonly sources?: readonly { readonly source: string; readonly bars: number; readonly assets: number }[]
  /** Sources whose prices are made up, such as `synthetic, seed 1`: then no figure says anything of a real market. Absent: there are none. */
  readonly madeUp?: string
  /** Of every random draw that made it. */
  readonly seed?: number
  /** What could not be done and what a reader has to know, in words. */
  readonly notes: readonly string[]
}

/** How a report stands to its market model. */
export interface ModelStanding {
  readonly at: UnixSeconds
  /** Or last found to be the newest that can be made. */
  readonly madeAt: UnixSeconds
  /** DEGRADED: older than it should be. Never part of the report's own state: an order does not read the model. */
  readonly dataState: DataState
  /** Of the model. */
  readonly madeUp?: string
  /** Names of the sources of its prices, the one with most bars first; four at most. */
  readonly sources?: readonly string[]
  /** The model's own notes. */
  readonly notes: readonly string[]
}
