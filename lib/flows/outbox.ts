// Record, then tell: hands what an item's outbox holds to the bus, then takes it out of the item again.

import { severities } from '../model/configuration.ts'
import type { Order } from '../model/order.ts'
import type { OutboxEntry } from '../model/outbox.ts'
import type { Bus, Clock, OrderStore, Sending, WatchStore } from '../model/ports.ts'
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
  await deps.bus.send(criticalFirst(memory.outbox).map((entry) => sending(entry)))
  await afterSending(memory.outbox, {
    read: () => deps.watch.memory(memory.portfolioId),
    write: (next) => deps.watch.saveMemory(next),
    keep: () => undefined,
  })
}

/**
 * The same for an order; its executions travel in the group of the account that they move. What an order waits for (`isAwaited`) stays:
 * its `since` moves ahead, and if nobody has taken it out by then, `deliver` finds it and sends it once more.
 */
export async function drainOrderOutbox(
  deps: { readonly orders: OrderStore; readonly bus: Bus; readonly clock: Clock },
  order: Order,
): Promise<void> {
  const now = deps.clock.now()
  const due = order.outbox.filter((entry) => !isAwaited(entry) || entry.since <= now)
  if (due.length === 0) return
  await deps.bus.send(criticalFirst(due).map((entry) => sending(entry, `${order.chainId}:${order.account}`)))
  await afterSending(due, {
    read: () => deps.orders.order(order.id),
    write: (next) => deps.orders.save(next),
    keep: (entry) => (isAwaited(entry) ? { ...entry, since: now + sendAgainAfterSeconds } : undefined),
  })
}

/**
 * Longer than a FIFO queue remembers a message, so that it takes the second one, and shorter than an order is valid.
 * A queue's own redelivery is usually faster; this is for the message that is lost for good.
 */
const sendAgainAfterSeconds = 300

/** Without these messages an order in flight would stand still for ever. Their consumers know a second one when they see it. */
function isAwaited({ message }: OutboxEntry): boolean {
  return message.kind === 'order-approved' || message.kind === 'settlement-due'
}

/** The outbox of an order that does not wait any more for what it waited for. */
export function withoutAwaited(outbox: readonly OutboxEntry[]): readonly OutboxEntry[] {
  return outbox.filter((entry) => !isAwaited(entry))
}

/** I8: however much there is to tell, the worst goes first. */
function criticalFirst(entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
  return entries.toSorted((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity))
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

async function afterSending<State extends { readonly outbox: readonly OutboxEntry[] }>(
  sent: readonly OutboxEntry[],
  item: {
    read(): Promise<State | undefined>
    write(state: State): Promise<'saved' | 'conflict'>
    /** What stays of an entry that was sent. */
    keep(entry: OutboxEntry): OutboxEntry | undefined
  },
): Promise<void> {
  const ids = new Set(sent.map((entry) => entry.id))
  for (let attempt = 0; attempt < 5; attempt++) {
    const stored = await item.read()
    if (stored === undefined || !stored.outbox.some((entry) => ids.has(entry.id))) return
    const outbox = stored.outbox.flatMap((entry) => (ids.has(entry.id) ? (item.keep(entry) ?? []) : [entry]))
    if ((await item.write({ ...stored, outbox })) === 'saved') return
  }
  // Whoever wins the item drains it; else `deliver` does.
}
