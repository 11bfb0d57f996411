import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { impliedVolatilityLine } from '../../bin/quotes/implied-volatility-line.ts'
import { blackScholesPrice } from '../../lib/quant/options/black.ts'
import { inverseOption } from '../../lib/quant/options/inverse-option.ts'
import { answerText } from './answer-text.ts'
import { runHomeostat } from './run-homeostat.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeostat-iv-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const work = { answer: impliedVolatilityLine }
const answer = async (...records: readonly object[]) =>
  (await answerText(records.map((record) => JSON.stringify(record)).join('\n'), work)).out
const plain = { kind: 'call', price: 120, spot: 2000, strike: 2100, time: 0.25 }
const isNear = (value: number, other: number, tolerance: number) =>
  Math.abs(value - other) <= tolerance * Math.abs(other)

const option = fc.record({
  kind: fc.constantFrom('call' as const, 'put' as const),
  spot: fc.double({ min: 1e-18, max: 1e18, noNaN: true }),
  moneyness: fc.double({ min: -2, max: 2, noNaN: true }),
  time: fc.double({ min: 0.002, max: 5, noNaN: true }),
  volatility: fc.double({ min: 0.05, max: 3, noNaN: true }),
  rate: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
  carry: fc.double({ min: -0.3, max: 0.3, noNaN: true }),
})

describe('a line of homeostat iv', () => {
  it('gives the volatility back that a price was made of, in dollars and in coin, on spot and on forward', async () => {
    await fc.assert(
      fc.asyncProperty(option, async ({ moneyness, ...drawn }) => {
        const strike = drawn.spot * Math.exp(moneyness)
        const { spot, time, carry, volatility, ...rest } = drawn
        const { price, priceCoin, vega } = inverseOption({ ...drawn, strike })
        // What is lost in the digits of a price, or close to nothing, is another test's subject.
        const intrinsic = blackScholesPrice({ ...drawn, strike, volatility: 0 })
        const condition = price / (volatility * vega)
        // So are prices among the smallest numbers, which hold fewer digits.
        fc.pre(price > 1e-290 && price - intrinsic > 1e-6 * price && condition > 0 && condition < 1e3)
        const forward = spot * Math.exp(carry * time)
        const terms = { ...rest, strike, time, carry }
        const found = await answer(
          { ...terms, spot, price },
          { ...terms, forward, price },
          { ...terms, spot, price: priceCoin, priceIn: 'coin' },
          { ...terms, forward, price: priceCoin, priceIn: 'coin' },
        )
        for (const one of found) {
          expect(one).not.toHaveProperty('error')
          const { volatility: back, vega: slope, forward: itsForward, priceUsd } = one as Record<string, number>
          // A relative error of 1e-15 in price or forward is one of 1e-15 condition (and price / time value) in volatility.
          const tolerance = 1e-14 * Math.max(1, condition) * (price / (price - intrinsic)) * (1 + spot / price)
          expect(isNear(back ?? 0, volatility, Math.max(1e-12, tolerance))).toBe(true)
          expect(isNear(slope ?? 0, vega, 1e-6)).toBe(true)
          expect(isNear(itsForward ?? 0, forward, 1e-13)).toBe(true)
          expect(isNear(priceUsd ?? 0, price, 1e-13)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('takes the time in years, or as an expiry and an instant, in ISO or Unix seconds', async () => {
    const { time: _, ...timeless } = plain
    const found = await answer(
      { ...timeless, time: 30 / 365 },
      { ...timeless, at: '2026-06-01T08:00:00Z', expiry: '2026-07-01T08:00:00Z' },
      { ...timeless, at: '2026-06-01T10:00:00+02:00', expiry: Date.UTC(2026, 6, 1, 8) / 1_000 },
      { ...timeless, at: '2026-06-01', expiry: '2026-07-01' },
    )
    expect(new Set(found.map(({ volatility }) => volatility)).size).toBe(1)
    expect(found[3]).toMatchObject({ time: 30 / 365 })
  })

  it('takes a carry equal to the rate, and a rate of zero, where none is given', async () => {
    const [one, other, third, fourth] = await answer(
      { ...plain, rate: 0.05 },
      { ...plain, rate: 0.05, carry: 0.05 },
      plain,
      { ...plain, rate: 0, carry: 0, priceIn: 'usd' },
    )
    expect({ ...one, line: 0 }).toEqual({ ...other, line: 0 })
    expect({ ...third, line: 0 }).toEqual({ ...fourth, line: 0 })
    expect(one?.forward).toBeCloseTo(2000 * Math.exp(0.0125), 9)
  })

  it('repeats what its quote stated of the option, so that lines can be grouped', async () => {
    const expiry = '2026-07-01T08:00:00Z'
    const { time: _, ...timeless } = plain
    const [stated, forward] = await answer(
      { ...timeless, surface: 'ETH', expiry, at: '2026-06-01T08:00:00Z' },
      { ...plain, spot: undefined, forward: 2000, id: 'b' },
    )
    const option = { kind: 'call', strike: 2100 }
    expect(stated).toMatchObject({
      surface: 'ETH',
      ...option,
      expiry: 1782892800,
      at: 1780300800,
      spot: 2000,
      forward: 2000,
    })
    expect(forward).toMatchObject({ ...option, time: 0.25, forward: 2000 })
    for (const name of ['surface', 'expiry', 'at', 'spot']) expect(forward).not.toHaveProperty(name)
  })

  const refused: readonly (readonly [string, object, object])[] = [
    ['a price of zero', { price: 0 }, { code: 'invalid-input', field: 'price', rule: 'must be above 0' }],
    ['a price below zero', { price: -1 }, { code: 'invalid-input', field: 'price', rule: 'must be above 0' }],
    ['a price in words', { price: '120' }, { code: 'invalid-input', field: 'price', rule: 'must be a finite number' }],
    ['a price of null', { price: null }, { code: 'invalid-input', field: 'price' }],
    [
      'a price below intrinsic value',
      { strike: 1500, price: 499 },
      { code: 'price-below-intrinsic', field: 'price', rule: 'must be above the discounted intrinsic value, 500 USD' },
    ],
    [
      'a coin price below intrinsic value, in coins',
      { strike: 1500, price: 0.2, priceIn: 'coin' },
      { code: 'price-below-intrinsic', rule: 'must be above the discounted intrinsic value, 0.25 coins' },
    ],
    [
      'a price at intrinsic value',
      { strike: 1500, price: 500 },
      { code: 'time-value-lost', field: 'price', rule: expect.stringContaining('500 USD') },
    ],
    [
      'a call above its forward',
      { price: 2000 },
      { code: 'price-above-maximum', field: 'price', rule: 'must be below the discounted forward, 2000 USD' },
    ],
    [
      'a put above its strike',
      { kind: 'put', price: 2100, rate: 0.1 },
      {
        code: 'price-above-maximum',
        rule: `must be below the discounted strike, ${(2100 * Math.exp(-0.025)).toFixed(5)} USD`,
      },
    ],
    ['a strike out of reach', { strike: 1e9 }, { code: 'moneyness-out-of-range', field: 'strike' }],
    ['a strike of zero', { strike: 0 }, { code: 'invalid-input', field: 'strike', rule: 'must be above 0' }],
    ['a spot below zero', { spot: -3 }, { code: 'invalid-input', field: 'spot', rule: 'must be above 0' }],
    ['no spot', { spot: undefined }, { code: 'invalid-input', field: 'spot' }],
    ['a spot and a forward', { forward: 2000 }, { code: 'invalid-input', field: 'forward' }],
    ['no time', { time: undefined }, { code: 'invalid-input', field: 'time' }],
    ['a time and an expiry', { expiry: 1.9e9, at: 1.8e9 }, { code: 'invalid-input', field: 'time' }],
    ['an expiry without an instant', { time: undefined, expiry: 1.9e9 }, { code: 'invalid-input', field: 'at' }],
    ['a time of zero', { time: 0 }, { code: 'expired', field: 'time', rule: 'must be above 0' }],
    ['a time past', { time: -1 }, { code: 'expired', field: 'time' }],
    [
      'an expiry past',
      { time: undefined, expiry: 1.8e9, at: 1.8e9 },
      { code: 'expired', field: 'expiry', rule: 'must be later than at' },
    ],
    ['milliseconds', { time: undefined, expiry: 1.9e12, at: 1.8e9 }, { code: 'invalid-input', field: 'expiry' }],
    [
      'an instant without its zone',
      { time: undefined, expiry: '2026-07-01T08:00:00', at: 1.7e9 },
      { code: 'invalid-input', field: 'expiry' },
    ],
    ['a rate in per cent', { rate: 500 }, { code: 'invalid-input', field: 'rate' }],
    ['a rate beyond what time allows', { rate: 9, carry: 0, time: 90 }, { code: 'out-of-domain', field: 'rate' }],
    ['a carry beyond what time allows', { carry: -9, time: 90 }, { code: 'out-of-domain', field: 'carry' }],
    [
      'a price too large in dollars',
      { price: 1e300, spot: 1e300, priceIn: 'coin' },
      { code: 'out-of-domain', field: 'price' },
    ],
    ['an unknown kind', { kind: 'straddle' }, { field: 'kind', rule: 'must be call or put' }],
    [
      'an unknown field',
      { vol: 0.5 },
      { code: 'invalid-input', field: 'vol', rule: 'is not known here: see --describe' },
    ],
  ]
  it.each(refused)('refuses %s, and names field and rule', async (_, change, error) => {
    const [good, bad, next] = await answer(plain, { ...plain, ...change }, { ...plain, id: 3 })
    expect(bad).toMatchObject({ line: 2, error })
    expect(bad?.error).toMatchObject({ field: expect.any(String), rule: expect.any(String) })
    expect([good?.volatility, next?.volatility]).toEqual([good?.volatility, good?.volatility])
    expect(good?.volatility).toBeCloseTo(0.4047807, 6)
  })

  it('refuses what JSON reads as infinite', async () => {
    const { out } = await answerText(JSON.stringify(plain).replace('120', '1e999'), work)
    expect(out).toMatchObject([{ error: { field: 'price', rule: 'must be a finite number' } }])
  })

  it('warns of what is computed and probably not meant', async () => {
    const deep = { ...plain, strike: 1000, price: 1000 + 1e-9 }
    const found = await answer(
      plain,
      deep,
      { ...plain, time: 0.0001 },
      { ...plain, time: 30 },
      { ...plain, rate: 2, carry: 0 },
    )
    const warnings = found.map((one) => (one.warnings as readonly string[]).join())
    expect(warnings).toEqual([
      '',
      expect.stringMatching(/holds no more than \d digits of the volatility: quote the out-of-the-money side/),
      expect.stringContaining('is rare: are price, time and strike in their units?'),
      expect.stringContaining('30 years is a long time: time is in years'),
      expect.stringContaining('0.05 is 5 %'),
    ])
  })

  it('answers any numbers at all with a finite volatility or a named error', async () => {
    const any = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(1e-18, 1e18, 0, 5e-324, 1.7e308, 1, 2000),
    )
    const quote = fc.record(
      {
        kind: fc.constantFrom('call', 'put'),
        priceIn: fc.constantFrom('usd', 'coin'),
        price: any,
        spot: any,
        forward: any,
        strike: any,
        time: any,
        rate: any,
        carry: any,
      },
      { requiredKeys: ['kind', 'price', 'strike', 'time'] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(quote, { minLength: 5, maxLength: 5 }), async (quotes) => {
        for (const one of await answer(...quotes)) {
          const code = (one.error as { readonly code: string } | undefined)?.code
          expect(code ?? Number.isFinite(one.volatility)).not.toBe('unexpected')
          expect(code !== undefined || (one.volatility as number) >= 0).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('the command homeostat iv', () => {
  const lines = ['{"id":"good","kind":"call","price":120,"spot":2000,"strike":2100,"time":0.25}', 'oops', '', '[1]']

  it('answers a file, says on stderr what was refused, and fails at the end', async () => {
    const file = join(folder, 'quotes.jsonl')
    writeFileSync(file, `${lines.join('\n')}\n${lines[0]}\n`)
    const { code, lines: out, err } = await runHomeostat(['iv', file])
    expect(code).toBe(1)
    expect(out).toMatchObject([
      { id: 'good', volatility: expect.closeTo(0.4047807, 6) },
      { line: 2, error: { code: 'not-json' } },
      { line: 4, error: { code: 'not-an-object' } },
      { id: 'good' },
    ])
    expect(err).toMatch(/^2 of 4 lines were refused; the first at line 2: .*\n$/)
  })

  it.each([[[]], [['--json', '-']]])('answers standard input with arguments %j', async (words) => {
    const { code, lines: out, err } = await runHomeostat(['iv', ...words], `${lines[0]}\n`)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatchObject([{ id: 'good' }])
  })

  it('says which file it cannot read', async () => {
    const missing = await runHomeostat(['iv', join(folder, 'missing.jsonl')])
    expect(missing).toMatchObject({ code: 1, out: '' })
    expect(missing.err).toMatch(/input-failed: .*missing\.jsonl cannot be read: ENOENT/)
    expect((await runHomeostat(['iv', folder])).err).toContain('it is a folder')
  })

  it('describes its fields with units, and an example that it answers as it says', async () => {
    const described = JSON.parse((await runHomeostat(['iv', '--describe', '--json'])).out)
    for (const { unit, meaning } of described.fields) expect([unit, meaning]).not.toContain('')
    expect(await answer(described.example)).toEqual([described.result])
    expect(
      Object.keys(described.example).filter(
        (name) => !described.fields.some((one: { field: string }) => one.field === name),
      ),
    ).toEqual([])
    const { out } = await runHomeostat(['iv', '--describe'])
    expect(out).toMatch(/strike +USD +strike\n/)
  })
})
