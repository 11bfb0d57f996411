import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PositionTerms } from '../../../lib/instruments/index.ts'
import type { FigureChange } from '../../../lib/model/figure-change.ts'
import type { Position, Snapshot } from '../../../lib/model/snapshot.ts'
import { assess } from '../../../lib/risk/assess.ts'
import { attributeChange } from '../../../lib/risk/attribution/attribute-change.ts'
import { aHolding, aLendingReading, aLoan, aPosition, aPrice, aRange, aSnapshot } from '../a-snapshot.ts'

const day = 86_400
const assessed = (snapshot: Snapshot) => ({ snapshot, report: assess({ snapshot }) })
const changesOf = (before: Snapshot, after: Snapshot) =>
  attributeChange({ before: assessed(before), after: assessed(after) }).figures
const figure = (figures: readonly FigureChange[], name: string) => figures.find((one) => one.figure === name)
const parts = (figures: readonly FigureChange[], name: string) =>
  Object.fromEntries((figure(figures, name)?.parts ?? []).map(({ cause, change }) => [cause, change]))

const prices = (eth: number, btc = 60_000) => [aPrice('WETH', eth), aPrice('WBTC', btc), aPrice('USDC', 1)]
const option = (quantity: number, strike = 3_000): Position =>
  aPosition('option', {
    kind: 'vanilla-option',
    terms: { asset: 'WETH', type: 'call', strike, expiry: 1_000 + 30 * day, quantity },
  } as PositionTerms)
const barrier = aPosition('barrier', {
  kind: 'barrier-option',
  terms: {
    asset: 'WETH',
    type: 'put',
    strike: 2_900,
    expiry: 1_000 + 60 * day,
    quantity: 5,
    barrier: 3_600,
    direction: 'up',
    knock: 'out',
  },
} as unknown as PositionTerms)
const volatility = (eth: number, asOf = 1_000) =>
  ({ volatility: { ETH: eth }, asOf }) as Snapshot['marketData'] & object

describe('why a portfolio changed', () => {
  it('is nothing between two equal snapshots', () => {
    expect(changesOf(aSnapshot(), aSnapshot())).toEqual([])
  })

  it('is the price alone where only a price moved, for value, delta and health', () => {
    const found = changesOf(aSnapshot(), aSnapshot({ prices: prices(2_700) }))
    expect(Object.keys(parts(found, 'nav'))).toEqual(['price of ETH'])
    expect(Object.keys(parts(found, 'delta.ETH'))).toEqual(['price of ETH'])
    expect(Object.keys(parts(found, 'healthFactor.aave-v3'))).toEqual(['price of ETH'])
    expect(figure(found, 'delta.BTC')).toBeUndefined()
  })

  it('shares price and quantity of a holding half and half', () => {
    const before = aSnapshot({ positions: [aHolding('WBTC', 8)] })
    const after = aSnapshot({ positions: [aHolding('WBTC', 10)], prices: prices(2_914, 50_000) })
    const found = parts(changesOf(before, after), 'nav')
    expect(found['price of BTC']).toBeCloseTo(-10_000 * 9, 6)
    expect(found.quantity).toBeCloseTo(2 * 55_000, 6)
  })

  it('tells what was opened and closed from what could not be valued', () => {
    const before = aSnapshot({ positions: [aHolding('WBTC', 8), aHolding('USDC', 50_000)] })
    const bought = aSnapshot({ positions: [aHolding('USDC', 50_000), aHolding('WETH', 2)] })
    expect(parts(changesOf(before, bought), 'nav').quantity).toBeCloseTo(2 * 2_914 - 8 * 60_000, 6)
    const blind = aSnapshot({
      positions: [aHolding('WBTC', 8), aHolding('USDC', 50_000)],
      prices: [aPrice('WETH', 2_914), aPrice('WBTC', undefined), aPrice('USDC', 1)],
    })
    expect(parts(changesOf(before, blind), 'nav')).toEqual({ coverage: -480_000 })
    const unread = aSnapshot({
      positions: [aHolding('USDC', 50_000)],
      gaps: [
        { subject: 'WBTC in the account', reason: 'timeout', touches: { kind: 'position', positionId: 'wallet:WBTC' } },
      ] as never,
    })
    expect(parts(changesOf(before, unread), 'nav')).toEqual({ coverage: -480_000 })
  })

  it('finds interest at the stated rates in a loan, and calls the rest a quantity', () => {
    const loan = (usdc: number) =>
      aPosition('aave-v3', {
        kind: 'loan',
        terms: {
          collateral: [{ asset: 'WETH', quantity: 740, liquidationThreshold: 0.825 }],
          debt: [{ asset: 'USDC', quantity: usdc, rate: 0.05 }],
        },
      })
    const accrued = 1_000_000 * Math.expm1(0.05 / 365)
    const before = aSnapshot({ positions: [loan(1_000_000)] })
    const after = aSnapshot({ at: 1_000 + day, positions: [loan(1_000_000 + accrued - 50_000)] })
    const found = parts(changesOf(before, after), 'nav')
    expect(found['interest accrued']).toBeCloseTo(-accrued, 6)
    expect(found.quantity).toBeCloseTo(50_000, 6)
    expect(parts(changesOf(before, after), 'healthFactor.aave-v3')['interest accrued']).toBeLessThan(0)
  })

  it('parts time from volatility and price for options, and fees from the rest for ranges', () => {
    const before = aSnapshot({ positions: [option(10), aRange()], marketData: volatility(0.6) })
    const fees = aPosition('uniswap-v3:1', {
      ...aRange().instrument,
      terms: { ...aRange().instrument.terms, owed0: 0.7, owed1: 900 },
    } as PositionTerms)
    const after = aSnapshot({
      at: 1_000 + 3 * day,
      positions: [option(10), fees],
      prices: prices(2_800),
      marketData: volatility(0.75),
    })
    const found = parts(changesOf(before, after), 'nav')
    expect(found['volatility of ETH']).toBeGreaterThan(0)
    expect(found.time).toBeLessThan(0)
    expect(found['price of ETH']).toBeLessThan(0)
    expect(found['fees and funding accrued']).toBeCloseTo(100 + 0.2 * 2_857, 6)
  })

  it('calls a changed threshold by its name, and what the protocol states beyond the model what it is', () => {
    const tighter = changesOf(
      aSnapshot({ positions: [aLoan()] }),
      aSnapshot({ positions: [aLoan({ threshold: 0.8 })] }),
    )
    expect(Object.keys(parts(tighter, 'healthFactor.aave-v3'))).toEqual(['thresholds'])
    const lower = changesOf(
      aSnapshot({ positions: [aLoan()] }),
      aSnapshot({ positions: [aLoan()], lending: [aLendingReading(1.2)] }),
    )
    expect(Object.keys(parts(lower, 'healthFactor.aave-v3'))).toEqual(['what the model does not explain'])
  })

  it('sums to 1e-9 of gross for every figure, whatever changed at once', () => {
    const arbitrary = fc.record({
      eth: fc.double({ min: 1_000, max: 6_000, noNaN: true }),
      btc: fc.double({ min: 20_000, max: 120_000, noNaN: true }),
      sigma: fc.double({ min: 0.2, max: 1.5, noNaN: true }),
      days: fc.integer({ min: 0, max: 40 }),
      weth: fc.double({ min: 0, max: 2_000, noNaN: true }),
      usdc: fc.double({ min: 1, max: 3_000_000, noNaN: true }),
      wbtc: fc.double({ min: 0, max: 20, noNaN: true }),
      options: fc.double({ min: -50, max: 50, noNaN: true }),
      stated: fc.option(fc.double({ min: 0.5, max: 3, noNaN: true }), { nil: undefined }),
      isDark: fc.boolean(),
    })
    const snapshotOf = (one: typeof arbitrary extends fc.Arbitrary<infer T> ? T : never) =>
      aSnapshot({
        at: 1_000 + one.days * day,
        positions: [aLoan(one), aRange(), aHolding('WBTC', one.wbtc), option(one.options), barrier],
        prices: [aPrice('WETH', one.eth), aPrice('WBTC', one.isDark ? undefined : one.btc), aPrice('USDC', 1)],
        lending: [aLendingReading(one.stated)],
        marketData: volatility(one.sigma),
      })
    fc.assert(
      fc.property(arbitrary, arbitrary, (one, other) => {
        const [before, after] = [assessed(snapshotOf(one)), assessed(snapshotOf(other))]
        const { figures } = attributeChange({ before, after })
        const gross = [...before.report.positions, ...after.report.positions].reduce(
          (sum, { valueUsd }) => sum + Math.abs(valueUsd),
          1,
        )
        for (const { figure: name, from, to, parts: found } of figures) {
          const off = found.reduce((sum, { change }) => sum + change, 0) - (to - from)
          expect(Math.abs(off), name).toBeLessThan(
            1e-9 * (name === 'nav' ? gross : Math.max(Math.abs(from), Math.abs(to), 1)),
          )
          expect(found.every(({ change }) => Number.isFinite(change))).toBe(true)
        }
        expect(figures.find((change) => change.figure === 'nav')?.to ?? after.report.navUsd).toBe(after.report.navUsd)
        expect(
          figures.find((change) => change.figure === 'nav')?.parts.some(({ cause }) => cause === 'not explained') ??
            false,
        ).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})
