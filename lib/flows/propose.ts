// From a plan to an order that can be approved: quotes, calldata, a pre-flight on the latest block, the hash, one request.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { weighHealth } from '../decisions/plans/restore-health.ts'
import { advanceOrder } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { PinnedBlock } from '../model/identity.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import { withEntries } from '../model/outbox.ts'
import type { Bus, Clock, ConfigStore, Log, OrderStore, RandomText, Venues, WatchStore } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import type { Plan, PlanCandidate } from '../model/verdict.ts'
import { currentSettings } from './current-settings.ts'
import { firstThatHolds, noQuote } from './first-that-holds.ts'
import { newestReport } from './newest-report.ts'
import { courseOf } from './order-course.ts'
import { oldReport } from './order-inputs.ts'
import { orderNews } from './order-news.ts'
import { drainOrderOutbox } from './outbox.ts'
import type { Quote } from './quote-candidate.ts'

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
  const course = courseOf({ latest: open, plan, message, settings, now })
  if (course === 'leave') {
    deps.log.line('propose.leave', { planId: plan.id, orderId: open?.id, status: open?.status })
    // What others have to tell of it is theirs, or `deliver`'s: this door may not send it.
    if (open?.status === 'PROPOSED') await drainOrderOutbox(deps, open)
    return
  }
  const { report, candidates } = await candidatesNow(deps, { plan, settings, latest: open, now })
  if (candidates.length === 0) {
    await closeIfNotNeeded(deps, open, 'the health factor is back at its target without it', now)
    return
  }
  const replaced = course === 'replace' ? open : undefined
  const quoteNumber = (replaced?.quote ?? 0) + 1
  const quote = await firstThatHolds(deps, { settings, plan, report, candidates, quoteNumber, now })
  if (replaced !== undefined) {
    await requote(deps, replaced, quote, plan, now)
    return
  }
  if (course === 'succeed' && open !== undefined) {
    const reason = 'nobody approved it in time, and the need is another by now'
    if ((await endProposed(deps, open, { to: 'EXPIRED', reason, now })) === 'conflict') throw contended(open.id)
  }
  await create(deps, { settings, plan, quote, after: open, now })
}

/** `succeed`: the open order has run out and belongs to a breach that is over, so it ends and another one follows, with its page. */
/** The plan as the newest report would make it: what was sized on an older price is sized again. */
async function candidatesNow(
  deps: ProposeDeps,
  params: {
    readonly plan: Plan
    readonly settings: PortfolioSettings
    readonly latest: Order | undefined
    readonly now: UnixSeconds
  },
): Promise<{ readonly report: Report; readonly candidates: readonly PlanCandidate[] }> {
  const { plan, settings, latest } = params
  const newest = await newestReport(deps.watch, plan.portfolioId)
  if (newest === undefined) throw lost(plan.reportId)
  const { receipt, chainId } = latest ?? {}
  const isBeforeIt = (block: PinnedBlock) => block.chainId === chainId && block.number < (receipt?.blockNumber ?? 0)
  if (latest !== undefined && receipt !== undefined && newest.blocks.some(isBeforeIt)) throw notSeenYet(latest, newest)
  const old = oldReport(newest, settings, params.now)
  if (old !== undefined) throw notFresh(plan, old)
  if (newest.id === plan.reportId) return { report: newest, candidates: plan.candidates }
  const account = newest.accounts.find((one) => one.positionId === plan.positionId)
  const isSeen = newest.dataState.kind !== 'BLIND' && account !== undefined
  if (isSeen && (account.healthFactor === undefined || account.healthFactor >= plan.targetHealthFactor))
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

function notFresh(plan: Plan, why: string): HomeostatError {
  return new HomeostatError('data-not-fresh', {
    message: `No order is made on old data: ${why}.`,
    retry: 'later',
    facts: { portfolioId: plan.portfolioId, planId: plan.id },
    hint: 'Snapshots do not arrive: see the doors take-snapshot and assess-risk and their queues.',
  })
}

/** Whatever is decided on a report from before the last order's transaction would be done twice. */
function notSeenYet(order: Order, report: Report): HomeostatError {
  return new HomeostatError('order-not-seen', {
    message: `The newest report ${report.id} is older than the transaction of order ${order.id}.`,
    retry: 'later',
    facts: { orderId: order.id, reportId: report.id },
    hint: 'A new snapshot is on its way; the plan is looked at again after it.',
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
  if (stored?.status === 'PROPOSED') await drainOrderOutbox(deps, stored)
}

/** New quote, same order, same link, no new page; approvals were for the old calls and are gone with them. */
async function requote(deps: ProposeDeps, open: Order, quote: Quote, plan: Plan, now: UnixSeconds): Promise<void> {
  const dropped = open.approvals.length === 0 ? '' : `; ${open.approvals.length} approval(s) of the old quote dropped`
  const order = advanceOrder(open, {
    to: 'PROPOSED',
    kind: 're-quoted',
    note: `${quote.summary}; digest ${quote.digest}${dropped}`,
    at: now,
    // Whoever signed the old quote has to hear that it takes another signature.
    change: {
      ...quote,
      approvals: [],
      ...(open.approvals.length === 0
        ? {}
        : { outbox: withEntries(open.outbox, [orderNews({ id: open.id, quote: quote.quote }, 'PROPOSED', now)]) }),
    },
  })
  const outcome = await deps.orders.save(order)
  deps.log.line('propose.requote', { orderId: open.id, outcome, quote: quote.quote, planId: plan.id })
  if (outcome === 'conflict') throw contended(open.id)
  const stored = await deps.orders.order(order.id)
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
}

async function closeIfNotNeeded(
  deps: ProposeDeps,
  open: Order | undefined,
  reason: string,
  now: UnixSeconds,
): Promise<void> {
  deps.log.line('propose.not-needed', { orderId: open?.id, status: open?.status, reason })
  if (open?.status === 'PROPOSED') await endProposed(deps, open, { to: 'VOID', reason, now })
}

async function endProposed(
  deps: ProposeDeps,
  open: Order,
  ending: { readonly to: 'VOID' | 'EXPIRED'; readonly reason: string; readonly now: UnixSeconds },
): Promise<'saved' | 'conflict'> {
  const { to, reason, now } = ending
  const outbox = withEntries(open.outbox, [orderNews(open, to, now)])
  const kind = to === 'VOID' ? 'not-needed' : 'expired'
  const order = advanceOrder(open, { to, kind, note: reason, at: now, change: { ending: reason, outbox } })
  const outcome = await deps.orders.save(order)
  if (outcome === 'saved') await drainOrderOutbox(deps, order)
  return outcome
}

function contended(orderId: string): HomeostatError {
  return new HomeostatError('order-contended', {
    message: `Order ${orderId} changed while a plan for it was being quoted.`,
    retry: 'later',
    facts: { orderId },
    hint: 'The message is delivered again and looks at the newer order.',
  })
}

function lost(id: string): HomeostatError {
  return new HomeostatError('not-found', {
    message: `The plan or report ${id} is not in the store.`,
    retry: 'later',
    facts: { id },
    hint: 'It is written before it is announced: look for an expired item or another table.',
  })
}
