// The bus's twin: delivers at least once, keeps groups in order, drops what is sent twice, and buries what keeps failing.

import type { Clock } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import { type Message, type QueueName, queueNames, queueOf } from '../model/messages.ts'
import type { Bus, Sending } from '../model/ports.ts'
import { deduplicationSeconds, delayOf, groupOf, isFifo, maxReceives } from './queue-rules.ts'

/** Handles one message; throwing means: not done, deliver it again. */
export type MessageHandler = (message: Message) => Promise<void>

export interface MemoryBus extends Bus {
  /** Delivers once what can be seen now, one after the other; returns how many were delivered. */
  receive(queue: QueueName, handler: MessageHandler): Promise<number>
  /** Delivers until nothing can be seen any more in the queues that have a handler; returns how many deliveries that took. */
  drain(handlers: Partial<Readonly<Record<QueueName, MessageHandler>>>): Promise<number>
  /** What a queue holds, delayed messages included. */
  waiting(queue: QueueName): readonly Message[]
  /** What failed too often. */
  dead(queue: QueueName): readonly Message[]
  /** When the next delayed message shows itself; undefined if none waits. */
  nextAt(): UnixSeconds | undefined
}

interface Held {
  readonly message: Message
  readonly group: string | undefined
  readonly visibleAt: UnixSeconds
  failures: number
}

interface Queue {
  held: Held[]
  readonly dead: Message[]
  /** When each deduplication id was last accepted. */
  readonly accepted: Map<string, UnixSeconds>
}

/**
 * A bus that lives as long as the process.
 * @param deps.copies how often a standard queue delivers each message: SQS promises at least once, tests may ask for 2
 */
export function memoryBus(deps: { readonly clock: Clock; readonly copies?: number }): MemoryBus {
  const { clock, copies = 1 } = deps
  const queues: Record<QueueName, Queue> = {
    chains: emptyQueue(),
    snapshots: emptyQueue(),
    assessments: emptyQueue(),
    proposals: emptyQueue(),
    notifications: emptyQueue(),
    executions: emptyQueue(),
    settlements: emptyQueue(),
  }
  const receive = async (name: QueueName, handler: MessageHandler): Promise<number> => {
    const queue = queues[name]
    const blocked = new Set<string>()
    let deliveries = 0
    for (const held of visible(queue, clock.now())) {
      if (held.group !== undefined && blocked.has(held.group)) continue
      deliveries += 1
      if (await handled(handler, held.message)) {
        queue.held = queue.held.filter((other) => other !== held)
        continue
      }
      held.failures += 1
      if (held.failures >= maxReceives) {
        queue.held = queue.held.filter((other) => other !== held)
        queue.dead.push(held.message)
      } else if (held.group !== undefined) blocked.add(held.group)
    }
    return deliveries
  }
  return {
    async send(sendings) {
      // All or nothing is more than SQS promises; groups are checked first, so that a defect sends nothing.
      for (const sending of sendings) if (isFifo(queueOf[sending.message.kind])) groupOf(sending)
      for (const sending of sendings) accept(queues, { sending, copies, at: clock.now() })
    },
    receive,
    async drain(handlers) {
      let total = 0
      for (;;) {
        let round = 0
        for (const name of queueNames) {
          const handler = handlers[name]
          if (handler !== undefined) round += await receive(name, handler)
        }
        if (round === 0) return total
        total += round
      }
    },
    waiting: (name) => queues[name].held.map(({ message }) => message),
    dead: (name) => [...queues[name].dead],
    nextAt() {
      const now = clock.now()
      const times = queueNames.flatMap((name) => queues[name].held.map(({ visibleAt }) => visibleAt))
      const later = times.filter((at) => at > now)
      return later.length === 0 ? undefined : Math.min(...later)
    },
  }
}

function emptyQueue(): Queue {
  return { held: [], dead: [], accepted: new Map() }
}

function accept(
  queues: Readonly<Record<QueueName, Queue>>,
  params: { readonly sending: Sending; readonly copies: number; readonly at: UnixSeconds },
): void {
  const { sending, at } = params
  const name = queueOf[sending.message.kind]
  const queue = queues[name]
  const message = structuredClone(sending.message)
  if (!isFifo(name)) {
    const visibleAt = at + delayOf(name, sending)
    for (let copy = 0; copy < params.copies; copy++) {
      queue.held.push({ message, group: undefined, visibleAt, failures: 0 })
    }
    return
  }
  const before = queue.accepted.get(sending.deduplicationId)
  if (before !== undefined && at - before < deduplicationSeconds) return
  queue.accepted.set(sending.deduplicationId, at)
  queue.held.push({ message, group: groupOf(sending), visibleAt: at, failures: 0 })
}

function visible(queue: Queue, at: UnixSeconds): readonly Held[] {
  return queue.held.filter((held) => held.visibleAt <= at)
}

async function handled(handler: MessageHandler, message: Message): Promise<boolean> {
  try {
    await handler(structuredClone(message))
    return true
  } catch {
    return false
  }
}
