// What every way of restoring health is sized with: prices of both lenses, the cap of one order, and how a refusal is worded.

import type { Usd } from '../../base/units.ts'
import type { DataState } from '../../model/data-state.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk, Report } from '../../model/report.ts'
import type { PlanCandidate } from '../../model/verdict.ts'
import { inWords } from '../number-in-words.ts'
import type { PlanParams, RefusedCandidate } from './define-plan.ts'

/** A movement below this is not worth its gas. */
export const leastUsefulUsd: Usd = 1

/** Between withdrawing and repaying the account must not come nearer to liquidation than this. */
const leastHealthBetweenSteps = 1.02
export const tooNear = `not possible: the account is at ${leastHealthBetweenSteps} or below, so nothing can be withdrawn before a repayment`
/** Each costs about 250,000 gas; the batch must fit into a block. */
const mostPasses = 6

export type Outcome =
  | { readonly kind: 'candidate'; readonly candidate: PlanCandidate }
  | { readonly kind: 'refused'; readonly refused: RefusedCandidate }
  | undefined

export function refusedBecause(summary: string, reason: string): Outcome {
  return { kind: 'refused', refused: { summary, reason } }
}

export function notFresh(inputs: readonly DataState[]): string | undefined {
  const reasons = inputs.flatMap((state) => (state.kind === 'FRESH' ? [] : state.reasons))
  return reasons.length === 0 ? undefined : `its data is not fresh: ${[...new Set(reasons)].join('; ')}`
}

export interface TwoPrices {
  /** Feed: what it costs. */
  readonly usd: Usd
  /** Protocol, else the feed: what it does to health. */
  readonly protocolUsd: Usd
}

export function pricesOf(report: Report, asset: AssetSymbol): TwoPrices | undefined {
  const price = report.prices.find((one) => one.asset === asset)
  if (price?.usd === undefined) return undefined
  const protocolUsd = price.protocolUsd ?? price.usd
  return price.usd > 0 && protocolUsd > 0 ? { usd: price.usd, protocolUsd } : undefined
}

/** What a repayment can reach: actions repay the variable rate only. */
export function repayable({ debt, variableDebt }: LendingLegRisk): number {
  return Math.min(debt, variableDebt ?? debt)
}

/** Said in the summary of a candidate that the cap has cut. */
export function clippedInWords({ limits }: PlanParams): string {
  return `, cut to the limit of ${inWords(limits.maxOrderUsd)} USD for one order`
}

/** How much can be moved of an asset without one order moving more than it may. */
export function capIn(usd: Usd, { limits }: PlanParams): number {
  return limits.maxOrderUsd / usd
}

/**
 * What is withdrawn in each pass. Between a withdrawal and its repayment health must not fall below 1.02, so a pass frees what
 * the one before it has made room for; the sizes grow, and a handful is enough even from near the edge. What carries no weight is free at once.
 */
export function passes(params: {
  readonly wanted: number
  readonly account: Pick<AccountHealth, 'borrowingPowerUsd' | 'debtUsd'>
  /** Borrowing power lost for one unit withdrawn, and debt repaid for it. */
  readonly powerLost: Usd
  readonly debtRepaid: Usd
}): readonly number[] {
  const quantities: number[] = []
  let { wanted } = params
  let { borrowingPowerUsd: power, debtUsd: debt } = params.account
  if (params.powerLost === 0) return wanted > 0 ? [wanted] : []
  while (wanted > 0 && quantities.length < mostPasses) {
    const quantity = Math.min(wanted, (power - leastHealthBetweenSteps * debt) / params.powerLost)
    if (quantity <= 0) break
    quantities.push(quantity)
    wanted -= quantity
    power -= quantity * params.powerLost
    debt -= quantity * params.debtRepaid
  }
  return quantities
}

/** A way that is taken in passes: all of them and, where that is more than one, the first alone as a lesser choice. */
export function wholeAndFirst(
  quantities: readonly number[],
  one: (quantities: readonly number[]) => Outcome,
): readonly Outcome[] {
  return quantities.length === 1 ? [one(quantities)] : [one(quantities), one(quantities.slice(0, 1))]
}
