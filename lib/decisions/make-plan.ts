// When a breached rule gets a plan, and the plan.

import type { UnixSeconds } from '../base/units.ts'
import type { PortfolioConfig, RuleConfig } from '../model/configuration.ts'
import { chainElsewhere } from '../model/place.ts'
import type { Report } from '../model/report.ts'
import type { Plan } from '../model/verdict.ts'
import { weakestAccount } from './alert-in-words.ts'
import { whyChainForbids } from './chain-allows.ts'
import { planOf } from './plans/index.ts'
import type { Tracked } from './track-rule.ts'

/** A breach that goes on is planned for again this often; `propose` decides whether an open order is touched. */
const replanAfterSeconds = 300

export type Planned =
  | {
      readonly kind: 'made'
      readonly plan: Plan
      readonly notOffered: string | undefined
      readonly notes: readonly string[]
    }
  | { readonly kind: 'none'; readonly reason: string }
  /** It is not the time. */
  | { readonly kind: 'not-asked' }

/**
 * On entering, on worsening, five minutes after the last plan while the rule still holds; and as soon as one can be made if there is none yet,
 * for example because the data was not fresh when the breach was entered.
 */
export function makePlan(params: {
  readonly report: Report
  readonly portfolio: PortfolioConfig
  /** Of the home chain. */
  readonly chainId: number
  readonly rule: RuleConfig
  readonly tracked: Tracked
  readonly at: UnixSeconds
}): Planned {
  const { report, portfolio, rule, tracked, at } = params
  const { memory, edge, holds } = tracked
  if (rule.plan === undefined || !holds) return { kind: 'not-asked' }
  const isDue = memory.lastPlanAt === undefined || report.at - memory.lastPlanAt >= replanAfterSeconds
  if (edge === undefined && !isDue) return { kind: 'not-asked' }
  const forbidden = whyChainForbids(report, { chainId: params.chainId, purpose: rule.plan.kind })
  if (forbidden !== undefined) return { kind: 'none', reason: forbidden }
  const weakest = weakestAccount(report.accounts)
  const away = weakest && chainElsewhere(portfolio, weakest.positionId)
  const byHand =
    away === undefined
      ? undefined
      : `${weakest?.positionId} is the weakest account, and no order is made on ${away}: act there by hand`
  const isAtHome = ({ positionId: id }: { readonly positionId: string }) => chainElsewhere(portfolio, id) === undefined
  const account = weakestAccount(report.accounts.filter(isAtHome))
  if (account?.healthFactor === undefined || (byHand !== undefined && account.healthFactor >= rule.plan.target))
    return { kind: 'none', reason: byHand ?? 'no lending account has debt' }
  const { target } = rule.plan
  const { positionId } = account
  const weighing = planOf(rule.plan.kind).weigh({ report, positionId, target, limits: portfolio.limits })
  if (weighing.candidates.length === 0) return { kind: 'none', reason: weighing.whyNone ?? 'no candidate' }
  const notOffered = weighing.refused.map((one) => `${one.summary}: ${one.reason}`).join('; ')
  const alertState = memory.worsenedCount === 0 ? 'raised' : `worsened~${memory.worsenedCount}`
  const plan: Plan = {
    id: `${portfolio.id}~${rule.plan.kind}~${rule.id}~${memory.episode}~${memory.planCount + 1}`,
    portfolioId: portfolio.id,
    purpose: rule.plan.kind,
    ruleId: rule.id,
    alertId: `${portfolio.id}~${rule.id}~${memory.episode}~${alertState}`,
    snapshotId: report.snapshotId,
    reportId: report.id,
    at,
    positionId,
    targetHealthFactor: target,
    healthFactorBefore: account.healthFactor,
    candidates: weighing.candidates,
    dataState: report.dataState,
  }
  const notes = byHand === undefined ? weighing.notes : [byHand, ...weighing.notes]
  return { kind: 'made', plan, notOffered: notOffered === '' ? undefined : notOffered, notes }
}
