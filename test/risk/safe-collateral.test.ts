// What collateral is good for where its protocol may be wrong: by table, and what holds for any.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccountHealth, LendingLegRisk } from '../../lib/model/report.ts'
import type { PoolTelemetry } from '../../lib/model/telemetry.ts'
import { type SafeCollateralParams, safeCollateral } from '../../lib/risk/solvency/safe-collateral.ts'

const leg = (asset: string, quantity: number, price: number, debt = 0): LendingLegRisk => ({
  asset,
  collateral: quantity,
  collateralUsd: quantity * price,
  liquidationThreshold: quantity > 0 ? 0.8 : 0,
  debt,
  debtUsd: debt,
})
const accountOf = (legs: readonly LendingLegRisk[]): AccountHealth => ({
  positionId: 'aave-v3',
  protocol: 'aave-v3',
  collateralUsd: legs.reduce((sum, one) => sum + one.collateralUsd, 0),
  debtUsd: legs.reduce((sum, one) => sum + one.debtUsd, 0),
  borrowingPowerUsd: 0,
  legs,
  liquidationPrices: [],
})
const price = (asset: string, usd: number, marketUsd?: number) => ({
  asset,
  underlying: asset,
  heartbeatSeconds: 3_600,
  dataState: { kind: 'FRESH' } as const,
  usd,
  protocolUsd: usd,
  maxLensGap: 0.02,
  ...(marketUsd === undefined ? {} : { marketUsd }),
})
const pool = (base: string, quote: string, out: number): PoolTelemetry => ({
  kind: 'pool',
  id: `uniswap-v3:${base}${quote}`,
  venue: 'uniswap-v3',
  label: 'a pool',
  base,
  quote,
  depth: { down: { base: 1, quote: out }, up: { base: out / 1_000, quote: 1 } },
})

/** 10 WETH against 10,000 USDC. */
const loan = accountOf([leg('WETH', 10, 3_000), leg('USDC', 0, 1, 10_000)])
const safe = (change: Partial<SafeCollateralParams>) =>
  safeCollateral({ account: loan, prices: [price('WETH', 3_000), price('USDC', 1)], telemetry: [], ...change })

describe('collateral', () => {
  it('counts as its protocol says where the market says so too, or more, or nothing', () => {
    for (const market of [undefined, 3_000, 3_600]) {
      const prices = [price('WETH', 3_000, market), price('USDC', 1)]
      expect(safe({ prices })).toEqual({ collateralUsd: 30_000, healthFactor: 2.4, excluded: [] })
    }
  })

  it('counts at the market where that pays less', () => {
    expect(safe({ prices: [price('WETH', 3_000, 2_850)] })).toMatchObject({ collateralUsd: 28_500, excluded: [] })
  })

  it('does not count where the market pays far less than it is marked at', () => {
    expect(safe({ prices: [price('WETH', 3_000, 900)] })).toMatchObject({
      collateralUsd: 0,
      healthFactor: 0,
      excluded: [{ asset: 'WETH', usd: 30_000, reason: 'WETH is marked above market: 3000 USD against 900 USD' }],
    })
  })
})

describe('a liquidation', () => {
  it('fetches what the pools pay within 2 %', () => {
    expect(safe({ telemetry: [pool('WETH', 'USDC', 50_000)] }).liquidation).toEqual({
      fetchesUsd: 30_000,
      shortfallUsd: 0,
      thin: [],
    })
    expect(safe({ telemetry: [pool('WETH', 'USDC', 4_000), pool('WETH', 'USDC', 2_000)] }).liquidation).toEqual({
      fetchesUsd: 6_000,
      shortfallUsd: 4_000,
      thin: [{ asset: 'WETH', collateralUsd: 30_000, fetchesUsd: 6_000 }],
    })
  })

  it('counts pools in which the collateral is the quote, by what they pay in the other token', () => {
    const prices = [price('WETH', 3_000), price('USDC', 1), price('WBTC', 60_000)]
    // 1,000 / 1,000 WBTC of 60,000 USD, for WETH that goes in.
    expect(safe({ prices, telemetry: [pool('WBTC', 'WETH', 100)] }).liquidation?.fetchesUsd).toBe(6_000)
  })

  it('of a token pumped to 24 times its price fetches what its pool has, not what its oracle says', () => {
    const pumped = accountOf([leg('WETH', 10, 72_000), leg('USDC', 0, 1, 500_000)])
    const prices = [price('WETH', 72_000, 72_000), price('USDC', 1)]
    const { liquidation, healthFactor } = safe({ account: pumped, prices, telemetry: [pool('WETH', 'USDC', 100_000)] })
    expect(healthFactor).toBeGreaterThan(1)
    expect(liquidation).toMatchObject({ fetchesUsd: 100_000, shortfallUsd: 400_000 })
  })

  it('is not told where nobody knows the market of a collateral, nor without a debt', () => {
    expect(safe({})).not.toHaveProperty('liquidation')
    const free = accountOf([leg('WETH', 10, 3_000)])
    expect(safe({ account: free, telemetry: [pool('WETH', 'USDC', 1)] })).not.toHaveProperty('liquidation')
  })

  it('of dollars needs no pool', () => {
    const dollars = accountOf([leg('USDC', 10_000, 1), leg('WETH', 0, 3_000, 5_000)])
    expect(safe({ account: dollars }).liquidation).toEqual({ fetchesUsd: 10_000, shortfallUsd: 0, thin: [] })
  })
})

it('never counts more than the protocol does, nor fetches more', () => {
  const usd = fc.double({ min: 0.01, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(usd, usd, fc.option(usd, { nil: undefined }), usd, (quantity, worth, market, depth) => {
      const account = accountOf([leg('WETH', quantity, worth), leg('USDC', 0, 1, 10)])
      const prices = [price('WETH', worth, market), price('USDC', 1)]
      const { collateralUsd, liquidation } = safe({ account, prices, telemetry: [pool('WETH', 'USDC', depth)] })
      expect(collateralUsd).toBeLessThanOrEqual(account.collateralUsd)
      expect(liquidation?.fetchesUsd).toBeLessThanOrEqual(account.collateralUsd)
    }),
  )
})
