import type { Order } from '../model/order.ts'
import type { OutboxEntry } from '../model/outbox.ts'
import type { Bus, OrderStore, Sending, WatchStore } from '../model/ports.ts'
import type { PortfolioMemory } from '../model/verdict.ts'

/**
 * Sends every entry of a stored memory, then removes exactly those from whatever is stored by then.
 * Dying in between only means that they are sent again: consumers know an id when they see it twice.
 */
export async function drainMemoryOutbox(
  deps: { readonly watch: WatchStore; readonly bus: Bus },
  memory: PortfolioMemory,
): Promise<void> {
  if (memory.outbox.length === 0) return
  await deps.bus.send(memory.outbox.map((entry) => sending(entry)))
  await removeSent(memory.outbox, {
    read: () => deps.watch.memory(memory.portfolioId),
    write: (next) => deps.watch.saveMemory(next),
  })
}

/** The same for an order; its executions travel in the group of the account that they move. */
export async function drainOrderOutbox(
  deps: { readonly orders: OrderStore; readonly bus: Bus },
  order: Order,
): Promise<void> {
  if (order.outbox.length === 0) return
  await deps.bus.send(order.outbox.map((entry) => sending(entry, `${order.chainId}:${order.account}`)))
  await removeSent(order.outbox, {
    read: () => deps.orders.order(order.id),
    write: (next) => deps.orders.save(next),
  })
}

/** Seconds between a broadcast and the first look at it, and between two looks. */
const settleEverySeconds = 3

function sending(entry: OutboxEntry, group?: string): Sending {
  const { message } = entry
  return {
    message,
    deduplicationId: entry.id,
    ...(message.kind === 'order-approved' && group !== undefined ? { group } : {}),
    ...(message.kind === 'settlement-due' ? { delaySeconds: settleEverySeconds } : {}),
  }
}

async function removeSent<State extends { readonly outbox: readonly OutboxEntry[] }>(
  sent: readonly OutboxEntry[],
  item: { read(): Promise<State | undefined>; write(state: State): Promise<'saved' | 'conflict'> },
): Promise<void> {
  const ids = new Set(sent.map((entry) => entry.id))
  for (let attempt = 0; attempt < 5; attempt++) {
    const stored = await item.read()
    if (stored === undefined || !stored.outbox.some((entry) => ids.has(entry.id))) return
    const outbox = stored.outbox.filter((entry) => !ids.has(entry.id))
    if ((await item.write({ ...stored, outbox })) === 'saved') return
  }
  // Whoever wins the item drains it; else `deliver` does.
}
