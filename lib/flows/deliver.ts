// Once a minute: sends what an outbox still holds because its writer died or the bus refused.

import type { Bus, Clock, Log, OrderStore, WatchStore } from '../model/ports.ts'
import { drainMemoryOutbox, drainOrderOutbox } from './outbox.ts'

export interface DeliverDeps {
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/** Younger entries are still their writer's business. */
const patienceSeconds = 20

/** One item that cannot be drained does not stop the others; the run fails at the end, so that it is seen. */
export async function deliver(deps: DeliverDeps): Promise<void> {
  const before = deps.clock.now() - patienceSeconds
  const [portfolios, orders] = await Promise.all([
    deps.watch.pendingPortfolios(before),
    deps.orders.pendingOrders(before),
  ])
  const outcomes = await Promise.allSettled([
    ...portfolios.map(async (id) => {
      const memory = await deps.watch.memory(id)
      if (memory !== undefined) await drainMemoryOutbox(deps, memory)
    }),
    ...orders.map(async (id) => {
      const order = await deps.orders.order(id)
      if (order !== undefined) await drainOrderOutbox(deps, order)
    }),
  ])
  const failures = outcomes.filter((outcome) => outcome.status === 'rejected')
  deps.log.line('deliver', { portfolios: portfolios.length, orders: orders.length, failures: failures.length })
  if (failures[0] !== undefined) throw failures[0].reason
}
