// What happens to messages that are lost for good, to a bus that refuses, and to the first critical alert in a storm.

import { describe, expect, it } from 'vitest'
import { deliver } from '../../lib/flows/deliver.ts'
import { drainMemoryOutbox } from '../../lib/flows/outbox.ts'
import type { Severity } from '../../lib/model/configuration.ts'
import { outboxEntry } from '../../lib/model/outbox.ts'
import type { Sending } from '../../lib/model/ports.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import {
  approveByBoth,
  type Desk,
  endState,
  portfolioId,
  start,
  twinDesk,
  untilProposed,
  wholeLine,
} from './twin-desk.ts'
import { fault } from './twin-rooms.ts'

const undisturbed = await (async () => {
  const desk = twinDesk()
  await wholeLine(desk)
  return endState(desk)
})()

async function approvedDesk(): Promise<Desk> {
  const desk = twinDesk()
  await untilProposed(desk)
  await approveByBoth(desk)
  return desk
}

/** Gone, as if somebody had purged the queue or nobody had looked into its dead letters. */
async function lose({ house }: Desk, queue: 'executions' | 'settlements') {
  expect(await house.bus.receive(queue, async () => undefined)).toBe(1)
  expect(house.bus.waiting(queue)).toEqual([])
}

async function fourMinutesOfDelivering({ house }: Desk) {
  for (let minute = 0; minute < 4; minute++) {
    await house.pass(60)
    await house.deliver()
    // The portfolio is watched meanwhile: nothing is executed on an old report.
    await house.tick()
    const { snapshots, assessments } = house.handlers
    await house.bus.drain({ snapshots, assessments })
  }
}

describe('a message that is lost for good', () => {
  it('to execute: the order is not touched for five minutes, then asked for again, and ends as it should', async () => {
    const desk = await approvedDesk()
    await lose(desk, 'executions')
    await fourMinutesOfDelivering(desk)
    expect(desk.house.bus.waiting('executions')).toEqual([])
    expect((await desk.house.order()).status).toBe('APPROVED')
    await desk.house.settleDown()
    expect(await endState(desk)).toEqual(undisturbed)
  })

  it.each([
    ['SUBMITTED', 0],
    ['MINED', 1],
  ] as const)('to look at an order that is %s: likewise', async (status, looks) => {
    const desk = await approvedDesk()
    await desk.house.bus.drain({ executions: desk.house.handlers.executions })
    for (let look = 0; look < looks; look++) {
      await desk.house.pass(3)
      await desk.house.bus.receive('settlements', desk.house.handlers.settlements)
    }
    expect((await desk.house.order()).status).toBe(status)
    await desk.house.pass(3)
    await lose(desk, 'settlements')
    await fourMinutesOfDelivering(desk)
    expect(desk.house.bus.waiting('settlements')).toEqual([])
    await desk.house.settleDown()
    expect(await endState(desk)).toEqual(undisturbed)
  })

  it('because it failed five times and lies among the dead letters: likewise, once its cause is gone', async () => {
    const desk = await approvedDesk()
    desk.rooms.bends.failing.set('relayer.receipt', () => fault('rpc-timeout', 'no answer', 'later'))
    await desk.house.bus.drain({ executions: desk.house.handlers.executions })
    await desk.house.pass(3)
    await desk.house.bus.drain({ settlements: desk.house.handlers.settlements })
    expect(desk.house.bus.dead('settlements')).toHaveLength(1)
    desk.rooms.bends.failing.clear()
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({ status: 'CONFIRMED', outbox: [] })
  })

  it('is replaced by one message, not by one a minute, while nobody takes it', async () => {
    const desk = await approvedDesk()
    await lose(desk, 'executions')
    for (let minute = 0; minute < 9; minute++) {
      await desk.house.pass(60)
      await desk.house.deliver()
    }
    // Nine minutes: asked for again after five, and not yet a second time.
    expect(desk.house.bus.waiting('executions')).toHaveLength(1)
  })

  it('and turns up after all changes nothing', async () => {
    const desk = await approvedDesk()
    const [message] = desk.house.bus.waiting('executions')
    if (message === undefined) throw new Error('the approval asks for the execution')
    await lose(desk, 'executions')
    await fourMinutesOfDelivering(desk)
    await desk.house.pass(90)
    await desk.house.deliver()
    await desk.house.settleDown()
    await desk.house.handlers.executions(message)
    await desk.house.settleDown()
    expect(await endState(desk)).toEqual(undisturbed)
  })
})

describe('looks at an order', () => {
  it('stay one chain, however often each is asked for', async () => {
    const desk = await approvedDesk()
    desk.chain.stall(true)
    await desk.house.bus.drain({ executions: desk.house.handlers.executions })
    for (let look = 0; look < 12; look++) {
      const [message] = desk.house.bus.waiting('settlements')
      if (message === undefined) throw new Error('the order is watched')
      await desk.house.bus.send([{ message, deduplicationId: 'again' }])
      await desk.house.pass(3)
      await desk.house.bus.drain({ settlements: desk.house.handlers.settlements })
      expect(desk.house.bus.waiting('settlements')).toHaveLength(1)
    }
  })
})

describe('a bus that refuses', () => {
  it('what one item has to tell does not keep the others from telling; the run fails, so that it is seen', async () => {
    const { house } = twinDesk()
    const entry = (alertId: string) =>
      outboxEntry({ kind: 'alert-raised', portfolioId, alertId }, { severity: 'critical', since: start - 60 })
    for (const id of ['a', 'b', 'c'])
      await house.watch.saveMemory({ ...emptyMemory(id), outbox: [{ ...entry(id), id }] })
    const accepted: Sending[] = []
    const bus = {
      async send(sendings: readonly Sending[]) {
        if (sendings.some(({ deduplicationId }) => deduplicationId === 'b')) throw fault('bus-refused', 'no', 'later')
        accepted.push(...sendings)
      },
    }
    const { watch, orders, clock } = house
    await expect(deliver({ watch, orders, bus, clock, log: { line: () => undefined } })).rejects.toMatchObject({
      code: 'bus-refused',
    })
    expect(accepted.map(({ deduplicationId }) => deduplicationId).sort()).toEqual(['a', 'c'])
    expect(await house.watch.pendingPortfolios(start)).toEqual(['b'])
  })

  it('leaves young entries to their writers', async () => {
    const { house } = twinDesk()
    const message = { kind: 'alert-raised', portfolioId, alertId: 'a' } as const
    await house.watch.saveMemory({
      ...emptyMemory(portfolioId),
      outbox: [outboxEntry(message, { severity: 'critical', since: start })],
    })
    await house.deliver()
    expect(house.bus.waiting('notifications')).toEqual([])
    await house.pass(21)
    await house.deliver()
    expect(house.bus.waiting('notifications')).toHaveLength(1)
  })
})

it('a storm is sent with the critical ones first, whatever came before them', async () => {
  const { house } = twinDesk()
  const severities: readonly Severity[] = ['info', 'warning', 'critical']
  const outbox = Array.from({ length: 300 }, (_, index) =>
    outboxEntry(
      { kind: 'alert-raised', portfolioId, alertId: `alert-${index}` },
      { severity: severities[index % 3] ?? 'info', since: start },
    ),
  )
  const memory = { ...emptyMemory(portfolioId), outbox }
  await house.watch.saveMemory(memory)
  await drainMemoryOutbox(house, memory)
  const ids = house.bus
    .waiting('notifications')
    .map((message) => (message.kind === 'alert-raised' ? message.alertId : ''))
  expect(ids).toHaveLength(300)
  const severityOf = new Map(
    outbox.map(({ message, severity }) => ['alertId' in message ? message.alertId : '', severity]),
  )
  expect(ids.slice(0, 100).map((id) => severityOf.get(id))).toEqual(Array(100).fill('critical'))
  expect(ids.slice(0, 2)).toEqual(['alert-2', 'alert-5'])
  expect((await house.watch.memory(portfolioId))?.outbox).toEqual([])
})
