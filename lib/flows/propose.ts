// From a plan to an order that can be approved: quotes, calldata, a pre-flight on the latest block, the hash, one request.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { weighHealth } from '../decisions/plans/restore-health.ts'
import { advanceOrder, isEnded } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import { withEntries } from '../model/outbox.ts'
import type { Bus, Clock, ConfigStore, Log, OrderStore, RandomText, Venues, WatchStore } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import type { Plan, PlanCandidate } from '../model/verdict.ts'
import { currentSettings } from './current-settings.ts'
import { newestReport } from './newest-report.ts'
import { orderNews } from './order-news.ts'
import { drainOrderOutbox } from './outbox.ts'
import { type Quote, quoteCandidate } from './quote-candidate.ts'

export interface ProposeDeps {
  readonly config: ConfigStore
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly venues: Venues
  readonly bus: Bus
  readonly clock: Clock
  readonly random: RandomText
  readonly log: Log
  /** Names this installation; part of every order's digest. */
  readonly deployment: string
}

/** An open order keeps its quote this long, unless somebody asks or a newer plan says that things got worse. */
const requoteAfterSeconds = 3_600
/** A person's no is respected this long, unless things get worse. */
const respectSeconds = 3_600
const worseBy = 0.02

/**
 * One open order per portfolio and purpose: a new plan re-quotes it in place, without a new page; only an ended order makes room for another.
 * @throws HomeostatError `no-quote` if no candidate can be made exact now
 */
export async function propose(deps: ProposeDeps, message: MessageOf<'plan-made'>): Promise<void> {
  const settings = await currentSettings(deps.config, message.portfolioId)
  if (settings === undefined) return
  const plan = await deps.watch.plan(message.portfolioId, message.planId)
  if (plan === undefined) throw lost(message.planId)
  const open = await deps.orders.latestOf(plan.portfolioId, plan.purpose)
  const now = deps.clock.now()
  const course = courseOf(open, plan, message, now)
  if (course === 'leave') {
    deps.log.line('propose.leave', { planId: plan.id, orderId: open?.id, status: open?.status })
    if (open !== undefined) await drainOrderOutbox(deps, open)
    return
  }
  const { report, candidates } = await candidatesNow(deps, plan, settings)
  if (candidates.length === 0) {
    await closeIfNotNeeded(deps, open, 'the health factor is back at its target without it', now)
    return
  }
  const quote = await firstThatHolds(deps, { settings, plan, report, candidates, open, now })
  if (course === 'replace' && open !== undefined) await requote(deps, open, quote, plan, now)
  else await create(deps, { settings, plan, quote, after: open, now })
}

type Course = 'leave' | 'replace' | 'create'

function courseOf(latest: Order | undefined, plan: Plan, message: MessageOf<'plan-made'>, now: UnixSeconds): Course {
  if (latest === undefined) return 'create'
  if (isEnded(latest.status)) {
    if (latest.planId === plan.id && !message.requote) return 'leave'
    return latest.status === 'REJECTED' && !isWorse(plan, latest) && now - endedAt(latest) < respectSeconds
      ? 'leave'
      : 'create'
  }
  if (latest.status !== 'PROPOSED') return 'leave'
  if (message.requote) return 'replace'
  if (latest.planId !== plan.id && isWorse(plan, latest)) return 'replace'
  return now - latest.quotedAt >= requoteAfterSeconds ? 'replace' : 'leave'
}

/** Worse by more than noise: approvals that are being collected are not dropped for less. */
function isWorse(plan: Plan, order: Order): boolean {
  const before = order.simulation.healthFactorBefore
  return before === undefined || plan.healthFactorBefore < before * (1 - worseBy)
}

function endedAt(order: Order): UnixSeconds {
  return order.events.at(-1)?.at ?? order.createdAt
}

/** The plan as the newest report would make it: what was sized on an older price is sized again. */
async function candidatesNow(
  deps: ProposeDeps,
  plan: Plan,
  settings: PortfolioSettings,
): Promise<{ readonly report: Report; readonly candidates: readonly PlanCandidate[] }> {
  const newest = await newestReport(deps.watch, plan.portfolioId)
  if (newest === undefined) throw lost(plan.reportId)
  if (newest.id === plan.reportId) return { report: newest, candidates: plan.candidates }
  if (newest.dataState.kind !== 'FRESH') {
    throw new HomeostatError('data-not-fresh', {
      message: `No order is made on data that is ${newest.dataState.kind}: ${newest.dataState.reasons.join('; ')}.`,
      retry: 'later',
      facts: { portfolioId: plan.portfolioId, reportId: newest.id },
      hint: 'The gaps of the latest snapshot name what could not be read.',
    })
  }
  if (newest.healthFactor === undefined || newest.healthFactor >= plan.targetHealthFactor)
    return { report: newest, candidates: [] }
  const { candidates, whyNone } = weighHealth({
    report: newest,
    positionId: plan.positionId,
    target: plan.targetHealthFactor,
    limits: settings.portfolio.limits,
  })
  if (candidates.length === 0) throw noQuote(plan, whyNone ?? 'no candidate is left', 0)
  return { report: newest, candidates }
}

interface Quoting {
  readonly settings: PortfolioSettings
  readonly plan: Plan
  readonly report: Report
  readonly candidates: readonly PlanCandidate[]
  readonly open: Order | undefined
  readonly now: UnixSeconds
}

/** Candidates in their order of cost; the first that quotes and passes its pre-flight is chosen, the others are shown beside it. */
async function firstThatHolds(deps: ProposeDeps, params: Quoting): Promise<Quote> {
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
async function aimedAtTarget(deps: ProposeDeps, params: Quoting, candidate: PlanCandidate): Promise<Quote> {
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

function quoteOf(deps: ProposeDeps, params: Quoting, candidate: PlanCandidate): Promise<Quote> {
  const { open, candidates } = params
  return quoteCandidate(deps, {
    ...params,
    candidate,
    alternatives: candidates.filter(
      (other) => !sameWay(other, candidate) || other.intents.length < candidate.intents.length,
    ),
    quoteNumber: open !== undefined && !isEnded(open.status) ? open.quote + 1 : 1,
  })
}

/** The same assets in the same order; the amounts and the number of passes may differ. */
function sameWay(a: PlanCandidate, b: PlanCandidate): boolean {
  const way = ({ kind, intents }: PlanCandidate) =>
    `${kind} ${[...new Set(intents.map((intent) => (intent.kind === 'swap' ? `${intent.assetIn}>${intent.assetOut}` : intent.asset)))].join(' ')}`
  return way(a) === way(b)
}

function noQuote(plan: Plan, why: string, candidates: number): HomeostatError {
  return new HomeostatError('no-quote', {
    message: `No way to restore the health factor could be made exact. ${why}`,
    retry: 'later',
    facts: { portfolioId: plan.portfolioId, planId: plan.id, candidates },
    hint: 'The reason stands behind each candidate; the message is tried again, then waits in the dead-letter queue.',
  })
}

async function create(
  deps: ProposeDeps,
  params: {
    readonly settings: PortfolioSettings
    readonly plan: Plan
    readonly quote: Quote
    readonly after: Order | undefined
    readonly now: UnixSeconds
  },
): Promise<void> {
  const { plan, quote, now } = params
  const serial = Number(params.after?.id.split('~').at(-1) ?? '0') + 1
  const id = `${plan.portfolioId}~${plan.purpose}~${String(serial).padStart(4, '0')}`
  const blank: Order = {
    ...quote,
    id,
    version: 0,
    status: 'PROPOSED',
    createdAt: now,
    linkKey: deps.random.key(),
    approvals: [],
    transactions: [],
    events: [],
    outbox: [],
  }
  const order = advanceOrder(blank, {
    to: 'PROPOSED',
    kind: 'proposed',
    note: `${quote.summary}; digest ${quote.digest}`,
    at: now,
    change: { outbox: [orderNews(blank, 'PROPOSED', now)] },
  })
  const outcome = await deps.orders.create(order)
  const stored = await deps.orders.order(id)
  deps.log.line('propose', { orderId: id, outcome, planId: plan.id, safeTransactionHash: order.safeTransactionHash })
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
}

/** New quote, same order, same link, no new page; approvals were for the old calls and are gone with them. */
async function requote(deps: ProposeDeps, open: Order, quote: Quote, plan: Plan, now: UnixSeconds): Promise<void> {
  const dropped = open.approvals.length === 0 ? '' : `; ${open.approvals.length} approval(s) of the old quote dropped`
  const order = advanceOrder(open, {
    to: 'PROPOSED',
    kind: 're-quoted',
    note: `${quote.summary}; digest ${quote.digest}${dropped}`,
    at: now,
    change: { ...quote, approvals: [] },
  })
  const outcome = await deps.orders.save(order)
  deps.log.line('propose.requote', { orderId: open.id, outcome, quote: quote.quote, planId: plan.id })
  if (outcome === 'conflict') {
    throw new HomeostatError('order-contended', {
      message: `Order ${open.id} changed while it was being re-quoted.`,
      retry: 'later',
      facts: { orderId: open.id },
      hint: 'The message is delivered again and looks at the newer order.',
    })
  }
  await drainOrderOutbox(deps, order)
}

async function closeIfNotNeeded(
  deps: ProposeDeps,
  open: Order | undefined,
  reason: string,
  now: UnixSeconds,
): Promise<void> {
  deps.log.line('propose.not-needed', { orderId: open?.id, status: open?.status, reason })
  if (open === undefined || open.status !== 'PROPOSED') return
  const order = advanceOrder(open, {
    to: 'VOID',
    kind: 'not-needed',
    note: reason,
    at: now,
    change: { ending: reason, outbox: withEntries(open.outbox, [orderNews(open, 'VOID', now)]) },
  })
  if ((await deps.orders.save(order)) === 'saved') {
    const stored = await deps.orders.order(order.id)
    if (stored !== undefined) await drainOrderOutbox(deps, stored)
  }
}

function lost(id: string): HomeostatError {
  return new HomeostatError('not-found', {
    message: `The plan or report ${id} is not in the store.`,
    retry: 'later',
    facts: { id },
    hint: 'It is written before it is announced: look for an expired item or another table.',
  })
}
