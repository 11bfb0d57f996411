// From plan to order: one open order per purpose, quoted anew in place, ended when it is not needed, followed only when it has ended.

import { describe, expect, it } from 'vitest'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { Simulation } from '../../lib/model/order.ts'
import { chainHolds, orderDefect } from '../../lib/model/order-hash.ts'
import type { Plan } from '../../lib/model/verdict.ts'
import {
  alice,
  approveByBoth,
  bob,
  calm,
  configuration,
  type Desk,
  fallen,
  portfolioId,
  twinDesk,
  untilProposed,
} from './twin-desk.ts'
import { fault } from './twin-rooms.ts'

async function proposedDesk(options: Parameters<typeof twinDesk>[0] = {}): Promise<Desk> {
  const desk = twinDesk(options)
  await untilProposed(desk)
  return desk
}

const planId = (number: number, episode = 1) => `${portfolioId}~restore-health~health~${episode}~${number}`
const planMade = (id: string, requote = false) => ({ kind: 'plan-made', portfolioId, planId: id, requote }) as const
const pages = ({ house }: Desk) =>
  house.told.filter(({ notifierId, notice }) => notifierId === 'phone' && notice.id.includes('~PROPOSED~')).length

/** The next snapshots, one a minute, and what follows from them. */
async function minutes(desk: Desk, count: number) {
  const { house } = desk
  for (let minute = 0; minute < count; minute++) {
    await house.passTo(Math.floor(house.clock.now() / 60) * 60 + 60)
    await house.tick()
    await house.settleDown()
  }
}

async function planOf({ house }: Desk, number = 1): Promise<Plan> {
  const plan = await house.watch.plan(portfolioId, planId(number))
  if (plan === undefined) throw new Error(`there is no plan ${number}`)
  return plan
}

describe('a new order', () => {
  it('is exact, whole, bound to what was seen, and asks once', async () => {
    const desk = await proposedDesk()
    const order = await desk.house.order()
    expect(order).toMatchObject({
      id: 'treasury~restore-health~0001',
      status: 'PROPOSED',
      quote: 1,
      requiredApprovals: 2,
      policyVersion: 'v1',
      deployment: 'twins',
      dataState: { kind: 'FRESH' },
      outbox: [],
    })
    expect(orderDefect(order)).toBeUndefined()
    expect(chainHolds(order.events)).toBe(true)
    expect(order.actions[0]?.kind).toBe('deadline')
    expect(order.validUntil - order.quotedAt).toBeGreaterThanOrEqual(900)
    expect(pages(desk)).toBe(1)
  })

  it('counts its validity from the chain’s clock when that is ahead', async () => {
    const desk = twinDesk()
    desk.chain.mine(desk.house.clock.now() + 500)
    await untilProposed(desk)
    const { validUntil, block } = await desk.house.order()
    expect(validUntil).toBe(block.timestamp + 900)
  })
})

describe('an open order', () => {
  it('keeps a quote that somebody signed, whoever asks for a new one', async () => {
    const desk = await proposedDesk()
    await desk.house.approve((await desk.house.order()).id, alice)
    await desk.house.pass(60)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    expect(await desk.house.order()).toMatchObject({ quote: 1, approvals: [{}] })
  })

  it('is not made on a report that is hours old', async () => {
    const desk = await proposedDesk()
    await desk.house.pass(6 * 3_600)
    await expect(desk.house.handlers.proposals(planMade(planId(1), true))).rejects.toMatchObject({
      code: 'data-not-fresh',
      retry: 'later',
    })
  })

  it('is quoted anew in place: same id, same link, no new page', async () => {
    const desk = await proposedDesk()
    const first = await desk.house.order()
    await desk.house.pass(30)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    await desk.house.settleDown()
    const second = await desk.house.order()
    expect(second).toMatchObject({ id: first.id, linkKey: first.linkKey, quote: 2, status: 'PROPOSED', approvals: [] })
    expect(second.safeTransactionHash).not.toBe(first.safeTransactionHash)
    expect(second.validUntil).toBeGreaterThan(first.validUntil)
    expect(second.events.at(-1)).toMatchObject({ kind: 're-quoted' })
    expect(orderDefect(second)).toBeUndefined()
    expect(pages(desk)).toBe(1)
    await approveByBoth(desk)
    await desk.house.settleDown()
    expect((await desk.house.order()).status).toBe('CONFIRMED')
  })

  it('keeps the approvals that came after a new quote when the request for it is delivered a second time', async () => {
    const desk = await proposedDesk()
    await desk.house.pass(30)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    await desk.house.approve((await desk.house.order()).id, bob)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    expect(await desk.house.order()).toMatchObject({ quote: 2, approvals: [{}] })
  })

  it('stays as it is while nothing gets worse, and is quoted anew after an hour', async () => {
    const desk = await proposedDesk()
    await minutes(desk, 20)
    expect(await desk.house.watch.plan(portfolioId, planId(4))).toBeDefined()
    expect((await desk.house.order()).quote).toBe(1)
    await minutes(desk, 45)
    expect(await desk.house.order()).toMatchObject({ id: 'treasury~restore-health~0001', quote: 2 })
    expect(pages(desk)).toBe(1)
  })

  it('is quoted anew at once when things get worse', async () => {
    const desk = await proposedDesk()
    const before = await desk.house.order()
    desk.chain.setPrice('WETH', fallen * 0.93)
    await minutes(desk, 1)
    const after = await desk.house.order()
    expect(after).toMatchObject({ id: before.id, quote: 2 })
    expect(after.simulation.healthFactorBefore).toBeCloseTo((before.simulation.healthFactorBefore ?? 0) * 0.93, 6)
    expect(pages(desk)).toBe(1)
    expect(desk.house.told.some(({ notice }) => notice.id === `${portfolioId}~health~1~worsened~1`)).toBe(true)
  })

  it('is quoted anew under a new configuration, because nobody could approve it any more', async () => {
    const desk = await proposedDesk()
    await desk.house.applyConfig({ version: 'v2' })
    await minutes(desk, 6)
    expect(await desk.house.order()).toMatchObject({
      quote: 2,
      policyVersion: 'v2',
      id: 'treasury~restore-health~0001',
    })
  })

  it('ends VOID when the health factor is back without it, and people hear of it', async () => {
    const desk = await proposedDesk()
    await planOf(desk)
    desk.chain.setPrice('WETH', calm.prices.WETH ?? 0)
    await minutes(desk, 1)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    const { house } = desk
    await house.pass(30)
    await house.handlers.proposals(planMade(planId(1), true))
    await house.settleDown()
    expect(await house.order()).toMatchObject({
      status: 'VOID',
      ending: 'the health factor is back at its target without it',
      outbox: [],
    })
    expect(house.told.filter(({ notice }) => notice.id.includes('~VOID~')).map(({ notifierId }) => notifierId)).toEqual(
      ['log', 'desk'],
    )
  })

  it('of a breach that is over makes room for the order of the next one, with its own page', async () => {
    const desk = await proposedDesk()
    desk.chain.setPrice('WETH', calm.prices.WETH ?? 0)
    await minutes(desk, 30)
    expect((await desk.house.order()).status).toBe('PROPOSED')
    desk.chain.setPrice('WETH', fallen)
    await minutes(desk, 1)
    expect(await desk.house.order()).toMatchObject({
      id: 'treasury~restore-health~0002',
      status: 'PROPOSED',
      quote: 1,
      planId: planId(1, 2),
    })
    const old = await desk.house.orders.order('treasury~restore-health~0001')
    expect(old).toMatchObject({ status: 'EXPIRED', outbox: [] })
    expect(pages(desk)).toBe(2)
  })
})

describe('an order that is on its way', () => {
  it('is left alone by new plans, and is followed by none until it has ended', async () => {
    const desk = await proposedDesk()
    await approveByBoth(desk)
    desk.chain.stall(true)
    await desk.house.bus.drain({ executions: desk.house.handlers.executions })
    await desk.house.pass(30)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    expect(await desk.house.orders.orders(portfolioId, 9)).toMatchObject([{ status: 'SUBMITTED', quote: 1 }])
  })

  it('and was mined is not repeated on a report from before it: the plan waits for the next snapshot', async () => {
    const desk = await proposedDesk()
    await approveByBoth(desk)
    const { house } = desk
    const notYet = { ...house.handlers }
    await house.bus.drain({ executions: notYet.executions })
    for (let look = 0; look < 3; look++) {
      await house.pass(3)
      await house.bus.drain({ settlements: notYet.settlements })
    }
    expect((await house.order()).status).toBe('CONFIRMED')
    await house.watch.putPlan({ ...(await planOf(desk)), id: planId(2) })
    await expect(house.handlers.proposals(planMade(planId(2)))).rejects.toMatchObject({
      code: 'order-not-seen',
      retry: 'later',
    })
    await house.settleDown()
    await house.handlers.proposals(planMade(planId(2)))
    expect(await house.orders.orders(portfolioId, 9)).toHaveLength(1)
  })
})

describe('after an order has ended', () => {
  it('as VOID, the next plan makes a new one with a page of its own', async () => {
    const desk = await proposedDesk()
    await approveByBoth(desk)
    desk.rooms.bends.simulation = (found) => ({ ...found, ok: false, reason: 'not now' })
    await desk.house.settleDown()
    expect((await desk.house.order()).status).toBe('VOID')
    desk.rooms.bends.simulation = (found) => found
    await minutes(desk, 6)
    expect(await desk.house.order()).toMatchObject({ id: 'treasury~restore-health~0002', status: 'PROPOSED', quote: 1 })
    expect(pages(desk)).toBe(2)
  })

  it.each([
    ['is respected for an hour', 1, 50, 1],
    ['is respected no longer than that', 1, 70, 2],
    ['is not respected when things get worse', 0.95, 6, 2],
  ] as const)('as REJECTED, the no %s', async (_what, factor, wait, count) => {
    const desk = await proposedDesk()
    const order = await desk.house.order()
    await desk.house.orders.save({
      ...order,
      status: 'REJECTED',
      events: [
        ...order.events,
        { at: desk.house.clock.now(), kind: 'rejected', status: 'REJECTED', note: '', previous: '0x', hash: '0x' },
      ],
    })
    desk.chain.setPrice('WETH', fallen * factor)
    await minutes(desk, wait)
    expect(await desk.house.orders.orders(portfolioId, 9)).toHaveLength(count)
  })
})

const rich = { balances: { WETH: 0, USDC: 100_000, WBTC: 0.1 } }
const fails = (found: Simulation): Simulation => ({
  ...found,
  ok: false,
  reason: 'ERC20: transfer amount exceeds balance',
})

describe('candidates', () => {
  it('are tried in the order of their cost, and the first that holds is chosen, the others shown beside it', async () => {
    const desk = await proposedDesk({ state: rich })
    expect((await planOf(desk)).candidates.map(({ kind }) => kind)).toEqual([
      'repay-from-spare',
      'withdraw-swap-repay',
      'withdraw-swap-repay',
    ])
    expect(await desk.house.order()).toMatchObject({
      chosen: { kind: 'repay-from-spare' },
      alternatives: [{ kind: 'withdraw-swap-repay' }, { kind: 'withdraw-swap-repay', reachesTarget: false }],
    })
  })

  it('whose pre-flight fails are passed over for the next', async () => {
    const desk = twinDesk({ state: rich })
    desk.rooms.bends.simulation = (found) =>
      found.steps.some(({ label }) => label.includes('swap')) ? found : fails(found)
    await untilProposed(desk)
    expect(await desk.house.order()).toMatchObject({
      chosen: { kind: 'withdraw-swap-repay' },
      alternatives: [{ kind: 'repay-from-spare' }, { kind: 'withdraw-swap-repay', reachesTarget: false }],
      simulation: { ok: true },
    })
  })

  const hopeless: readonly { readonly why: string; readonly arrange: (desk: Desk) => void; readonly reason: RegExp }[] =
    [
      {
        why: 'all fail their pre-flight',
        arrange: ({ rooms }) => {
          rooms.bends.simulation = fails
        },
        reason: /repay .* is not offered: its pre-flight fails: ERC20: transfer amount exceeds balance.* \| .*withdraw/,
      },
      {
        why: 'the account is no Safe',
        arrange: ({ rooms }) => {
          rooms.bends.failing.set('venues.prepare', () =>
            fault('not-a-safe', 'it is a plain account, not a Safe', 'never'),
          )
        },
        reason: /it is a plain account, not a Safe/,
      },
      {
        why: 'fewer owners than the threshold are approvers',
        arrange: ({ chain }) => {
          chain.set({ safe: { ...calm.safe, owners: [`0x${'77'.repeat(20)}`, ...calm.safe.owners.slice(1)] } })
          chain.mine(0)
        },
        reason: /The Safe asks for 2 owner\(s\), but only 1 of its owners are configured approvers of treasury/,
      },
    ]

  it.each(hopeless)(
    'when $why, no order is made, and the plan waits where people look',
    async ({ arrange, reason }) => {
      const desk = twinDesk({ state: rich })
      arrange(desk)
      await untilProposed(desk)
      expect(await desk.house.orders.orders(portfolioId, 9)).toEqual([])
      expect(desk.house.bus.dead('proposals')).toEqual([planMade(planId(1))])
      const failure = await desk.house.handlers.proposals(planMade(planId(1))).catch((error: unknown) => error)
      expect(failure).toMatchObject({ code: 'no-quote', retry: 'later', facts: { candidates: 3, planId: planId(1) } })
      expect(String(failure)).toMatch(reason)
      // The alert itself was told all the same.
      expect(desk.house.told.some(({ notice }) => notice.id === `${portfolioId}~health~1~raised`)).toBe(true)
    },
  )

  it('are not judged by a provider that does not answer: the message comes again', async () => {
    const desk = twinDesk({ state: rich })
    let failures = 1
    desk.rooms.bends.failing.set('venues.prepare', () =>
      failures-- > 0 ? fault('rpc-timeout', 'no answer', 'later') : undefined,
    )
    await untilProposed(desk)
    expect(await desk.house.order()).toMatchObject({ chosen: { kind: 'repay-from-spare' } })
  })

  it('cost nothing that is unknown: without a price for gas no order is made', async () => {
    const [chain] = configuration.chains
    if (chain === undefined) throw new Error('the desk has one chain')
    const assets = chain.assets.map((asset) => (asset.symbol === 'WETH' ? { ...asset, underlying: 'WETH' } : asset))
    const unpriced: Configuration = { ...configuration, chains: [{ ...chain, assets }] }
    const desk = await proposedDesk({ configuration: unpriced })
    const failure = await desk.house.handlers.proposals(planMade(planId(1))).catch((error: unknown) => error)
    expect(String(failure)).toMatch(/There is no price for ETH, so the cost of gas is unknown/)
    expect(await desk.house.orders.orders(portfolioId, 9)).toEqual([])
  })

  it('of a chain without Safe contracts are refused in words', async () => {
    const [chain] = configuration.chains
    if (chain === undefined) throw new Error('the desk has one chain')
    const { safe: _none, ...bare } = chain
    const desk = await proposedDesk({ configuration: { ...configuration, chains: [bare] } })
    const failure = await desk.house.handlers.proposals(planMade(planId(1))).catch((error: unknown) => error)
    expect(String(failure)).toMatch(/Chain twin names no Safe contracts/)
  })
})

describe('a plan whose data has aged', () => {
  it('is sized again on the newest report', async () => {
    const desk = await proposedDesk()
    const plan = await planOf(desk)
    desk.chain.setPrice('WETH', fallen * 1.01)
    await minutes(desk, 1)
    await desk.house.handlers.proposals(planMade(plan.id, true))
    const order = await desk.house.order()
    expect(order.quote).toBe(2)
    expect(order.snapshotId).not.toBe(plan.snapshotId)
    expect(order.chosen.costUsd).toBeLessThan(plan.candidates[0]?.costUsd ?? 0)
  })

  it('is not followed on data that cannot be seen, and the open order is not taken for needless', async () => {
    const desk = await proposedDesk()
    const reason = 'twin: no answer'
    desk.rooms.bends.gaps = [{ subject: 'chain', code: 'rpc-timeout', reason, touches: { kind: 'everything' } }]
    await minutes(desk, 1)
    await desk.house.pass(30)
    const failure = await desk.house.handlers.proposals(planMade(planId(1), true)).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'no-quote', retry: 'later' })
    expect(await desk.house.order()).toMatchObject({ status: 'PROPOSED', quote: 1 })
  })

  it('is followed all the same when what is stale is nothing that it reads', async () => {
    const desk = await proposedDesk()
    const feed = { subject: 'feed WBTC', code: 'feed-stale', reason: 'feed WBTC: late' }
    desk.rooms.bends.gaps = [{ ...feed, touches: { kind: 'asset', asset: 'WBTC' } }]
    await minutes(desk, 1)
    await desk.house.handlers.proposals(planMade(planId(1), true))
    expect(await desk.house.order()).toMatchObject({ quote: 2, dataState: { kind: 'DEGRADED' } })
  })

  it('that names nothing stored fails and comes again', async () => {
    const desk = await proposedDesk()
    await expect(desk.house.handlers.proposals(planMade('gone'))).rejects.toMatchObject({
      code: 'not-found',
      retry: 'later',
    })
  })
})
