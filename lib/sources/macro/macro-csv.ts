// The one reader of macro files and of what public sources answer: dated values in any of the usual shapes, and what was refused, by line.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { MacroObservation } from '../../model/macro.ts'
import { csvCells } from '../history/csv-cells.ts'
import { csvInstant } from '../history/csv-instant.ts'
import { type CloseTime, closeInstant, newYorkClose } from './close-instant.ts'

export interface MacroCsv {
  /** By column or by the name in the row, in order of appearance. `undefined` names the only series of a file that does not name it. */
  readonly series: readonly { readonly name: string | undefined; readonly observations: readonly MacroObservation[] }[]
  readonly rows: number
  /** Empty cells, and what sources write for a day without a value. */
  readonly empty: number
  readonly refused: { readonly count: number; readonly first: readonly string[] }
  readonly unsorted: number
  /** Names of columns that are not read. */
  readonly ignored: readonly string[]
}

const timeNames = ['date', 'observation_date', 'time_period', 'timestamp', 'time', 'datetime', 'day']
const seriesNames = ['series', 'series_id', 'symbol', 'ticker', 'name', 'asset']
const valueNames = ['value', 'obs_value', 'close', 'adj close', 'adj_close', 'price']
/** Columns of bars beside their close. */
const besideClose = /^(open|high|low|volume|vol|adj[ _]close|dividends?|splits?)$/
/** For a day without a value. */
const nothing = new Set(['', '.', 'nan', 'na', 'n/a', 'null', 'nd', '-'])
const toldLines = 5

interface Header {
  readonly separator: string
  readonly columns: number
  readonly time: number
  /** `wide` lists its columns; `long` and `single` have one of values. */
  readonly values: readonly { readonly name: string | undefined; readonly index: number }[]
  readonly series?: number
  readonly ignored: readonly string[]
}

/**
 * Reads `date,series,value`, `date,SPX,VIX`, `date,SP500`, `DATE,OPEN,HIGH,LOW,CLOSE`, `observation_date,DGS10` and `...,TIME_PERIOD,OBS_VALUE,...`. A date means
 * the close of that day at `close`; a full timestamp is taken as it is. A row that is wrong is refused by its line and the others are read; rows out of order are
 * sorted; of two with one time the first stays. Values of any sign are kept: yields may be negative.
 * @param dates `us`: months come first, `03/01/2024`; elsewhere nobody knows the day of that
 * @param notAfter a later row is a mistake
 * @throws HomeostatError `macro-csv-header`, `macro-csv-empty`
 */
export function readMacroCsv(params: {
  readonly text: string
  readonly close?: CloseTime
  readonly dates?: 'iso' | 'us'
  readonly notAfter?: UnixSeconds
}): MacroCsv {
  const { text, close = newYorkClose, dates = 'iso', notAfter = Number.POSITIVE_INFINITY } = params
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)
  const top = lines.findIndex((line) => line.trim() !== '')
  if (top === -1) throw emptyFile()
  const header = headerOf(lines[top] ?? '')
  const found = new Map<string | undefined, Map<UnixSeconds, number>>()
  for (const { name } of header.series === undefined ? header.values : []) found.set(name, new Map())
  const refused: string[] = []
  let count = 0
  let rows = 0
  let empty = 0
  const refuse = (line: number, reason: string) => {
    count += 1
    if (refused.length < toldLines) refused.push(`line ${line} ${reason}`)
  }
  for (const [index, line] of lines.entries()) {
    if (index <= top || line.trim() === '') continue
    rows += 1
    const cells = csvCells(line, header.separator)
    if (cells.length !== header.columns) {
      refuse(index + 1, `has ${cells.length} values where the first line has ${header.columns}`)
      continue
    }
    const stamp = (cells[header.time] ?? '').trim()
    const at = instantOf(stamp, close, dates)
    if (at === undefined || at > notAfter) {
      refuse(
        index + 1,
        at === undefined
          ? `has "${cut(stamp)}" where a date is expected`
          : `has the date ${cut(stamp)}, which is yet to come`,
      )
      continue
    }
    for (const { name, index: column } of header.values) {
      const series = header.series === undefined ? name : (cells[header.series] ?? '').trim()
      const cell = (cells[column] ?? '').trim()
      if (nothing.has(cell.toLowerCase())) empty += 1
      else if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(cell))
        refuse(index + 1, `has "${cut(cell)}", which is not a number`)
      else if (series === '') refuse(index + 1, 'does not name its series')
      else if (!take(found, series, at, Number(cell))) refuse(index + 1, 'has a time that stands there before')
    }
  }
  if (rows === 0) throw emptyFile()
  let unsorted = 0
  const series = [...found].map(([name, values]) => {
    const order = [...values]
    unsorted += order.filter(([at], index) => at < (order[index - 1]?.[0] ?? at)).length
    const sorted = order.toSorted((a, b) => a[0] - b[0])
    return { name, observations: sorted.map(([at, value]) => ({ at, value })) }
  })
  return { series, rows, empty, refused: { count, first: refused }, unsorted, ignored: header.ignored }
}

function take(
  found: Map<string | undefined, Map<UnixSeconds, number>>,
  series: string | undefined,
  at: UnixSeconds,
  value: number,
): boolean {
  const values = found.get(series) ?? new Map<UnixSeconds, number>()
  found.set(series, values)
  if (values.has(at)) return false
  values.set(at, value)
  return true
}

function headerOf(line: string): Header {
  const separator = [',', ';', '\t'].find((one) => line.includes(one)) ?? ','
  const names = csvCells(line, separator).map((name) => name.trim())
  const lower = names.map((name) => name.toLowerCase())
  const find = (candidates: readonly string[]) =>
    candidates.map((one) => lower.indexOf(one)).find((index) => index !== -1)
  const time = find(timeNames)
  if (time === undefined) throw badHeader(`no column is a date (${timeNames.join(', ')})`, names)
  const twice = names.find((name, index) => name !== '' && lower.indexOf(name.toLowerCase()) !== index)
  if (twice !== undefined) throw badHeader(`the column ${cut(twice)} stands there twice`, names)
  const value = find(valueNames)
  const series = find(seriesNames)
  const base = { separator, columns: names.length, time }
  const others = (read: readonly number[]) => names.filter((_, index) => index !== time && !read.includes(index))
  if (value !== undefined) {
    const read = series === undefined ? [value] : [value, series]
    return {
      ...base,
      values: [{ name: undefined, index: value }],
      ignored: others(read),
      ...(series === undefined ? {} : { series }),
    }
  }
  if (series !== undefined) throw badHeader(`no column is a value (${valueNames.join(', ')})`, names)
  const values = names.flatMap((name, index) =>
    index === time || name === '' || besideClose.test(lower[index] ?? '') ? [] : [{ name, index }],
  )
  if (values.length === 0) throw badHeader('no column holds values', names)
  return { ...base, values, ignored: others(values.map(({ index }) => index)) }
}

/** A date at its close; a timestamp as it is. */
function instantOf(stamp: string, close: CloseTime, dates: 'iso' | 'us'): UnixSeconds | undefined {
  const american = dates === 'us' ? /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(stamp) : null
  const text = american === null ? stamp : `${american[3]}-${american[1]}-${american[2]}`
  const at = csvInstant(text)
  return at === undefined || text.length !== 10 ? at : closeInstant(at, close)
}

function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}

function badHeader(reason: string, names: readonly string[]): HomeostatError {
  return new HomeostatError('macro-csv-header', {
    message: `The first line (${cut(names.join(','))}) cannot be used: ${reason}.`,
    retry: 'never',
    facts: { line: 1 },
    hint: 'It needs `date,series,value`, or `date` and a column for each series, or bars with a `close`.',
  })
}

function emptyFile(): HomeostatError {
  return new HomeostatError('macro-csv-empty', {
    message: 'There is no row of values.',
    retry: 'never',
    hint: 'It needs a first line with the names of the columns, and rows below it.',
  })
}
