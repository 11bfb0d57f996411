// How loudly an order's news travels through an outbox.

import type { UnixSeconds } from '../base/units.ts'
import type { Order, OrderStatus } from '../model/order.ts'
import type { OutboxEntry } from '../model/outbox.ts'
import { outboxEntry } from '../model/outbox.ts'

const loud: ReadonlySet<OrderStatus> = new Set(['PROPOSED', 'SUBMITTED', 'REVERTED', 'FAILED'])

/** The news that an order reached a status; SUBMITTED is told only of one that is stuck. */
export function orderNews(order: Pick<Order, 'id' | 'quote'>, status: OrderStatus, since: UnixSeconds): OutboxEntry {
  return outboxEntry(
    { kind: 'order-news', orderId: order.id, status, quote: order.quote },
    { severity: loud.has(status) ? 'critical' : 'warning', since },
  )
}

/** A new snapshot of the portfolio, because the order changed the world. */
export function remeasure(order: Pick<Order, 'id' | 'portfolioId'>, since: UnixSeconds): OutboxEntry {
  return outboxEntry(
    { kind: 'portfolio-due', portfolioId: order.portfolioId, slot: since, cause: `order ${order.id}` },
    { severity: 'warning', since },
  )
}
