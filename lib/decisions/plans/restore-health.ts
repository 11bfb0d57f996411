// How a lending account gets back to its target health factor at least cost: repay from what is spare, or sell collateral.

import type { DataState } from '../../model/data-state.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, Report } from '../../model/report.ts'
import type { PlanCandidate } from '../../model/verdict.ts'
import { inWords } from '../number-in-words.ts'
import { accountInput, isDust } from './account-input.ts'
import { definePlan, type PlanParams, type PlanWeighing } from './define-plan.ts'
import { repayFromSpare } from './repay-from-spare.ts'
import { notFresh, refusedBecause, repayable } from './sizing.ts'
import { withdrawRepay } from './withdraw-repay.ts'
import { withdrawSwapRepay } from './withdraw-swap-repay.ts'

export const restoreHealthPlan = definePlan({
  kind: 'restore-health',
  title: 'Bring the health factor of a lending account back to its target',
  reducesRisk: true,
  weigh: weighHealth,
})

/** The candidates alone: see `weighHealth`. */
export function restoreHealth(params: PlanParams): readonly PlanCandidate[] {
  return weighHealth(params).candidates
}

/**
 * Sizes in closed form, health at the protocol's prices, cost at feed prices without gas. With B = sum(threshold x collateral), D = debt, t = target:
 * repay R = D - B / t; or withdraw x of a collateral (price p, threshold l) and repay k x of a debt asset (price q):
 * x = (t D - B) / (t k q - l p), with k the worse of the pool's and the feeds' rate, less fee, less the whole slippage allowance.
 * A withdrawal stops where health between the steps would fall below 1.02; the rest follows in further passes of the same transaction.
 */
export function weighHealth(params: PlanParams): PlanWeighing {
  const { report, positionId, target } = params
  const seen = report.accounts.find((one) => one.positionId === positionId)
  const why = whyNoPlan(seen, params)
  if (seen === undefined || why !== undefined)
    return { candidates: [], refused: [], notes: [], whyNone: why ?? 'no account' }
  const account = withUnexplainedDebt(seen)
  const notes = notesOn(seen)
  const legs = account.legs.filter((leg) => leg.paused !== true)
  const stuck = account.legs.filter((leg) => leg.paused === true)
  // A leg whose price is not fresh is dust by now: it does not stand against a plan, and is not part of one.
  const priced = legs.filter((leg) => priceState(report, leg.asset).kind === 'FRESH')
  const outcomes = [
    ...repayFromSpare(priced, account, params),
    ...priced.flatMap((leg) => withdrawRepay(leg, account, params)),
    ...priced.flatMap((sold) => priced.flatMap((owed) => withdrawSwapRepay(sold, owed, account, params))),
    ...stuck.map(({ asset }) => refusedBecause(`move ${asset}`, 'its reserve is paused')),
  ]
  const candidates = outcomes.flatMap((one) => (one?.kind === 'candidate' ? [one.candidate] : []))
  const refused = outcomes.flatMap((one) => (one?.kind === 'refused' ? [one.refused] : []))
  if (candidates.length > 0) return { candidates: candidates.toSorted(byReachThenCost), refused, notes }
  const reasons = refused.map((one) => `${one.summary}: ${one.reason}`)
  const whyNone =
    reasons.length > 0
      ? reasons.join('; ')
      : `nothing spare to repay with, and no collateral that a known pool swaps into the debt (target ${target})`
  return { candidates, refused, notes, whyNone: [whyNone, ...notes].join('; ') }
}

/** Sized so that the lower of the two factors reaches the target: what the protocol counts beyond the model is a debt that stays. */
function withUnexplainedDebt(account: AccountHealth): AccountHealth {
  return { ...account, debtUsd: account.debtUsd + (account.unexplainedDebtUsd ?? 0) }
}

function notesOn(account: AccountHealth): readonly string[] {
  const { unexplainedDebtUsd, protocolHealthFactor } = account
  const stable = account.legs
    .filter((leg) => repayable(leg) < leg.debt)
    .map((leg) => `${inWords(leg.debt - repayable(leg))} ${leg.asset} owed at a stable rate is left out`)
  if (unexplainedDebtUsd === undefined) return stable
  return [
    ...stable,
    `${account.protocol} states a health factor of ${inWords(protocolHealthFactor ?? 0)}, as if ${inWords(unexplainedDebtUsd)} USD more were owed than is known here: sizes count it as debt that stays`,
  ]
}

/** I4: nothing is planned on an input that is not fresh; gaps elsewhere do not matter here. */
function whyNoPlan(account: AccountHealth | undefined, { report, positionId, target }: PlanParams): string | undefined {
  if (account === undefined) return `the account ${positionId} could not be assessed`
  if (account.healthFactor === undefined) return 'the account has no debt'
  if (account.healthFactor >= target) return `the health factor is at its target of ${target} already`
  if (account.borrowingPowerUsd <= 0) return 'none of the collateral counts'
  const inputs = [
    ...(report.dataState.kind === 'BLIND' ? [report.dataState] : []),
    accountInput(report, account),
    ...account.legs.filter((leg) => !isDust(leg, account)).map((leg) => priceState(report, leg.asset)),
  ]
  return notFresh(inputs)
}

function priceState(report: Report, asset: AssetSymbol): DataState {
  const price = report.prices.find((one) => one.asset === asset)
  return price?.dataState ?? { kind: 'BLIND', reasons: [`no price for ${asset}`] }
}

function byReachThenCost(a: PlanCandidate, b: PlanCandidate): number {
  if (a.reachesTarget !== b.reachesTarget) return a.reachesTarget ? -1 : 1
  if (!a.reachesTarget && a.predictedHealthFactor !== b.predictedHealthFactor)
    return b.predictedHealthFactor - a.predictedHealthFactor
  return a.costUsd - b.costUsd || a.intents.length - b.intents.length
}
