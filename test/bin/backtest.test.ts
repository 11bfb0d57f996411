// `homeostat backtest` as its user runs it: on planted prices, and on files with everything wrong that a file can have.

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isoDate } from '../../lib/base/calendar.ts'
import { random } from '../../lib/quant/random.ts'
import { runHomeostat } from './run-homeostat.ts'

const folder = mkdtempSync(join(tmpdir(), 'backtest-'))
const firstDay = Date.UTC(2021, 0, 1) / 1_000
const days = 400
const dateOf = (t: number) => isoDate(firstDay + t * 86_400)

function walk(seed: number): readonly number[] {
  const stream = random(seed)
  let price = 100
  return Array.from({ length: days }, () => {
    price *= Math.exp(0.03 * stream.normal())
    return price
  })
}

const [a, b] = [walk(1), walk(2)]
const rowsOf = (asset: string, prices: readonly (number | string)[]) =>
  prices.map((price, t) => `${dateOf(t)},${asset},${price}`)

function fileOf(name: string, rows: readonly string[], header = 'date,asset,price_usd'): string {
  const file = join(folder, name)
  writeFileSync(file, `${header}\n${rows.join('\n')}\n`)
  return file
}

const good = fileOf('good.csv', [...rowsOf('A', a), ...rowsOf('B', b)])
const backtest = (...words: readonly string[]) => runHomeostat(['backtest', '--history', ...words])

describe('homeostat backtest', () => {
  it('tests each asset and the equal-weight book, and prints what the table says as JSON too', async () => {
    const [table, json] = await Promise.all([backtest(good), backtest(good, '--json')])
    expect(table.code).toBe(0)
    expect(table.out).toMatch(/1d ahead, 2021-07-20 to 2022-02-04, out of sample/)
    for (const name of ['A', 'B', 'equal weight of 2'])
      expect(table.out).toMatch(new RegExp(`^${name} +95.0% +200 `, 'm'))
    const { books, tests } = JSON.parse(json.out)
    expect(tests).toBe(3 * 2 * 4)
    expect(books.map(({ name }: { name: string }) => name)).toEqual(['A', 'B', 'equal weight of 2'])
    for (const { levels, forecasts } of books) {
      expect(forecasts).toHaveLength(200)
      for (const [index, { breaches, observations, verdict }] of levels.entries()) {
        expect(observations).toBe(200)
        expect(verdict).not.toBe('fails')
        const beyond = forecasts.filter(
          (one: { loss: number; tails: { valueAtRisk: number }[] }) => one.loss > (one.tails[index]?.valueAtRisk ?? 0),
        )
        expect(breaches.map(({ at }: { at: number }) => at)).toEqual(beyond.map(({ at }: { at: number }) => at))
      }
    }
  })

  it('tests one book over ten days, in the window told, and draws it', async () => {
    const svg = join(folder, 'picture.svg')
    const ran = await backtest(
      good,
      '--weights',
      'A=0.5,B=-0.2',
      '--horizon',
      '10d',
      '--train-to',
      '2021-05-31',
      '--to',
      '2021-12-31',
      '--svg',
      svg,
    )
    expect(ran.code).toBe(0)
    expect(ran.out).toMatch(/10d ahead, 2021-06-01 to 2021-12-31/)
    expect(ran.out).toMatch(/^A 50% B -20% +95.0% +21 /m)
    const picture = readFileSync(svg, 'utf8')
    expect(picture).toMatch(/^<svg/)
    for (const text of ['VaR 99 %', 'return', 'A 50% B -20%']) expect(picture).toContain(text)
  })

  it('gives the same for the same seed, and fits once where it is told never to again', async () => {
    const [one, other, never] = await Promise.all([
      backtest(good, '--only', 'A', '--json', '--seed', '5'),
      backtest(good, '--only', 'A', '--json', '--seed', '5'),
      backtest(good, '--only', 'A', '--json', '--refit', 'never'),
    ])
    expect(other.out).toBe(one.out)
    expect(JSON.parse(never.out).refitBars).toBe('never')
    expect(JSON.parse(never.out).books[0].forecasts).not.toEqual(JSON.parse(one.out).books[0].forecasts)
  })

  it('keeps a crash, passes a wrong digit over aloud, and neither duplicates nor disorder change a figure', async () => {
    const clean = rowsOf('A', a)
    const tenfold = fileOf('tenfold.csv', rowsOf('A', a.with(300, 10 * (a[300] ?? 0))))
    const messy = fileOf('messy.csv', [...clean.toReversed(), `${dateOf(200)},A,9999`])
    const alone = fileOf('alone.csv', clean)
    const [wick, mess, plain] = await Promise.all([tenfold, messy, alone].map((file) => backtest(file, '--json')))
    expect(JSON.parse(wick?.out ?? '').notes.join()).toMatch(/A: a bar stood far off and came back once/)
    expect(JSON.parse(mess?.out ?? '').books).toEqual(JSON.parse(plain?.out ?? '').books)
    expect(JSON.parse(mess?.out ?? '').notes.join()).toMatch(/has the same time as .*out of order/s)
  })

  it('says which prices are none, and that an asset died, never moved, or had no return in the window', async () => {
    const dying = b.slice(0, 320).map((price, t) => (t < 300 ? 1 + price * 1e-6 : 0.5 ** (t - 299)))
    const wrong = a.map((price, t) => (t === 120 ? 0 : t === 121 ? Number.NaN : price))
    const file = fileOf('dying.csv', [
      ...rowsOf('A', wrong),
      ...rowsOf('UST', dying),
      ...rowsOf('USD', new Array<number>(days).fill(1)),
      ...rowsOf('OLD', b.slice(0, 100)),
    ])
    const { code, out } = await backtest(file, '--json')
    expect(code).toBe(0)
    const { books, notes } = JSON.parse(out)
    const verdicts = new Map(
      books.map((book: { name: string; levels: { verdict: string }[] }) => [book.name, book.levels[0]?.verdict]),
    )
    expect(verdicts.get('UST')).toBe('fails')
    expect(verdicts.get('USD')).toBe('no-move')
    expect(verdicts.has('OLD')).toBe(false)
    const told = notes.join('\n')
    expect(told).toMatch(/has the price 0 for A/)
    expect(told).toMatch(/has "NaN" for A/)
    expect(told).toMatch(/no return of OLD in the window: not tested/)
    expect(told).toMatch(/UST: its last return is of 2021-11-16/)
    expect(out).not.toMatch(/null/)
  })

  it('refuses what it cannot test: what is wrong, and what to do', async () => {
    const short = fileOf('short.csv', rowsOf('A', a.slice(0, 20)))
    const sparse = fileOf(
      'sparse.csv',
      rowsOf('A', a).filter((_, t) => t % 2 === 0),
    )
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[join(folder, 'none.csv')], /there is no such file/],
      [[short], /returns of 9 dates: too few to forecast from[\s\S]*Give more history/],
      [[sparse, '--interval', '1d'], /has no returns/],
      [[good, '--weights', 'A=1,C=1'], /no prices of C/],
      [[good, '--weights', 'A=half'], /shares such as BTC=0.5/],
      [[good, '--weights', 'A=1,A=1'], /each asset once/],
      [[good, '--horizon', '1h'], /no whole number of bars/],
      [[good, '--levels', '95'], /levels from 0.5 to below 1/],
      [[good, '--train-to', '2021-09-01', '--from', '2021-08-01'], /must not see/],
      [[good, '--from', '2025-01-01'], /There are no returns from 2025-01-01/],
      [[good, '--refit', '0'], /whole number of bars above 0, or never/],
    ]
    const ran = await Promise.all(cases.map(([words]) => backtest(...words)))
    for (const [index, { code, out, err }] of ran.entries()) {
      expect(code).toBe(1)
      expect(out).toBe('')
      expect(err).toMatch(cases[index]?.[1] ?? /^$/)
    }
  })
})
