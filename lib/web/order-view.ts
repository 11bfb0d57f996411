// One order as people see it: what, why, at what cost, how far it has come, and what came of it.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import { isEnded } from '../model/advance-order.ts'
import type { Order, OrderStatus } from '../model/order.ts'
import type { PlanCandidate } from '../model/verdict.ts'
import { healthFactor, quantityChange, usd, usdChange } from './figures.ts'

export interface OrderView {
  readonly id: string
  readonly status: OrderStatus
  readonly ended: boolean
  readonly summary: string
  readonly why: string
  readonly quote: number
  readonly quotedAt: UnixSeconds
  readonly validUntil: UnixSeconds
  /** True while approvals can still be given. */
  readonly open: boolean
  /** The status, or `QUOTE OVER` for one that waits and can only be quoted anew. */
  readonly state: OrderStatus | 'QUOTE OVER'
  /** `14.2 min left`, `over for 3 min`. */
  readonly validity: string
  readonly cost: string
  readonly doNothing: string
  readonly approvals: number
  readonly requiredApprovals: number
  readonly alternatives: readonly string[]
  /** Path on the approve door, where a quote that is over can be asked for anew; undefined once the order is no proposal any more. */
  readonly approvePath?: string
  readonly timeline: readonly { readonly at: UnixSeconds; readonly status: OrderStatus; readonly note: string }[]
  readonly transactions: readonly string[]
  /** Predicted and actual side by side; empty until a prediction exists. */
  readonly outcome: readonly {
    readonly what: string
    readonly predicted: string
    readonly actual: string
    readonly difference: string
  }[]
  readonly ending?: string
}

/** Pure: `at` decides only whether the quote is still valid. */
export function orderView(order: Order, at: UnixSeconds): OrderView {
  const left = order.validUntil - at
  const waiting = order.status === 'PROPOSED'
  return {
    id: order.id,
    status: order.status,
    ended: isEnded(order.status),
    summary: order.summary,
    why: order.why,
    quote: order.quote,
    quotedAt: order.quotedAt,
    validUntil: order.validUntil,
    open: waiting && left > 0,
    state: waiting && left <= 0 ? 'QUOTE OVER' : order.status,
    validity: left > 0 ? `${describeSpan(left)} left` : `over for ${describeSpan(-left)}`,
    cost: usd(order.predicted.costUsd ?? order.chosen.costUsd),
    doNothing: order.doNothing.text,
    approvals: countedApprovals(order),
    requiredApprovals: order.requiredApprovals,
    alternatives: order.alternatives.map(candidateLine),
    ...(waiting ? { approvePath: orderPath(order) } : {}),
    timeline: order.events.map(({ at: eventAt, status, note }) => ({ at: eventAt, status, note })),
    transactions: order.transactions.map((transaction) => transaction.hash),
    outcome: outcomeRows(order),
    ...(order.ending === undefined ? {} : { ending: order.ending }),
  }
}

/** Where the approve door shows the order. Whoever has the path may look, so it is told only to approvers and sessions. */
export function orderPath(order: Pick<Order, 'id' | 'linkKey'>): string {
  return `/o/${encodeURIComponent(order.id)}/${order.linkKey}`
}

/** Approvals of the current quote; those of an older one do not count. */
export function countedApprovals(order: Order): number {
  return order.approvals.filter((approval) => approval.safeTransactionHash === order.safeTransactionHash).length
}

/** One line for an alternative: what, the health factor it gives, its cost as the plan bounds it: only the chosen one is simulated. */
export function candidateLine(candidate: PlanCandidate): string {
  const shortfall = candidate.reachesTarget ? '' : ', short of the target'
  const health = healthFactor(candidate.predictedHealthFactor)
  return `${candidate.summary}: health factor ${health}${shortfall}, costs at most ${usd(candidate.costUsd)} (not simulated)`
}

function outcomeRows(order: Order): OrderView['outcome'] {
  const { predicted, actual } = order
  const money = (what: string, key: 'debtUsd' | 'collateralUsd' | 'gasUsd' | 'costUsd') => {
    const before = predicted[key]
    const after = actual?.[key]
    if (before === undefined && after === undefined) return []
    const difference = before === undefined || after === undefined ? '' : usdChange(after - before)
    return [{ what, predicted: usd(before), actual: actual ? usd(after) : '', difference }]
  }
  const factors = [predicted.healthFactor, actual?.healthFactor] as const
  const balances = [
    ...new Set([...Object.keys(predicted.balanceChanges), ...Object.keys(actual?.balanceChanges ?? {})]),
  ].sort()
  return [
    {
      what: 'Health factor',
      predicted: fineFactor(factors[0]),
      actual: actual ? fineFactor(factors[1]) : '',
      difference: factors[0] === undefined || factors[1] === undefined ? '' : signedFactor(factors[1] - factors[0]),
    },
    ...money('Debt', 'debtUsd'),
    ...money('Collateral', 'collateralUsd'),
    ...money('Gas', 'gasUsd'),
    ...money('Total cost', 'costUsd'),
    ...balances.map((asset) => {
      const before = predicted.balanceChanges[asset] ?? 0
      const after = actual?.balanceChanges[asset] ?? 0
      return {
        what: `${asset} in the account`,
        predicted: quantityChange(before),
        actual: actual ? quantityChange(after) : '',
        difference: actual ? quantityChange(after - before) : '',
      }
    }),
  ]
}

/** Four decimals: predicted and actual are compared. */
function fineFactor(value: number | undefined): string {
  return value === undefined ? healthFactor(value) : value.toFixed(4)
}

function signedFactor(difference: number): string {
  const text = difference.toFixed(4)
  return Number(text) === 0 ? '0' : difference > 0 ? `+${text}` : text
}
