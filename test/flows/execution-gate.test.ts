// Right before signing: every reason not to execute ends the order, in words, with nothing signed and nothing sent.

import { describe, expect, it } from 'vitest'
import { fresh, type Gap } from '../../lib/model/data-state.ts'
import type { Approval, Order, Simulation } from '../../lib/model/order.ts'
import {
  batchTransaction,
  orderDigest,
  safeTransactionHash,
  safeTypedData,
  sealCalls,
  unsealCalls,
} from '../../lib/model/order-hash.ts'
import type { Owner } from './house-of-twins.ts'
import {
  addressOf,
  alice,
  approveByBoth,
  bob,
  calm,
  configuration,
  type Desk,
  fallen,
  mallory,
  portfolioId,
  twinDesk,
  untilProposed,
} from './twin-desk.ts'
import { fault } from './twin-rooms.ts'

async function approvedDesk(options: Parameters<typeof twinDesk>[0] = {}): Promise<Desk> {
  const desk = twinDesk(options)
  await untilProposed(desk)
  await approveByBoth(desk)
  return desk
}

async function rewrite({ house }: Desk, change: (order: Order) => Partial<Order> | Promise<Partial<Order>>) {
  const order = await house.order()
  expect(await house.orders.save({ ...order, ...(await change(order)) })).toBe('saved')
}

/** Only the executions: time stands still. */
async function run({ house }: Desk) {
  await house.bus.receive('executions', house.handlers.executions)
  return house.order()
}

async function approvalOf(order: Order, signer: Owner, named = signer): Promise<Approval> {
  const signature = await signer.signTypedData(safeTypedData(order.chainId, order.account, order.safeTransaction))
  const { safeTransactionHash: hash } = order
  return { approver: addressOf(named), signature, safeTransactionHash: hash, at: 0, channel: 'page' }
}

/** The same approval of the same owner in other bytes: s mirrored at the curve's order. */
function mirrored(approval: Approval): Approval {
  const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = n - BigInt(`0x${approval.signature.slice(66, 130)}`)
  const v = approval.signature.endsWith('1b') ? '1c' : '1b'
  return { ...approval, signature: `0x${approval.signature.slice(2, 66)}${s.toString(16).padStart(64, '0')}${v}` }
}

/** Every hash made anew around other terms: what somebody can do who may write the table. */
function forged(order: Order, change: Partial<Order>): Partial<Order> {
  const next = { ...order, ...change }
  const calls = unsealCalls(next.calls)?.calls ?? []
  const digest = orderDigest(next, calls, next.safeTransaction.nonce)
  const sealed = sealCalls(calls, digest)
  const safeTransaction = batchTransaction(next.safeTransaction.to, sealed, next.safeTransaction.nonce)
  const hash = safeTransactionHash(next.chainId, next.account, safeTransaction)
  return { ...change, digest, calls: sealed, safeTransaction, safeTransactionHash: hash }
}

const otherHash = `0x${'ab'.repeat(32)}` as const
const otherAddress = `0x${'ab'.repeat(20)}` as const

const alterations: Readonly<Record<string, (order: Order) => Partial<Order>>> = {
  deployment: () => ({ deployment: 'another' }),
  purpose: () => ({ purpose: 'other' as Order['purpose'] }),
  plan: () => ({ planId: 'treasury~restore-health~health~1~2' }),
  alert: () => ({ alertId: 'treasury~health~1~worsened~1' }),
  snapshot: () => ({ snapshotId: 'treasury#1#other' }),
  chain: () => ({ chainId: 1 }),
  account: () => ({ account: otherAddress }),
  quote: (order) => ({ quote: order.quote + 1 }),
  validity: (order) => ({ validUntil: order.validUntil + 3_600 }),
  block: (order) => ({ block: { ...order.block, hash: otherHash } }),
  summary: () => ({ summary: 'something harmless' }),
  why: () => ({ why: 'no reason' }),
  'chosen way': (order) => ({ chosen: { ...order.chosen, costUsd: 0 } }),
  'target of the health factor': () => ({ targetHealthFactor: 1 }),
  limits: (order) => ({ limits: { ...order.limits, maxGasUsd: 1e9 } }),
  prices: (order) => ({ prices: { ...order.prices, ETH: 1 } }),
  'allowed move of the price': () => ({ maxPriceMove: 1 }),
  'version of the policy': () => ({ policyVersion: 'v2' }),
  approvers: (order) => ({ approvers: [...order.approvers, addressOf(mallory)] }),
  'number of approvals': () => ({ requiredApprovals: 1 }),
  digest: () => ({ digest: otherHash }),
  'hash of the Safe transaction': () => ({ safeTransactionHash: otherHash }),
  'an action': (order) => ({ actions: order.actions.slice(0, -1) }),
  'target of a call': ({ calls }) => ({
    calls: calls.map((call, at) => (at === 1 ? { ...call, to: otherAddress } : call)),
  }),
  'value of a call': ({ calls }) => ({ calls: calls.map((call, at) => (at === 1 ? { ...call, value: '1' } : call)) }),
  'data of a call': ({ calls }) => ({
    calls: calls.map((call, at) => (at === 1 ? { ...call, data: otherHash } : call)),
  }),
  'label of a call': ({ calls }) => ({
    calls: calls.map((call, at) => (at === 1 ? { ...call, label: 'nothing' } : call)),
  }),
  'no calls': () => ({ calls: [] }),
  ...Object.fromEntries(
    (['to', 'gasToken', 'refundReceiver'] as const).map((field) => [
      `${field} of the Safe transaction`,
      ({ safeTransaction }: Order) => ({ safeTransaction: { ...safeTransaction, [field]: otherAddress } }),
    ]),
  ),
  ...Object.fromEntries(
    (['value', 'safeTxGas', 'baseGas', 'gasPrice'] as const).map((field) => [
      `${field} of the Safe transaction`,
      ({ safeTransaction }: Order) => ({ safeTransaction: { ...safeTransaction, [field]: '1' } }),
    ]),
  ),
  'data of the Safe transaction': ({ safeTransaction }) => ({
    safeTransaction: { ...safeTransaction, data: otherHash },
  }),
  'operation of the Safe transaction': ({ safeTransaction }) => ({
    safeTransaction: { ...safeTransaction, operation: 0 },
  }),
  'nonce of the Safe transaction': ({ safeTransaction }) => ({
    safeTransaction: { ...safeTransaction, nonce: safeTransaction.nonce + 1 },
  }),
}

describe('an order that was altered after its approval is void:', () => {
  it.each(Object.entries(alterations))('%s', async (_what, change) => {
    const desk = await approvedDesk()
    await rewrite(desk, change)
    const order = await run(desk)
    expect(order.status).toBe('VOID')
    expect(order.ending).toMatch(/^the order was altered: /)
    expect([order.transactions, desk.chain.received]).toEqual([[], []])
  })
})

interface Closing {
  readonly why: string
  readonly arrange: (desk: Desk) => Promise<void> | void
  readonly status: Order['status']
  readonly reason: string | RegExp
}

const pause = (desk: Desk) => desk.chain.mine(desk.house.clock.now())

/** A new snapshot with these gaps is assessed before the order is executed. */
async function see(desk: Desk, gaps: readonly Gap[]) {
  desk.rooms.bends.gaps = gaps
  await desk.house.pass(60)
  await desk.house.tick()
  await desk.house.pass(60)
  const { bus, handlers } = desk.house
  await bus.drain({ snapshots: handlers.snapshots, assessments: handlers.assessments })
}

const gapOf = (asset: string): Gap => ({
  subject: `feed ${asset}`,
  code: 'feed-stale',
  reason: `feed ${asset}: its answer is 3 h old.`,
  touches: { kind: 'asset', asset },
})

const foundBy = (change: (found: Simulation) => Partial<Simulation>) => (desk: Desk) => {
  desk.rooms.bends.simulation = (found) => ({ ...found, ...change(found) })
}

const closings: readonly Closing[] = [
  {
    why: 'one approval is missing',
    arrange: (desk) => rewrite(desk, ({ approvals }) => ({ approvals: approvals.slice(1) })),
    status: 'VOID',
    reason: '1 valid approval(s) where 2 are needed',
  },
  {
    why: 'one owner fills both places',
    arrange: (desk) =>
      rewrite(desk, ({ approvals: [first] }) => ({ approvals: first === undefined ? [] : [first, mirrored(first)] })),
    status: 'VOID',
    reason: '1 valid approval(s) where 2 are needed',
  },
  {
    why: 'a stranger signed in an owner’s name',
    arrange: (desk) =>
      rewrite(desk, async (order) => ({
        approvals: [await approvalOf(order, alice), await approvalOf(order, mallory, bob)],
      })),
    status: 'VOID',
    reason: '1 valid approval(s) where 2 are needed',
  },
  {
    why: 'a stranger signed in his own name',
    arrange: (desk) =>
      rewrite(desk, async (order) => ({
        approvals: [await approvalOf(order, alice), await approvalOf(order, mallory)],
      })),
    status: 'VOID',
    reason: '1 valid approval(s) where 2 are needed',
  },
  {
    why: 'a signature is no signature',
    arrange: (desk) =>
      rewrite(desk, ({ approvals }) => ({ approvals: approvals.map((one) => ({ ...one, signature: '0x00' })) })),
    status: 'VOID',
    reason: '0 valid approval(s) where 2 are needed',
  },
  {
    why: 'the approvals are for other terms, all hashes made anew',
    arrange: (desk) => rewrite(desk, (order) => forged(order, { limits: { ...order.limits, maxGasUsd: 1e6 } })),
    status: 'VOID',
    reason: '0 valid approval(s) where 2 are needed',
  },
  {
    why: 'an owner signed who is no approver of the order',
    arrange: (desk) =>
      rewrite(desk, async (order) => {
        const change = forged(order, { approvers: [addressOf(alice)] })
        const next = { ...order, ...change }
        return { ...change, approvals: [await approvalOf(next, alice), await approvalOf(next, bob)] }
      }),
    status: 'VOID',
    reason: '1 valid approval(s) where 2 are needed',
  },
  {
    why: 'somebody lowered the number of approvals, all hashes made anew',
    arrange: (desk) => rewrite(desk, (order) => forged(order, { requiredApprovals: 0 })),
    status: 'VOID',
    reason: 'the Safe asks for 2 owners by now, 0 approved',
  },
  {
    why: 'its validity has passed by our clock',
    arrange: async ({ house }) => house.passTo((await house.order()).validUntil),
    status: 'EXPIRED',
    reason: 'its validity has passed',
  },
  {
    why: 'its validity has passed by the chain’s clock',
    arrange: async ({ chain, house }) => chain.mine((await house.order()).validUntil),
    status: 'EXPIRED',
    reason: 'its validity has passed by the time of the chain',
  },
  {
    why: 'the configuration changed',
    arrange: async ({ house }) => {
      await house.applyConfig({ version: 'v2' })
    },
    status: 'VOID',
    reason: 'the configuration changed from v1 to v2 since it was made',
  },
  {
    why: 'the portfolio was taken out of the configuration',
    arrange: async ({ house }) => {
      await house.applyConfig({ version: 'v2', configuration: { ...configuration, portfolios: [] } })
    },
    status: 'VOID',
    reason: 'the portfolio is not configured any more',
  },
  {
    why: 'the Safe has done something else since',
    arrange: (desk) => {
      desk.chain.set({ safe: { ...calm.safe, nonce: 8 } })
      pause(desk)
    },
    status: 'VOID',
    reason: 'the Safe is at nonce 8, the order was signed for 7',
  },
  {
    why: 'an approver is no owner any more',
    arrange: (desk) => {
      desk.chain.set({ safe: { ...calm.safe, owners: [addressOf(alice), otherAddress] } })
      pause(desk)
    },
    status: 'VOID',
    reason: `${addressOf(bob)} is no owner of the Safe any more`,
  },
  {
    why: 'the Safe asks for more owners by now',
    arrange: (desk) => {
      desk.chain.set({ safe: { ...calm.safe, threshold: 3 } })
      pause(desk)
    },
    status: 'VOID',
    reason: 'the Safe asks for 3 owners by now, 2 approved',
  },
  {
    why: 'a price that it reads is stale',
    arrange: (desk) => see(desk, [gapOf('WETH')]),
    status: 'VOID',
    reason: /^the data is (DEGRADED|BLIND): .*feed WETH/,
  },
  {
    why: 'the portfolio cannot be seen',
    arrange: (desk) =>
      see(desk, [
        { subject: 'chain', code: 'rpc-timeout', reason: 'twin: no answer', touches: { kind: 'everything' } },
      ]),
    status: 'VOID',
    reason: 'the data is BLIND: twin: no answer',
  },
  {
    why: 'there is no report',
    arrange: async ({ house }) => {
      const memory = await house.watch.memory(portfolioId)
      if (memory === undefined) throw new Error('it was assessed')
      await house.watch.saveMemory({ ...memory, lastReportId: `${portfolioId}#1#gone~v1` })
    },
    status: 'VOID',
    reason: 'the data is missing: there is no report',
  },
  {
    why: 'the price moved too far, down',
    arrange: (desk) => {
      desk.chain.setPrice('WETH', fallen * 0.96)
      pause(desk)
    },
    status: 'VOID',
    reason: 'WETH moved 4.00 % since the quote, the limit is 3.00 %',
  },
  {
    why: 'the price moved too far, up',
    arrange: (desk) => {
      desk.chain.setPrice('WETH', fallen * 1.05)
      pause(desk)
    },
    status: 'VOID',
    reason: 'WETH moved 5.00 % since the quote, the limit is 3.00 %',
  },
  {
    why: 'its pre-flight fails',
    arrange: foundBy(() => ({ ok: false, reason: 'Too little received' })),
    status: 'VOID',
    reason: 'its pre-flight fails: Too little received',
  },
  {
    why: 'the debt was repaid by hand meanwhile, so its steps fail',
    arrange: (desk) => {
      desk.chain.set({ collateralWeth: 1, debtUsdc: 1_000 })
      pause(desk)
    },
    status: 'VOID',
    reason: /^its pre-flight fails: step 1: HEALTH_FACTOR/,
  },
  {
    why: 'the debt was repaid by hand meanwhile, so that nothing is left to rescue',
    arrange: (desk) => {
      desk.chain.set({ debtUsdc: calm.debtUsdc / 2 })
      pause(desk)
    },
    status: 'VOID',
    reason: 'it is not needed any more: the health factor is 2.461, the target 1.5',
  },
  {
    why: 'it would help less than was promised',
    arrange: foundBy(({ after }) => ({ after: { ...after, healthFactor: 1.4 } })),
    status: 'VOID',
    reason: 'the health factor would only be 1.400, 1.500 was promised',
  },
  {
    why: 'something else would move',
    arrange: foundBy(({ after }) => ({
      after: { ...after, balanceChanges: { ...after.balanceChanges, WBTC: -0.05 } },
    })),
    status: 'VOID',
    reason: 'WBTC in the account would change by -0.05 instead of 0',
  },
  {
    why: 'health would fall',
    arrange: foundBy(({ after }) => ({ after: { ...after, healthFactor: 1.1 } })),
    status: 'VOID',
    reason: 'the health factor would fall from 1.2303 to 1.1000',
  },
  {
    why: 'an allowance would be left',
    arrange: foundBy(({ after }) => ({ after: { ...after, leftoverAllowances: ['USDC to Aave v3'] } })),
    status: 'VOID',
    reason: 'allowances would be left: USDC to Aave v3',
  },
  {
    why: 'gas is above its cap',
    arrange: (desk) => {
      desk.chain.setBaseFee(100)
      pause(desk)
    },
    status: 'VOID',
    reason: 'gas would cost 288.23 USD, the cap is 100 USD',
  },
  {
    why: 'the Safe itself would refuse it',
    arrange: ({ rooms }) => {
      rooms.bends.failing.set('relayer.estimate', () =>
        fault('safe-refused', 'The Safe would not execute the order: GS026', 'never'),
      )
    },
    status: 'VOID',
    reason: 'The Safe would not execute the order: GS026',
  },
]

describe('the gate is closed when', () => {
  it.each(closings)('$why', async ({ arrange, status, reason }) => {
    const desk = await approvedDesk()
    await arrange(desk)
    const order = await run(desk)
    expect(order.status).toBe(status)
    if (typeof reason === 'string') expect(order.ending).toBe(reason)
    else expect(order.ending).toMatch(reason)
    expect([order.transactions, desk.chain.received, order.outbox]).toEqual([[], [], []])
    await desk.house.settleDown()
    const news = desk.house.told.filter(({ notice }) => notice.id === `${order.id}~${status}~1`)
    expect(news.map(({ notifierId }) => notifierId)).toEqual(['log', 'desk'])
  })
})

describe('the gate waits, and the order stays approved, when', () => {
  it.each([
    'venues.account',
    'venues.health',
    'venues.simulate',
    'relayer.estimate',
    'relayer.address',
    'relayer.nonce',
    'relayer.sign',
  ])('%s does not answer; later it is executed', async (port) => {
    const desk = await approvedDesk()
    desk.rooms.bends.failing.set(port, () => fault('rpc-timeout', 'no answer', 'later'))
    expect((await run(desk)).status).toBe('APPROVED')
    expect(desk.chain.received).toEqual([])
    desk.rooms.bends.failing.clear()
    await desk.house.settleDown()
    expect((await desk.house.order()).status).toBe('CONFIRMED')
    expect(desk.chain.received).toHaveLength(1)
  })

  it('nothing was seen for longer than two periods and a minute; after the next snapshot it is executed', async () => {
    const desk = await approvedDesk()
    const [report] = await desk.house.watch.latestReports(portfolioId, 1)
    await desk.house.passTo((report?.at ?? 0) + 181)
    const { id: orderId } = await desk.house.order()
    const execution = { kind: 'order-approved', orderId } as const
    await expect(desk.house.handlers.executions(execution)).rejects.toMatchObject({
      code: 'data-not-fresh',
      retry: 'later',
    })
    await see(desk, [])
    expect((await run(desk)).status).toBe('SUBMITTED')
  })

  it('the chain is FROZEN, because what counts as final is hours old; calm again, it is executed', async () => {
    const desk = await approvedDesk()
    const providers = { configured: 1, quorum: 1, agreed: 1, behind: [], contradicting: [] }
    const finalised = (lagSeconds: number) => ({ number: 1, lagBlocks: 9, lagSeconds })
    desk.rooms.bends.vitals = { headAgeSeconds: 1, baseFeeGwei: 5, providers, finalised: finalised(9_000) }
    await see(desk, [])
    const { id: orderId } = await desk.house.order()
    await expect(desk.house.handlers.executions({ kind: 'order-approved', orderId })).rejects.toMatchObject({
      code: 'chain-not-normal',
      retry: 'later',
    })
    expect(desk.chain.received).toEqual([])
    desk.rooms.bends.vitals = { headAgeSeconds: 1, baseFeeGwei: 5, providers, finalised: finalised(10) }
    for (let snapshot = 0; snapshot < 3; snapshot++) await see(desk, [])
    expect((await run(desk)).status).toBe('SUBMITTED')
  })

  it('a price that it leans on cannot be read; later it is executed', async () => {
    const desk = await approvedDesk()
    const { WETH: _unread, ...known } = desk.chain.latest().state.prices
    desk.chain.set({ prices: known })
    pause(desk)
    const { id: orderId } = await desk.house.order()
    await expect(desk.house.handlers.executions({ kind: 'order-approved', orderId })).rejects.toMatchObject({
      code: 'price-unread',
      retry: 'later',
    })
    desk.chain.setPrice('WETH', fallen)
    pause(desk)
    expect((await run(desk)).status).toBe('SUBMITTED')
  })

  it('there is no price for gas', async () => {
    const desk = await approvedDesk()
    const { watch, handlers } = desk.house
    const [report] = await watch.latestReports(portfolioId, 1)
    const memory = await watch.memory(portfolioId)
    if (report === undefined || memory === undefined) throw new Error('it was assessed')
    const id = `${portfolioId}#${report.at}#other~v1`
    await watch.putReport({ ...report, id, price: { USDC: 1 } })
    await watch.saveMemory({ ...memory, lastReportId: id })
    const { id: orderId } = await desk.house.order()
    await expect(handlers.executions({ kind: 'order-approved', orderId })).rejects.toMatchObject({
      code: 'no-gas-price',
      retry: 'later',
    })
    expect(await desk.house.order()).toMatchObject({ status: 'APPROVED', transactions: [] })
  })
})

it('the gate is closed when the balance that it repays from could not be read', async () => {
  const desk = await approvedDesk({ state: { balances: { WETH: 0, USDC: 100_000, WBTC: 0.1 } } })
  expect((await desk.house.order()).chosen.kind).toBe('repay-from-spare')
  const touches = { kind: 'position', positionId: 'wallet:USDC' } as const
  await see(desk, [{ subject: 'balance USDC', code: 'reverted', reason: 'balance USDC: reverted', touches }])
  expect(await run(desk)).toMatchObject({ status: 'VOID', ending: 'the data is DEGRADED: balance USDC: reverted' })
})

describe('the gate stays open when', () => {
  it('one snapshot was missed', async () => {
    const desk = await approvedDesk()
    const [report] = await desk.house.watch.latestReports(portfolioId, 1)
    await desk.house.passTo((report?.at ?? 0) + 180)
    expect((await run(desk)).status).toBe('SUBMITTED')
  })

  it('the price of something that the order does not touch is stale', async () => {
    const desk = await approvedDesk()
    await see(desk, [gapOf('WBTC')])
    const [report] = await desk.house.watch.latestReports(portfolioId, 1)
    expect(report?.dataState.kind).toBe('DEGRADED')
    expect((await run(desk)).status).toBe('SUBMITTED')
  })

  it('prices move within the limit', async () => {
    const desk = await approvedDesk()
    desk.chain.setPrice('WETH', fallen * 1.02)
    pause(desk)
    expect(await run(desk)).toMatchObject({ status: 'SUBMITTED', dataState: fresh })
  })
})
