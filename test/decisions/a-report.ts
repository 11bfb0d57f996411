// Reports and settings for tests of decisions: real reports, assessed from a treasury at a price of ETH.

import type { OrderLimits, PortfolioSettings, RuleConfig } from '../../lib/model/configuration.ts'
import type { DataState } from '../../lib/model/data-state.ts'
import type { Report } from '../../lib/model/report.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import { assess } from '../../lib/risk/assess.ts'
import { aHolding, aLoan, aPrice, aRange, aSnapshot, type LoanParams } from '../risk/a-snapshot.ts'

export interface ReportParams extends LoanParams {
  readonly at?: number
  readonly eth?: number
  readonly pool?: number
  readonly spareUsdc?: number
  readonly change?: Partial<Snapshot>
}

/** ETH at 2,914, 740 WETH against 1,186,000 USDC (health factor 1.5), a range, 8 WBTC, 50,000 USDC; the pool stands at the feed's price. */
export function aReport(params: ReportParams = {}): Report {
  const { at = 1_000, eth = 2_914, pool = eth, spareUsdc = 50_000, change = {} } = params
  return assess({
    snapshot: aSnapshot({
      at,
      prices: [aPrice('WETH', eth), aPrice('WBTC', 60_000), aPrice('USDC', 1)],
      pools: aSnapshot().pools.map((one) => ({ ...one, price: pool })),
      positions: [aLoan(params), aRange(), aHolding('WBTC', 8), aHolding('USDC', spareUsdc)],
      ...change,
    }),
  })
}

/** A report whose health factor is exactly given: the debt follows. */
export function aReportAtHealth(healthFactor: number, params: ReportParams = {}): Report {
  const { weth = 740, eth = 2_914, threshold = 0.825 } = params
  return aReport({ ...params, usdc: (weth * eth * threshold) / healthFactor })
}

const blindState: DataState = { kind: 'BLIND', reasons: ['chain: rpc-timeout: no provider answered'] }

export function aBlindReport(at: number): Report {
  return aReport({ at, change: { dataState: blindState, blocks: [], prices: [], pools: [], positions: [] } })
}

export const limits: OrderLimits = {
  maxSlippageBps: 50,
  maxGasUsd: 100,
  maxPriceMoveBps: 200,
  validitySeconds: 900,
  maxOrderUsd: 2_000_000,
}

export function aRule(change: Partial<RuleConfig> = {}): RuleConfig {
  return { id: 'health', when: 'healthFactor < 1.3', severity: 'critical', deadBand: 0.03, calmSamples: 2, ...change }
}

export function theSettings(rules: readonly RuleConfig[], orderLimits: OrderLimits = limits): PortfolioSettings {
  return {
    version: 'v1',
    portfolio: {
      id: 'treasury',
      name: 'Treasury',
      chain: 'local',
      account: `0x${'11'.repeat(20)}`,
      everySeconds: 60,
      rules,
      approvers: [],
      notifiers: [],
      limits: orderLimits,
    },
    chain: {
      id: 'local',
      chainId: 1,
      rpc: [],
      quorum: 1,
      multicall3: `0x${'33'.repeat(20)}`,
      maxBlockAgeSeconds: 60,
      confirmations: 1,
      assets: [],
    },
    approvers: [],
    notifiers: [],
  }
}
