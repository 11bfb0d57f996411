// A desk on the scripted chain: one leveraged Safe with two owners who both have to sign, three channels, and its whole story from calm to calm.

import { privateKeyToAccount } from 'viem/accounts'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { Address, Hex } from '../../lib/model/identity.ts'
import { chainHolds } from '../../lib/model/order-hash.ts'
import { Killed } from './dying-deps.ts'
import { type Around, type House, type HouseOptions, houseOfTwins, leftovers, type Owner } from './house-of-twins.ts'
import { chainId, type State, type TwinChain, twinChain } from './twin-chain.ts'
import { contract, type TwinRooms, twinRooms } from './twin-rooms.ts'

export const start = 1_722_816_000
export const portfolioId = 'treasury'
const owner = (digit: string) => privateKeyToAccount(`0x${digit.repeat(64)}` as Hex)
export const alice = owner('1')
export const bob = owner('2')
export const mallory = owner('3')
export const addressOf = (account: Owner) => account.address.toLowerCase() as Address
const address = (digits: string): Address => `0x${digits.repeat(20)}`
const feed = { address: address('f0'), heartbeatSeconds: 86_400, graceSeconds: 60, decimals: 8 }

export const configuration: Configuration = {
  chains: [
    {
      id: 'twin',
      chainId,
      rpc: [{ name: 'one', url: 'http://127.0.0.1:1' }],
      quorum: 1,
      multicall3: address('ca'),
      maxBlockAgeSeconds: 120,
      confirmations: 2,
      assets: [
        { symbol: 'WETH', address: address('01'), decimals: 18, underlying: 'ETH', feed },
        { symbol: 'USDC', address: address('02'), decimals: 6, underlying: 'USDC', feed },
        { symbol: 'WBTC', address: address('03'), decimals: 8, underlying: 'BTC', feed },
      ],
      aaveV3: { pool: contract.pool, dataProvider: address('a5'), oracle: address('a6') },
      uniswapV3: {
        factory: address('b1'),
        positions: address('b2'),
        router: contract.router,
        quoter: address('b4'),
        feeTiers: [500],
      },
      safe: { multiSendCallOnly: address('c1'), universalRouter: contract.universalRouter },
    },
  ],
  portfolios: [
    {
      id: portfolioId,
      name: 'Treasury',
      chain: 'twin',
      account: address('5a'),
      everySeconds: 60,
      rules: [
        {
          id: 'health',
          when: 'healthFactor < 1.3',
          severity: 'critical',
          plan: { kind: 'restore-health', target: 1.5 },
          deadBand: 0.03,
          calmSamples: 1,
        },
        { id: 'size', when: 'nav < 130000', severity: 'warning', deadBand: 0, calmSamples: 1 },
      ],
      approvers: ['alice', 'bob'],
      notifiers: ['log', 'phone', 'desk'],
      limits: {
        maxSlippageBps: 100,
        maxGasUsd: 100,
        maxPriceMoveBps: 300,
        validitySeconds: 900,
        maxOrderUsd: 1_000_000,
      },
    },
  ],
  approvers: [
    { id: 'alice', address: addressOf(alice) },
    { id: 'bob', address: addressOf(bob) },
  ],
  viewers: [],
  notifiers: [
    { id: 'log', kind: 'console', minSeverity: 'info' },
    { id: 'phone', kind: 'sms', minSeverity: 'critical', phone: '+41790000000' },
    { id: 'desk', kind: 'slack', minSeverity: 'warning', secret: 'slack' },
  ],
}

/** Health factor 1.5 at ETH 2,914. */
export const calm: State = {
  prices: { WETH: 2_914, USDC: 1, WBTC: 60_700 },
  collateralWeth: 100,
  debtUsdc: (100 * 2_914 * 0.8) / 1.5,
  balances: { WETH: 0, USDC: 2_000, WBTC: 0.1 },
  safe: { nonce: 7, owners: [addressOf(bob), addressOf(alice)].sort(), threshold: 2 },
  nonces: {},
}

/** What ETH falls to: health factor 1.23. */
export const fallen = 2_390

export interface Desk {
  readonly house: House
  readonly chain: TwinChain
  readonly rooms: TwinRooms
}

export function twinDesk(
  options: {
    readonly around?: Around
    readonly configuration?: Configuration
    readonly state?: Partial<State>
    readonly answer?: HouseOptions['answer']
    readonly mailman?: HouseOptions['mailman']
  } = {},
): Desk {
  const chain = twinChain({ state: { ...calm, ...options.state }, at: start })
  const rooms = twinRooms(chain)
  const house = houseOfTwins({
    rooms,
    configuration: options.configuration ?? configuration,
    portfolioId,
    start,
    onTime: async (at) => chain.mine(at),
    ...(options.around === undefined ? {} : { around: options.around }),
    ...(options.answer === undefined ? {} : { answer: options.answer }),
    ...(options.mailman === undefined ? {} : { mailman: options.mailman }),
  })
  return { house, chain, rooms }
}

/** Does it until it was not killed, as a scheduler or a person would. */
async function again<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof Killed)) throw error
    }
  }
  throw new Error('it was killed every time')
}

/** Calm, the fall, the order waiting for its owners. */
export async function untilProposed({ house, chain }: Desk): Promise<void> {
  await again(() => house.applyConfig())
  await again(() => house.tick())
  await house.settleDown()
  chain.setPrice('WETH', fallen)
  await house.passTo(nextMinute(house.clock.now()))
  await again(() => house.tick())
  await house.settleDown()
}

/** Both owners sign; nothing that follows has happened yet. */
export async function approveByBoth({ house }: Desk): Promise<void> {
  const { id } = await house.order()
  await again(() => house.approve(id, alice))
  await again(() => house.approve(id, bob))
}

/** The whole story: calm, fall, order, signatures, execution, confirmation, calm. */
export async function wholeLine(desk: Desk): Promise<void> {
  await untilProposed(desk)
  await approveByBoth(desk)
  await desk.house.settleDown()
  await again(() => desk.house.deliver())
}

function nextMinute(now: number): number {
  return Math.floor(now / 60) * 60 + 60
}

/** What must be the same however often somebody died on the way: no times, no random keys, no counts of attempts. */
export async function endState({ house, chain }: Desk) {
  const [orders, alerts, receipts, memory] = await Promise.all([
    house.orders.orders(portfolioId, 10),
    house.watch.latestAlerts(portfolioId, 50),
    house.watch.latestReceipts(portfolioId, 200),
    house.watch.memory(portfolioId),
  ])
  const accepted = receipts.filter(({ delivery }) => delivery.kind === 'accepted')
  return {
    orders: orders.map((order) => ({
      id: order.id,
      status: order.status,
      ending: order.ending,
      quote: order.quote,
      approvals: order.approvals.map(({ approver }) => approver).sort(),
      life: order.events.map(({ kind, status }) => `${kind} ${status}`),
      isChained: chainHolds(order.events),
      bytes: order.transactions.length,
      healthFactor: order.actual?.healthFactor?.toFixed(9),
      outbox: order.outbox,
    })),
    alerts: alerts.map(({ id, state, severity, title }) => `${id} ${state} ${severity}: ${title}`).sort(),
    accepted: [...new Set(accepted.map(({ noticeId, notifierId }) => `${notifierId} ${noticeId}`))].sort(),
    rules: Object.fromEntries(
      Object.entries(memory?.rules ?? {}).map(([id, rule]) => [id, `${rule.state} ${rule.episode}`]),
    ),
    outbox: memory?.outbox,
    /** Bytes by nonce that reached the chain, and how often the Safe carried something out. */
    sent: chain.received.length,
    executions: chain.executions(),
    health: healthText(chain),
    queues: Object.fromEntries(
      (Object.keys(house.handlers) as (keyof typeof house.handlers)[]).map((queue) => [
        queue,
        [...house.bus.waiting(queue), ...house.bus.dead(queue)],
      ]),
    ),
    left: await leftovers(house, portfolioId),
  }
}

function healthText(chain: TwinChain): string {
  const { state } = chain.latest()
  return `${state.collateralWeth.toFixed(9)} ${state.debtUsdc.toFixed(6)} ${state.safe.nonce}`
}
