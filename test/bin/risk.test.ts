// `homeostat risk` as its user runs it: a book through a history with a truth, and every kind of bad input.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TailRisk } from '../../lib/model/tail-risk.ts'
import { random } from '../../lib/quant/random.ts'
import { parsedXml } from '../web/charts/well-formed.ts'
import { runHomeostat } from './run-homeostat.ts'

const folder = mkdtempSync(join(tmpdir(), 'homeostat-risk-'))
const firstDay = Date.UTC(2022, 0, 1)
const dateOf = (t: number) => new Date(firstDay + t * 86_400_000).toISOString().slice(0, 10)

function saved(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** Walks with one common factor, 3 % a day; after day 500 everything is ten times as wild. */
function walks(names: readonly string[], days: number, seed = 1): Record<string, number[]> {
  const rng = random(seed)
  const prices: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]))
  const last = names.map(() => 1_000)
  for (let t = 0; t < days; t += 1) {
    const common = rng.normal()
    for (const [i, name] of names.entries()) {
      const size = t < 500 ? 1 : 4
      last[i] = (last[i] ?? 0) * Math.exp(size * (0.025 * common + 0.015 * rng.normal()))
      prices[name]?.push(last[i] ?? 0)
    }
  }
  return prices
}

function wide(columns: Readonly<Record<string, readonly (number | string | undefined)[]>>): string {
  const names = Object.keys(columns)
  const length = Math.max(...Object.values(columns).map((column) => column.length))
  const rows = Array.from({ length }, (_, t) => [dateOf(t), ...names.map((name) => columns[name]?.[t] ?? '')].join(','))
  return [['date', ...names].join(','), ...rows].join('\n')
}

const prices = walks(['ETH', 'BTC', 'LTC'], 520)
const history = saved('history.csv', wide(prices))
const book = {
  positions: [
    { kind: 'spot', label: 'bitcoins', terms: { asset: 'BTC', quantity: 10 } },
    {
      id: 'aave',
      kind: 'loan',
      terms: {
        collateral: [{ asset: 'wstETH', quantity: 100, liquidationThreshold: 0.8 }],
        debt: [{ asset: 'USDC', quantity: 40_000 }],
      },
    },
  ],
  market: { exchangeRates: { wstETH: { underlying: 'ETH', rate: 1.2 } } },
}
const portfolio = saved('book.json', book)

interface Answer {
  readonly date: string
  readonly navUsd: number
  readonly tail?: TailRisk
  readonly tailMissing?: string
  readonly stress: readonly unknown[]
  readonly stressTest: { readonly crises: readonly unknown[] }
  readonly notes: readonly string[]
  readonly modelNotes: readonly string[]
}

const run = (file: string, csv: string, ...words: readonly string[]) =>
  runHomeostat(['risk', '--portfolio', file, '--history', csv, '--count', '1000', ...words])

async function answered(file: string, csv: string, ...words: readonly string[]): Promise<Answer> {
  const { code, out, err } = await run(file, csv, '--json', ...words)
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

async function refusal(file: string, csv: string, ...words: readonly string[]): Promise<string> {
  const { code, out, err } = await run(file, csv, ...words)
  expect(code).not.toBe(0)
  expect(out).toBe('')
  expect(err).not.toMatch(/\n\s+at /)
  return err
}

describe('homeostat risk', () => {
  it('values a book at the closes of an instant, and knows nothing of what comes later', async () => {
    const [calm, cut] = await Promise.all([
      answered(portfolio, history, '--at', dateOf(500)),
      answered(portfolio, saved('cut.csv', wide(walks(['ETH', 'BTC', 'LTC'], 500))), '--at', dateOf(500)),
    ])
    const [eth = 0, btc = 0] = [prices.ETH?.[499], prices.BTC?.[499]]
    expect(calm.navUsd).toBeCloseTo(10 * btc + 120 * eth - 40_000, 6)
    expect(calm.date).toBe(dateOf(500))
    expect(calm.tail).toEqual(cut.tail)
    expect(calm.notes.join()).toMatch(/the history gives the last prices up to .* of .*BTC/)
    expect(calm.stress.length).toBeGreaterThan(0)
    expect(calm.stressTest.crises.length).toBeGreaterThan(0)
  })

  it('heads what rests on too few days, or on days long past, with a warning; small chances have no false digits', async () => {
    const few = saved('few.csv', wide(walks(['ETH', 'BTC'], 75)))
    const short = await run(portfolio, few)
    expect(short.out.split('\n')[1]).toMatch(/^! VaR within .*1d.* at 95 % rests on 75 days, fewer than the 200/)
    expect(short.out.split('\n')[2]).toMatch(/^! VaR .* at 99 % rests on 75 days, .*1,000.*beyond all that was seen/)
    const late = await run(portfolio, history, '--at', '2026-01-01')
    expect(late.out.split('\n')[1]).toMatch(/^! the history ends on 2023-\d\d-\d\d, \d+ days before 2026-01-01/)
    expect(late.out).not.toMatch(/\de-\d+ %/)
    const safe = saved('safe.json', {
      positions: [
        {
          kind: 'loan',
          terms: {
            collateral: [{ asset: 'ETH', quantity: 100, liquidationThreshold: 0.8 }],
            debt: [{ asset: 'USDC', quantity: 900 }],
          },
        },
      ],
    })
    const { out } = await run(safe, history)
    expect(out).toMatch(/<0\.01 %/)
  })

  it('sees the wild days once they are past', async () => {
    const [before, after] = await Promise.all([
      answered(portfolio, history, '--at', dateOf(500)),
      answered(portfolio, history),
    ])
    const share = ({ tail, navUsd }: Answer) => (tail?.figures[3]?.expectedShortfallUsd ?? 0) / navUsd
    expect(share(after)).toBeGreaterThan(1.5 * share(before))
  })

  it('prints tables that align, with liquidation, stress and notes', async () => {
    const { code, out, err } = await run(
      portfolio,
      history,
      '--at',
      dateOf(500),
      '--target-probability',
      '0.02',
      '--gas-usd',
      '30',
    )
    expect([code, err]).toEqual([0, ''])
    for (const part of [
      /^within\s+level\s+VaR USD/m,
      /^1d\s+99 %/m,
      /^aave\s+.*10d/m,
      /LTV for 2\.0 %/,
      /^Black Thursday/m,
      /^notes/m,
    ])
      expect(out).toMatch(part)
    expect(out).toContain('6 % is assumed')
  })

  it('draws a day as a picture', async () => {
    const svg = join(folder, 'day.svg')
    const { code, out } = await run(portfolio, history, '--svg', svg)
    expect([code, out.startsWith(`written  ${svg}`)]).toEqual([0, true])
    const picture = readFileSync(svg, 'utf8')
    expect(parsedXml(picture).name).toBe('svg')
    for (const label of ['VaR 95 %', 'ES 99 %']) expect(picture).toContain(label)
  })

  it('believes the prices of a market that is of that instant, and those of the history for another', async () => {
    const stated = {
      ...book,
      market: { ...book.market, at: `${dateOf(500)}T00:00:00Z`, spot: { ETH: 700, BTC: 500, USDC: 1 } },
    }
    const file = saved('stated.json', stated)
    const [own, other] = await Promise.all([answered(file, history), answered(file, history, '--at', dateOf(400))])
    expect(own.date).toBe(dateOf(500))
    expect(own.navUsd).toBeCloseTo(10 * 500 + 120 * 700 - 40_000, 6)
    expect(other.navUsd).toBeCloseTo(10 * (prices.BTC?.[399] ?? 0) + 120 * (prices.ETH?.[399] ?? 0) - 40_000, 6)
    expect(other.notes.join()).toContain('its prices of USDC are kept')
  })

  it('draws an hour from hours where the history has hours', async () => {
    const hours = walks(['ETH', 'BTC'], 24 * 40)
    const rows = (hours.ETH ?? []).map((eth, t) =>
      [new Date(firstDay + t * 3_600_000).toISOString(), eth, hours.BTC?.[t]].join(','),
    )
    const file = saved('hours.csv', ['date,ETH,BTC', ...rows].join('\n'))
    const { tail } = await answered(portfolio, file)
    expect(tail?.figures.map(({ basis }) => basis)).toEqual(['hourly', 'hourly', 'daily', 'daily', 'daily', 'daily'])
  })
})

describe('homeostat risk on bad input', () => {
  const twist = (name: string, change: (t: number, price: number) => number | string | undefined) =>
    saved(name, wide({ ...prices, ETH: (prices.ETH ?? []).map((price, t) => change(t, price)) }))

  it.each([
    ['a constant series', twist('constant.csv', () => 2_000), /ETH never moved/],
    [
      'a ten-fold bar',
      twist('tenfold.csv', (t, price) => (t === 300 ? 10 * price : price)),
      /ETH.*(wick|wrong figure)/,
    ],
    ['NaN and a price of zero', twist('nan.csv', (t, price) => (t === 300 ? 'NaN' : t === 301 ? 0 : price)), /refused/],
    ['a gap', twist('gap.csv', (t, price) => (t > 200 && t < 260 ? undefined : price)), /ETH/],
  ])('goes on with %s, and tells it', async (_, file, told) => {
    const answer = await answered(portfolio, file)
    const { figures = [], liquidations = [] } = answer.tail ?? {}
    expect(figures).toHaveLength(6)
    for (const one of [...figures, ...liquidations])
      for (const value of Object.values(one)) if (typeof value === 'number') expect(value).toSatisfy(Number.isFinite)
    expect([...answer.notes, ...answer.modelNotes, ...(answer.tail?.notes ?? [])].join('\n')).toMatch(told)
  })

  it('values an asset that died at its last price, and says how old that is', async () => {
    const file = twist('dead.csv', (t, price) => (t > 400 ? undefined : t > 395 ? price / 10 ** (t - 395) : price))
    const answer = await answered(portfolio, file)
    expect([...answer.notes, ...(answer.tail?.notes ?? [])].join('\n')).toMatch(/ETH is 119 d.* old|ETH is \d+.* old/)
    expect(answer.tail?.figures).toHaveLength(6)
  })

  it('takes unsorted rows for what they are, and refuses no single asset', async () => {
    const [head, ...rows] = wide({ ETH: prices.ETH ?? [] }).split('\n')
    const file = saved('unsorted.csv', [head, ...rows.reverse()].join('\n'))
    const answer = await answered(portfolio, file, '--at', dateOf(500)).catch(() => undefined)
    expect(answer).toBeUndefined()
    const lone = saved('lone.json', { positions: [{ kind: 'spot', terms: { asset: 'ETH', quantity: 1 } }] })
    expect((await answered(lone, file)).tail?.figures).toHaveLength(6)
  }, 20_000)

  it('says that a short history has no tail, and shows the rest', async () => {
    const short = saved('short.csv', wide(walks(['ETH', 'BTC'], 12)))
    const answer = await answered(portfolio, short)
    expect(answer.tail).toBeUndefined()
    expect(answer.tailMissing).toContain('too little history')
    expect(answer.stress.length).toBeGreaterThan(0)
    const { code, out } = await run(portfolio, short)
    expect([code, out.includes('no tail risk')]).toEqual([0, true])
    expect(await refusal(portfolio, short, '--svg', '-')).toContain('There is no distribution to draw')
  })

  it('names what has no price, what is no portfolio, and an instant before the history', async () => {
    const unknown = saved('unknown.json', { positions: [{ kind: 'spot', terms: { asset: 'DOGE', quantity: 1 } }] })
    expect(await refusal(unknown, history)).toContain('for DOGE')
    expect(await refusal(saved('empty.json', { positions: [] }), history)).toContain('it holds no positions')
    expect(await refusal(saved('text.json', 'positions'), history)).toContain('not one JSON document')
    expect(await refusal(join(folder, 'none.json'), history)).toContain('there is no such file')
    expect(await refusal(saved('kind.json', { positions: [{ kind: 'sopt', terms: {} }] }), history)).toContain('sopt')
    expect(await refusal(portfolio, history, '--at', '2020-01-01')).toContain('no bar that ends by 2020-01-01')
    expect(await refusal(portfolio, history, '--only', 'XYZ')).toContain('no prices of XYZ')
    expect(await refusal(portfolio, history, '--count', '7')).toContain('whole number from 100')
    expect(await refusal(portfolio, history, '--target-probability', '5')).toContain('below 1')
  }, 30_000)
})
