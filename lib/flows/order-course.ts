// What a new plan means for the latest order of its purpose: leave it, quote it anew, make another, or let one succeed it.

import type { UnixSeconds } from '../base/units.ts'
import { isEnded } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import type { Plan } from '../model/verdict.ts'

/** An open order keeps its quote this long, unless somebody asks or a newer plan says that things got worse. */
const requoteAfterSeconds = 3_600
/** People ask no more often than this, see the approve door. */
const requoteAtMostEverySeconds = 20
/** A person's no is respected this long, unless things get worse. */
const respectSeconds = 3_600
const worseBy = 0.02

type Course = 'leave' | 'replace' | 'create' | 'succeed'

/** Pure: the same order, plan and time give the same course. `succeed`: the quote ran out in an earlier breach, so it ends and a new order follows. */
export function courseOf(params: {
  readonly latest: Order | undefined
  readonly plan: Plan
  readonly message: MessageOf<'plan-made'>
  readonly settings: PortfolioSettings
  readonly now: UnixSeconds
}): Course {
  const { latest, plan, message, settings, now } = params
  if (latest === undefined) return 'create'
  if (isEnded(latest.status)) {
    if (latest.planId === plan.id && !message.requote) return 'leave'
    return latest.status === 'REJECTED' && !isWorse(plan, latest) && now - endedAt(latest) < respectSeconds
      ? 'leave'
      : 'create'
  }
  if (latest.status !== 'PROPOSED') return 'leave'
  if (now >= latest.validUntil && episodeOf(latest.planId) !== episodeOf(plan.id)) return 'succeed'
  // Nobody could approve it any more.
  if (latest.policyVersion !== settings.version) return 'replace'
  // A second delivery of the same request would only take away what was approved since.
  if (message.requote) {
    // Nor does anybody's wish for a new quote undo signatures on one that still holds.
    if (latest.approvals.length > 0 && now < latest.validUntil) return 'leave'
    return now - latest.quotedAt < requoteAtMostEverySeconds ? 'leave' : 'replace'
  }
  if (latest.planId !== plan.id && isWorse(plan, latest)) return 'replace'
  return now - latest.quotedAt >= requoteAfterSeconds ? 'replace' : 'leave'
}

/** Worse by more than noise: approvals that are being collected are not dropped for less. */
function isWorse(plan: Plan, order: Order): boolean {
  const before = order.simulation.healthFactorBefore
  return before === undefined || plan.healthFactorBefore < before * (1 - worseBy)
}

/** `portfolio~purpose~rule~episode` of a plan's id: the breach that it is for. */
function episodeOf(planId: string): string {
  return planId.slice(0, planId.lastIndexOf('~'))
}

function endedAt(order: Order): UnixSeconds {
  return order.events.at(-1)?.at ?? order.createdAt
}
