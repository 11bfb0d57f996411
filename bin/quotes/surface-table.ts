// What `homeostat surface fit` shows on a terminal: a row for each slice, and what there is to say of all of them.

import type { LineTable } from '../line-table.ts'
import { short } from './arbitrage-figures.ts'
import { type CalendarLine, violationInWords } from './compare-expiries.ts'
import type { SliceFit } from './fit-slice.ts'
import type { ClosingLine } from './fit-surfaces.ts'
import type { GatheredQuote } from './gather-quotes.ts'

const inPoints = (volatility: number | undefined) => (volatility === undefined ? '' : (100 * volatility).toFixed(2))

const columns: LineTable<SliceFit>['columns'] = [
  { title: 'years', align: 'right' },
  { title: 'quotes', align: 'right' },
  { title: 'at the money %', align: 'right' },
  { title: '25d reversal', align: 'right' },
  { title: '25d butterfly', align: 'right' },
  { title: 'error rms', align: 'right' },
  { title: 'worst', align: 'right' },
  { title: 'arbitrage', align: 'left' },
]

function cells(line: SliceFit): readonly string[] {
  const { time, quotes, atTheMoneyVolatility, skew25Delta, butterfly, repaired } = line
  const { rmsePoints, worst } = line.fit
  return [
    time.toFixed(4),
    String(quotes),
    inPoints(atTheMoneyVolatility),
    inPoints(skew25Delta?.riskReversal),
    inPoints(skew25Delta?.butterfly),
    rmsePoints.toFixed(3),
    `${worst.errorPoints.toFixed(2)} at ${worst.strike}`,
    repaired ? 'repaired' : butterfly.free ? 'none' : 'butterfly',
  ]
}

export const surfaceTable: LineTable<SliceFit | GatheredQuote> = {
  columns,
  row: (line) => ('slice' in line ? columns.map(() => '') : cells(line)),
  note: (line) =>
    'slice' in line
      ? `${inPoints(line.volatility)} % at strike ${line.strike}, of ${line.slice}`
      : line.warnings.join('; '),
  closing: (line) => closingInWords(line as ClosingLine),
}

function closingInWords(line: ClosingLine): readonly string[] {
  if ('calendar' in line) return calendarInWords(line)
  if ('parameters' in line) {
    const figures = cells(line).map((cell, i) => `${columns[i]?.title} ${cell === '' ? '-' : cell}`)
    return [[`${line.id}: ${figures.join(', ')}`, ...line.warnings].join('; ')]
  }
  return [JSON.stringify(line)]
}

function calendarInWords({ calendar }: CalendarLine): readonly string[] {
  const { surface, expiries, violations, repaired } = calendar
  const name = surface === undefined ? 'calendar' : `calendar ${surface}`
  if (expiries < 2) return [`${name}: one expiry, nothing to compare`]
  if (violations.length === 0) return [`${name}: no arbitrage between ${expiries} expiries`]
  return [
    ...violations.map((violation) => `${name}: ${violationInWords(violation)}`),
    ...repaired.map(
      ({ slice, rmsePoints, rmsePointsBefore }) =>
        `${name}: ${slice} fitted again, ${short(rmsePoints)} points off the quotes (root mean square), ${short(rmsePointsBefore)} before`,
    ),
  ]
}
