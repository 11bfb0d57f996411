// Money on its way: replacements and their cap, reorgs, reverts, foreign hands, and orders that are never mined.

import { describe, expect, it } from 'vitest'
import type { Order } from '../../lib/model/order.ts'
import { read } from './twin-chain.ts'
import { approveByBoth, calm, configuration, type Desk, endState, twinDesk, untilProposed } from './twin-desk.ts'
import { fault, sentFor } from './twin-rooms.ts'

/** Signed and sent; nothing mined yet. */
async function submittedDesk(before: (desk: Desk) => void = () => undefined): Promise<Desk> {
  const desk = twinDesk()
  await untilProposed(desk)
  await approveByBoth(desk)
  desk.chain.stall(true)
  before(desk)
  await desk.house.bus.drain({ executions: desk.house.handlers.executions })
  return desk
}

/** So many seconds of looking at the chain. */
async function watchFor({ house }: Desk, seconds: number): Promise<Order> {
  const until = house.clock.now() + seconds
  for (;;) {
    await house.bus.drain(house.handlers)
    const next = house.bus.nextAt()
    if (next === undefined || next > until) break
    await house.passTo(next)
  }
  await house.passTo(until)
  await house.bus.drain(house.handlers)
  return house.order()
}

const fees = (order: Order) => order.transactions.map(({ maxFeePerGasGwei }) => maxFeePerGasGwei)
const kinds = (order: Order) => order.events.map(({ kind }) => kind)
const titles = (desk: Desk) => desk.house.told.map(({ notifierId, notice }) => `${notifierId}: ${notice.title}`)

describe('a transaction that nobody mines', () => {
  it('is the same bytes for a minute, then a replacement of the same nonce at 12.5 % more', async () => {
    const desk = await submittedDesk()
    const first = await watchFor(desk, 57)
    expect(fees(first)).toEqual([5])
    expect(desk.chain.received).toHaveLength(1)
    const second = await watchFor(desk, 6)
    expect(fees(second)).toEqual([5, 5.625])
    expect(new Set(second.transactions.map(({ nonce }) => nonce)).size).toBe(1)
    await watchFor(desk, 60)
    expect(fees(await desk.house.order())).toEqual([5, 5.625, 5.625 * 1.125])
    expect(kinds(await desk.house.order())).toEqual([
      'proposed',
      'approval',
      'approval',
      'signed',
      'submitted',
      'replaced',
      'replaced',
    ])
    desk.chain.stall(false)
    await desk.house.settleDown()
    const done = await desk.house.order()
    expect(done).toMatchObject({ status: 'CONFIRMED', receipt: { hash: done.transactions.at(-1)?.hash } })
    expect(sentFor(desk.chain, done)).toHaveLength(3)
    expect(desk.chain.executions()).toBe(1)
  })

  it('is confirmed by the original when that is mined before its replacement is sent', async () => {
    const desk = await submittedDesk()
    await watchFor(desk, 60)
    const replaced = await desk.house.order()
    expect(replaced.transactions).toHaveLength(2)
    expect(desk.chain.received).toHaveLength(1)
    desk.chain.stall(false)
    await desk.house.settleDown()
    const done = await desk.house.order()
    expect(done).toMatchObject({ status: 'CONFIRMED', receipt: { hash: done.transactions[0]?.hash } })
    expect([desk.chain.received.length, desk.chain.executions()]).toEqual([1, 1])
  })

  it('goes straight to what the chain asks for when fees jump', async () => {
    const desk = await submittedDesk(({ chain }) => chain.stall(false))
    desk.chain.setBaseFee(20)
    await desk.house.settleDown()
    const done = await desk.house.order()
    expect(fees(done)).toEqual([5, 41])
    expect(done.status).toBe('CONFIRMED')
  })

  it('never costs more than its cap: the last replacement is at the cap, then people are told once, then it is given up', async () => {
    const desk = await submittedDesk(({ chain }) => chain.stall(false))
    desk.chain.setBaseFee(300)
    const stuck = await watchFor(desk, 400)
    const { maxGasUsd } = stuck.limits
    const most = stuck.transactions.map(({ gasLimit, maxFeePerGasGwei }) => gasLimit * maxFeePerGasGwei * 1e-9 * 2_390)
    expect(Math.max(...most)).toBeCloseTo(maxGasUsd, 6)
    expect(Math.max(...most)).toBeLessThanOrEqual(maxGasUsd * (1 + 1e-12))
    expect(kinds(stuck).filter((kind) => kind === 'fee-cap')).toHaveLength(1)
    expect(titles(desk).filter((title) => title.includes('stuck:'))).toEqual([
      expect.stringMatching(/^log: Treasury: stuck: withdraw/),
      expect.stringMatching(/^phone: Treasury: stuck: withdraw/),
      expect.stringMatching(/^desk: Treasury: stuck: withdraw/),
    ])
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({
      status: 'FAILED',
      ending: expect.stringMatching(/^it was not mined/),
    })
    expect(desk.chain.executions()).toBe(0)

    // It still waits there, at the cap: to outbid it costs more than the next order may.
    desk.chain.stall(true)
    desk.chain.setBaseFee(2)
    await nextOrder(desk)
    expect(await desk.house.order()).toMatchObject({
      id: 'treasury~restore-health~0002',
      status: 'VOID',
      ending: expect.stringMatching(
        /^the relayer's next nonce is held by a transaction that nobody mines; .*cap is 100 USD$/,
      ),
      transactions: [],
    })
  })

  it('is not replaced when it would only revert', async () => {
    const desk = await submittedDesk()
    desk.rooms.bends.failing.set('relayer.estimate', () => fault('safe-refused', 'GS026', 'never'))
    expect(fees(await watchFor(desk, 200))).toEqual([5])
  })

  it('is replaced by the usual step when nobody says what the chain asks for', async () => {
    const desk = await submittedDesk()
    desk.rooms.bends.failing.set('relayer.estimate', () => fault('rpc-timeout', 'no answer', 'later'))
    expect(fees(await watchFor(desk, 66))).toEqual([5, 5.625])
  })

  it('is not sent any more after its deadline, is given up five minutes later, and makes room for the next', async () => {
    const desk = await submittedDesk()
    const order = await desk.house.order()
    await watchFor(desk, order.validUntil - desk.house.clock.now())
    const sends = { count: 0 }
    desk.rooms.bends.failing.set('relayer.broadcast', () => {
      sends.count += 1
      return undefined
    })
    expect((await watchFor(desk, 299)).status).toBe('SUBMITTED')
    expect(sends.count).toBe(0)
    await watchFor(desk, 6)
    const failed = await desk.house.order()
    expect(failed.status).toBe('FAILED')
    expect(titles(desk).filter((title) => title.includes('failed:'))).toHaveLength(3)
    expect(failed.outbox).toEqual([])

    // The breach goes on: the next plan makes a new order, which takes the nonce of the dead one and outbids it.
    expect(desk.chain.waiting()).toHaveLength(1)
    await nextOrder(desk)
    const next = await desk.house.order()
    expect(next.transactions[0]?.nonce).toBe(failed.transactions[0]?.nonce)
    expect(fees(next)[0]).toBeGreaterThanOrEqual(Math.max(...fees(failed)) * 1.1)
    expect(desk.chain.waiting()).toEqual([next.transactions[0]?.raw])
    desk.chain.stall(false)
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({ id: 'treasury~restore-health~0002', status: 'CONFIRMED' })
    expect(desk.chain.executions()).toBe(1)
  })

  it('is never our loss when somebody else uses the relayer’s key: it fails after its deadline and says so', async () => {
    const desk = await submittedDesk()
    desk.chain.set({ nonces: { [await desk.rooms.relayer.address()]: 1 } })
    await desk.house.settleDown()
    const failed = await desk.house.order()
    expect(failed.status).toBe('FAILED')
    expect(failed.ending).toMatch(/^another transaction took its nonce/)
    expect(Object.values((await endState(desk)).queues).flat()).toEqual([])
  })
})

async function nextOrder(desk: Desk): Promise<void> {
  const { house } = desk
  await house.passTo(Math.floor(house.clock.now() / 60) * 60 + 60)
  await house.tick()
  await house.settleDown()
  await approveByBoth(desk)
  await house.bus.drain({ executions: house.handlers.executions })
}

describe('a transaction that was mined', () => {
  async function minedDesk(): Promise<Desk> {
    const desk = await submittedDesk(({ chain }) => chain.stall(false))
    await desk.house.pass(3)
    await desk.house.bus.receive('settlements', desk.house.handlers.settlements)
    expect(await desk.house.order()).toMatchObject({ status: 'MINED', receipt: { confirmations: 1, succeeded: true } })
    return desk
  }

  it.each(['wait', 'gone'] as const)(
    'and whose block is replaced (it may %s) is sent again, the same bytes',
    async (then) => {
      const desk = await minedDesk()
      desk.chain.reorg(1, then)
      desk.chain.stall(true)
      await desk.house.pass(3)
      await desk.house.bus.receive('settlements', desk.house.handlers.settlements)
      const orphaned = await desk.house.order()
      expect(orphaned.status).toBe('SUBMITTED')
      expect(orphaned.receipt).toBeUndefined()
      expect(orphaned.actual).toBeUndefined()
      expect(desk.chain.waiting()).toEqual([orphaned.transactions[0]?.raw])
      desk.chain.stall(false)
      await desk.house.settleDown()
      const done = await desk.house.order()
      expect(done).toMatchObject({ status: 'CONFIRMED', outbox: [] })
      expect(kinds(done).slice(-5)).toEqual(['submitted', 'mined', 'reorged', 'mined', 'confirmed'])
      expect([desk.chain.received.length, desk.chain.executions()]).toEqual([1, 1])
    },
  )

  it('ends REVERTED if it reverted: one try, people are told, the portfolio is measured again', async () => {
    const desk = await submittedDesk()
    desk.chain.set({ safe: { ...calm.safe, nonce: 8 } })
    desk.chain.stall(false)
    const reports = (await desk.house.watch.latestReports('treasury', 50)).length
    await desk.house.settleDown()
    const order = await desk.house.order()
    expect(order).toMatchObject({ status: 'REVERTED', receipt: { succeeded: false }, outbox: [] })
    expect(order.ending).toMatch(/^transaction 0x[0-9a-f]{64} reverted in block \d+$/)
    expect(titles(desk).filter((title) => title.includes('reverted:'))).toHaveLength(3)
    expect(desk.chain.received).toHaveLength(1)
    expect((await desk.house.watch.latestReports('treasury', 50)).length).toBe(reports + 1)
  })

  it('is settled under the settings that it was made with when its portfolio is configured no more', async () => {
    const desk = await submittedDesk()
    await desk.house.applyConfig({ version: 'v2', configuration: { ...configuration, portfolios: [] } })
    desk.chain.stall(false)
    await desk.house.settleDown()
    expect((await desk.house.order()).status).toBe('CONFIRMED')
  })

  it('waits for its measurement while that can be had', async () => {
    const desk = await submittedDesk(({ chain }) => chain.stall(false))
    let failures = 2
    desk.rooms.bends.failing.set('venues.health', () =>
      failures-- > 0 ? fault('rpc-timeout', 'no answer', 'later') : undefined,
    )
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({
      status: 'CONFIRMED',
      actual: { healthFactor: expect.any(Number) },
    })
  })

  it('is confirmed without a measurement when the chain has moved on and the state is forgotten', async () => {
    const desk = await submittedDesk(({ chain }) => chain.stall(false))
    desk.rooms.bends.failing.set('venues.health', () => fault('rpc-failed', 'missing trie node', 'later'))
    for (let block = 0; block < 70; block++) desk.chain.mine(desk.house.clock.now())
    await desk.house.settleDown()
    const order = await desk.house.order()
    expect(order.status).toBe('CONFIRMED')
    expect(order.actual).toBeUndefined()
    expect(order.events.at(-1)?.note).toMatch(/not measured: missing trie node$/)
    const done = desk.house.told.find(({ notice }) => notice.title.includes('done:'))
    expect(done?.notice.lines[0]).toBe('What came of it could not be measured (predicted: health factor 1.500).')
  })
})

describe('signed bytes', () => {
  it('are signed once for one nonce, however often the key store fails first', async () => {
    const desk = twinDesk()
    await untilProposed(desk)
    await approveByBoth(desk)
    let failures = 3
    desk.rooms.bends.failing.set('relayer.sign', () =>
      failures-- > 0 ? fault('kms-unavailable', 'throttled', 'later') : undefined,
    )
    await desk.house.settleDown()
    const order = await desk.house.order()
    expect(order.status).toBe('CONFIRMED')
    expect(order.transactions.map(({ nonce }) => nonce)).toEqual([0])
  })

  it('that nobody took before the validity passed are never sent, and their nonce goes to the next order', async () => {
    const desk = await submittedDesk(({ rooms }) =>
      rooms.bends.failing.set('relayer.broadcast', () => fault('rpc-timeout', 'no answer', 'later')),
    )
    expect((await desk.house.order()).status).toBe('SIGNED')
    desk.rooms.bends.failing.clear()
    desk.chain.stall(false)
    await desk.house.passTo((await desk.house.order()).validUntil)
    await desk.house.deliver()
    await desk.house.settleDown()
    const failed = await desk.house.order()
    expect(failed).toMatchObject({ status: 'FAILED', ending: expect.stringMatching(/^it was not mined/) })
    expect(failed.events.at(-2)?.note).toMatch(/; held: its validity has passed$/)
    expect(desk.chain.received).toEqual([])
    await nextOrder(desk)
    await desk.house.settleDown()
    const next = await desk.house.order()
    expect(next).toMatchObject({ id: 'treasury~restore-health~0002', status: 'CONFIRMED' })
    expect(desk.chain.received.map((raw) => read(raw).nonce)).toEqual([failed.transactions[0]?.nonce])
  })

  it('that were sent by a run which died before saying so are watched, also when the validity has passed meanwhile', async () => {
    const desk = await submittedDesk(({ rooms, chain }) => {
      // The bytes arrive; the answer does not.
      rooms.bends.failing.set('relayer.broadcast', () => undefined)
      const { relayer } = rooms
      const send = relayer.broadcast
      Object.assign(relayer, {
        broadcast: async (params: Parameters<typeof send>[0]) => {
          await send(params)
          throw fault('rpc-timeout', 'no answer', 'later')
        },
      })
      chain.stall(true)
    })
    expect((await desk.house.order()).status).toBe('SIGNED')
    expect(desk.chain.received).toHaveLength(1)
    const { validUntil } = await desk.house.order()
    desk.chain.stall(false)
    desk.chain.mine(validUntil - 1)
    await desk.house.passTo(validUntil)
    await desk.house.deliver()
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({ status: 'CONFIRMED', outbox: [] })
    expect(desk.chain.executions()).toBe(1)
  })

  it('that the chain takes only for a higher fee are replaced, not lost', async () => {
    const desk = await submittedDesk(({ rooms }) =>
      rooms.bends.failing.set('relayer.broadcast', () => fault('fee-too-low', 'max fee below base fee', 'later')),
    )
    const order = await desk.house.order()
    expect(order.status).toBe('SUBMITTED')
    expect(order.events.at(-1)?.note).toMatch(/; refused: max fee below base fee$/)
    await watchFor(desk, 63)
    desk.rooms.bends.failing.clear()
    desk.chain.stall(false)
    await desk.house.settleDown()
    expect(await desk.house.order()).toMatchObject({ status: 'CONFIRMED' })
    expect(desk.chain.received.map((raw) => read(raw).maxFeeGwei)).toEqual([5.625])
  })

  it('of a portfolio that was taken out of the configuration are not sent any more', async () => {
    const desk = await submittedDesk(({ rooms }) =>
      rooms.bends.failing.set('relayer.broadcast', () => fault('rpc-timeout', 'no answer', 'later')),
    )
    desk.rooms.bends.failing.clear()
    await desk.house.applyConfig({ version: 'v2', configuration: { ...configuration, portfolios: [] } })
    await desk.house.settleDown()
    expect((await desk.house.order()).status).toBe('FAILED')
    expect(desk.chain.received).toEqual([])
  })
})
