// Of a plan's candidates the first that can be made exact and passes its pre-flight, aimed so that it reaches the target.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { weighHealth } from '../decisions/plans/restore-health.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Venues } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import type { Plan, PlanCandidate } from '../model/verdict.ts'
import { type Quote, quoteCandidate } from './quote-candidate.ts'

/** What quoting needs of the world. */
type QuotingDeps = { readonly venues: Venues; readonly deployment: string }

interface Quoting {
  readonly settings: PortfolioSettings
  readonly plan: Plan
  readonly report: Report
  readonly candidates: readonly PlanCandidate[]
  readonly quoteNumber: number
  readonly now: UnixSeconds
}

/** Candidates in their order of cost; the first that quotes and passes its pre-flight is chosen, the others are shown beside it. */
export async function firstThatHolds(deps: QuotingDeps, params: Quoting): Promise<Quote> {
  const refusals: string[] = []
  for (const candidate of params.candidates) {
    try {
      return await aimedAtTarget(deps, params, candidate)
    } catch (error) {
      // A provider that does not answer says nothing about the candidate: the whole message is tried again.
      if (!(error instanceof HomeostatError) || error.code.startsWith('rpc-')) throw error
      refusals.push(`${candidate.summary}: ${error.message}`)
    }
  }
  throw noQuote(params.plan, refusals.join(' | '), params.candidates.length)
}

/**
 * A plan is sized without a pool's depth, so real quotes leave it a little short of its target. What it is short of is added to
 * the aim once, and the better of the two quotes is taken.
 */
async function aimedAtTarget(deps: QuotingDeps, params: Quoting, candidate: PlanCandidate): Promise<Quote> {
  const first = await quoteOf(deps, params, candidate)
  const reached = first.predicted.healthFactor
  const { targetHealthFactor: target, positionId } = params.plan
  if (!candidate.reachesTarget || reached === undefined || reached >= target) return first
  const { limits } = params.settings.portfolio
  const higher = weighHealth({ report: params.report, positionId, target: target + (target - reached) * 1.05, limits })
  const again = higher.candidates.find((one) => one.reachesTarget && sameWay(one, candidate))
  if (again === undefined) return first
  try {
    const second = await quoteOf(deps, params, again)
    return (second.predicted.healthFactor ?? 0) > reached ? second : first
  } catch (error) {
    // The larger one does not pass; the smaller one did.
    if (!(error instanceof HomeostatError)) throw error
    return first
  }
}

function quoteOf(deps: QuotingDeps, params: Quoting, candidate: PlanCandidate): Promise<Quote> {
  const { candidates } = params
  return quoteCandidate(deps, {
    ...params,
    candidate,
    alternatives: candidates.filter(
      (other) => !sameWay(other, candidate) || other.intents.length < candidate.intents.length,
    ),
  })
}

/** The same assets in the same order; the amounts and the number of passes may differ. */
function sameWay(a: PlanCandidate, b: PlanCandidate): boolean {
  const way = ({ kind, intents }: PlanCandidate) =>
    `${kind} ${[...new Set(intents.map((intent) => (intent.kind === 'swap' ? `${intent.assetIn}>${intent.assetOut}` : intent.asset)))].join(' ')}`
  return way(a) === way(b)
}

export function noQuote(plan: Plan, why: string, candidates: number): HomeostatError {
  return new HomeostatError('no-quote', {
    message: `No way to restore the health factor could be made exact. ${why}`,
    retry: 'later',
    facts: { portfolioId: plan.portfolioId, planId: plan.id, candidates },
    hint: 'The reason stands behind each candidate; the message is tried again, then waits in the dead-letter queue.',
  })
}
