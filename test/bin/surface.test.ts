import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarLine } from '../../bin/quotes/compare-expiries.ts'
import type { ArbitrageMode } from '../../bin/quotes/fit-slice.ts'
import { fitSurfaces } from '../../bin/quotes/fit-surfaces.ts'
import { sliceExample } from '../../bin/quotes/slice-example.ts'
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
  return (await answerText(input, fitSurfaces(mode))).out as readonly any[]
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
      withQuote(3, { volatility: 160 }),
      { field: 'quotes.3.volatility', rule: expect.stringContaining('0.6 is 60 %') },
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
      fc.asyncProperty(drawn(absurd, between(1e-6, 100), absurd), async ([slice, mode]) => {
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
    const [{ from, to, strikes: at }] = butterfly.violated
    expect([from > 0.5 && from < 0.75, to > 1 && to < 1.4]).toEqual([true, true])
    expect(at[0]).toBeCloseTo(forward * Math.exp(from), 6)
    expect(butterfly.least).toBeLessThan(0)
    expect(fitted).toMatchObject({
      repaired: false,
      warnings: expect.arrayContaining(['the smile allows a butterfly arbitrage']),
    })
    expect(fitted).not.toHaveProperty('before')
  })

  it('is moved to the closest one without when it is to be repaired, with before and after', async () => {
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
    expect(repaired.atTheMoneyVolatility).toBeCloseTo(reported.atTheMoneyVolatility, 6)
  })

  it('is refused when that is asked for', async () => {
    const [fitted] = await smiles('refuse', slice)
    expect(fitted.error).toMatchObject({
      code: 'butterfly-arbitrage',
      field: 'quotes',
      rule: expect.stringMatching(/: g is -0\.\d+ at k /),
    })
  })

  it('is refused with the reason where no repair exists', async () => {
    const steep = { a: 0.04, b: 1.9, rho: -0.9, m: 0.1, sigma: 0.1 }
    const [fitted] = await smiles('repair', { time: 1, forward, quotes: quotesOf(steep, 1, wide) })
    expect(fitted.error).toMatchObject({ code: 'butterfly-not-repairable', field: 'quotes', hint: expect.any(String) })
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

  it('names the expiries that cross, how far and where, and lifts the later one when it is to be repaired', async () => {
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
    expect(repaired).toMatchObject([{ slice: 'b' }])
    expect(repaired[0].lift).toBeCloseTo(0.003, 4)
    expect(calendarReport(out[0].parameters, repaired[0].parameters).free).toBe(true)
    expect(calendarReport(repaired[0].parameters, out[2].parameters).free).toBe(true)

    expect((await smiles('refuse', ...slices))[3].error).toMatchObject({
      code: 'calendar-arbitrage',
      message: expect.stringContaining('b has less total variance than a'),
    })
  })

  it('blames a wing that gets flatter, which no lift can help', async () => {
    const flatter = { ...lifted(0.05), b: 0.03 }
    const slices = [sliceOf(smile, 0.1, { id: 'a' }), sliceOf(flatter, 0.2, { id: 'b' })]
    const [, , report] = await smiles('report', ...slices)
    expect(report.calendar.violations).toEqual([{ earlier: 'a', later: 'b', wing: 'put' }])
    const { error } = (await smiles('repair', ...slices))[2]
    expect(error).toMatchObject({ code: 'calendar-not-repairable', rule: 'a and b must not cross' })
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

  it('describes its fields with units, and an example that it answers as it says', async () => {
    const described = JSON.parse((await runHomeostat(['surface', 'fit', '--describe', '--json'])).out)
    for (const { unit, meaning } of described.fields) expect([unit, meaning]).not.toContain('')
    expect(described.fields.map(({ field }: { field: string }) => field)).toContain('quotes[].bid')
    expect((await smiles('report', described.example))[0]).toEqual(described.result)
  })
})
