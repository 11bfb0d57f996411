// The only way an order changes its status: along an arrow, with a link in its hash chain.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { type Order, type OrderStatus, orderArrows } from './order.ts'
import { chainEvent } from './order-hash.ts'

/** True if nothing can happen to the order any more. */
export function isEnded(status: OrderStatus): boolean {
  return orderArrows[status].length === 0
}

/**
 * The order in its next status, with one more event.
 * @throws HomeostatError `no-such-arrow` if its life does not allow the step
 */
export function advanceOrder(
  order: Order,
  step: {
    readonly to: OrderStatus
    readonly kind: string
    readonly note: string
    readonly at: UnixSeconds
    readonly change?: Partial<Order>
  },
): Order {
  const arrows: readonly OrderStatus[] = orderArrows[order.status]
  if (!arrows.includes(step.to)) {
    throw new HomeostatError('no-such-arrow', {
      message: `An order cannot go from ${order.status} to ${step.to}.`,
      retry: 'never',
      facts: { orderId: order.id, from: order.status, to: step.to },
      hint: 'Read the order again: somebody else moved it.',
    })
  }
  const event = { at: step.at, kind: step.kind, status: step.to, note: step.note }
  return { ...order, ...step.change, status: step.to, events: [...order.events, chainEvent(order.events, event)] }
}
