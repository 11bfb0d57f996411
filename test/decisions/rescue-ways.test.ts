import { describe, expect, it } from 'vitest'
import { weighHealth } from '../../lib/decisions/plans/restore-health.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import type { LendingLegReading } from '../../lib/model/reading.ts'
import type { Report } from '../../lib/model/report.ts'
import type { PlanCandidate } from '../../lib/model/verdict.ts'
import { assess } from '../../lib/risk/assess.ts'
import { aHolding, aLendingReading, aPosition, aPrice, aSnapshot } from '../risk/a-snapshot.ts'
import { limits } from './a-report.ts'

type Terms = Extract<PositionTerms, { readonly kind: 'loan' }>['terms']
const late = { kind: 'DEGRADED', reasons: ['feed WBTC is late'] } as const
const collateral = (asset: string, quantity: number, liquidationThreshold: number) => ({
  asset,
  quantity,
  liquidationThreshold,
})
const weth = collateral('WETH', 740, 0.825)

function aReportOn(terms: Terms, change: Parameters<typeof aSnapshot>[0] = {}, held: readonly [string, number][] = []) {
  const positions = [aPosition('aave-v3', { kind: 'loan', terms }), ...held.map(([asset, q]) => aHolding(asset, q))]
  return assess({ snapshot: aSnapshot({ positions, ...change }) })
}
const weigh = (report: Report, target = 1.5, maxOrderUsd = 1e9) =>
  weighHealth({ report, positionId: 'aave-v3', target, limits: { ...limits, maxOrderUsd } })

/** Health between the steps and after the last, by the account's own legs; an independent statement. */
function healthsAlong(report: Report, candidate: PlanCandidate): readonly number[] {
  const legs = report.accounts[0]?.legs ?? []
  let power = legs.reduce((sum, leg) => sum + leg.collateralUsd * leg.liquidationThreshold, 0)
  let debt = legs.reduce((sum, leg) => sum + leg.debtUsd, 0)
  return candidate.intents.map((intent) => {
    const leg = intent.kind === 'swap' ? undefined : legs.find((one) => one.asset === intent.asset)
    const usd = report.prices.find((one) => one.asset === leg?.asset)?.protocolUsd ?? 0
    if (intent.kind === 'withdraw') power -= intent.quantity * usd * (leg?.liquidationThreshold ?? 0)
    if (intent.kind === 'repay') debt -= intent.quantity * usd
    return power / debt
  })
}

describe('collateral in the asset of the debt', () => {
  it('is withdrawn and repaid without a swap, never nearer to liquidation than 1.02 between the steps', () => {
    const report = aReportOn({ collateral: [collateral('WETH', 100, 0.8)], debt: [{ asset: 'WETH', quantity: 70 }] })
    const [whole, first] = weigh(report).candidates
    if (whole === undefined) throw new Error('a candidate')
    expect(whole).toMatchObject({ kind: 'withdraw-repay', costUsd: 0, reachesTarget: true })
    expect(whole.summary).toMatch(/^withdraw 35\.71 WETH in \d passes and repay WETH with it$/)
    const healths = healthsAlong(report, whole)
    expect(Math.min(...healths)).toBeGreaterThanOrEqual(1.02 - 1e-9)
    expect(healths.at(-1)).toBeCloseTo(1.5, 9)
    expect(first).toMatchObject({ kind: 'withdraw-repay', reachesTarget: false, intents: whole.intents.slice(0, 2) })
  })

  it('without weight is free at once, even at the edge, and is the cheapest way', () => {
    const terms = {
      collateral: [weth, collateral('USDC', 2_000_000, 0)],
      debt: [{ asset: 'USDC', quantity: 1_770_000 }],
    }
    const report = aReportOn(terms)
    expect(report.healthFactor).toBeLessThan(1.02)
    const [best] = weigh(report).candidates
    expect(best).toMatchObject({ kind: 'withdraw-repay', costUsd: 0, reachesTarget: true, intents: [{}, {}] })
    if (best !== undefined) expect(healthsAlong(report, best).at(-1)).toBeCloseTo(1.5, 9)
  })

  it('is cut to the limit of one order', () => {
    const terms = { collateral: [weth, collateral('USDC', 2e6, 0)], debt: [{ asset: 'USDC', quantity: 1.4e6 }] }
    const sameAsset = weigh(aReportOn(terms), 1.5, 100_000).candidates.find((one) => one.kind === 'withdraw-repay')
    expect(sameAsset).toMatchObject({ reachesTarget: false, intents: [{ quantity: 100_000 }, { quantity: 100_000 }] })
    expect(sameAsset?.summary).toContain('cut to the limit')
  })
})

it('several debts, each too small alone, are repaid together until the target is reached', () => {
  const debt = [
    { asset: 'USDC', quantity: 800_000 },
    { asset: 'WBTC', quantity: 12 },
  ]
  const held: readonly [string, number][] = [
    ['USDC', 1e6],
    ['WBTC', 20],
  ]
  const report = aReportOn({ collateral: [weth], debt }, {}, held)
  const [best] = weigh(report, 3).candidates
  expect(best).toMatchObject({
    kind: 'repay-from-spare',
    reachesTarget: true,
    intents: [{ asset: 'USDC', quantity: 800_000 }, { asset: 'WBTC' }],
  })
  expect(best?.summary).toMatch(/^repay 800,000 USDC and .* WBTC from the account$/)
  if (best !== undefined) expect(healthsAlong(report, best).at(-1)).toBeCloseTo(3, 9)
  const [cut] = weigh(report, 3, 900_000).candidates.filter((one) => one.kind === 'repay-from-spare')
  expect(cut).toMatchObject({ reachesTarget: false, intents: [{}, { quantity: expect.closeTo(100_000 / 60_000, 9) }] })
})

describe('a leg whose price is not fresh', () => {
  const on = (wbtc: number, dataState: typeof late | { kind: 'BLIND'; reasons: readonly string[] } = late) => {
    const usd = dataState.kind === 'BLIND' ? undefined : 60_000
    const prices = [aPrice('WETH', 2_914), aPrice('WBTC', usd, { protocolUsd: 60_000, dataState }), aPrice('USDC', 1)]
    const terms = { collateral: [weth, collateral('WBTC', wbtc, 0.7)], debt: [{ asset: 'USDC', quantity: 1.4e6 }] }
    return weigh(aReportOn(terms, { prices }, [['USDC', 1e6]]))
  }

  it('does not stand against a plan where it is dust, and is no part of it', () => {
    // 0.1 % of the power of about 1,779,000 USD is 0.0424 WBTC.
    for (const { candidates } of [on(1e-8), on(0.04), on(1e-8, { kind: 'BLIND', reasons: ['no answer'] })]) {
      expect(candidates[0]).toMatchObject({ kind: 'repay-from-spare', reachesTarget: true })
      expect(candidates.flatMap((one) => one.intents).some((one) => JSON.stringify(one).includes('WBTC'))).toBe(false)
    }
  })

  it('stands against it where it is more', () => {
    expect(on(0.045).whyNone).toBe('its data is not fresh: feed WBTC is late')
  })
})

describe('what the protocol does not let happen', () => {
  const leg = (asset: string, change: Partial<LendingLegReading>): LendingLegReading => ({
    asset,
    supplied: 0,
    usedAsCollateral: true,
    variableDebt: 0,
    stableDebt: 0,
    liquidationThreshold: 0.8,
    loanToValue: 0.75,
    liquidationBonus: 0.05,
    supplyRate: 0,
    borrowRate: 0,
    availableLiquidity: 1e9,
    frozen: false,
    paused: false,
    ...change,
  })
  const on = (legs: readonly LendingLegReading[]) => {
    const terms = { collateral: [weth], debt: [{ asset: 'USDC', quantity: 1_400_000 }] }
    const stated = (740 * 2_914 * 0.825) / 1_400_000
    return aReportOn(terms, { lending: [{ ...aLendingReading(stated), legs }] }, [['USDC', 1e6]])
  }

  it('a debt at a stable rate is left out of sizes, and that is said', () => {
    const report = on([leg('WETH', { supplied: 740 }), leg('USDC', { variableDebt: 100_000, stableDebt: 1_300_000 })])
    expect(report.accounts[0]?.legs[1]).toMatchObject({ debt: 1_400_000, variableDebt: 100_000 })
    const { candidates, notes } = weigh(report)
    expect(candidates.length).toBeGreaterThan(1)
    for (const { intents, reachesTarget } of candidates) {
      const repaid = intents.reduce((sum, one) => sum + (one.kind === 'repay' ? one.quantity : 0), 0)
      expect(repaid).toBeLessThanOrEqual(100_000 * (1 + 1e-9))
      expect(reachesTarget).toBe(false)
    }
    expect(notes).toEqual(['1,300,000 USDC owed at a stable rate is left out'])
  })

  it('a paused reserve is not planned with, and named', () => {
    const report = on([leg('WETH', { supplied: 740, paused: true }), leg('USDC', { variableDebt: 1_400_000 })])
    const { candidates, refused } = weigh(report)
    expect(candidates.map((one) => one.kind)).toEqual(['repay-from-spare'])
    expect(refused).toContainEqual({ summary: 'move WETH', reason: 'its reserve is paused' })
    const both = weigh(on([leg('WETH', { paused: true }), leg('USDC', { variableDebt: 1_400_000, paused: true })]))
    expect(both.whyNone).toBe('move WETH: its reserve is paused; move USDC: its reserve is paused')
  })

  it('a frozen reserve can still be left: it is planned with', () => {
    const report = on([leg('WETH', { frozen: true }), leg('USDC', { variableDebt: 1_400_000, frozen: true })])
    expect(report.accounts[0]?.legs[0]).toMatchObject({ frozen: true })
    expect(weigh(report).candidates.map((one) => one.kind)).toContain('withdraw-swap-repay')
  })
})
