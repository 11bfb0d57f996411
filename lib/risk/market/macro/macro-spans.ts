// Macro closes and crypto bars side by side: what a series moved from close to close, and over which bars a coin's return has to be added up for the same span.

import type { UnixSeconds } from '../../../base/units.ts'
import { barSeconds, jumpFactor } from '../../../model/history.ts'
import type { MacroSeries } from '../../../model/macro.ts'
import type { ReturnPanel } from '../return-panel.ts'

/** One close of all the series to the next. */
export interface MacroSpan {
  /** The coin's bars of this span begin at `from` or later and end at `to` or before. */
  readonly from: UnixSeconds
  readonly to: UnixSeconds
  /** When all of it is known. */
  readonly known: UnixSeconds
  /** What each series moved from close to close, and then, for those whose close is not the end of a bar, the overhang. */
  readonly moves: readonly number[]
}

export interface MacroSpans {
  readonly spans: readonly MacroSpan[]
  /** Per series, its places in `moves`: that of its move and, where there is one, that of its overhang. */
  readonly columns: readonly (readonly number[])[]
  /** What was left out, in sentences. */
  readonly notes: readonly string[]
}

/** Nothing is added up over more: the longest holidays are shorter, so values are missing. */
const longestSpan = 7 * 86_400
/** A bar that ends later than this after the close has seen something of the next span. */
const tolerableLead = 3_600

interface Level {
  /** End of the bar in which the close was. */
  readonly end: UnixSeconds
  readonly at: UnixSeconds
  readonly value: number
}

/**
 * Spans between neighbouring closes that all the series have. A close belongs to the bar that it lies in, so a span runs from the end of one such bar to that of the
 * next: over a weekend or a holiday it has several bars. Daily bars end three or four hours after New York has closed: they lack the first hours of the move from
 * close to close and have the first ones of the next move. The overhang is what that comes to of a market that moves around the clock, by the share of the
 * hours: next x hours / length of the next - own x hours / length of its own. So the coefficient of the move is the beta, and that of the overhang lies between
 * 0 (the market moves only while it trades) and the beta (it never rests). Two regressors in place of one are the idea of Dimson (1979). Hourly bars end with
 * the close, and have no overhang. Of several series whose closes differ within the day, days are the bars.
 */
export function macroSpans(params: {
  readonly panel: Pick<ReturnPanel, 'interval' | 'starts'>
  readonly series: readonly MacroSeries[]
  /** Spans that were known later are not here. */
  readonly at: UnixSeconds
}): MacroSpans {
  const { panel, series, at } = params
  const length = barSeconds[panel.interval]
  const unit = series.length > 1 ? Math.max(length, barSeconds['1d']) : length
  const notes: string[] = []
  // One close before the first bar opens the first span.
  const since = (panel.starts[0] ?? 0) - longestSpan
  const levels = series.map((one) =>
    levelsOf({ ...one, observations: one.observations.filter((o) => !(o.at < since || o.at > at)) }, unit, notes),
  )
  const [first = new Map<UnixSeconds, Level>(), ...others] = levels
  const ends = [...first.keys()].filter((end) => others.every((other) => other.has(end)))
  const hangsOver = levels.map((level) => [...level.values()].some((close) => close.end - close.at > tolerableLead))
  let place = series.length
  const columns = series.map((_, index) => (hangsOver[index] === true ? [index, place++] : [index]))
  const moves = ends.slice(1).map((end, index) => {
    const start = ends[index] ?? end
    return series.map((one, k) => moveOf(one, levels[k]?.get(start), levels[k]?.get(end)))
  })
  const wild = moves.flat().filter((move) => move === 'wild').length
  if (wild > 0)
    notes.push(
      `${wild} moves of ${namesOf(series)} were fivefold from one close to the next: taken for wrong figures and left out.`,
    )
  const spans = moves.flatMap((own, index): readonly MacroSpan[] => {
    const [from, to] = [ends[index] ?? 0, ends[index + 1] ?? 0]
    let known = to
    const overhangs = levels.flatMap((level, k) => {
      if (hangsOver[k] !== true) return []
      const [before, close, after] = [from, to, ends[index + 2] ?? Number.NaN].map((end) => level.get(end))
      const [move, next] = [own[k], moves[index + 1]?.[k]]
      if (before === undefined || close === undefined || after === undefined) return [undefined]
      if (typeof move !== 'number' || typeof next !== 'number') return [undefined]
      known = Math.max(known, after.at)
      return [next * overlap(close, after) - move * overlap(before, close)]
    })
    const numbers = [...own, ...overhangs].filter((move) => typeof move === 'number')
    return numbers.length === place && known <= at ? [{ from, to, known, moves: numbers }] : []
  })
  return { spans, columns, notes }
}

/** Share of the time from one close to the next that lies before the first one's bar has ended. */
function overlap(close: Level, next: Level): number {
  return Math.min(1, (close.end - close.at) / (next.at - close.at))
}

function namesOf(series: readonly MacroSeries[]): string {
  return series.map((one) => one.series).join(', ')
}

/** Values by the end of their bar, in order of time; the last one of a bar counts. */
function levelsOf({ series, kind, observations }: MacroSeries, unit: number, notes: string[]): Map<UnixSeconds, Level> {
  const levels = new Map<UnixSeconds, Level>()
  let refused = 0
  for (const { at, value } of observations.toSorted((a, b) => a.at - b.at)) {
    const isUsable = Number.isFinite(at) && (kind === 'log' ? value > 0 && value < Infinity : Number.isFinite(value))
    if (!isUsable) {
      refused += 1
      continue
    }
    const end = Math.ceil(at / unit) * unit
    levels.set(end, { end, at, value })
  }
  if (refused > 0)
    notes.push(
      `${refused} values of ${series} are not ${kind === 'log' ? 'above zero, and have no logarithm' : 'finite'}: left out.`,
    )
  return levels
}

function moveOf(
  { kind }: MacroSeries,
  before: Level | undefined,
  level: Level | undefined,
): number | 'wild' | undefined {
  if (before === undefined || level === undefined || level.end - before.end > longestSpan) return undefined
  if (kind === 'difference') return level.value - before.value
  const move = Math.log(level.value / before.value)
  return Math.abs(move) >= Math.log(jumpFactor) ? 'wild' : move
}

/** A coin's log return over the bars from `from` to `to`; undefined if one of them is missing. */
export type SpanReturn = (span: Pick<MacroSpan, 'from' | 'to'>) => number | undefined

/** Sums of one asset's returns, so that a span costs two look-ups. */
export function spanReturns(panel: ReturnPanel, asset: string): SpanReturn {
  const column = panel.assets.indexOf(asset)
  const length = barSeconds[panel.interval]
  const [origin = 0] = panel.starts
  const bars = ((panel.starts.at(-1) ?? origin) - origin) / length + 1
  const sums = new Float64Array(bars + 1)
  const counts = new Int32Array(bars + 1)
  for (const [row, start] of panel.starts.entries()) {
    const value = panel.rows[row]?.[column]
    const place = (start - origin) / length + 1
    if (value === undefined || !Number.isFinite(value)) continue
    sums[place] = value
    counts[place] = 1
  }
  for (let k = 1; k <= bars; k += 1) {
    sums[k] = (sums[k] as number) + (sums[k - 1] as number)
    counts[k] = (counts[k] as number) + (counts[k - 1] as number)
  }
  return ({ from, to }) => {
    const [a, b] = [(from - origin) / length, (to - origin) / length]
    if (!(a >= 0 && b > a && b <= bars)) return undefined
    const isWhole = (counts[b] as number) - (counts[a] as number) === b - a
    return isWhole ? (sums[b] as number) - (sums[a] as number) : undefined
  }
}
