// `npm run bench -- regime`: how late the regime finds a planted switch, how often it cries wolf, what it says of real crises, and what it costs.

import { existsSync } from 'node:fs'
import { stdout } from 'node:process'
import { readPanel } from '../../bin/history-panel.ts'
import { isoDate } from '../../lib/base/calendar.ts'
import { type BarInterval, barSeconds } from '../../lib/model/history.ts'
import { type Random, random } from '../../lib/quant/random.ts'
import { type RegimeDate, regimeHistory } from '../../lib/risk/market/regime/regime-history.ts'
import type { ReturnPanel } from '../../lib/risk/market/return-panel.ts'

/** `common-t4`: one heavy tail for all of a date (a multivariate t); `own-t4`: heavy tails of the market and of each asset, apart. */
export type Law = 'gaussian' | 'common-t4' | 'own-t4' | 'garch' | 'own-garch'

export interface Planted {
  readonly seed: number
  readonly assets: number
  readonly dates: number
  readonly law: Law
  readonly interval: BarInterval
  readonly correlation: (t: number) => number
  /** Daily or hourly; 3 % where absent. */
  readonly volatility?: (t: number) => number
}

const begin = 1_483_228_800 // 2017-01-01

/** Unit variance, four degrees of freedom. */
function heavy(rng: Random): number {
  let square = 0
  for (let i = 0; i < 4; i += 1) square += rng.normal() ** 2
  return Math.sqrt(2 / square)
}

/** Returns with equal correlations. */
export function plantedPanel(plan: Planted): ReturnPanel {
  const { seed, assets: n, dates, law, interval, correlation, volatility = () => 0.03 } = plan
  const rng = random(seed)
  const own = new Float64Array(n).fill(1)
  let market = 1
  const rows = Array.from({ length: dates }, (_, t) => {
    const rho = correlation(t)
    const common = rng.normal() * (law === 'own-t4' ? heavy(rng) : 1)
    const radius = law === 'common-t4' ? heavy(rng) : law === 'garch' ? Math.sqrt(market) : 1
    const row = Array.from({ length: n }, (_, i) => {
      const alone = rng.normal() * (law === 'own-t4' ? heavy(rng) : 1)
      const x = Math.sqrt(rho) * common + Math.sqrt(1 - rho) * alone
      const scale = law === 'own-garch' ? Math.sqrt(own[i] ?? 1) : radius
      own[i] = 0.05 + 0.1 * (own[i] ?? 1) * x * x + 0.85 * (own[i] ?? 1)
      return volatility(t) * scale * x
    })
    market = 0.05 + 0.1 * market * common * common + 0.85 * market
    return row
  })
  return {
    interval,
    assets: Array.from({ length: n }, (_, i) => `A${i}`),
    starts: rows.map((_, t) => begin + t * barSeconds[interval]),
    rows,
    last: Array.from({ length: n }, () => 100),
    remarks: [],
  }
}

/** Observations from the first of the new regime on, that one counted as 1, to the first in crisis. */
export function delayOf(dates: readonly RegimeDate[], from: number): number {
  const after = dates.filter(({ start }) => start >= from)
  const at = after.findIndex(({ view }) => view.regime === 'crisis')
  return at === -1 ? Number.POSITIVE_INFINITY : at + 1
}

export function entriesInto(dates: readonly RegimeDate[], from = 0): readonly number[] {
  return dates.flatMap(({ start, view }, index) =>
    start >= from && view.regime === 'crisis' && index > 0 && dates[index - 1]?.view.regime !== 'crisis' ? [start] : [],
  )
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)] ?? Number.NaN

const line = (text: string) => stdout.write(`${text}\n`)

interface StudyOptions {
  readonly seeds: number
  readonly years: number
}

function studyDelays({ seeds }: StudyOptions): void {
  line(
    `switch .3 -> .8, observations until crisis, ${seeds} seeds: median, 90 %, found within 60; already in it before`,
  )
  const cases = [
    ...(['gaussian', 'common-t4', 'own-t4', 'garch'] as const).flatMap((law) =>
      [6, 10, 20].map((assets) => ({ law, assets, interval: '1d' as const, jump: 1 })),
    ),
    ...[2, 0.5].map((jump) => ({ law: 'gaussian' as const, assets: 10, interval: '1d' as const, jump })),
    ...(['gaussian', 'common-t4'] as const).map((law) => ({ law, assets: 10, interval: '1h' as const, jump: 1 })),
  ]
  for (const { law, assets, interval, jump } of cases) {
    const at = 500
    let before = 0
    const delays = Array.from({ length: seeds }, (_, seed) => {
      const panel = plantedPanel({
        seed: 10_000 + seed,
        assets,
        law,
        interval,
        dates: at + 60,
        correlation: (t) => (t < at ? 0.3 : 0.8),
        volatility: (t) => (t < at ? 0.02 : 0.02 * jump),
      })
      const { dates } = regimeHistory({ panel })
      const from = begin + at * barSeconds[interval]
      if (dates.find(({ start }) => start === from - barSeconds[interval])?.view.regime === 'crisis') before += 1
      return delayOf(dates, from)
    })
    const found = delays.filter(Number.isFinite).length
    line(
      `  ${interval} ${law.padEnd(10)} N=${String(assets).padEnd(2)} volatility x ${jump}: ${quantile(delays, 0.5)}, ${quantile(delays, 0.9)}, ${((100 * found) / seeds).toFixed(1)} %; ${before}`,
    )
  }
}

function studyFalseAlarms({ years }: StudyOptions): void {
  line(
    `stationary, entries into crisis a year, ${years} years in runs of five after one to settle; share of days in crisis, in tense`,
  )
  for (const law of ['gaussian', 'common-t4', 'own-t4', 'garch', 'own-garch'] as const)
    for (const [assets, rho] of [
      [10, 0.3],
      [10, 0.1],
      [10, 0.5],
      [10, 0.75],
      [6, 0.3],
      [20, 0.3],
    ] as const) {
      const [count, crisis, tense, days] = stationary({ law, assets, rho, years, interval: '1d', yearLength: 365 })
      line(
        `  1d ${law.padEnd(10)} N=${String(assets).padEnd(2)} rho ${rho}: ${(count / years).toFixed(2)}; ${((100 * crisis) / days).toFixed(1)} %, ${((100 * tense) / days).toFixed(1)} %`,
      )
    }
  const hours = Math.max(2, Math.round(years / 10))
  for (const law of ['gaussian', 'common-t4', 'garch'] as const) {
    const [count] = stationary({ law, assets: 10, rho: 0.3, years: hours, interval: '1h', yearLength: 8_760 })
    line(`  1h ${law.padEnd(10)} N=10 rho 0.3: ${(count / hours).toFixed(2)} (${hours} years)`)
  }
}

function stationary(params: {
  readonly law: Law
  readonly assets: number
  readonly rho: number
  readonly years: number
  readonly interval: BarInterval
  readonly yearLength: number
}): readonly [number, number, number, number] {
  const { law, assets, rho, years, interval, yearLength } = params
  const runYears = interval === '1d' ? 5 : 1
  let [count, crisis, tense, days] = [0, 0, 0, 0]
  for (let run = 0; run < years / runYears; run += 1) {
    const settle = Math.min(400, yearLength)
    const dates = settle + runYears * yearLength
    const panel = plantedPanel({ seed: 900 + run, assets, law, interval, dates, correlation: () => rho })
    const from = begin + settle * barSeconds[interval]
    const history = regimeHistory({ panel }).dates
    count += entriesInto(history, from).length
    for (const { view } of history.filter(({ start }) => start >= from)) {
      days += 1
      if (view.regime === 'crisis') crisis += 1
      if (view.regime === 'tense') tense += 1
    }
  }
  return [count, crisis, tense, days]
}

const majors = ['BTC', 'ETH', 'XRP', 'LTC', 'ADA', 'BNB']
const crises = ['2020-03-12', '2022-05-12', '2022-06-13', '2022-11-09']

/** @param to last date that is looked at: thresholds are chosen by data to the end of 2021 */
async function studyMajors(to: string): Promise<void> {
  const file = new URL('../../../shared/data/panel_prices_daily_permissive.csv', import.meta.url)
  if (!existsSync(file)) {
    line('the majors: skipped, ../shared/data is absent')
    return
  }
  const { panel } = await readPanel(file.pathname, { only: majors, to: Date.parse(`${to}T00:00Z`) / 1_000 })
  const { dates } = regimeHistory({ panel })
  line(`the majors to ${to}: entries ${entriesInto(dates).map(isoDate).join(' ')}`)
  for (const year of [...new Set(dates.map(({ start }) => isoDate(start).slice(0, 4)))]) {
    const days = dates.filter(({ start }) => isoDate(start).startsWith(year))
    const inCrisis = days.filter(({ view }) => view.regime === 'crisis').length
    const entries = entriesInto(dates).filter((start) => isoDate(start).startsWith(year)).length
    line(
      `  ${year}: ${((100 * inCrisis) / days.length).toFixed(1)} % of ${days.length} days in crisis, ${((100 * days.filter(({ view }) => view.regime === 'tense').length) / days.length).toFixed(0)} % tense, ${entries} entries`,
    )
  }
  for (const crisis of crises.filter((one) => one <= to)) {
    const at = Date.parse(`${crisis}T00:00Z`) / 1_000
    const on = (day: number) => dates.find(({ start }) => start === at + day * 86_400)?.view.regime ?? 'unknown'
    line(`  ${crisis}: ten days before ${on(-10)}; from -1 to +5: ${[-1, 0, 1, 2, 3, 4, 5].map(on).join(' ')}`)
  }
}

export async function studyRegime(words: readonly string[]): Promise<void> {
  const [what = 'all', size = '', to = '2025-12-31'] = words
  const seeds = Number(size === '' ? 500 : size)
  const options = { seeds, years: Math.max(10, Math.round(seeds / 5)) }
  if (what === 'all' || what === 'delays') studyDelays(options)
  if (what === 'all' || what === 'alarms') studyFalseAlarms(options)
  if (what === 'all' || what === 'majors') await studyMajors(to)
}
