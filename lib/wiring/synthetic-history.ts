// A past for a world that has none: made-up prices, the same for the same seed, under a source whose name says so.

import type { UnixSeconds, Usd } from '../base/units.ts'
import { type Bar, type BarInterval, barSeconds, barStartOf } from '../model/history.ts'
import { type Random, random } from '../quant/random.ts'

export interface SyntheticSeries {
  readonly asset: string
  readonly interval: BarInterval
  readonly source: string
  readonly bars: readonly Bar[]
}

/** How the market of the made-up years behaves: mostly calm, with spells in which everything falls and rises together. */
const spells = {
  calm: { volatility: 0.5, common: 0.5, leave: 1 / 200 },
  storm: { volatility: 1.2, common: 0.85, leave: 1 / 25 },
} as const
/** Ends calm, so that what is shown first is no storm of the past. */
const calmDays = 60
/** What stays within so much of a dollar is drawn around it. */
const pegBand = 0.02
const pegDeviation = 0.0001
const hourlyDays = 60

/**
 * Four years: days, and hours for the last 60 days. One factor with fat tails (Student's t, five degrees of freedom) moves all; each path is scaled so that it
 * ends at the price given, before the day of `at`. A price near 1 USD is taken for a stablecoin's.
 */
export function syntheticHistory(params: {
  readonly prices: Readonly<Record<string, Usd>>
  readonly at: UnixSeconds
  readonly seed: number
  readonly days?: number
}): readonly SyntheticSeries[] {
  const { prices, at, seed, days = 1_460 } = params
  const source = `synthetic, seed ${seed}`
  const stream = random(seed)
  const assets = Object.keys(prices)
  const plan: readonly {
    readonly interval: BarInterval
    readonly steps: number
    readonly spell: keyof typeof spells
  }[] = dailySpells(stream, days).map((spell, day) =>
    day < days - hourlyDays ? { interval: '1d', steps: 1, spell } : { interval: '1h', steps: 24, spell },
  )
  const closes = assets.map((): { interval: BarInterval; log: number }[] => [])
  const logs = assets.map(() => 0)
  for (const { interval, steps, spell } of plan)
    for (let step = 0; step < steps; step += 1) {
      const { volatility, common } = spells[spell]
      const deviation = volatility * Math.sqrt(barSeconds[interval] / (365 * 86_400))
      const market = fatTailed(stream)
      for (const [column, before] of logs.entries()) {
        const own = fatTailed(stream)
        const log = isPegged(prices[assets[column] ?? ''] ?? 0)
          ? pegDeviation * own
          : before + deviation * (Math.sqrt(common) * market + Math.sqrt(1 - common) * own)
        logs[column] = log
        closes[column]?.push({ interval, log })
      }
    }
  return assets.flatMap((asset, column) =>
    (['1d', '1h'] as const).map((interval) => {
      const all = closes[column] ?? []
      const end = barStartOf(at, '1d') - (interval === '1d' ? hourlyDays * 86_400 : 0)
      const path = { logs: all.map(({ log }) => log), last: prices[asset] ?? 1, isPegged: isPegged(prices[asset] ?? 0) }
      const [from, to] = [
        all.findIndex((one) => one.interval === interval),
        all.findLastIndex((one) => one.interval === interval),
      ]
      return { asset, interval, source, bars: barsOf({ ...path, from, to, end, interval, source }) }
    }),
  )
}

function dailySpells(stream: Random, days: number): readonly (keyof typeof spells)[] {
  const path: (keyof typeof spells)[] = []
  let spell: keyof typeof spells = 'calm'
  for (let day = 0; day < days; day += 1) {
    if (stream.uniform() < spells[spell].leave) spell = spell === 'calm' ? 'storm' : 'calm'
    path.push(day < days - calmDays ? spell : 'calm')
  }
  return path
}

/** Student's t with five degrees of freedom, of variance 1. */
function fatTailed(stream: Random): number {
  let squares = 0
  for (let k = 0; k < 5; k += 1) squares += stream.normal() ** 2
  return stream.normal() / Math.sqrt((squares / 5) * (5 / 3))
}

function isPegged(usd: Usd): boolean {
  return Math.abs(usd - 1) <= pegBand
}

/** Bars of closes `from` to `to` of a path, the last of which ends at `end`; each opens where the one before it closed. */
function barsOf(params: {
  readonly logs: readonly number[]
  readonly last: Usd
  readonly isPegged: boolean
  readonly from: number
  readonly to: number
  readonly end: UnixSeconds
  readonly interval: BarInterval
  readonly source: string
}): readonly Bar[] {
  const { logs, last, from, to, end, interval, source } = params
  const base = params.isPegged ? 0 : (logs.at(-1) ?? 0)
  const closeAt = (index: number) => Number((last * Math.exp((logs[index] ?? 0) - base)).toPrecision(8))
  const length = barSeconds[interval]
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => {
    const close = closeAt(from + offset)
    const open = from + offset === 0 ? close : closeAt(from + offset - 1)
    const start = end - (to - from + 1 - offset) * length
    const [high, low] = [Math.max(open, close), Math.min(open, close)]
    return { start, open, high, low, close, firstAt: start, lastAt: start + length, observations: 1, source }
  })
}
