import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeHealth } from '../../lib/decisions/attribute-health.ts'
import { decide } from '../../lib/decisions/decide.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { aPosition, aPrice } from '../risk/a-snapshot.ts'
import { aReport, aRule, theSettings } from './a-report.ts'

const split = (previous: Parameters<typeof aReport>[0], current: Parameters<typeof aReport>[0]) =>
  attributeHealth({ previous: aReport(previous), current: aReport(current), positionId: 'aave-v3' })

describe('a change of the health factor', () => {
  it('by price alone is all due to that price', () => {
    const parts = split({ eth: 2_914 }, { eth: 2_500 })?.parts
    const change = (740 * (2_500 - 2_914) * 0.825) / 1_186_000
    expect(parts).toEqual([
      { cause: 'price of ETH', change: expect.closeTo(change, 12) },
      { cause: 'price of USDC', change: 0 },
      { cause: 'quantities', change: 0 },
      { cause: 'thresholds', change: 0 },
    ])
  })

  it('by a repayment is due to quantities, by governance to thresholds', () => {
    const repaid = split({}, { usdc: 1_000_000 })?.parts.find((part) => part.cause === 'quantities')
    expect(repaid?.change).toBeGreaterThan(0.2)
    const lowered = split({ threshold: 0.825 }, { threshold: 0.8 })?.parts.find((part) => part.cause === 'thresholds')
    expect(lowered?.change).toBeCloseTo((740 * 2_914 * -0.025) / 1_186_000, 9)
  })

  it('sums to the change, to 1e-9, whatever moved', () => {
    const leg = fc.record({
      asset: fc.constantFrom('WETH', 'WBTC', 'USDC'),
      quantity: fc.double({ min: 0.1, max: 1_000, noNaN: true }),
    })
    const account = fc.record({
      collateral: fc.uniqueArray(leg, { selector: (one) => one.asset, minLength: 1 }),
      debt: fc.uniqueArray(leg, { selector: (one) => one.asset, minLength: 1 }),
      threshold: fc.double({ min: 0.3, max: 0.95, noNaN: true }),
      eth: fc.double({ min: 500, max: 5_000, noNaN: true }),
      btc: fc.double({ min: 5_000, max: 90_000, noNaN: true }),
      usdc: fc.double({ min: 0.8, max: 1.2, noNaN: true }),
    })
    const reportOf = ({
      collateral,
      debt,
      threshold,
      eth,
      btc,
      usdc,
    }: typeof account extends fc.Arbitrary<infer T> ? T : never) => {
      const terms = { collateral: collateral.map((one) => ({ ...one, liquidationThreshold: threshold })), debt }
      const prices = [aPrice('WETH', eth), aPrice('WBTC', btc), aPrice('USDC', usdc)]
      return aReport({ change: { prices, positions: [aPosition('aave-v3', { kind: 'loan', terms })] } })
    }
    fc.assert(
      fc.property(account, account, (a, b) => {
        const [previous, current] = [reportOf(a), reportOf(b)]
        const found = attributeHealth({ previous, current, positionId: 'aave-v3' })
        expect((found?.from ?? 0) / (previous.healthFactor ?? Number.NaN)).toBeCloseTo(1, 12)
        expect((found?.to ?? 0) / (current.healthFactor ?? Number.NaN)).toBeCloseTo(1, 12)
        const total = found?.parts.reduce((sum, part) => sum + part.change, 0) ?? Number.NaN
        const scale = Math.max(1, ...(found?.parts.map((part) => Math.abs(part.change)) ?? []))
        expect(Math.abs(total - ((found?.to ?? 0) - (found?.from ?? 0)))).toBeLessThanOrEqual(1e-9 * scale)
      }),
      { numRuns: 300 },
    )
  })

  it('cannot be split without a health factor on both sides', () => {
    expect(split({ usdc: 0 }, {})).toBeUndefined()
    expect(split({}, { usdc: 0 })).toBeUndefined()
    expect(attributeHealth({ previous: aReport(), current: aReport(), positionId: 'other' })).toBeUndefined()
  })
})

describe('an alert says why', () => {
  const why = (when: string, previous: Parameters<typeof aReport>[0], current: Parameters<typeof aReport>[0]) =>
    decide({
      report: aReport({ at: 1_060, ...current }),
      previousReport: aReport({ at: 1_000, ...previous }),
      memory: emptyMemory('treasury'),
      settings: theSettings([aRule({ when })]),
      at: 1_061,
    }).alerts[0]?.why

  it('for health by what moved, largest first', () => {
    expect(why('healthFactor < 1.3', {}, { eth: 2_400, weth: 735 })).toBe(
      'Health factor 1.5 -> 1.227 in 60 s: price of ETH -0.2646, quantities -0.008347.',
    )
  })

  it('without parts that the digits of the health factor cannot show', () => {
    const low = { eth: 2_400, weth: 740 }
    expect(why('healthFactor < 1.3', low, { ...low, weth: 740.000_001 })).toBe(
      'Health factor 1.235 -> 1.235 in 60 s: nothing moved.',
    )
  })

  it('for value by position', () => {
    expect(why('nav < 9e6', {}, { spareUsdc: 40_000 })).toMatch(
      /^Net asset value .* USD in 60 s: label of wallet:USDC -10,000\.$/,
    )
  })

  it('for a recovery against what was told, or that there is nothing to compare any more', () => {
    const settings = theSettings([aRule({ calmSamples: 1 })])
    const told = decide({ report: aReport({ eth: 2_400 }), memory: emptyMemory('treasury'), settings, at: 1_001 })
    const recovered = (params: Parameters<typeof aReport>[0]) => {
      const previousReport = aReport({ ...params, at: 1_059 })
      const report = aReport({ ...params, at: 1_060 })
      return decide({ report, previousReport, memory: told.memory, settings, at: 1_061 }).alerts[0]
    }
    expect(recovered({})).toMatchObject({ state: 'recovered', why: 'It was 1.235 when told; it is 1.5 now.' })
    expect(recovered({ usdc: 0 })).toMatchObject({
      state: 'recovered',
      why: 'The rule does not apply any more: healthFactor: there is no debt.',
    })
  })

  it('on the first look that there is nothing to compare with', () => {
    const { alerts } = decide({
      report: aReport({ eth: 2_400 }),
      memory: emptyMemory('treasury'),
      settings: theSettings([aRule()]),
      at: 1,
    })
    expect(alerts[0]?.why).toContain('first look')
  })
})
