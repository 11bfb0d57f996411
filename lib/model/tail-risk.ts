// What can be lost with small probability, and how likely each account is liquidated.

import type { Ratio, Usd } from '../base/units.ts'

export const tailHorizons = ['1h', '1d', '10d'] as const
export type TailHorizon = (typeof tailHorizons)[number]
export const tailLevels = [0.95, 0.99] as const
export type TailLevel = (typeof tailLevels)[number]

/** Losses are positive. */
export interface TailFigure {
  readonly horizon: TailHorizon
  readonly level: TailLevel
  readonly valueAtRiskUsd: Usd
  readonly expectedShortfallUsd: Usd
}

/** A position's part of the expected shortfall at 99 % over a day; the parts of all positions sum to it. */
export interface TailContribution {
  readonly positionId: string
  readonly label: string
  /** Its mean loss in the scenarios of the tail: the marginal part; below 0 it hedges. */
  readonly expectedShortfallUsd: Usd
  /** Expected shortfall of the book less that of the book without it. */
  readonly incrementalUsd: Usd
}

/** By first passage: the health factor is below 1 at some step of the way, or between two by a bridge. */
export interface LiquidationChance {
  readonly positionId: string
  readonly protocol: string
  readonly horizon: TailHorizon
  readonly probability: Ratio
  /** Mean over all scenarios of penalty and gas: 0 where never liquidated. */
  readonly expectedLossUsd: Usd
  /** Debt / collateral now, through the protocol's lens. */
  readonly loanToValue: Ratio
  /** The loan-to-value at which the probability is `targetProbability`; absent: not found between 0 and the threshold. */
  readonly loanToValueForTarget?: Ratio
  readonly targetProbability: Ratio
}

export interface TailRisk {
  readonly marketModelId: string
  readonly scenarios: number
  readonly seed: number
  readonly figures: readonly TailFigure[]
  readonly contributions: readonly TailContribution[]
  readonly liquidations: readonly LiquidationChance[]
  /** Factors that stand on others' history or none, positions that are left out, in words. */
  readonly notes: readonly string[]
}
