// SQS promises at least once and no order: every message twice, at once, late, or out of order, and the story ends the same.

import { describe, expect, it } from 'vitest'
import type { Around, Door, HouseOptions } from './house-of-twins.ts'
import { approveByBoth, type Desk, endState, portfolioId, twinDesk, untilProposed, wholeLine } from './twin-desk.ts'

const undisturbed = await endOf(twinDesk())

async function endOf(desk: Desk) {
  await wholeLine(desk)
  return endState(desk)
}

/** Doors behind queues; a second tick or click is a matter of its own. */
const queued: ReadonlySet<Door> = new Set(['take-snapshot', 'assess-risk', 'propose', 'notify', 'execute', 'settle'])

describe('every message, delivered twice,', () => {
  it('one after the other, ends in the same state', async () => {
    const around: Around = async (door, deps, act) => {
      const answer = await act(deps)
      return queued.has(door) ? await act(deps) : answer
    }
    expect(await endOf(twinDesk({ around }))).toEqual(undisturbed)
  })

  it('at the same time, ends in the same state', async () => {
    const around: Around = async (door, deps, act) => {
      if (!queued.has(door)) return await act(deps)
      const [first, second] = await Promise.allSettled([act(deps), act(deps)])
      // One of them may have been too late to write; as long as one is done, so is the message.
      if (first.status === 'fulfilled') return first.value
      if (second.status === 'fulfilled') return second.value
      throw first.reason
    }
    expect(await endOf(twinDesk({ around }))).toEqual(undisturbed)
  })

  it('the second time when everything is over, newest first, changes nothing any more', async () => {
    const brought: (() => Promise<void>)[] = []
    const desk = twinDesk({
      mailman: (_queue, handler) => async (message) => {
        await handler(message)
        brought.push(() => handler(message))
      },
    })
    await wholeLine(desk)
    const told = desk.house.told.length
    for (const bring of brought.toReversed()) await bring()
    await desk.house.settleDown()
    expect(await endState(desk)).toEqual(undisturbed)
    expect(desk.house.told).toHaveLength(told)
  })

  it('by two clicks and by two ticks, too', async () => {
    const twice: ReadonlySet<Door> = new Set(['tick', 'approve', 'apply-config', 'deliver'])
    const around: Around = async (door, deps, act) => {
      const answer = await act(deps)
      if (twice.has(door)) await act(deps)
      return answer
    }
    expect(await endOf(twinDesk({ around }))).toEqual(undisturbed)
  })
})

describe('a plan', () => {
  it('whose order has ended is not followed a second time, however often it comes', async () => {
    const desk = twinDesk()
    await untilProposed(desk)
    await approveByBoth(desk)
    desk.rooms.bends.simulation = (found) => ({ ...found, ok: false, reason: 'not now' })
    await desk.house.settleDown()
    desk.rooms.bends.simulation = (found) => found
    const { planId, status } = await desk.house.order()
    expect(status).toBe('VOID')
    await desk.house.handlers.proposals({ kind: 'plan-made', portfolioId, planId, requote: false })
    expect(await desk.house.orders.orders(portfolioId, 9)).toHaveLength(1)
  })
})

describe('messages out of order', () => {
  const seeds = Array.from({ length: 25 }, (_, index) => index + 1)

  it.each(seeds)('postponed, repeated and mixed up by chance (seed %i), end in the same state', async (seed) => {
    expect(await endOf(twinDesk({ mailman: unreliableMailman(chance(seed)) }))).toEqual(undisturbed)
  })
})

/** Brings a message late, up to three times, and brings an old one again whenever it likes. */
function unreliableMailman(random: () => number): NonNullable<HouseOptions['mailman']> {
  const late = new Map<string, number>()
  const brought: (() => Promise<void>)[] = []
  return (_queue, handler) => async (message) => {
    const key = JSON.stringify(message)
    const times = late.get(key) ?? 0
    if (times < 3 && random() < 0.4) {
      late.set(key, times + 1)
      throw new Error('another time')
    }
    await handler(message)
    brought.push(() => handler(message))
    const old = brought[Math.floor(random() * brought.length)]
    // A repeated one may come at a bad moment; nobody waits for it.
    if (old !== undefined && random() < 0.5) await old().catch(() => undefined)
  }
}

/** mulberry32 (Ettinger 2017): the same sequence for the same seed. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
