// Collects the rows of a price file asset by asset, and at the end sorts them, takes out repetitions and says what looks wrong.

import { describeSpan } from '../../base/time.ts'
import { jumpFactor } from '../../model/history.ts'
import type { CsvHeader } from './csv-header.ts'
import type { PriceCsv, PriceJump, PriceSeries, RefusedRow } from './price-csv.ts'

export interface PriceRow {
  readonly asset: string
  readonly at: number
  readonly line: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
}

export interface RowSink {
  take(row: PriceRow): void
  empty(asset: string): void
  refuse(line: number, code: RefusedRow['code'], reason: string): void
  end(header: Pick<CsvHeader, 'ignored' | 'saysDollars'>): Omit<PriceCsv, 'shape' | 'rows'>
}

/** Refused rows and jumps that are told in full; the rest is counted. */
const toldLimit = 100

/** Columns that grow: plain lists of numbers, which the engine packs. */
interface Growing {
  readonly asset: string
  readonly at: number[]
  readonly line: number[]
  readonly close: number[]
  /** Undefined as long as every row is a close alone. */
  range: { readonly open: number[]; readonly high: number[]; readonly low: number[] } | undefined
  empty: number
  unsorted: number
  latest: number
}

export function rowSink(): RowSink {
  const byAsset = new Map<string, Growing>()
  const refused: RefusedRow[] = []
  const byCode: Partial<Record<RefusedRow['code'], number>> = {}
  let refusedCount = 0
  const refuse: RowSink['refuse'] = (line, code, reason) => {
    refusedCount += 1
    byCode[code] = (byCode[code] ?? 0) + 1
    // The first ones by line: repetitions are found at the end.
    refused.push({ line, code, reason })
    if (refused.length >= 20 * toldLimit) shorten(refused)
  }
  const of = (asset: string) => {
    const found = byAsset.get(asset)
    if (found !== undefined) return found
    const made: Growing = {
      asset,
      at: [],
      line: [],
      close: [],
      range: undefined,
      empty: 0,
      unsorted: 0,
      latest: Number.NEGATIVE_INFINITY,
    }
    byAsset.set(asset, made)
    return made
  }
  return {
    take: (row) => append(of(row.asset), row),
    empty(asset) {
      of(asset).empty += 1
    },
    refuse,
    end({ ignored, saysDollars }) {
      const spacings = new Map<number, number>()
      const jumps: PriceJump[] = []
      let jumpCount = 0
      let unsorted = 0
      const series = [...byAsset.values()].map((growing) => {
        unsorted += growing.unsorted
        const order = orderOf(growing, refuse)
        const own = new Map<number, number>()
        for (const jump of jumpsIn(growing, order, own)) {
          jumpCount += 1
          if (jumps.length < toldLimit) jumps.push(jump)
        }
        for (const [seconds, count] of own) spacings.set(seconds, (spacings.get(seconds) ?? 0) + count)
        return seriesOf(growing, order, mostOf(own))
      })
      shorten(refused)
      const spacing = mostOf(spacings)
      return {
        series,
        ...(spacing === undefined ? {} : { spacingSeconds: spacing }),
        unsorted,
        refused: { count: refusedCount, byCode, first: refused },
        jumps,
        jumpCount,
        notes: [...ignoredNote(ignored), ...currencyNotes(series, saysDollars), ...spacingNote(series, spacing)],
      }
    },
  }
}

function shorten(refused: RefusedRow[]): void {
  refused.sort((a, b) => a.line - b.line)
  refused.length = Math.min(refused.length, toldLimit)
}

function append(growing: Growing, { at, line, open, high, low, close }: PriceRow): void {
  growing.at.push(at)
  growing.line.push(line)
  if (growing.range === undefined && (open !== close || high !== close || low !== close)) {
    const before = growing.close
    growing.range = { open: [...before], high: [...before], low: [...before] }
  }
  growing.close.push(close)
  growing.range?.open.push(open)
  growing.range?.high.push(high)
  growing.range?.low.push(low)
  if (at < growing.latest) growing.unsorted += 1
  else growing.latest = at
}

/** Places of the rows in order of time, each time once: the first in the file stays, the others are refused. */
function orderOf({ asset, at, line, unsorted }: Growing, refuse: RowSink['refuse']): Uint32Array {
  const order = Uint32Array.from(at.keys())
  // Equal times stay in the order of the file.
  if (unsorted > 0) order.sort((a, b) => (at[a] ?? 0) - (at[b] ?? 0) || a - b)
  let kept = 0
  for (const place of order) {
    const before = kept === 0 ? undefined : order[kept - 1]
    if (before !== undefined && at[before] === at[place]) {
      refuse(line[place] ?? 0, 'duplicate', `has the same time as line ${line[before]} for ${asset}`)
    } else {
      order[kept] = place
      kept += 1
    }
  }
  return order.subarray(0, kept)
}

/** Jumps; counts how far apart neighbours are on the way. */
function* jumpsIn({ asset, at, line, close }: Growing, order: Uint32Array, spacings: Map<number, number>) {
  for (let index = 1; index < order.length; index++) {
    const place = order[index] ?? 0
    const before = order[index - 1] ?? 0
    const when = at[place] ?? 0
    const seconds = when - (at[before] ?? 0)
    spacings.set(seconds, (spacings.get(seconds) ?? 0) + 1)
    const from = close[before] ?? 0
    const to = close[place] ?? 0
    if (to >= jumpFactor * from || from >= jumpFactor * to) yield { line: line[place] ?? 0, asset, at: when, from, to }
  }
}

function seriesOf(
  { asset, at, close, range, empty }: Growing,
  order: Uint32Array,
  spacing: number | undefined,
): PriceSeries {
  const pick = (values: readonly number[]) => {
    const picked = new Float64Array(order.length)
    for (let index = 0; index < order.length; index++) picked[index] = values[order[index] ?? 0] ?? Number.NaN
    return picked
  }
  const spacingSeconds = spacing === undefined ? {} : { spacingSeconds: spacing }
  const columns = { asset, at: pick(at), close: pick(close), empty, ...spacingSeconds }
  if (range === undefined) return columns
  return { ...columns, range: { open: pick(range.open), high: pick(range.high), low: pick(range.low) } }
}

/** What the names say of currencies: `BTCUSDT` is no asset but a price in another token. It keeps its name, and that is said. */
function currencyNotes(series: readonly PriceSeries[], saysDollars: boolean): readonly string[] {
  const pairs = series.flatMap(({ asset }) => {
    const quote = /^[A-Z0-9]{2,}[-_/]?(USDT|USDC|BUSD|FDUSD|TUSD|EUR|DAI)$/.exec(asset)?.[1]
    return quote === undefined ? [] : [`${asset} in ${quote}`]
  })
  const notes: string[] = []
  if (!saysDollars && pairs.length < series.length)
    notes.push('The column of prices does not name its currency: it is taken as dollars.')
  if (pairs.length > 0)
    notes.push(
      `By their names these are pairs, with prices in a token and not in dollars: ${pairs.slice(0, 10).join(', ')}. They keep these names.`,
    )
  return notes
}

function ignoredNote(ignored: readonly string[]): readonly string[] {
  if (ignored.length === 0) return []
  return [`Columns that are not read: ${ignored.slice(0, 20).join(', ')}${ignored.length > 20 ? ', ...' : ''}.`]
}

/** The most frequent; of equally frequent ones the smallest. */
function mostOf(spacings: ReadonlyMap<number, number>): number | undefined {
  return [...spacings].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0]
}

/** Days among hours would become hours that are mostly missing. */
function spacingNote(series: readonly PriceSeries[], spacing: number | undefined): readonly string[] {
  const others = series.filter(({ spacingSeconds }) => spacingSeconds !== undefined && spacingSeconds !== spacing)
  if (spacing === undefined || others.length === 0) return []
  const named = others.slice(0, 10).map((one) => `${one.asset} (${describeSpan(one.spacingSeconds ?? 0)})`)
  return [
    `Most rows are ${describeSpan(spacing)} apart, but not those of ${named.join(', ')}: read them apart from the others.`,
  ]
}
