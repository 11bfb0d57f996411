// The whole line on real contracts: calm, fall, alert, order, two owners' signatures, execution, confirmation, calm; and death on the way.

import { type Address, createClient, type Hex, http } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { getBalance, readContract } from 'viem/actions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainVenues } from '../../lib/actions/chain-venues.ts'
import { kmsRelayer } from '../../lib/actions/relayer.ts'
import { Redacted } from '../../lib/base/redacted.ts'
import { safeAbi } from '../../lib/local/world/abis.ts'
import { makeRpc } from '../../lib/local/world/rpc.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { Order } from '../../lib/model/order.ts'
import { chainHolds } from '../../lib/model/order-hash.ts'
import type { Report } from '../../lib/model/report.ts'
import type { PortfolioMemory } from '../../lib/model/verdict.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { treasurySettings } from '../actions/fixture/treasury.ts'
import { fuse, runUntilDeath } from '../flows/dying-deps.ts'
import { type Around, type House, houseOfTwins, type Rooms } from '../flows/house-of-twins.ts'
import { type KmsServer, startKmsServer } from './kms-server.ts'

const portfolioId = 'treasury'
const secret = async () => new Redacted('unused')
let world: World
let kms: KmsServer
let rooms: Rooms
let owners: readonly ReturnType<typeof privateKeyToAccount>[]

beforeAll(async () => {
  kms = await startKmsServer(generatePrivateKey())
  world = await startWorld({ relayer: kms.address, threshold: 2 })
  owners = world.ownerPrivateKeys.map((key) => privateKeyToAccount(key))
  rooms = {
    sources: chainSources({ secret }),
    venues: chainVenues({ secret }),
    relayer: kmsRelayer({ kms: kms.client, keyId: kms.keyId, secret }),
  }
})

afterAll(async () => {
  await Promise.all([world?.stop(), kms?.stop()])
})

function configuration(): Configuration {
  const { chain, portfolio, approvers } = treasurySettings(world)
  const health = {
    id: 'health',
    when: 'healthFactor < 1.3',
    severity: 'critical',
    plan: { kind: 'restore-health', target: 1.5 },
    deadBand: 0.03,
    calmSamples: 1,
  } as const
  return {
    // Three, so that settling meets a transaction that is mined and not confirmed yet.
    chains: [{ ...chain, confirmations: 3 }],
    portfolios: [{ ...portfolio, rules: [health], approvers: approvers.map(({ id }) => id), notifiers: ['log'] }],
    approvers,
    viewers: [],
    notifiers: [{ id: 'log', kind: 'console', minSeverity: 'info' }],
  }
}

async function houseOnWorld(around?: Around): Promise<House> {
  return houseOfTwins({
    rooms,
    configuration: configuration(),
    portfolioId,
    start: await world.blockTime(),
    onTime: async (now) => world.warp(Math.max(1, now - (await world.blockTime()))),
    ...(around === undefined ? {} : { around }),
  })
}

const client = () => createClient({ transport: http(world.rpcUrl) })
const safeNonce = async () =>
  Number(await readContract(client(), { address: world.addresses.treasury.safe, abi: safeAbi, functionName: 'nonce' }))
const newest = async (house: House): Promise<Report> => {
  const [report] = await house.watch.latestReports(portfolioId, 1)
  if (report === undefined) throw new Error('there is no report')
  return report
}

async function untilProposed(house: House): Promise<Order> {
  await house.applyConfig()
  await house.tick()
  await house.settleDown()
  await world.setPrices({ ETH: 2_914 * 0.82, BTC: 60_700 * 0.82 })
  await house.passTo(Math.floor((await world.blockTime()) / 60) * 60 + 60)
  await house.tick()
  await house.settleDown()
  return house.order()
}

describe('on a Safe with a threshold of two', () => {
  let start: Hex

  beforeAll(async () => {
    start = await world.snapshot()
  })

  it('falls, is told of, is approved by both owners, executed, confirmed as predicted, and is calm again', async () => {
    const house = await houseOnWorld()
    const proposed = await untilProposed(house)
    expect(proposed).toMatchObject({ status: 'PROPOSED', requiredApprovals: 2, dataState: { kind: 'FRESH' } })
    expect(proposed.simulation.healthFactorBefore).toBeCloseTo(1.5 * 0.82, 2)
    const breach = await newest(house)
    expect(breach.healthFactor).toBeCloseTo(1.5 * 0.82, 2)
    expect((await house.watch.latestAlerts(portfolioId, 9)).map(({ id }) => id)).toEqual(['treasury~health~1~raised'])

    const [first, second] = owners
    if (first === undefined || second === undefined) throw new Error('the world has two owners')
    await house.approve(proposed.id, first)
    await house.settleDown()
    expect((await house.order()).status).toBe('PROPOSED')
    const nonceBefore = await safeNonce()
    const gasMoney = await getBalance(client(), { address: kms.address as Address })
    await house.approve(proposed.id, second)
    await house.settleDown()

    const done = await house.order()
    expect(done).toMatchObject({ status: 'CONFIRMED', outbox: [], receipt: { succeeded: true } })
    expect(chainHolds(done.events)).toBe(true)
    expect(done.transactions).toHaveLength(1)
    expect(await safeNonce()).toBe(nonceBefore + 1)
    expect(Math.abs((done.actual?.healthFactor ?? 0) - (done.predicted.healthFactor ?? 9))).toBeLessThan(1e-3)
    expect(Math.abs((done.actual?.healthFactor ?? 0) - 1.5)).toBeLessThan(2e-3)
    expect(done.actual?.costUsd).toBeCloseTo(done.predicted.costUsd ?? 0, -2)
    expect(await getBalance(client(), { address: kms.address as Address })).toBeLessThan(gasMoney)

    const after = await newest(house)
    expect(after.dataState).toEqual({ kind: 'FRESH' })
    expect(after.healthFactor).toBeCloseTo(done.actual?.healthFactor ?? 0, 3)
    expect((await house.watch.latestAlerts(portfolioId, 9)).map(({ id }) => id)).toContain(
      'treasury~health~1~recovered',
    )
    expect(house.told.map(({ notice }) => notice.id)).toEqual([
      'treasury~health~1~raised',
      `${done.id}~PROPOSED~1`,
      `${done.id}~APPROVED~1`,
      `${done.id}~CONFIRMED~1`,
      'treasury~health~1~recovered',
    ])
  })

  describe('with the approvals given', () => {
    let approved: Approved

    beforeAll(async () => {
      await world.revert(start)
      approved = await approvedByBoth()
    })

    it.each([
      ['execute', 'before'],
      ['execute', 'after'],
      ['settle', 'before'],
      ['settle', 'after'],
    ] as const)('%s may die just %s any of its calls takes effect: the end is the same', async (door, when) => {
      for (let k = 1; ; k++) {
        const burning = fuse(k, when)
        const house = await resumed(approved, (at, deps, act) =>
          at === door ? runUntilDeath(deps, burning, act) : act(deps),
        )
        await house.settleDown()
        expect({ k, at: burning.blownAt, ...(await endOf(house)) }).toMatchObject(expectedEnd(approved))
        if (burning.blownAt === undefined) return expect(k).toBeGreaterThan(10)
      }
    })

    it('survives a reorg: the same bytes are mined again, and the Safe carries the order out once', async () => {
      const house = await resumed(approved, (_door, deps, act) => act(deps))
      await house.bus.drain({ executions: house.handlers.executions })
      const settleOnce = async () => {
        await house.pass(3)
        await house.bus.receive('settlements', house.handlers.settlements)
        return house.order()
      }
      const mined = await settleOnce()
      expect(mined.status).toBe('MINED')
      await makeRpc(world.rpcUrl).request('anvil_rollback', [2])
      expect(await safeNonce()).toBe(approved.safeNonce)
      const orphaned = await settleOnce()
      expect(orphaned).toMatchObject({ status: 'SUBMITTED', transactions: mined.transactions })
      expect(orphaned.receipt).toBeUndefined()
      await house.settleDown()
      expect(await endOf(house)).toMatchObject(expectedEnd(approved))
      expect((await house.order()).events.map(({ status }) => status).slice(-5)).toEqual([
        'SUBMITTED',
        'MINED',
        'SUBMITTED',
        'MINED',
        'CONFIRMED',
      ])
    })
  })
})

/** Everything that an approved order needs of the stores, and the chain at that moment. */
interface Approved {
  readonly order: Order
  readonly report: Report
  readonly memory: PortfolioMemory
  readonly safeNonce: number
  snapshot: Hex
}

async function approvedByBoth(): Promise<Approved> {
  const house = await houseOnWorld()
  const { id } = await untilProposed(house)
  for (const owner of owners) await house.approve(id, owner)
  const [order, report, memory] = [await house.order(), await newest(house), await house.watch.memory(portfolioId)]
  if (memory === undefined) throw new Error('the portfolio was assessed')
  return { order, report, memory, safeNonce: await safeNonce(), snapshot: await world.snapshot() }
}

/** The chain as it was, and a house that has of the past what the order needs; its execution is asked for again. */
async function resumed(approved: Approved, around: Around): Promise<House> {
  await world.revert(approved.snapshot)
  approved.snapshot = await world.snapshot()
  const house = await houseOnWorld(around)
  await house.applyConfig()
  await house.watch.putReport(approved.report)
  await house.watch.saveMemory({ ...approved.memory, version: 0 })
  const outbox = approved.order.outbox.map((entry) => ({ ...entry, since: house.clock.now() }))
  await house.orders.create({ ...approved.order, outbox })
  await house.pass(21)
  await house.deliver()
  return house
}

async function endOf(house: House) {
  const order = await house.order()
  return {
    status: order.status,
    bytes: order.transactions.length,
    healthFactor: order.actual?.healthFactor?.toFixed(3),
    safeNonce: await safeNonce(),
    relayerNonce: await rooms.relayer.nonce({ settings: treasurySettings(world) }),
    outbox: order.outbox,
  }
}

function expectedEnd({ order, safeNonce: nonce }: Approved) {
  return {
    status: 'CONFIRMED',
    bytes: 1,
    healthFactor: order.predicted.healthFactor?.toFixed(3),
    safeNonce: nonce + 1,
    relayerNonce: 1,
    outbox: [],
  }
}
