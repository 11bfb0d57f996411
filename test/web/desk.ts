// A small desk for the tests of pages and doors: settings, a report, and orders whose hashes and signatures are real.

import { privateKeyToAccount } from 'viem/accounts'
import { noGreeks } from '../../lib/instruments/greeks/greeks.ts'
import { greeksInUsd } from '../../lib/instruments/greeks/in-usd.ts'
import type { Configuration, PortfolioSettings } from '../../lib/model/configuration.ts'
import type { Call, Order } from '../../lib/model/order.ts'
import {
  batchTransaction,
  chainEvent,
  type DigestedOrder,
  orderDigest,
  safeTransactionHash,
  safeTypedData,
  sealCalls,
} from '../../lib/model/order-hash.ts'
import type { DeliveryReceipt } from '../../lib/model/receipt.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import type { Alert } from '../../lib/model/verdict.ts'
import { rejectionText } from '../../lib/web/wallet-requests.ts'

export const start = 1_722_816_000
const key = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`
export const alice = privateKeyToAccount(key('1'))
export const bob = privateKeyToAccount(key('2'))
export const mallory = privateKeyToAccount(key('3'))
export const carol = privateKeyToAccount(key('4'))
const lower = (address: string) => address.toLowerCase() as `0x${string}`
export const addressOf = (account: { readonly address: string }) => lower(account.address)
const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`
const safe = address('5')
const fresh = { kind: 'FRESH' } as const
const block = { chainId: 31_337, number: 20_412_345, hash: key('a'), timestamp: start, baseFeeGwei: 7.25 }

const limits = {
  maxSlippageBps: 50,
  maxGasUsd: 80,
  maxPriceMoveBps: 150,
  validitySeconds: 900,
  maxOrderUsd: 250_000,
}

export const configuration: Configuration = {
  chains: [
    {
      id: 'local',
      chainId: 31_337,
      rpc: [{ name: 'one', url: 'http://127.0.0.1:8545' }],
      quorum: 1,
      multicall3: address('c'),
      maxBlockAgeSeconds: 60,
      confirmations: 2,
      assets: [],
    },
  ],
  portfolios: [
    {
      id: 'treasury',
      name: 'DAO treasury <main>',
      chain: 'local',
      account: safe,
      everySeconds: 60,
      rules: [],
      approvers: ['alice', 'bob'],
      notifiers: [],
      limits,
    },
  ],
  approvers: [
    { id: 'alice', address: addressOf(alice) },
    { id: 'bob', address: addressOf(bob) },
  ],
  viewers: [addressOf(carol)],
  notifiers: [],
}

export function settingsAt(version: string): PortfolioSettings {
  const [portfolio] = configuration.portfolios
  const [chain] = configuration.chains
  if (portfolio === undefined || chain === undefined) throw new Error('the desk has one of each')
  return { version, portfolio, chain, approvers: configuration.approvers, notifiers: [] }
}

const unsealed: readonly Call[] = [
  { to: address('7'), value: '0', data: `0x3593564c${'00'.repeat(96)}`, label: 'revert after 00:15:00 UTC' },
  { to: address('8'), value: '0', data: `0x69328dec${'01'.repeat(96)}`, label: 'withdraw 12.5 WETH from Aave v3' },
  {
    to: address('9'),
    value: '0',
    data: `0x04e45aaf${'02'.repeat(224)}`,
    label: 'swap 12.5 WETH for at least 28,900 USDC',
  },
  { to: address('8'), value: '0', data: `0x573ade81${'03'.repeat(128)}`, label: 'repay 28,900 USDC on Aave v3' },
]

/** An order whose digest, batch and Safe hash belong together. */
export function orderAt(at: number, change: Partial<Order> = {}): Order {
  const quote = change.quote ?? 1
  const spare = {
    kind: 'repay-from-spare',
    summary: 'repay 12,000 USDC from the account',
    intents: [],
    costUsd: 0,
    predictedHealthFactor: 1.38,
    reachesTarget: false,
  } as const
  const balanceChanges = { USDC: 12.4, WETH: 0 }
  const predicted = {
    healthFactor: 1.503,
    debtUsd: 61_200,
    collateralUsd: 118_000,
    gasUsd: 4.21,
    costUsd: 48.9,
    balanceChanges,
  }
  const decided: DigestedOrder = {
    gasCoinUsd: 2_318.42,
    predicted,
    doNothing: { healthFactor: 1.214, text: 'The loan is liquidated if ETH falls by another 17.6%, to $1,910.' },
    dataState: fresh,
    summary: 'withdraw 12.5 WETH, swap it for USDC and repay 28,900 USDC',
    why: 'Health factor 1.214 against a target of 1.5: ETH fell by 14.2% since the last snapshot.',
    chosen: { ...spare, kind: 'withdraw-swap-repay', costUsd: 44.7, predictedHealthFactor: 1.503, reachesTarget: true },
    deployment: 'test',
    portfolioId: 'treasury',
    purpose: 'restore-health',
    planId: 'treasury~restore-health~low-health~1~1',
    alertId: 'treasury~low-health~1~raised',
    snapshotId: `treasury#${at}#d1e5`,
    chainId: 31_337,
    account: safe,
    quote,
    validUntil: at + 900,
    block,
    actions: [{ kind: 'deadline', contract: address('7'), validUntil: at + 900 }],
    targetHealthFactor: 1.5,
    limits,
    prices: { ETH: 2_318.42, USDC: 1 },
    maxPriceMove: 0.015,
    policyVersion: 'v1',
    approvers: [addressOf(alice), addressOf(bob)],
    requiredApprovals: change.requiredApprovals ?? 1,
  }
  const digest = orderDigest(decided, unsealed, 7)
  const calls = sealCalls(unsealed, digest)
  const safeTransaction = batchTransaction(address('6'), calls, 7)
  return {
    ...decided,
    id: 'treasury~restore-health~0001',
    version: 0,
    status: 'PROPOSED',
    createdAt: at,
    quotedAt: at,
    alternatives: [spare],
    calls,
    safeTransaction,
    safeTransactionHash: safeTransactionHash(31_337, safe, safeTransaction),
    digest,
    simulation: {
      at,
      block,
      ok: true,
      gasUsed: 474_382,
      steps: calls.map((call) => ({ label: call.label, ok: true, gasUsed: 118_595 })),
      after: { healthFactor: 1.503, debtUsd: 61_200, collateralUsd: 118_000, leftoverAllowances: [], balanceChanges },
      healthFactorBefore: 1.214,
    },
    linkKey: 'ab'.repeat(16),
    approvals: [],
    transactions: [],
    events: [chainEvent([], { at, kind: 'proposed', status: 'PROPOSED', note: 'quoted at block 20,412,345' })],
    outbox: [],
    ...change,
  }
}

export function signApproval(account: typeof alice, order: Order): Promise<`0x${string}`> {
  return account.signTypedData(safeTypedData(order.chainId, order.account, order.safeTransaction))
}

export function signRejection(account: typeof alice, order: Order): Promise<`0x${string}`> {
  return account.signMessage({ message: rejectionText(order) })
}

const price = { ETH: 2_318.42, BTC: 54_210, USDC: 1 }
const netGreeks = {
  ...noGreeks,
  delta: { ETH: 41.237, BTC: 0.75, USDC: -61_200.5 },
  gamma: { ETH: -0.004_12 },
  vega: { ETH: { '2026-12-25': 4_100, '2027-03-26': 12_000 } },
  theta: { decay: -36_500, funding: 7_300, interest: -3_060, fees: 4_600 },
  pool: { lossVersusRebalancing: 3_650, impermanentLoss: -412 },
}

export function reportAt(at: number, change: Partial<Report> = {}): Report {
  return {
    id: `treasury#${at}#d1e5~v1`,
    snapshotId: `treasury#${at}#d1e5`,
    portfolioId: 'treasury',
    configVersion: 'v1',
    at,
    blocks: [block],
    navUsd: 142_318.22,
    netGreeks,
    netGreeksUsd: greeksInUsd(netGreeks, { at, spot: price, exchangeRates: {} }),
    price,
    healthFactor: 1.214,
    positions: [
      {
        positionId: 'aave-v3',
        label: 'Aave v3 loan',
        kind: 'loan',
        valueUsd: 56_800,
        greeks: { ...noGreeks, delta: { ETH: 50.9, USDC: -61_200.5 }, gamma: {} },
        dataState: fresh,
      },
      {
        positionId: 'uniswap-v3:12',
        label: 'Uniswap v3 WETH/USDC 2,000 to 3,000',
        kind: 'uniswap-v3-range',
        valueUsd: 38_411.7,
        greeks: { ...noGreeks, delta: { ETH: 8.31 }, gamma: { ETH: -0.004_12 } },
        dataState: { kind: 'DEGRADED', reasons: ['pool price is 1.2% off the feed'] },
      },
      {
        positionId: 'wallet:WBTC',
        label: 'WBTC in the account',
        kind: 'spot',
        valueUsd: 40_657.5,
        greeks: { ...noGreeks, delta: { BTC: 0.75 }, gamma: {} },
        dataState: fresh,
      },
    ],
    accounts: [
      {
        positionId: 'aave-v3',
        protocol: 'aave-v3',
        collateralUsd: 118_000,
        debtUsd: 61_200.5,
        borrowingPowerUsd: 97_350,
        healthFactor: 1.214,
        protocolHealthFactor: 1.214,
        legs: [],
        liquidationPrices: [
          { underlying: 'USDC', usd: 1.21, side: 'above', distance: 0.214 },
          { underlying: 'ETH', usd: 1_909.7, side: 'below', distance: -0.1763 },
        ],
      },
    ],
    stress: [-0.5, -0.3, -0.2, -0.1, 0.1, 0.2].map((move) => ({
      scenario: `ETH ${move > 0 ? '+' : ''}${move * 100} %`,
      navUsd: 142_318 + move * 95_600,
      changeUsd: move * 95_600,
      healthFactor: 1.214 * (1 + move),
    })),
    spare: [],
    prices: [
      {
        asset: 'WETH',
        underlying: 'ETH',
        usd: 2_318.42,
        ageSeconds: 12,
        protocolUsd: 2_318.42,
        marketUsd: 2_290.1,
        lensGap: -0.0122,
        dataState: fresh,
      },
      { asset: 'USDC', underlying: 'USDC', usd: 1, ageSeconds: 3_000, protocolUsd: 1, dataState: fresh },
      {
        asset: 'WBTC',
        underlying: 'BTC',
        dataState: { kind: 'BLIND', reasons: ['feed WBTC: no answer within 4 s'] },
      },
    ],
    pools: [],
    dataAgeSeconds: 3_000,
    dataState: { kind: 'DEGRADED', reasons: ['feed WBTC: no answer within 4 s'] },
    ...change,
  }
}

export function snapshotAt(at: number): Snapshot {
  return {
    id: `treasury#${at}#d1e5`,
    portfolioId: 'treasury',
    configVersion: 'v1',
    at,
    blocks: [block],
    providers: [],
    prices: [],
    pools: [],
    positions: [],
    lending: [],
    gaps: [
      {
        subject: 'feed WBTC',
        code: 'rpc-timeout',
        reason: 'no answer within 4 s',
        touches: { kind: 'asset', asset: 'WBTC' },
      },
    ],
    dataState: { kind: 'DEGRADED', reasons: ['feed WBTC: no answer within 4 s'] },
  }
}

export function alertAt(at: number, change: Partial<Alert> = {}): Alert {
  return {
    id: 'treasury~low-health~1~raised',
    portfolioId: 'treasury',
    ruleId: 'low-health',
    state: 'raised',
    severity: 'critical',
    at,
    snapshotId: `treasury#${at}#d1e5`,
    reportId: `treasury#${at}#d1e5~v1`,
    title: 'health factor 1.214 is below 1.3',
    why: 'ETH fell by 14.2%: -0.198; interest: -0.0001.',
    todo: 'An order is on its way: repay 28,900 USDC, about $49.',
    dataState: fresh,
    dataAgeSeconds: 12,
    ...change,
  }
}

export function receiptAt(at: number, delivery: DeliveryReceipt['delivery'], notifierId: string): DeliveryReceipt {
  const noticeId = 'treasury~low-health~1~raised'
  return { noticeId, portfolioId: 'treasury', notifierId, channel: 'sms', at, delivery }
}
