// What can be lost with small probability, and how likely each account is liquidated.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { Underlying } from './identity.ts'

export const tailHorizons = ['1h', '1d', '10d'] as const
export type TailHorizon = (typeof tailHorizons)[number]
export const tailLevels = [0.95, 0.99] as const
export type TailLevel = (typeof tailLevels)[number]

/** Which history a horizon's scenarios are drawn from. `scaled`: a day's move times the root of the part of a day, for want of hourly history. */
export type TailBasis = 'hourly' | 'daily' | 'scaled'

/** Losses are positive. */
export interface TailFigure {
  readonly horizon: TailHorizon
  readonly level: TailLevel
  readonly valueAtRiskUsd: Usd
  readonly expectedShortfallUsd: Usd
  readonly basis: TailBasis
}

/** A position's part of the expected shortfall at 99 % over a day; the parts of all positions sum to it. */
export interface TailContribution {
  readonly positionId: string
  readonly label: string
  /** Its mean loss in the scenarios of the tail: the marginal part; below 0 it hedges. */
  readonly expectedShortfallUsd: Usd
  /** Expected shortfall of the book less that of the book without it, over all scenarios; absent: the book is too large for it. */
  readonly incrementalUsd?: Usd
}

/** By first passage: the health factor is below 1 at some step of the way, or between two by a bridge. */
export interface LiquidationChance {
  readonly positionId: string
  readonly protocol: string
  readonly horizon: TailHorizon
  readonly probability: Ratio
  /** Fewer than 20 paths went there: the chance is that of a tail fitted to those that came near. */
  readonly isExtrapolated?: true
  /** Of the estimate: sqrt(p (1 - p) / scenarios). */
  readonly standardError: Ratio
  /** Mean over all scenarios of penalty and gas: 0 where never liquidated. */
  readonly expectedLossUsd: Usd
  /** Penalty and gas once it is liquidated whole. */
  readonly penaltyUsd: Usd
  /** Now, of the model: what counts as collateral at its thresholds over all debt, also debt that is not explained. Absent: nothing counts. */
  readonly healthFactor?: number
  /** Debt / collateral now, through the protocol's lens; absent with the health factor. */
  readonly loanToValue?: Ratio
  /** The loan-to-value, the debts scaled alike, at which the probability is at most `targetProbability`; absent: nothing counts as collateral. */
  readonly loanToValueForTarget?: Ratio
  readonly targetProbability: Ratio
  readonly basis: TailBasis
}

/** Changes of value over a day, counted in bins of equal width. */
export interface TailHistogram {
  readonly fromUsd: Usd
  readonly toUsd: Usd
  readonly counts: readonly number[]
}

export interface TailRisk {
  readonly marketModelId: string
  /** End of the last bar that the model knows. */
  readonly modelAt: UnixSeconds
  readonly scenarios: number
  readonly seed: number
  /** Whose moves since the last close raise their volatility above the model's; absent: nobody's. */
  readonly raisedBy?: readonly Underlying[]
  /** Of the positions that are in it. */
  readonly valueUsd: Usd
  readonly figures: readonly TailFigure[]
  /** The largest part first. */
  readonly contributions: readonly TailContribution[]
  readonly liquidations: readonly LiquidationChance[]
  /** Of the P&L over a day, liquidations included. */
  readonly histogram: TailHistogram
  /** Positions that are not in any figure of this, with the reason. */
  readonly leftOut: readonly { readonly positionId: string; readonly reason: string }[]
  /** Conventions, factors that stand on others' history or none, in words. */
  readonly notes: readonly string[]
}

/** One figure of many. */
export function tailFigure(tail: TailRisk, horizon: TailHorizon, level: TailLevel): TailFigure | undefined {
  return tail.figures.find((one) => one.horizon === horizon && one.level === level)
}
