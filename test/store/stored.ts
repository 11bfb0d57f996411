// Complete nouns for the store's tests, each with one line to say what matters.

import { noGreeks } from '../../lib/instruments/greeks/greeks.ts'
import { greeksInUsd } from '../../lib/instruments/greeks/in-usd.ts'
import type { Order } from '../../lib/model/order.ts'
import { chainEvent } from '../../lib/model/order-hash.ts'
import type { OutboxEntry } from '../../lib/model/outbox.ts'
import type { DeliveryReceipt } from '../../lib/model/receipt.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import type { Alert, Plan, PlanCandidate } from '../../lib/model/verdict.ts'

const hash = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`
const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`

function blockAt(at: number) {
  return { chainId: 1, number: Math.floor(at / 12), hash: hash('a'), timestamp: at, baseFeeGwei: 5 }
}

export function snapshotAt(at: number, portfolioId = 'main'): Snapshot {
  return {
    id: `${portfolioId}#${at}#d1e5`,
    portfolioId,
    configVersion: 'v1',
    at,
    blocks: [blockAt(at)],
    providers: [{ name: 'one', host: 'https://rpc.example', ok: true, milliseconds: 12 }],
    prices: [],
    pools: [],
    positions: [],
    lending: [],
    gaps: [],
    dataState: { kind: 'FRESH' },
  }
}

export function reportAt(at: number, portfolioId = 'main'): Report {
  const { id } = snapshotAt(at, portfolioId)
  return {
    id: `${id}~v1`,
    snapshotId: id,
    portfolioId,
    configVersion: 'v1',
    at,
    blocks: [blockAt(at)],
    navUsd: 1_000_000,
    netGreeks: { ...noGreeks, delta: { ETH: 12 } },
    netGreeksUsd: greeksInUsd(noGreeks, { at: 0, spot: {}, exchangeRates: {} }),
    price: { ETH: 2_500 },
    healthFactor: 1.5,
    positions: [],
    accounts: [],
    stress: [],
    spare: [],
    prices: [],
    pools: [],
    dataAgeSeconds: 3,
    dataState: { kind: 'FRESH' },
  }
}

export function alertAt(at: number, episode = 1, state: Alert['state'] = 'raised'): Alert {
  return {
    id: `main~low-health~${episode}~${state}`,
    portfolioId: 'main',
    ruleId: 'low-health',
    state,
    severity: 'critical',
    at,
    snapshotId: `main#${at}#d1e5`,
    reportId: `main#${at}#d1e5~v1`,
    title: 'health factor 1.21 is below 1.3',
    why: 'ETH fell by 9 %',
    todo: 'repay 12,000 USDC',
    dataState: { kind: 'FRESH' },
    dataAgeSeconds: 3,
  }
}

const candidate: PlanCandidate = {
  kind: 'repay-from-spare',
  summary: 'repay 12,000 USDC from the account',
  intents: [{ kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 12_000 }],
  costUsd: 0,
  predictedHealthFactor: 1.55,
  reachesTarget: true,
}

export function planAt(at: number, n = 1): Plan {
  return {
    id: `main~restore-health~low-health~1~${n}`,
    portfolioId: 'main',
    purpose: 'restore-health',
    ruleId: 'low-health',
    alertId: 'main~low-health~1~raised',
    snapshotId: `main#${at}#d1e5`,
    reportId: `main#${at}#d1e5~v1`,
    at,
    positionId: 'aave-v3',
    targetHealthFactor: 1.5,
    healthFactorBefore: 1.21,
    candidates: [candidate],
    dataState: { kind: 'FRESH' },
  }
}

export function receiptAt(at: number, delivery: DeliveryReceipt['delivery']): DeliveryReceipt {
  return { noticeId: 'main~low-health~1~raised', portfolioId: 'main', notifierId: 'desk', channel: 'sms', at, delivery }
}

export function entry(id: string, since: number): OutboxEntry {
  return {
    id,
    severity: 'critical',
    since,
    message: { kind: 'alert-raised', portfolioId: 'main', alertId: id },
  }
}

export function orderNumber(n: number, outbox: readonly OutboxEntry[] = []): Order {
  const at = 1_700_000_000 + n
  return {
    id: `main~restore-health~${String(n).padStart(4, '0')}`,
    version: 0,
    status: 'PROPOSED',
    deployment: 'test',
    portfolioId: 'main',
    purpose: 'restore-health',
    planId: planAt(at).id,
    alertId: alertAt(at).id,
    snapshotId: snapshotAt(at).id,
    chainId: 1,
    account: address('5'),
    quote: 1,
    createdAt: at,
    quotedAt: at,
    validUntil: at + 900,
    block: blockAt(at),
    summary: candidate.summary,
    why: 'ETH fell by 9 %',
    chosen: candidate,
    alternatives: [],
    targetHealthFactor: 1.5,
    actions: [],
    calls: [],
    safeTransaction: {
      to: address('6'),
      value: '0',
      data: '0x',
      operation: 1,
      safeTxGas: '0',
      baseGas: '0',
      gasPrice: '0',
      gasToken: address('0'),
      refundReceiver: address('0'),
      nonce: 7,
    },
    safeTransactionHash: hash('b'),
    digest: hash('c'),
    limits: { maxSlippageBps: 100, maxGasUsd: 50, maxPriceMoveBps: 100, validitySeconds: 900, maxOrderUsd: 1e5 },
    prices: { WETH: 2_500 },
    gasCoinUsd: 2_500,
    maxPriceMove: 0.01,
    policyVersion: 'v1',
    approvers: [address('7')],
    requiredApprovals: 1,
    simulation: {
      at,
      block: blockAt(at),
      ok: true,
      gasUsed: 400_000,
      steps: [],
      after: { healthFactor: 1.55, leftoverAllowances: [], balanceChanges: { USDC: -12_000 } },
    },
    predicted: { healthFactor: 1.55, balanceChanges: { USDC: -12_000 } },
    doNothing: { healthFactor: 1.21, text: 'the health factor stays 1.21' },
    dataState: { kind: 'FRESH' },
    linkKey: 'ab'.repeat(16),
    approvals: [],
    transactions: [],
    events: [chainEvent([], { at, kind: 'proposed', status: 'PROPOSED', note: 'quoted' })],
    outbox,
  }
}
