import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readPanel } from '../../../bin/history-panel.ts'
import { type Backtest, backtest } from '../../../lib/risk/tail/backtest.ts'
import type { ForecastParams } from '../../../lib/risk/tail/rolling-forecasts.ts'
import { day, firstDay, panelOf, plantedReturns } from './planted-panel.ts'

function run(params: Partial<ForecastParams> & Pick<ForecastParams, 'panel' | 'books'>): Backtest {
  const work = backtest({
    from: firstDay + 500 * day,
    to: Number.POSITIVE_INFINITY,
    levels: [0.95, 0.99],
    horizon: 1,
    seed: 1,
    refitBars: 20,
    paths: 2_000,
    ...params,
  })
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value
}

const bookA = { name: 'A', weights: { A: 1 } }
const half = { name: 'half', weights: { A: 0.5, B: 0.5 } }
const rowsOf = ({ books }: Backtest) => books.flatMap(({ levels }) => levels)

describe('a backtest', () => {
  it('lets a model that fits pass: of planted GARCH books none fails, and breaches come as often as promised', () => {
    let [breaches, expected] = [0, 0]
    for (let seed = 0; seed < 3; seed += 1) {
      const panel = panelOf(plantedReturns(seed, ['A', 'B'], 1_200))
      const result = run({ panel, books: [bookA, half] })
      for (const row of rowsOf(result)) {
        expect(row.verdict).not.toBe('fails')
        expect(row.observations).toBe(700)
        breaches += row.breaches.length
        expected += row.expected
      }
    }
    // Books of one seed share their days: about half as many independent breaches.
    expect(Math.abs(breaches - expected)).toBeLessThan(4 * Math.sqrt(2 * expected))
  })

  it('finds a world that changed in a way that volatilities cannot follow: crashes that the history did not have', () => {
    const planted = plantedReturns(3, ['A'], 1_200)
    const worse = (planted.A ?? []).map((value, t) => (t > 500 && t % 25 === 0 ? -0.4 : value))
    const result = run({ panel: panelOf({ A: worse }), books: [bookA], refitBars: Number.POSITIVE_INFINITY })
    const [, high] = rowsOf(result)
    expect(high?.verdict).toBe('fails')
    expect(high?.unconditional?.pValue).toBeLessThan(0.01)
    expect(high?.shortfall?.pValue).toBeLessThan(0.01)
  })

  it('knows nothing of the future: what comes later changes no forecast made before', () => {
    const planted = plantedReturns(4, ['A', 'B'], 700)
    const panel = panelOf(planted)
    const altered = panelOf({ ...planted, A: (planted.A ?? []).map((value, t) => (t > 600 ? 5 * value : value)) })
    for (const horizon of [1, 10]) {
      const [one, other] = [panel, altered].map(
        (own) => run({ panel: own, books: [half], horizon }).books[0]?.forecasts ?? [],
      )
      const until = (forecasts: typeof one) =>
        (forecasts ?? []).filter(({ at }) => at + horizon * day <= firstDay + 600 * day)
      expect(until(one).length).toBeGreaterThan(5)
      expect(until(other)).toEqual(until(one))
      expect(other).not.toEqual(one)
    }
  })

  it('tests several bars without overlap, by Kupiec alone', () => {
    const result = run({ panel: panelOf(plantedReturns(5, ['A', 'B'], 900)), books: [half], horizon: 10 })
    const [row] = rowsOf(result)
    expect(row?.observations).toBe(40)
    expect(row?.unconditional).toBeDefined()
    expect(row?.conditional).toBeUndefined()
    const at = result.books[0]?.forecasts.map((one) => one.at) ?? []
    expect(at.every((one, k) => k === 0 || one - (at[k - 1] ?? 0) === 10 * day)).toBe(true)
  })

  it('measures a short sale by its own tail, and cash by nothing', () => {
    const planted = plantedReturns(6, ['A'], 900)
    const panel = panelOf(planted)
    const short = { name: 'short', weights: { A: -1 } }
    const result = run({ panel, books: [bookA, short, { name: 'tenth', weights: { A: 0.1 } }] })
    const [long, sold, tenth] = result.books.map(({ forecasts }) => forecasts)
    expect(sold?.every(({ loss }, k) => Math.abs(loss + (long?.[k]?.loss ?? 0)) < 1e-15)).toBe(true)
    expect(sold?.every(({ tails }) => (tails[0]?.valueAtRisk ?? 0) > 0)).toBe(true)
    expect(tenth?.[7]?.tails[1]?.valueAtRisk).toBeCloseTo((long?.[7]?.tails[1]?.valueAtRisk ?? 0) / 10, 12)
  })

  it('leaves out dates without a return, stands newcomers on the market, and says how often', () => {
    const planted = plantedReturns(7, ['A', 'B'], 700)
    const gappy = (planted.A ?? []).map((value, t) => (t % 10 === 0 ? undefined : value))
    const late = (planted.B ?? []).map((value, t) => (t < 520 ? undefined : value))
    const [first, second] = run({
      panel: panelOf({ A: gappy, B: planted.B ?? [], NEW: late }),
      books: [bookA, { name: 'NEW', weights: { NEW: 1 } }],
    }).books
    expect(first).toMatchObject({ skipped: 20, standIns: 0 })
    expect(first?.forecasts).toHaveLength(180)
    expect(second?.skipped).toBe(20)
    expect(second?.standIns).toBeGreaterThanOrEqual(30)
    expect(second?.standIns).toBeLessThanOrEqual(60)
  })

  it('says of a price that never moved that it never moved, and of no dates that they are too few', () => {
    const panel = panelOf({ USD: new Array<number>(700).fill(0), A: plantedReturns(8, ['A'], 700).A ?? [] })
    const result = run({ panel, books: [{ name: 'USD', weights: { USD: 1 } }] })
    expect(rowsOf(result).map(({ verdict }) => verdict)).toEqual(['no-move', 'no-move'])
    const none = run({ panel, books: [bookA], from: firstDay + 9_000 * day })
    expect(rowsOf(none)[0]).toMatchObject({ observations: 0, breaches: [], verdict: 'too-few' })
  })

  const file = new URL('../../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url).pathname
  it.skipIf(!existsSync(file))(
    'holds for BTC, ETH and six majors in equal parts over 2020 to 2024, one day ahead at 95 and 99 %: no p-value below 0.01, none rejected by Holm (skipped without ../shared/data)',
    { timeout: 60_000 },
    async () => {
      const only = ['BTC', 'ETH', 'XRP', 'LTC', 'ADA', 'BNB']
      const { panel } = await readPanel(file, { only })
      const equal = { name: 'equal', weights: Object.fromEntries(only.map((asset) => [asset, 1 / 6])) }
      const books = [{ name: 'BTC', weights: { BTC: 1 } }, { name: 'ETH', weights: { ETH: 1 } }, equal]
      const window = { from: Date.UTC(2020, 0, 1) / 1_000, to: Date.UTC(2024, 11, 31) / 1_000 }
      const result = run({ panel, books, ...window, refitBars: 28 })
      for (const row of rowsOf(result)) {
        expect(row.observations).toBe(1_827)
        for (const test of [row.unconditional, row.independence, row.conditional, row.shortfall])
          expect(test?.pValue).toBeGreaterThan(0.01)
        expect(row.adjusted).toBeGreaterThan(0.05)
        expect(row.breaches.some(({ crisis }) => crisis === 'pandemic')).toBe(true)
      }
    },
  )
})
