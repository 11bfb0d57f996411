import { describe, expect, it } from 'vitest'
import { type MemoryBus, memoryBus } from '../../lib/bus/memory-bus.ts'
import type { Message } from '../../lib/model/messages.ts'
import { approved, busContract, due } from './bus.contract.ts'

function clockAt(start: number) {
  let now = start
  return { now: () => now, pass: (seconds: number) => (now += seconds) }
}

async function taken(bus: MemoryBus, queue: Parameters<MemoryBus['receive']>[0]): Promise<readonly Message[]> {
  const messages: Message[] = []
  await bus.receive(queue, async (message) => {
    messages.push(message)
  })
  return messages
}

const orderId = (message: Message) => ('orderId' in message ? message.orderId : '')

busContract(async () => {
  const bus = memoryBus({ clock: clockAt(1_000) })
  return { bus, takeAll: (queue) => taken(bus, queue) }
})

describe('delivery in memory', () => {
  it('delivers again what failed, and buries it after five failures', async () => {
    const bus = memoryBus({ clock: clockAt(0) })
    await bus.send([due(1), due(2)])
    let calls = 0
    const deliveries = await bus.drain({
      snapshots: async (message) => {
        calls += 1
        if (message.kind === 'portfolio-due' && message.slot === 1) throw new Error('cannot')
      },
    })
    expect(calls).toBe(6)
    expect(deliveries).toBe(6)
    expect(bus.dead('snapshots')).toEqual([due(1).message])
    expect(bus.waiting('snapshots')).toEqual([])
  })

  it('holds back a group behind its failing head, but no other group', async () => {
    const bus = memoryBus({ clock: clockAt(0) })
    await bus.send([approved('a1', 'A'), approved('a2', 'A'), approved('b1', 'B')])
    const seen: string[] = []
    let failures = 1
    const handler = async (message: Message) => {
      seen.push(orderId(message))
      if (orderId(message) === 'a1' && failures-- > 0) throw new Error('later')
    }
    expect(await bus.receive('executions', handler)).toBe(2)
    expect(seen).toEqual(['a1', 'b1'])
    await bus.drain({ executions: handler })
    expect(seen).toEqual(['a1', 'b1', 'a1', 'a2'])
  })

  it('lets a group go on once its head is buried', async () => {
    const bus = memoryBus({ clock: clockAt(0) })
    await bus.send([approved('bad', 'A'), approved('good', 'A')])
    const done: string[] = []
    await bus.drain({
      executions: async (message) => {
        if (orderId(message) === 'bad') throw new Error('never')
        done.push(orderId(message))
      },
    })
    expect(done).toEqual(['good'])
    expect(bus.dead('executions').map(orderId)).toEqual(['bad'])
  })

  it('shows a delayed message when its time has come, by the clock it was given', async () => {
    const clock = clockAt(100)
    const bus = memoryBus({ clock })
    const message = { kind: 'settlement-due', orderId: 'o', round: 1 } as const
    await bus.send([{ message, deduplicationId: 'd', delaySeconds: 3 }])
    expect(await taken(bus, 'settlements')).toEqual([])
    expect(bus.waiting('settlements')).toEqual([message])
    expect(bus.nextAt()).toBe(103)
    clock.pass(3)
    expect(await taken(bus, 'settlements')).toEqual([message])
    expect(bus.nextAt()).toBeUndefined()
  })

  it('takes an order again when five minutes have passed', async () => {
    const clock = clockAt(0)
    const bus = memoryBus({ clock })
    await bus.send([approved('a', 'A')])
    clock.pass(299)
    await bus.send([approved('a', 'A')])
    expect(bus.waiting('executions')).toHaveLength(1)
    clock.pass(1)
    await bus.send([approved('a', 'A')])
    expect(bus.waiting('executions')).toHaveLength(2)
  })

  it('delivers everything twice when asked to, as SQS may; an order still once', async () => {
    const bus = memoryBus({ clock: clockAt(0), copies: 2 })
    await bus.send([due(1), approved('a', 'A')])
    expect(await taken(bus, 'snapshots')).toEqual([due(1).message, due(1).message])
    expect(await taken(bus, 'executions')).toHaveLength(1)
  })

  it('drains what handlers send while it drains', async () => {
    const bus = memoryBus({ clock: clockAt(0) })
    const seen: string[] = []
    await bus.send([due(1)])
    await bus.drain({
      assessments: async (message) => {
        seen.push(message.kind)
      },
      snapshots: async (message) => {
        seen.push(message.kind)
        const next = { kind: 'snapshot-taken', portfolioId: 'main', snapshotId: 'main#1#d' } as const
        await bus.send([{ message: next, deduplicationId: 'next' }])
      },
    })
    expect(seen).toEqual(['portfolio-due', 'snapshot-taken'])
  })
})
