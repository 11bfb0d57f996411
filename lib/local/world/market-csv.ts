// A market's past from a CSV file, checked row by row before anything is played, because a bad price would look like a crash.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { describeSpan } from '../../base/time.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type AssetId, assetIds } from './addresses.ts'

export interface MarketRow {
  readonly at: UnixSeconds
  /** Of the file, from 1, the header included. */
  readonly line: number
  /** An asset that is absent keeps its price. */
  readonly prices: Partial<Readonly<Record<AssetId, Usd>>>
}

export interface MarketHistory {
  readonly rows: readonly MarketRow[]
  /** What the operator should know: columns that are ignored, values that are missing. */
  readonly notes: readonly string[]
}

export interface MarketFilter {
  /** Both ends belong to it. */
  readonly from?: UnixSeconds
  readonly to?: UnixSeconds
}

interface Column {
  readonly asset: AssetId
  readonly index: number
}

const timestampNames = ['timestamp', 'timestamp_utc']

/**
 * Reads `timestamp` or `timestamp_utc` (ISO 8601, UTC where no zone is given; or Unix seconds) and the columns `ASSET` or `ASSET_close` in dollars.
 * @throws HomeostatError `market-csv-invalid` with the line and the reason, `market-csv-empty` when no row is left
 */
export function parseMarket(text: string, filter: MarketFilter = {}): MarketHistory {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const header = cells(lines[0] ?? '')
  const { timestampIndex, columns, ignored } = readHeader(header)
  const rows: MarketRow[] = []
  const missing = new Map(columns.map(({ asset }) => [asset, [] as number[]]))
  let previous: MarketRow | undefined
  for (const [index, text] of lines.entries()) {
    if (index === 0 || text.trim() === '') continue
    const line = index + 1
    const values = cells(text)
    if (values.length !== header.length) {
      throw invalid(line, `has ${values.length} values where the header has ${header.length} columns`)
    }
    const at = readInstant(values[timestampIndex] ?? '', line)
    if (previous !== undefined) mustFollow(previous, at, line)
    const prices: Partial<Record<AssetId, Usd>> = {}
    for (const column of columns) {
      const price = readPrice(values[column.index] ?? '', column.asset, line)
      if (price === undefined) missing.get(column.asset)?.push(line)
      else prices[column.asset] = price
    }
    previous = { at, line, prices }
    rows.push(previous)
  }
  const chosen = rows.filter(({ at }) => at >= (filter.from ?? -Infinity) && at <= (filter.to ?? Infinity))
  if (chosen.length === 0) throw nothingLeft(rows)
  return { rows: chosen, notes: notesOn(ignored, missing, chosen) }
}

/** An instant as people write it, in Unix seconds: ISO 8601, in UTC where no zone is given, or the seconds. Undefined if it is none. */
export function parseInstant(text: string): UnixSeconds | undefined {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text)
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?)?$/.exec(text)
  if (parts === null) return undefined
  const [, day, time = '00:00', zone = 'Z'] = parts
  const milliseconds = Date.parse(`${day}T${time}${zone}`)
  // The engine reads 30 February as 2 March.
  const exists = new Date(Date.parse(`${day}T00:00Z`)).toJSON()?.startsWith(day ?? '')
  return Number.isNaN(milliseconds) || exists !== true ? undefined : milliseconds / 1_000
}

function readHeader(header: readonly string[]): {
  readonly timestampIndex: number
  readonly columns: readonly Column[]
  readonly ignored: readonly string[]
} {
  const timestampIndex = header.findIndex((name) => timestampNames.includes(name.toLowerCase()))
  if (timestampIndex === -1) throw invalid(1, `has no column "timestamp" or "timestamp_utc", only ${header.join(', ')}`)
  const columns: Column[] = []
  const ignored: string[] = []
  for (const [index, name] of header.entries()) {
    if (index === timestampIndex) continue
    const asset = assetIds.find((id) => [id, `${id}_close`].some((known) => known.toLowerCase() === name.toLowerCase()))
    if (asset === undefined) ignored.push(name)
    else if (columns.some((column) => column.asset === asset)) throw invalid(1, `names ${asset} twice`)
    else columns.push({ asset, index })
  }
  if (columns.length === 0) throw invalid(1, `names none of ${assetIds.join(', ')} (as ASSET or ASSET_close)`)
  return { timestampIndex, columns, ignored }
}

/** Splits at commas; quotes around a value are taken off. No price or time needs a comma inside. */
function cells(line: string): readonly string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
}

function readInstant(text: string, line: number): UnixSeconds {
  const at = parseInstant(text)
  if (at === undefined) throw invalid(line, `has "${text}" where a time is expected, such as 2024-08-04T00:00Z`)
  return at
}

function mustFollow(previous: MarketRow, at: UnixSeconds, line: number): void {
  if (at === previous.at) throw invalid(line, `has the same time as line ${previous.line}`)
  if (at < previous.at) {
    throw invalid(line, `is ${describeSpan(previous.at - at)} before line ${previous.line}: rows go from old to new`)
  }
}

function readPrice(text: string, asset: AssetId, line: number): Usd | undefined {
  if (text === '') return undefined
  const price = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN
  if (!Number.isFinite(price)) throw invalid(line, `has "${text}" for ${asset}, which is not a number`)
  if (price === 0) throw invalid(line, `has a price of zero for ${asset}`)
  if (price < 0) throw invalid(line, `has a negative price for ${asset} (${text})`)
  return price
}

function notesOn(
  ignored: readonly string[],
  missing: ReadonlyMap<AssetId, readonly number[]>,
  rows: readonly MarketRow[],
): readonly string[] {
  const notes = ignored.length === 0 ? [] : [`Ignored columns: ${ignored.join(', ')}.`]
  const played = new Set(rows.map(({ line }) => line))
  for (const [asset, lines] of missing) {
    const here = lines.filter((line) => played.has(line))
    if (here.length === 0) continue
    const where = `${here.slice(0, 5).join(', ')}${here.length > 5 ? ', ...' : ''}`
    notes.push(
      `${asset} has no value in ${here.length} of ${rows.length} rows (line ${where}): it keeps its price there.`,
    )
  }
  return notes
}

function invalid(line: number, reason: string): HomeostatError {
  return new HomeostatError('market-csv-invalid', {
    message: `The market file is wrong in line ${line}: it ${reason}.`,
    retry: 'never',
    facts: { line, reason },
    hint: 'Correct the line; nothing was played.',
  })
}

function nothingLeft(rows: readonly MarketRow[]): HomeostatError {
  const [first, last] = [rows[0], rows.at(-1)]
  const day = (at: UnixSeconds) => new Date(at * 1_000).toISOString()
  const reach = first && last ? `its rows go from ${day(first.at)} to ${day(last.at)}` : 'it has a header and no rows'
  return new HomeostatError('market-csv-empty', {
    message: `The market file has no row to play: ${reach}.`,
    retry: 'never',
    facts: { rows: rows.length },
    hint: 'Choose an interval that the file covers.',
  })
}
