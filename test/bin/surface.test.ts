import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarLine } from '../../bin/quotes/compare-expiries.ts'
import type { ArbitrageMode } from '../../bin/quotes/fit-slice.ts'
import { fitSurfaces } from '../../bin/quotes/fit-surfaces.ts'
import { sliceExample } from '../../bin/quotes/slice-example.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { strikeVolatility } from '../../lib/instruments/market/volatility.ts'
import { blackScholesPrice } from '../../lib/quant/options/black.ts'
import { type SviParameters, sviTotalVariance } from '../../lib/quant/surface/svi.ts'
import { butterflyReport, calendarReport } from '../../lib/quant/surface/svi-arbitrage.ts'
import { answerText } from './answer-text.ts'
import { runHomeostat } from './run-homeostat.ts'

interface Quote {
  readonly strike: number
  readonly [name: string]: unknown
}

const smile: SviParameters = { a: 0.0136, b: 0.07, rho: -0.25, m: 0.01, sigma: 0.15 }
/** Gatheral & Jacquier (2014), example 3.1, after Axel Vogt: no butterfly is worth less than nothing but around k = 1. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }
const strikes = [1200, 1500, 1700, 1850, 1950, 2000, 2050, 2150, 2400, 2800, 3300]
const forward = 2000

const quotesOf = (svi: SviParameters, time: number, at = strikes): Quote[] =>
  at.map((strike) => ({ strike, volatility: Math.sqrt(sviTotalVariance(svi, Math.log(strike / forward)) / time) }))
const sliceOf = (svi: SviParameters, time: number, more: object = {}) => ({
  time,
  forward,
  quotes: quotesOf(svi, time),
  ...more,
})
const wide = Array.from({ length: 25 }, (_, i) => forward * Math.exp(-1.5 + i / 8))

async function smiles(mode: ArbitrageMode, ...slices: readonly object[]) {
  const input = slices.map((slice) => JSON.stringify(slice)).join('\n')
  // biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives, read by these tests only
  return (await answerText(input, fitSurfaces({ mode }))).out as readonly any[]
}
/** A slice of good quotes with one of them changed. */
const withQuote = (index: number, change: object) =>
  sliceOf(smile, 0.1, {
    quotes: quotesOf(smile, 0.1).map((quote, i) => (i === index ? { ...quote, ...change } : quote)),
  })

describe('a line of homeostat surface fit', () => {
  it('gives the parameters back that the volatilities were made of, and what is read off the smile', async () => {
    const [fitted] = await smiles('report', sliceOf(smile, 0.07, { id: 'ETH' }))
    for (const [name, value] of Object.entries(smile)) expect(fitted.parameters[name]).toBeCloseTo(value, 4)
    expect(fitted).toMatchObject({
      id: 'ETH',
      time: 0.07,
      forward,
      quotes: 11,
      repaired: false,
      leftOut: [],
      warnings: [],
    })
    expect(fitted.fit.rmsePoints).toBeLessThan(1e-3)
    expect(fitted.butterfly).toMatchObject({ free: true, violated: [] })
    expect(fitted.atTheMoneyVolatility).toBeCloseTo(Math.sqrt(sviTotalVariance(smile, 0) / 0.07), 5)
    const { riskReversal, callStrike, putStrike, callVolatility, putVolatility } = fitted.skew25Delta
    expect(riskReversal).toBeCloseTo(callVolatility - putVolatility, 12)
    expect(riskReversal).toBeLessThan(0)
    const k = Math.log(putStrike / forward)
    expect(putVolatility).toBeCloseTo(Math.sqrt(sviTotalVariance(fitted.parameters, k) / 0.07), 10)
    expect([putStrike < forward, callStrike > forward]).toEqual([true, true])
  })

  it.each(['usd', 'coin'] as const)('fits prices in %s as it fits their volatilities', async (priceIn) => {
    const [time, rate] = [0.25, 0.04]
    const coin = forward * Math.exp(-rate * time)
    const quotes = quotesOf(smile, time).map(({ strike, volatility }, i) => {
      const kind = strike < forward ? ('put' as const) : ('call' as const)
      const option = { kind, spot: forward, strike, time, rate, carry: 0, volatility: volatility as number }
      const price = blackScholesPrice(option) / (priceIn === 'coin' ? coin : 1)
      return i % 2 === 0 ? { strike, kind, price } : { strike, kind, bid: price * 0.9, ask: price * 1.1 }
    })
    const [volatilities, prices] = await smiles(
      'report',
      sliceOf(smile, time, { surface: 'one' }),
      sliceOf(smile, time, { surface: 'two', quotes, priceIn, rate }),
    )
    expect(prices.quotes).toBe(11)
    for (const name of Object.keys(smile)) expect(prices.parameters[name]).toBeCloseTo(volatilities.parameters[name], 5)
  })

  it('does not care in which order the quotes come', async () => {
    const quotes = quotesOf(smile, 0.1)
    const slices = [quotes, quotes.toReversed(), quotes.toSorted((a, b) => (a.strike % 7) - (b.strike % 7))]
    const fitted = await smiles(
      'report',
      ...slices.map((one, i) => sliceOf(smile, 0.1, { quotes: one, surface: `${i}` })),
    )
    for (const { parameters } of fitted.slice(0, 3))
      for (const [name, value] of Object.entries(smile)) expect(parameters[name]).toBeCloseTo(value, 4)
  })

  it('names the quote that the fit misses most', async () => {
    const slice = withQuote(4, { volatility: 0.7 })
    const [fitted] = await smiles('report', slice)
    const { worst, rmsePoints } = fitted.fit
    expect(worst).toMatchObject({ quote: 4, strike: 1950, volatility: 0.7 })
    expect(worst.errorPoints).toBeCloseTo(100 * (worst.fitted - 0.7), 9)
    const errors = slice.quotes.map(({ strike, volatility }) => {
      const w = sviTotalVariance(fitted.parameters, Math.log(strike / forward))
      return 100 * (Math.sqrt(w / 0.1) - (volatility as number))
    })
    expect(Math.max(...errors.map(Math.abs))).toBeCloseTo(Math.abs(worst.errorPoints), 9)
    expect(rmsePoints).toBeCloseTo(Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length), 9)
    expect(fitted.warnings[0]).toMatch(/^a poor fit: -\d.* points off at strike 1950$/)
  })

  it('lets weights decide between quotes that contradict each other, whatever their size', async () => {
    const skewed = (weight: number, scale: number) => {
      const { quotes, ...slice } = withQuote(4, { volatility: 0.7, weight: weight * scale })
      return { ...slice, surface: `${weight} ${scale}`, quotes: quotes.map((quote) => ({ weight: scale, ...quote })) }
    }
    const [heavy, light, huge, tiny] = await smiles(
      'report',
      skewed(100, 1),
      skewed(0.01, 1),
      skewed(0.01, 1e300),
      skewed(0.01, 1e-300),
    )
    expect(Math.abs(heavy.fit.worst.quote - 4)).toBeGreaterThan(0)
    expect(light.fit.worst.quote).toBe(4)
    for (const name of Object.keys(smile)) {
      expect(light.parameters[name]).toBeCloseTo(smile[name as keyof SviParameters], 2)
      expect(huge.parameters[name]).toBeCloseTo(light.parameters[name], 6)
      expect(tiny.parameters[name]).toBeCloseTo(light.parameters[name], 6)
    }
  })

  const leftOut: readonly (readonly [string, object, object])[] = [
    [
      'a bid above the ask',
      { kind: 'put', bid: 100, ask: 90 },
      { code: 'crossed', reason: 'the bid, 100, is above the ask, 90' },
    ],
    ['a bid of zero', { kind: 'put', bid: 0, ask: 90 }, { code: 'one-sided', reason: 'there is no bid' }],
    ['no bid', { kind: 'put', ask: 90 }, { code: 'one-sided', reason: 'there is no bid' }],
    ['no ask', { kind: 'put', bid: 90 }, { code: 'one-sided', reason: 'there is no ask' }],
    [
      'a price below intrinsic value',
      { kind: 'call', price: 10 },
      { code: 'price-below-intrinsic', reason: expect.stringContaining('300 USD') },
    ],
    ['a price above all bounds', { kind: 'put', price: 5000 }, { code: 'price-above-maximum' }],
    [
      'a strike quoted before',
      { strike: 1200, volatility: 0.9 },
      { code: 'duplicate', reason: 'quoted before at strike 1200' },
    ],
    ['a strike out of reach', { strike: 1e9, volatility: 0.5 }, { code: 'moneyness-out-of-range' }],
    ['no weight', { volatility: 0.5, weight: 0 }, { code: 'no-weight' }],
    [
      'a price that means more than 1,000 %',
      { kind: 'call', price: 1960 },
      { code: 'volatility-too-high', reason: expect.stringMatching(/a volatility of 1\d{3}(\.\d)? %/) },
    ],
  ]
  it.each(leftOut)('leaves out a quote with %s, and says so', async (_, change, expected) => {
    const [fitted] = await smiles('report', withQuote(2, { volatility: undefined, ...change }))
    expect(fitted.quotes).toBe(10)
    expect(fitted.leftOut).toEqual([{ quote: 2, strike: expect.any(Number), reason: expect.any(String), ...expected }])
    expect(fitted.warnings).toContain('1 of 11 quotes are left out')
    for (const [name, value] of Object.entries(smile)) expect(fitted.parameters[name]).toBeCloseTo(value, 4)
  })

  it('takes a call and a put at one strike, and a bid equal to the ask', async () => {
    const sides = (['call', 'put'] as const).map((kind) => ({ strike: 2000, kind, bid: 80, ask: 80 }))
    const [fitted] = await smiles('report', sliceOf(smile, 0.1, { quotes: [...quotesOf(smile, 0.1), ...sides] }))
    expect(fitted).toMatchObject({ quotes: 13, leftOut: [] })
  })

  it('takes a call and a put at one strike by their volatilities', async () => {
    const sides = (['call', 'put'] as const).map((kind) => ({ strike: 2000, kind, volatility: 0.5 }))
    const [fitted] = await smiles(
      'report',
      sliceOf(smile, 0.1, { quotes: [...quotesOf(smile, 0.1, strikes.slice(0, 5)), ...sides] }),
    )
    expect(fitted).toMatchObject({ quotes: 7, leftOut: [] })
  })

  it('warns of volatilities that are rarer than per cent are', async () => {
    const [fitted] = await smiles('report', withQuote(3, { volatility: 6 }))
    expect(fitted.warnings[0]).toBe('1 of 11 volatilities are above 300 %, 600 % at strike 1850: 0.6 is 60 %')
  })

  const few = quotesOf(smile, 0.1).slice(3, 7)
  const refused: readonly (readonly [string, object, object])[] = [
    [
      'a volatility below zero',
      withQuote(3, { volatility: -0.5 }),
      { field: 'quotes.3.volatility', rule: 'must be above 0' },
    ],
    ['a volatility of zero', withQuote(3, { volatility: 0 }), { field: 'quotes.3.volatility' }],
    [
      'a volatility in per cent',
      withQuote(3, { volatility: 60 }),
      { field: 'quotes.3.volatility', rule: 'must be at most 10 (1,000 %): 0.6 is 60 %' },
    ],
    [
      'a volatility of null, as JSON writes NaN',
      withQuote(3, { volatility: Number.NaN }),
      { field: 'quotes.3.volatility', rule: 'must be a finite number' },
    ],
    ['a strike of zero', withQuote(0, { strike: 0 }), { field: 'quotes.0.strike', rule: 'must be above 0' }],
    ['a weight below zero', withQuote(0, { weight: -1 }), { field: 'quotes.0.weight', rule: 'must be 0 or more' }],
    [
      'a price without a kind',
      withQuote(1, { volatility: undefined, price: 10 }),
      { field: 'quotes.1.kind', rule: 'must be call or put where there is a price' },
    ],
    [
      'a volatility and a price',
      withQuote(1, { kind: 'put', price: 10 }),
      { field: 'quotes.1', rule: 'must have one of: volatility; price; bid and ask' },
    ],
    ['a quote of nothing', withQuote(1, { volatility: undefined }), { field: 'quotes.1' }],
    [
      'an unknown field of a quote',
      withQuote(1, { iv: 0.5 }),
      { field: 'quotes.1.iv', rule: 'is not known here: see --describe' },
    ],
    ['no quotes', sliceOf(smile, 0.1, { quotes: undefined }), { field: 'quotes', rule: 'must be a list' }],
    ['no forward', sliceOf(smile, 0.1, { forward: undefined }), { field: 'forward' }],
    [
      'an expiry past',
      sliceOf(smile, 0.1, { time: undefined, at: 1.8e9, expiry: 1.7e9 }),
      { code: 'expired', field: 'expiry' },
    ],
    [
      'four quotes',
      sliceOf(smile, 0.1, { quotes: few }),
      { code: 'too-few-quotes', field: 'quotes', message: '4 of 4 quotes can be used, at 4 strikes.' },
    ],
    [
      'five quotes, one of them crossed',
      sliceOf(smile, 0.1, { quotes: [...few, { strike: 2500, kind: 'call', bid: 2, ask: 1 }] }),
      {
        code: 'too-few-quotes',
        message: '4 of 5 quotes can be used, at 4 strikes.',
        hint: 'Left out: quotes.4 (crossed).',
      },
    ],
    [
      'all quotes at one strike',
      sliceOf(smile, 0.1, { quotes: Array.from({ length: 6 }, () => ({ strike: 2000, volatility: 0.6 })) }),
      { code: 'too-few-quotes', rule: 'must hold 5 that can be used, at 3 different strikes' },
    ],
  ]
  it.each(refused)('refuses %s, and names field and rule', async (_, slice, error) => {
    const [good, bad, next] = await smiles('report', sliceOf(smile, 0.1), slice, sliceOf(smile, 0.2))
    expect(bad).toMatchObject({ line: 2, error: { field: expect.any(String), rule: expect.any(String), ...error } })
    expect([good.quotes, next.quotes]).toEqual([11, 11])
  })

  const drawn = (size: fc.Arbitrary<number>, volatility: fc.Arbitrary<number>, time: fc.Arbitrary<number>) => {
    const quotes = fc.array(fc.record({ strike: size, volatility, weight: size }), { minLength: 6, maxLength: 9 })
    return fc.tuple(fc.record({ time, forward: size, quotes }), fc.constantFrom('report', 'repair', 'refuse'))
  }
  const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

  it('answers any quotes at all with a smile of finite numbers or a named error', async () => {
    const absurd = fc.oneof(between(1e-18, 1e18), between(0.2, 3))
    await fc.assert(
      fc.asyncProperty(drawn(absurd, between(1e-6, 10), absurd), async ([slice, mode]) => {
        const [found] = await smiles(mode, slice)
        expect(found.error?.code).not.toBe('unexpected')
        if (found.error !== undefined) expect(found.error).toMatchObject({ field: expect.any(String) })
      }),
      { numRuns: 100, interruptAfterTimeLimit: 5_000 },
    )
  })

  it('fits any quotes of usual size, however wild, and leaves no arbitrage in what it repaired', async () => {
    const usual = drawn(between(0.2, 3), between(0.01, 5), between(0.002, 5))
    await fc.assert(
      fc.asyncProperty(usual, async ([slice, mode]) => {
        const [found] = await smiles(mode, slice)
        expect(found.error?.code ?? 'none').toMatch(/^(none|butterfly-arbitrage|butterfly-not-repairable)$/)
        if (found.error === undefined && mode !== 'report') expect(butterflyReport(found.parameters).free).toBe(true)
      }),
      { numRuns: 100, interruptAfterTimeLimit: 5_000 },
    )
  })
})

describe('a smile with a butterfly arbitrage', () => {
  const slice = { time: 1, forward, quotes: quotesOf(vogt, 1, wide) }

  it('is reported with where g is below zero', async () => {
    const [fitted] = await smiles('report', slice)
    const { butterfly } = fitted
    expect(butterfly.free).toBe(false)
    // The published figure has g below zero from about k = 0.64 to 1.2.
    expect(butterfly.violated).toHaveLength(1)
    const [{ from, to, fromStrike, toStrike }] = butterfly.violated
    expect([from > 0.5 && from < 0.75, to > 1 && to < 1.4]).toEqual([true, true])
    expect(fromStrike).toBeCloseTo(forward * Math.exp(from), 6)
    expect(toStrike).toBeCloseTo(forward * Math.exp(to), 6)
    expect(butterfly).toMatchObject({ leastAtStrike: forward * Math.exp(butterfly.leastAt), isOutsideQuotes: false })
    expect(butterfly.least).toBeLessThan(0)
    expect(fitted.repaired).toBe(false)
    expect(fitted.warnings).toContainEqual(
      expect.stringMatching(
        /^the smile allows a butterfly arbitrage at strikes 38\d\d to 70\d\d \(k .*\), among those quoted$/,
      ),
    )
    expect(fitted).not.toHaveProperty('before')
  })

  it('is said to lie outside of the strikes quoted where it does', async () => {
    const near = Array.from({ length: 17 }, (_, i) => forward * Math.exp(-0.6 + i / 16))
    const [fitted] = await smiles('report', { time: 1, forward, quotes: quotesOf(vogt, 1, near) })
    expect(fitted.butterfly).toMatchObject({ free: false, isOutsideQuotes: true })
    expect(fitted.butterfly.violated[0].fromStrike).toBeGreaterThan(fitted.quotedStrikes.highest)
    expect(fitted.warnings).toContainEqual(
      expect.stringMatching(/butterfly arbitrage at strikes .*, outside of those quoted$/),
    )
  })

  it('is fitted to the quotes again when it is to be repaired, with before and after', async () => {
    const [reported, repaired] = await smiles('report', slice).then(async ([one]) => [
      one,
      (await smiles('repair', slice))[0],
    ])
    expect(repaired.repaired).toBe(true)
    expect(repaired.butterfly).toMatchObject({ free: true, violated: [] })
    expect(butterflyReport(repaired.parameters).free).toBe(true)
    const { parameters, fit: error, butterfly } = reported
    expect(repaired.before).toEqual({ parameters, fit: error, butterfly })
    expect(repaired.fit.rmsePoints).toBeGreaterThan(repaired.before.fit.rmsePoints)
    expect(repaired.fit.rmsePoints).toBeLessThan(0.66)
    expect(repaired.warnings).toContainEqual(
      expect.stringMatching(/^fitted again without butterfly arbitrage: 0\.6\d* points off the quotes .*, \S+ before$/),
    )
  })

  it.each([
    ['a month with a skew', 30 / 365, (k: number) => 0.6 - 0.12 * k + 0.3 * k * k],
    ['four months, symmetric', 120 / 365, (k: number) => 0.62 + 0.25 * k * k],
  ])('is not found in a sensible smile: %s', async (_, time, volatility) => {
    const quotes = Array.from({ length: 33 }, (_, i) => 1800 + 100 * i).map((strike) => ({
      strike,
      volatility: volatility(Math.log(strike / 3010)),
    }))
    for (const mode of ['report', 'repair', 'refuse'] as const) {
      const [fitted] = await smiles(mode, { time, forward: 3010, quotes })
      expect(fitted).toMatchObject({ repaired: false, butterfly: { free: true }, warnings: [] })
      expect(fitted.fit.rmsePoints).toBeLessThan(0.1)
    }
  })

  it('is refused when that is asked for', async () => {
    const [fitted] = await smiles('refuse', slice)
    expect(fitted.error).toMatchObject({
      code: 'butterfly-arbitrage',
      field: 'quotes',
      rule: expect.stringMatching(/: g is -0\.\d+ at strike \d{4}.* at strikes \d{4} to \d{4} .*, among those quoted/),
    })
  })

  it('is refused with the reason where no repair exists', async () => {
    const steep = { a: 0.04, b: 1.9, rho: -0.9, m: 0.1, sigma: 0.1 }
    const [fitted] = await smiles('repair', { time: 1, forward, quotes: quotesOf(steep, 1, wide) })
    expect(fitted.error).toMatchObject({
      code: 'butterfly-not-repairable',
      field: 'quotes',
      rule: expect.stringMatching(
        /within [\d.]+ volatility points .*; the closest is [\d.]+ points off, the best fit with it [\d.]+$/,
      ),
      hint: expect.any(String),
    })
  })
})

describe('the last line of homeostat surface fit', () => {
  const lifted = (by: number): SviParameters => ({ ...smile, a: smile.a + by })

  it('says that total variance rises from expiry to expiry, in whatever order they came', async () => {
    const out = await smiles(
      'report',
      sliceOf(lifted(0.02), 0.2, { id: 'late' }),
      sliceOf(smile, 0.1),
      sliceOf(lifted(0.01), 0.15),
    )
    expect(out).toHaveLength(4)
    const { calendar } = out[3]
    expect(calendar).toMatchObject({ expiries: 3, free: true, violations: [], repaired: [] })
    expect(calendar.term.map(({ slice }: { slice: unknown }) => slice)).toEqual([2, 3, 'late'])
    expect(calendar.term[2].forwardVolatility).toBeCloseTo(Math.sqrt(0.01 / 0.05), 4)
  })

  it('names the expiries that cross, how far and where, and fits the later one again when it is to be repaired', async () => {
    const slices = [
      sliceOf(lifted(0.003), 0.1, { id: 'a' }),
      sliceOf(smile, 0.2, { id: 'b' }),
      sliceOf(lifted(0.02), 0.3, { id: 'c' }),
    ]
    const reported = (await smiles('report', ...slices))[3]
    expect(reported.calendar.free).toBe(false)
    const [violation, ...others] = reported.calendar.violations
    expect(others).toEqual([])
    expect(violation).toMatchObject({ earlier: 'a', later: 'b' })
    expect(reported).not.toHaveProperty('error')
    expect(reported.calendar.term[1]).not.toHaveProperty('forwardVolatility')

    const out = await smiles('repair', ...slices)
    const { repaired } = out[3].calendar
    // c as well, by a hair: its wings are those of b, which has become steeper by as much.
    expect(repaired).toMatchObject([{ slice: 'b' }, { slice: 'c', rmsePoints: expect.closeTo(0, 1) }])
    expect(repaired[0].rmsePoints).toBeGreaterThan(repaired[0].rmsePointsBefore)
    expect(repaired[0].rmsePoints).toBeLessThan(2)
    expect(calendarReport(out[0].parameters, repaired[0].parameters).free).toBe(true)
    expect(calendarReport(repaired[0].parameters, repaired[1].parameters).free).toBe(true)

    expect((await smiles('refuse', ...slices))[3].error).toMatchObject({
      code: 'calendar-arbitrage',
      message: expect.stringMatching(/^b has less total variance than a at strikes .* among those quoted\.$/),
    })
  })

  it('blames a wing that gets flatter, says from which strike on, and fits it again when it is to be repaired', async () => {
    const flatter = { ...lifted(0.05), b: 0.03 }
    const slices = [sliceOf(smile, 0.1, { id: 'a' }), sliceOf(flatter, 0.2, { id: 'b' })]
    const [one, other, report] = await smiles('report', ...slices)
    const [violation, ...others] = report.calendar.violations
    expect(others).toEqual([])
    expect(violation).toMatchObject({ earlier: 'a', later: 'b', wing: 'put', isOutsideQuotes: true })
    const [put, call] = violation.violated
    expect([Object.keys(put), Object.keys(call)]).toEqual([
      ['to', 'toStrike'],
      ['from', 'fromStrike'],
    ])
    for (const [k, strike] of [
      [put.to, put.toStrike],
      [call.from, call.fromStrike],
    ]) {
      expect(strike).toBeCloseTo(forward * Math.exp(k), 6)
      expect(sviTotalVariance(other.parameters, k) / sviTotalVariance(one.parameters, k)).toBeCloseTo(1, 9)
    }
    const out = await smiles('repair', ...slices)
    expect(out[2]).not.toHaveProperty('error')
    expect(calendarReport(out[0].parameters, out[2].calendar.repaired[0].parameters).free).toBe(true)
  })

  it('is refused where no smile above the earlier one is close to the later quotes', async () => {
    const slices = [sliceOf(lifted(0.2), 0.1, { id: 'a' }), sliceOf(smile, 0.2, { id: 'b' })]
    expect((await smiles('repair', ...slices))[2].error).toMatchObject({
      code: 'calendar-not-repairable',
      rule: expect.stringMatching(/^a and b must not cross: the quotes of b must be within [\d.]+ volatility points/),
    })
  })

  it('compares only what belongs to one surface and one instant, and an expiry once', async () => {
    const [at, later] = [1_780_000_000, 1_780_086_400]
    const slice = (surface: string, when: number, expiry: number) =>
      sliceOf(smile, 0, {
        time: undefined,
        surface,
        at: when,
        expiry,
        quotes: quotesOf(smile, (expiry - when) / 31_536_000),
      })
    const end = at + 30 * 86_400
    const out = await smiles(
      'report',
      slice('ETH', at, end),
      slice('BTC', at, end),
      slice('ETH', later, end),
      slice('ETH', at, end),
    )
    expect(out[3].error).toMatchObject({
      code: 'duplicate-expiry',
      message: '1 has the same expiry in the same surface.',
    })
    expect(
      out
        .slice(4)
        .map(({ calendar }: { calendar: CalendarLine['calendar'] }) => [
          calendar.surface,
          calendar.at,
          calendar.expiries,
        ]),
    ).toEqual([
      ['ETH', at, 1],
      ['BTC', at, 1],
      ['ETH', later, 1],
    ])
  })
})

describe('quotes one by one', () => {
  const [at, expiry] = [1_780_300_800, 1_782_460_800]
  const years = (expiry - at) / 31_536_000
  const lone = (more: object = {}) =>
    quotesOf(smile, years).map((quote, i) => ({ id: `q${i}`, at, expiry, time: years, forward, ...quote, ...more }))

  it('are gathered by surface and expiry, answered with where they went, and fitted after the last line', async () => {
    const out = await smiles(
      'report',
      ...lone({ surface: 'ETH', kind: 'call', spot: 1990 }),
      ...lone({ surface: 'BTC', forward: 60_000 }).map((quote) => ({ ...quote, strike: quote.strike * 30 })),
      ...lone({ surface: 'ETH', expiry: undefined, time: 0.25 }),
    )
    expect(out).toHaveLength(33 + 3 + 2)
    expect(out[0]).toEqual({ id: 'q0', slice: 'ETH 2026-06-26', strike: 1200, volatility: expect.any(Number) })
    const [eth, btc, late, calendar] = out.slice(33)
    const [whole] = await smiles('report', { surface: 'ETH', at, expiry, forward, quotes: quotesOf(smile, years) })
    const { line, ...same } = whole
    expect(eth).toEqual({ id: 'ETH 2026-06-26', spot: 1990, ...same })
    expect(btc.parameters.sigma).toBeCloseTo(eth.parameters.sigma, 9)
    expect([btc.id, late.id, calendar.calendar.expiries]).toEqual(['BTC 2026-06-26', 'ETH 0.25 years', 2])
  })

  it('keep the reason for which homeostat iv refused them, and refuse another underlying’s forward', async () => {
    const error = {
      code: 'price-below-intrinsic',
      message: 'Too low.',
      field: 'price',
      rule: 'must be above 3',
      hint: 'Look.',
    }
    const out = await smiles(
      'report',
      ...lone(),
      { id: 'x', line: 3, error },
      { ...lone()[0], id: 'y', forward: 60_000 },
    )
    expect(out[11]).toEqual({ id: 'x', line: 12, error })
    expect(out[12]).toMatchObject({ id: 'y', error: { code: 'forward-differs', field: 'forward' } })
    expect(out[13]).toMatchObject({ id: '2026-06-26', quotes: 11, warnings: [] })
  })

  it('may have forwards that differ a little, of which the middle one is taken and told', async () => {
    const out = await smiles('report', ...lone().map((quote, i) => ({ ...quote, forward: forward + i / 10 })))
    expect(out[11]).toMatchObject({
      forward: 2000.5,
      warnings: ['the forwards of these quotes differ by 0.05 %: the middle one is taken'],
    })
  })

  it('that are too few for a smile are refused at the end, by the name of their slice', async () => {
    const { out, refused } = await answerText(
      lone()
        .slice(0, 4)
        .map((quote) => JSON.stringify(quote))
        .join('\n'),
      fitSurfaces({ mode: 'report' }),
    )
    expect(out[4]).toMatchObject({ id: '2026-06-26', error: { code: 'too-few-quotes' } })
    expect(refused).toBe(1)
  })

  const wrong: readonly (readonly [string, object, string])[] = [
    ['no volatility', { volatility: undefined }, 'volatility'],
    ['a volatility in per cent', { volatility: 60 }, 'volatility'],
    ['no time', { time: undefined, expiry: undefined }, 'time'],
    ['an unknown field', { iv: 0.5 }, 'iv'],
  ]
  it.each(wrong)('are refused with %s', async (_, change, name) => {
    const [found] = await smiles('report', { ...lone()[0], ...change })
    expect(found.error).toMatchObject({ field: name, rule: expect.any(String) })
  })
})

describe('the market of fitted surfaces', () => {
  const at = 1_780_300_800
  const end = at + 30 * 86_400
  const slice = (surface: string | undefined, more: object = {}) => {
    const { time: _, ...rest } = sliceOf(smile, 30 / 365, { surface, at, expiry: end, spot: 1990, ...more })
    return rest
  }
  async function market(mode: ArbitrageMode, ...slices: readonly object[]) {
    const input = slices.map((one) => JSON.stringify(one)).join('\n')
    // biome-ignore lint/suspicious/noExplicitAny: what JSON.parse gives, read by these tests only
    return (await answerText(input, fitSurfaces({ mode, market: 'print' }))).out.at(-1) as any
  }

  it('gives the smiles back to who values in it, with the forwards that they refer to', async () => {
    const late = slice('ETH', {
      expiry: end + 60 * 86_400,
      forward: 2020,
      quotes: quotesOf({ ...smile, a: 0.05 }, 90 / 365),
    })
    const stated = await market('report', late, slice('ETH'), slice('BTC', { spot: undefined }))
    expect(stated.forward.ETH.map(({ price }: { price: number }) => price)).toEqual([2000, 2020])
    const { spot, ...rest } = stated
    expect(spot).toEqual({ ETH: 1990 })
    const found = parseMarket({ ...rest, spot: { ETH: 1990, BTC: 1995 } })
    for (const asset of ['ETH', 'BTC'])
      for (const { strike, volatility } of quotesOf(smile, 30 / 365))
        expect(strikeVolatility(found, { asset, strike, expiry: end }).volatility).toBeCloseTo(volatility as number, 5)
  })

  it('holds what was repaired', async () => {
    const slices = [
      slice('ETH', { quotes: quotesOf({ ...smile, a: 0.0166 }, 30 / 365) }),
      slice('ETH', { expiry: end + 86_400 }),
    ]
    const stated = await market('repair', ...slices)
    const [early, later] = stated.volatility.ETH.svi
    expect(calendarReport(early, later).free).toBe(true)
    expect((await market('refuse', ...slices)).error).toMatchObject({ code: 'no-market', field: 'calendar' })
  })

  it('takes time with an instant for an expiry', async () => {
    const stated = await market('report', sliceOf(smile, 30 / 365, { surface: 'ETH', at }))
    expect(stated.volatility.ETH.svi[0].expiry).toBeCloseTo(end, 6)
    expect(stated).not.toHaveProperty('spot')
  })

  const without: readonly (readonly [string, readonly object[], string])[] = [
    ['a name', [slice(undefined)], 'surface'],
    ['an instant', [sliceOf(smile, 0.1, { surface: 'ETH' })], 'at'],
    ['one instant', [slice('ETH'), slice('ETH', { at: at + 60 })], 'at'],
    ['any slice', [{}], 'surface'],
  ]
  it.each(without)('is refused without %s', async (_, slices, name) => {
    expect((await market('report', ...slices)).error).toMatchObject({ code: 'no-market', field: name })
  })
})

describe('the command homeostat surface fit', () => {
  it('fits standard input, refuses what is bad, and fails at the end', async () => {
    const input = [sliceExample, { id: 'bad', forward, time: 1, quotes: [] }]
      .map((one) => JSON.stringify(one))
      .join('\n')
    const { code, lines, err } = await runHomeostat(['surface', 'fit'], input)
    expect(code).toBe(1)
    expect(lines).toMatchObject([
      { id: sliceExample.id, quotes: 7, leftOut: [], warnings: [] },
      { id: 'bad', line: 2, error: { code: 'too-few-quotes' } },
      { calendar: { surface: 'ETH', expiries: 1, free: true } },
    ])
    expect(err).toMatch(/^1 of 2 lines was refused; the first at line 2/)
  })

  it('repairs and refuses by option, but not both', async () => {
    const input = JSON.stringify({ time: 1, forward, quotes: quotesOf(vogt, 1, wide) })
    const repaired = await runHomeostat(['surface', 'fit', '--repair', '-'], input)
    expect(repaired).toMatchObject({ code: 0, lines: [{ repaired: true, butterfly: { free: true } }, {}] })
    const refusedOne = await runHomeostat(['surface', 'fit', '--refuse'], input)
    expect(refusedOne).toMatchObject({ code: 1, lines: [{ error: { code: 'butterfly-arbitrage' } }] })
    expect((await runHomeostat(['surface', 'fit', '--refuse', '--repair'], input)).err).toContain('cannot be used with')
  })

  it('takes what homeostat iv prints, and gives homeostat price its market', async () => {
    const [at, end] = [1_780_300_800, 1_780_300_800 + 30 * 86_400]
    const volatilityAt = (strike: number, time: number) => 0.6 - 0.1 * Math.log(strike / 2000) + 0.1 * time
    const quotes = [30, 90].flatMap((days) =>
      strikes.map((strike) => {
        const time = days / 365
        const kind = strike < 2000 ? ('put' as const) : ('call' as const)
        const option = {
          kind,
          spot: 1990,
          strike,
          time,
          rate: 0.04,
          carry: 0.04,
          volatility: volatilityAt(strike, time),
        }
        const { volatility: _, time: __, ...quote } = option
        return { ...quote, price: blackScholesPrice(option), at, expiry: at + days * 86_400 }
      }),
    )
    const asLines = (records: readonly object[]) => records.map((one) => JSON.stringify(one)).join('\n')
    const iv = await runHomeostat(['iv'], asLines(quotes))
    const fitted = await runHomeostat(['surface', 'fit', '--repair', '--surface', 'ETH', '--market'], iv.out)
    expect([iv.err, fitted.err, fitted.code]).toEqual(['', '', 0])
    const file = join(mkdtempSync(join(tmpdir(), 'homeostat-surface-')), 'market.json')
    writeFileSync(file, JSON.stringify({ ...fitted.lines.at(-1), interest: 0.04 }))
    const terms = { asset: 'ETH', type: 'call', strike: 2150, expiry: end, quantity: 1 }
    const line = { instrument: { kind: 'vanilla-option', terms } }
    const priced = await runHomeostat(['price', '--market', file], JSON.stringify(line))
    rmSync(dirname(file), { recursive: true, force: true })
    const same = quotes.find(({ strike, expiry }) => strike === 2150 && expiry === end)
    expect(priced.err).toBe('')
    expect((priced.lines[0]?.value as number) / (same?.price ?? 0)).toBeCloseTo(1, 2)
  })

  it('shows the same way in both help texts', async () => {
    for (const words of [['iv'], ['surface', 'fit']]) {
      const { out } = await runHomeostat([...words, '--help'])
      expect(out).toContain(
        'homeostat iv quotes.jsonl | homeostat surface fit --repair --surface ETH --market | tail -n 1 > market.json\n  homeostat price --market market.json book.jsonl\n',
      )
    }
  })

  it('describes its fields with units, and an example that it answers as it says', async () => {
    const described = JSON.parse((await runHomeostat(['surface', 'fit', '--describe', '--json'])).out)
    for (const { unit, meaning } of described.fields) expect([unit, meaning]).not.toContain('')
    expect(described.fields.map(({ field }: { field: string }) => field)).toContain('quotes[].bid')
    expect((await smiles('report', described.example))[0]).toEqual(described.result)
    for (const { unit, meaning } of described.quote) expect([unit, meaning]).not.toContain('')
    // A free smile has no worst point: far out, g tends to a limit that means nothing.
    expect(Object.keys(described.result.butterfly)).toEqual(['free', 'violated', 'leastVariance', 'steepestWing'])
  })
})
