import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { restoreHealth, weighHealth } from '../../lib/decisions/plans/restore-health.ts'
import { fresh } from '../../lib/model/data-state.ts'
import type { Report } from '../../lib/model/report.ts'
import type { PlanCandidate } from '../../lib/model/verdict.ts'
import { aHolding, aPosition, aPrice } from '../risk/a-snapshot.ts'
import { aReport, aReportAtHealth, limits } from './a-report.ts'

const weigh = (report: Report, target = 1.5, change: Partial<typeof limits> = {}) =>
  weighHealth({ report, positionId: 'aave-v3', target, limits: { ...limits, ...change } })

/** Executes the intents on the account's legs, as the protocol would, and measures. An independent statement of the model. */
function healthAfter(report: Report, candidate: PlanCandidate): number {
  const quantities = new Map(
    report.accounts[0]?.legs.map((leg) => [leg.asset, { collateral: leg.collateral, debt: leg.debt, leg }]),
  )
  for (const intent of candidate.intents) {
    const entry = intent.kind === 'swap' ? undefined : quantities.get(intent.asset)
    if (intent.kind === 'withdraw' && entry !== undefined) entry.collateral -= intent.quantity
    if (intent.kind === 'repay' && entry !== undefined) entry.debt -= intent.quantity
  }
  let power = 0
  let debt = 0
  for (const { collateral, debt: owed, leg } of quantities.values()) {
    const price = report.prices.find((one) => one.asset === leg.asset)?.protocolUsd ?? Number.NaN
    power += collateral * price * leg.liquidationThreshold
    debt += owed * price
  }
  return power / debt
}

describe('repaying from what is spare', () => {
  it('reaches the target exactly where there is enough, and costs nothing but gas', () => {
    const report = aReportAtHealth(1.3, { spareUsdc: 1_000_000 })
    const { candidates } = weigh(report)
    const needed = (report.accounts[0]?.debtUsd ?? 0) * (1 - 1.3 / 1.5)
    expect(candidates[0]).toMatchObject({ kind: 'repay-from-spare', costUsd: 0, reachesTarget: true })
    expect(candidates[0]?.intents).toEqual([
      { kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: expect.closeTo(needed, 6) },
    ])
    expect(candidates[0]?.predictedHealthFactor).toBeCloseTo(1.5, 12)
  })

  it('falls short with less, says so, and stands behind what reaches the target', () => {
    const { candidates } = weigh(aReportAtHealth(1.3, { spareUsdc: 50_000 }))
    expect(candidates.map((one) => [one.kind, one.reachesTarget])).toEqual([
      ['withdraw-swap-repay', true],
      ['repay-from-spare', false],
    ])
    const short = candidates[1]
    expect(short?.intents).toEqual([{ kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 50_000 }])
    expect(short?.predictedHealthFactor).toBeGreaterThan(1.3)
    expect(short?.predictedHealthFactor).toBeLessThan(1.5)
  })

  it('is not offered for dust', () => {
    expect(weigh(aReportAtHealth(1.3, { spareUsdc: 0.5 })).candidates.map((one) => one.kind)).toEqual([
      'withdraw-swap-repay',
    ])
  })

  it('uses only what is held in the debt’s own asset', () => {
    const debt = {
      debt: [{ asset: 'WBTC', quantity: 10 }],
      collateral: [{ asset: 'WETH', quantity: 300, liquidationThreshold: 0.8 }],
    }
    const positions = [aPosition('aave-v3', { kind: 'loan', terms: debt }), aHolding('USDC', 1e6), aHolding('WBTC', 8)]
    const candidates = weigh(aReport({ change: { positions } }), 1.4).candidates
    expect(candidates.map((one) => one.intents)).toEqual([
      [{ kind: 'repay', protocol: 'aave-v3', asset: 'WBTC', quantity: expect.any(Number) }],
    ])
  })
})

describe('withdraw, swap and repay', () => {
  it('counts the fee and the whole slippage allowance against itself', () => {
    const report = aReportAtHealth(1.3, { spareUsdc: 0 })
    const [candidate] = weigh(report).candidates
    const [withdraw, swap, repay] = candidate?.intents ?? []
    if (withdraw?.kind !== 'withdraw' || swap?.kind !== 'swap' || repay?.kind !== 'repay')
      throw new Error('three steps')
    expect(swap.quantityIn).toBe(withdraw.quantity)
    expect(swap.expectedOut).toBeCloseTo(withdraw.quantity * 2_914 * (1 - 0.0005), 6)
    expect(repay.quantity).toBeCloseTo(swap.expectedOut * (1 - 0.005), 6)
    expect(candidate?.costUsd).toBeCloseTo(withdraw.quantity * 2_914 - repay.quantity, 6)
    expect(candidate?.predictedHealthFactor).toBeCloseTo(1.5, 12)
    expect(candidate?.reachesTarget).toBe(true)
  })

  it('chooses the pool that pays most after its fee, in either orientation', () => {
    const pool = (change: object) => ({ ...aReport().pools[0], ...change }) as Report['pools'][number]
    const report = aReportAtHealth(1.3)
    const tier = (pools: readonly Report['pools'][number][]) =>
      weigh({ ...report, pools }).candidates.flatMap((one) =>
        one.intents.flatMap((step) => (step.kind === 'swap' ? [step.feeTier] : [])),
      )[0]
    expect(tier([pool({ feeTier: 3_000 }), pool({ feeTier: 500 }), pool({ feeTier: 10_000 })])).toBe(500)
    expect(tier([pool({ feeTier: 500, price: 2_850 }), pool({ feeTier: 3_000 })])).toBe(3_000)
    expect(tier([pool({ feeTier: 500, base: 'USDC', quote: 'WETH', price: 1 / 2_914 })])).toBe(500)
    expect(tier([pool({ feeTier: 500, price: Number.NaN }), pool({ feeTier: 3_000 })])).toBe(3_000)
  })

  it('does not believe a pool that pays more than the feeds’ rate', () => {
    const [honest] = weigh(aReportAtHealth(1.3, { spareUsdc: 0 })).candidates
    const [generous] = weigh(aReportAtHealth(1.3, { spareUsdc: 0, pool: 4_000 })).candidates
    expect(generous).toEqual(honest)
  })

  it('counts a pool that pays less as a cost', () => {
    const [fair] = weigh(aReportAtHealth(1.35, { spareUsdc: 0 })).candidates
    const [poor] = weigh(aReportAtHealth(1.35, { spareUsdc: 0, pool: 2_860 })).candidates
    expect(poor?.costUsd).toBeGreaterThan((fair?.costUsd ?? 0) + 4_000)
    expect(poor?.predictedHealthFactor).toBeCloseTo(1.5, 12)
  })

  it('takes as many passes as it needs, health never below 1.02 between two steps, and offers the first alone, too', () => {
    const report = aReportAtHealth(1.15, { spareUsdc: 0 })
    const { candidates } = weigh(report)
    const [all, first] = candidates
    const account = report.accounts[0]
    if (all === undefined || first === undefined || account === undefined) throw new Error('two candidates')
    let { borrowingPowerUsd: power, debtUsd: debt } = account
    const between: number[] = []
    for (const intent of all.intents) {
      if (intent.kind === 'withdraw') power -= intent.quantity * 2_914 * 0.825
      if (intent.kind === 'repay') debt -= intent.quantity
      between.push(power / debt)
    }
    expect(all.intents.filter((intent) => intent.kind === 'withdraw').length).toBeGreaterThan(1)
    expect(Math.min(...between)).toBeCloseTo(1.02, 9)
    expect(between.at(-1)).toBeCloseTo(1.5, 9)
    expect(all).toMatchObject({ reachesTarget: true, summary: expect.stringMatching(/in \d passes/) })
    expect(first).toMatchObject({ reachesTarget: false, intents: all.intents.slice(0, 3) })
    expect(first.predictedHealthFactor).toBeGreaterThan(1.15)
  })

  it('is refused where nothing can be withdrawn first', () => {
    const { candidates, refused, whyNone } = weigh(aReportAtHealth(1.02, { spareUsdc: 0 }))
    expect(candidates).toEqual([])
    expect(refused).toEqual([
      { summary: 'withdraw WETH, swap, repay USDC', reason: expect.stringContaining('nothing can be withdrawn') },
    ])
    expect(whyNone).toContain('nothing can be withdrawn')
  })

  it('is refused where no pool is known', () => {
    const { candidates, whyNone } = weigh(aReportAtHealth(1.3, { spareUsdc: 0, change: { pools: [] } }))
    expect(candidates).toEqual([])
    expect(whyNone).toContain('no pool between WETH and USDC')
  })

  it('is refused where costs would eat more health than they restore', () => {
    const { refused } = weigh(aReportAtHealth(1.3, { spareUsdc: 0, pool: 1_500, threshold: 0.95 }))
    expect(refused[0]?.reason).toContain('eat more health')
  })
})

describe('an account that is too small for a single step', () => {
  const account = (change: { weth: number; usdc: number; wbtcDebt: number }) => {
    const terms = {
      collateral: [
        { asset: 'WETH', quantity: change.weth, liquidationThreshold: 0.8 },
        { asset: 'WBTC', quantity: 10, liquidationThreshold: 0.75 },
      ],
      debt: [
        { asset: 'USDC', quantity: change.usdc },
        { asset: 'WBTC', quantity: change.wbtcDebt },
      ],
    }
    const positions = [aPosition('aave-v3', { kind: 'loan', terms }), aHolding('USDC', 1e6)]
    return aReport({ change: { positions } })
  }

  it('repays no more than is owed in an asset', () => {
    const report = account({ weth: 200, usdc: 20_000, wbtcDebt: 12 })
    const repaid = weigh(report, 2).candidates.find((one) => one.kind === 'repay-from-spare')
    expect(repaid).toMatchObject({ reachesTarget: false, intents: [{ asset: 'USDC', quantity: 20_000 }] })
    const sold = weigh(report, 2).candidates.find((one) => one.kind === 'withdraw-swap-repay')
    expect(sold).toMatchObject({
      reachesTarget: false,
      intents: [{}, {}, { asset: 'USDC', quantity: expect.closeTo(20_000, 6) }],
    })
    for (const candidate of [repaid, sold])
      if (candidate !== undefined)
        expect(healthAfter(report, candidate)).toBeCloseTo(candidate.predictedHealthFactor, 9)
  })

  it('withdraws no more than there is', () => {
    const report = account({ weth: 5, usdc: 300_000, wbtcDebt: 0.5 })
    const sold = weigh(report, 2).candidates.find((one) => one.kind === 'withdraw-swap-repay')
    expect(sold).toMatchObject({ reachesTarget: false, intents: [{ asset: 'WETH', quantity: 5 }, {}, {}] })
    expect(sold?.summary).not.toContain('one pass')
  })
})

describe('the limit of one order', () => {
  it('cuts what moves more, which then falls short and says so', () => {
    const report = aReportAtHealth(1.15, { spareUsdc: 300_000 })
    const { candidates, refused } = weigh(report, 1.5, { maxOrderUsd: 100_000 })
    expect(refused).toEqual([])
    expect(candidates.map((one) => [one.kind, one.reachesTarget])).toEqual([
      ['repay-from-spare', false],
      ['withdraw-swap-repay', false],
    ])
    for (const candidate of candidates) {
      expect(candidate.summary).toMatch(/, cut to the limit of 100,000 USD for one order$/)
      expect(healthAfter(report, candidate)).toBeCloseTo(candidate.predictedHealthFactor, 9)
      expect(candidate.predictedHealthFactor).toBeGreaterThan(1.15)
    }
    expect(candidates[0]?.intents).toEqual([{ kind: 'repay', protocol: 'aave-v3', asset: 'USDC', quantity: 100_000 }])
    expect(candidates[1]?.intents[0]).toMatchObject({ kind: 'withdraw', quantity: expect.closeTo(100_000 / 2_914, 9) })
  })

  it('leaves what moves less as it was', () => {
    const { candidates } = weigh(aReportAtHealth(1.3, { spareUsdc: 1_000_000 }), 1.5, { maxOrderUsd: 300_000 })
    expect(candidates.map((one) => [one.kind, one.reachesTarget, one.summary.includes('cut to')])).toEqual([
      ['repay-from-spare', true, false],
      ['withdraw-swap-repay', false, true],
    ])
  })
})

describe('no plan is made', () => {
  const late = { kind: 'DEGRADED', reasons: ['feed is late'] } as const
  const prices = (asset: string) =>
    [aPrice('WETH', 2_914), aPrice('WBTC', 60_000), aPrice('USDC', 1)].map((one) =>
      one.asset === asset ? { ...one, dataState: late } : one,
    )

  it.each(['WETH', 'USDC'])('on a price of %s that is not fresh', (asset) => {
    const { candidates, whyNone } = weigh(aReportAtHealth(1.3, { change: { prices: prices(asset) } }))
    expect(candidates).toEqual([])
    expect(whyNone).toBe('its data is not fresh: feed is late')
  })

  it('for want of a price that it does not read: that does not stop it', () => {
    const report = aReportAtHealth(1.3, { change: { prices: prices('WBTC') } })
    expect(report.dataState.kind).toBe('DEGRADED')
    expect(weigh(report).candidates).not.toEqual([])
  })

  it('on an account or a balance that is not fresh', () => {
    const report = aReportAtHealth(1.3)
    const stale = (id: string): Report => ({
      ...report,
      positions: report.positions.map((one) => (one.positionId === id ? { ...one, dataState: late } : one)),
    })
    expect(weigh(stale('aave-v3')).whyNone).toContain('not fresh')
    expect(weigh(stale('wallet:USDC')).candidates.map((one) => one.kind)).toEqual(['withdraw-swap-repay'])
    expect(weigh(stale('wallet:USDC')).refused[0]?.reason).toContain('not fresh')
  })

  it('when blind, at the target, without debt, or for an unknown account', () => {
    const report = aReportAtHealth(1.3)
    expect(weigh({ ...report, dataState: { kind: 'BLIND', reasons: ['no quorum'] } }).whyNone).toContain('no quorum')
    expect(weigh(report, 1.3).whyNone).toContain('at its target')
    expect(weigh(aReport({ usdc: 0 })).whyNone).toContain('no debt')
    expect(weighHealth({ report, positionId: 'compound', target: 2, limits }).whyNone).toContain(
      'could not be assessed',
    )
  })
})

it('after the intents of whatever candidate, the model’s health factor is the predicted one, and the target where it is reached, to 1e-9', () => {
  fc.assert(
    fc.property(
      fc.record({
        health: fc.double({ min: 1.03, max: 1.9, noNaN: true }),
        target: fc.double({ min: 1.1, max: 3, noNaN: true }),
        eth: fc.double({ min: 200, max: 9_000, noNaN: true }),
        discount: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
        threshold: fc.constantFrom(0.65, 0.78, 0.825, 0.93),
        spareUsdc: fc.oneof(fc.constant(0), fc.double({ min: 1, max: 3e6, noNaN: true })),
        slippage: fc.integer({ min: 0, max: 300 }),
      }),
      ({ health, target, eth, discount, threshold, spareUsdc, slippage }) => {
        const report = aReportAtHealth(health, { eth, pool: eth * discount, threshold, spareUsdc })
        const params = {
          report,
          positionId: 'aave-v3',
          target,
          limits: { ...limits, maxSlippageBps: slippage, maxOrderUsd: 1e9 },
        }
        const candidates = restoreHealth(params)
        for (const candidate of candidates) {
          expect(healthAfter(report, candidate)).toBeCloseTo(candidate.predictedHealthFactor, 9)
          if (candidate.reachesTarget)
            expect(Math.abs(candidate.predictedHealthFactor - target)).toBeLessThanOrEqual(1e-9)
          else expect(candidate.predictedHealthFactor).toBeLessThan(target)
          expect(candidate.predictedHealthFactor).toBeGreaterThan(health)
          expect(candidate.costUsd).toBeGreaterThanOrEqual(-1e-6)
          expect(
            candidate.intents.every((intent) => (intent.kind === 'swap' ? intent.quantityIn : intent.quantity) > 0),
          ).toBe(true)
        }
        const reached = candidates.map((one) => one.reachesTarget)
        expect(reached).toEqual([...reached].toSorted((a, b) => Number(b) - Number(a)))
      },
    ),
    { numRuns: 1_000 },
  )
})

it('several collaterals and debts: every pair that a pool joins is weighed, the cheapest first', () => {
  const terms = {
    collateral: [
      { asset: 'WETH', quantity: 100, liquidationThreshold: 0.825 },
      { asset: 'WBTC', quantity: 5, liquidationThreshold: 0.78 },
    ],
    debt: [{ asset: 'USDC', quantity: 370_000 }],
  }
  const pool = {
    venue: 'uniswap-v3',
    pool: '0x2222222222222222222222222222222222222222',
    quote: 'USDC',
    liquidity: '1',
  } as const
  const report = aReport({
    change: {
      positions: [aPosition('aave-v3', { kind: 'loan', terms }, { dataState: fresh })],
      pools: [
        { ...pool, base: 'WETH', feeTier: 3_000, price: 2_914 },
        { ...pool, base: 'WBTC', feeTier: 500, price: 60_000 },
      ],
    },
  })
  const { candidates } = weigh(report, 1.4)
  expect(candidates.map((one) => one.intents[0])).toMatchObject([{ asset: 'WBTC' }, { asset: 'WETH' }])
  expect(candidates.every((one) => one.reachesTarget)).toBe(true)
  expect(candidates[0]?.costUsd).toBeLessThan(candidates[1]?.costUsd ?? 0)
  for (const candidate of candidates) expect(healthAfter(report, candidate)).toBeCloseTo(1.4, 9)
})
