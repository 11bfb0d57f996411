// `homeostat price` as its user runs it.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { priceTable } from '../../bin/quotes/price-table.ts'
import { type PricedLine, pricedLine } from '../../bin/quotes/priced-line.ts'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { instruments } from '../../lib/instruments/index.ts'
import { blackScholes } from '../../lib/quant/options/black.ts'

const market = { at: '2026-11-24T12:00:00Z', spot: { ETH: 3_000 }, interest: 0.04, volatility: { ETH: 0.6 } }
const option = (change: object = {}) => ({
  kind: 'vanilla-option',
  terms: { asset: 'ETH', type: 'call', strike: 3_200, expiry: '2027-11-24T12:00:00Z', quantity: 2, ...change },
})

interface Answer {
  readonly id?: string | number
  readonly line?: number
  readonly value?: number
  readonly error?: { readonly code: string; readonly field?: string; readonly rule?: string; readonly message: string }
}

function run(lines: readonly string[], ...flags: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'price-'))
  const file = join(folder, 'book.jsonl')
  writeFileSync(file, lines.join('\n'))
  const { stdout, stderr, status } = spawnSync(process.execPath, ['bin/homeostat.ts', 'price', ...flags, file], {
    encoding: 'utf8',
  })
  const answers = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Answer => JSON.parse(line))
  return { answers, stderr, status }
}

describe('homeostat price', () => {
  it('answers each line in order, names what is wrong with the bad ones and fails at the end', () => {
    const bad: readonly (readonly [object | string, string, RegExp])[] = [
      [{ id: 'no-strike', instrument: option({ strike: 0 }), market }, 'instrument.terms.strike', /must be above 0/],
      [{ id: 'nan', instrument: option({ quantity: null }), market }, 'instrument.terms.quantity', /finite number/],
      [
        '{"id":"huge","instrument":{"kind":"spot","terms":{"asset":"ETH","quantity":1e999}},"market":{"at":1,"spot":{"ETH":1}}}',
        'instrument.terms.quantity',
        /finite/,
      ],
      [
        { id: 'no-vol', instrument: option(), market: { ...market, volatility: { ETH: -0.2 } } },
        'market.volatility.ETH',
        /must be/,
      ],
      [{ id: 'no-time', instrument: option(), market: { ...market, at: 'now' } }, 'market.at', /must be an instant/],
      [{ id: 'odd', instrument: option(), market, greek: true }, 'greek', /not known here/],
    ]
    const lines = bad.flatMap(([line], index) => [
      JSON.stringify({ id: index, instrument: option(), market, greeks: true }),
      typeof line === 'string' ? line : JSON.stringify(line),
    ])
    const { answers, status, stderr } = run([...lines, '{"id":"cut', ''])
    expect(status).toBe(1)
    expect(stderr).toMatch(/7 of 13 lines were refused; the first at line 2/)
    expect(answers).toHaveLength(13)
    bad.forEach(([, field, rule], index) => {
      expect(answers[2 * index]).toMatchObject({ id: index, value: answers[0]?.value })
      expect(answers[2 * index + 1]?.error).toMatchObject({ field, message: expect.stringMatching(rule) })
    })
    expect(answers[12]).toMatchObject({ line: 13, error: { code: 'not-json' } })
  })

  it('says which price or volatility a market lacks', () => {
    const { answers, status } = run([
      JSON.stringify({ id: 1, instrument: { kind: 'spot', terms: { asset: 'DOGE', quantity: 1 } }, market }),
      JSON.stringify({ id: 2, instrument: option(), market: { at: 1_800_000_000, spot: { ETH: 3_000 } } }),
      JSON.stringify({ id: 3, instrument: { kind: 'tulip', terms: {} }, market }),
      JSON.stringify({ id: 4, instrument: option() }),
    ])
    expect(status).toBe(1)
    expect(answers.map(({ error }) => error?.code)).toEqual([
      'no-price',
      'no-volatility',
      'unknown-instrument',
      'no-market',
    ])
  })

  it('describes every kind with an example that it can price itself', () => {
    const describe = ['bin/homeostat.ts', 'price', '--describe', 'vanilla-option', '--json']
    const said = JSON.parse(spawnSync(process.execPath, describe, { encoding: 'utf8' }).stdout)
    expect(said.fields.map(({ field }: { field: string }) => field)).toContain('strike')
    const { answers, status } = run([JSON.stringify(said.example)])
    expect(status).toBe(0)
    expect(answers[0]?.value).toBe(said.result.value)
  })

  it('takes one market for all lines from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'price-'))
    const file = join(folder, 'market.json')
    writeFileSync(file, JSON.stringify(market))
    const { answers, status } = run([JSON.stringify({ instrument: option() })], '--market', file)
    expect(status).toBe(0)
    expect(answers[0]).toMatchObject({ line: 1, value: pricedLine({ instrument: option(), market }).value })
  })
})

it('the example of the README is priced without a warning, and its Greeks are netted by underlying on a terminal', () => {
  const words = ['bin/homeostat.ts', 'price', '--greeks', '--market', 'examples/market.json', 'examples/book.jsonl']
  const { stdout, status } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  expect(status).toBe(0)
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): PricedLine => JSON.parse(line))
  expect(lines).toHaveLength(7)
  expect(lines.flatMap(({ warnings }) => warnings)).toEqual([])
  const table = priceTable()
  for (const line of lines) table.seen(line)
  expect(table.summary?.().join('; ')).toMatch(
    /all lines: 2,923,105\.94 USD; net delta: ETH 2,706,479\.37 {2}USDC -81,414\.88 USD/,
  )
})

it("a line's value and Greeks are those of Black and Scholes", () => {
  const { value, greeks } = pricedLine({ instrument: option(), market, greeks: true })
  const black = blackScholes({
    kind: 'call',
    spot: 3_000,
    strike: 3_200,
    time: 1,
    volatility: 0.6,
    rate: 0.04,
    carry: 0.04,
  })
  expect(value).toBeCloseTo(2 * black.price, 9)
  expect(greeks?.delta.ETH).toBeCloseTo(2 * black.delta, 12)
  expect(greeks?.vega.ETH).toEqual({ '2027-11-24': expect.closeTo(2 * black.vega, 8) })
  expect(greeks?.theta.decay).toBeCloseTo(2 * black.theta, 8)
  expect(greeks?.rho).toBeCloseTo(2 * black.rho, 8)
  expect(greeks?.usd.gammaUsd1pct.ETH).toBeCloseTo((2 * black.gamma * 3_000 ** 2) / 100, 9)
  expect(greeks?.usd.vegaPerPoint.ETH).toBeCloseTo((2 * black.vega) / 100, 10)
  expect(greeks?.usd.thetaPerDay.decay).toBeCloseTo((2 * black.theta) / 365, 10)
})

it.each(instruments.map(({ kind, example }) => [kind, example] as const))(
  'the example of %s is priced with its Greeks',
  (kind, example) => {
    const line = pricedLine({ instrument: { kind, terms: example }, market: exampleMarket, greeks: true })
    expect(Number.isFinite(line.value)).toBe(true)
    expect(line.warnings).toEqual([])
  },
)
