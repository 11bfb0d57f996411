// What a backtest says, as a table for people and as JSON for programs.

import { isoDate } from '../../lib/base/calendar.ts'
import { type BarInterval, barSeconds } from '../../lib/model/history.ts'
import type { Backtest, BacktestVerdict, BookBacktest, LevelBacktest } from '../../lib/risk/tail/backtest.ts'
import type { ForecastParams } from '../../lib/risk/tail/rolling-forecasts.ts'
import { percent } from '../../lib/web/figures.ts'
import { colours as pc } from '../colours.ts'
import { printTable } from '../print-table.ts'

/** Breaches listed for a person; JSON has all. */
const mostListed = 40

const mostNotes = 24

const verdictWords: Readonly<Record<BacktestVerdict, string>> = {
  holds: 'holds',
  doubtful: 'doubtful',
  fails: 'fails',
  'too-few': 'too few',
  'no-move': 'never moved',
}

export function printBacktest(params: ForecastParams, result: Backtest, notes: readonly string[]): void {
  console.log(headOf(params))
  console.log('')
  printTable(
    [
      { title: 'Book', align: 'left' },
      ...['Level', 'Forecasts', 'Breaches', 'Expected', 'p Kupiec', 'p indep.', 'p both', 'p ES (Z2)', 'p Holm'].map(
        (title) => ({ title, align: 'right' as const }),
      ),
      { title: 'Verdict', align: 'left' },
    ],
    result.books.flatMap((book) => book.levels.map((level) => rowOf(book, level))),
  )
  console.log('')
  printBreaches(params, result)
  const all = [...notesOf(params, result), ...notes]
  for (const note of all.slice(0, mostNotes)) console.log(pc.dim(`- ${note}`))
  if (all.length > mostNotes) console.log(pc.dim(`and ${all.length - mostNotes} more remarks: --json has all`))
}

function headOf({ panel, from, to, horizon }: ForecastParams): string {
  return `${pc.bold('Backtest')}  ${horizonText(horizon, panel.interval)} ahead, ${isoDate(from)} to ${isoDate(to)}, out of sample`
}

/** `3d`, `12h`. */
export function horizonText(bars: number, interval: BarInterval): string {
  const [, count = '', unit = ''] = /^(\d+)(\w)$/.exec(interval) ?? []
  return `${bars * Number(count)}${unit}`
}

function rowOf(book: BookBacktest, row: LevelBacktest): readonly string[] {
  return [
    book.book.name,
    percent(row.level, row.level * 1_000 === Math.round(row.level * 1_000) ? 1 : 2),
    String(row.observations),
    String(row.breaches.length),
    row.expected.toFixed(1),
    figure(row.unconditional?.pValue),
    row.independence?.informative === false ? '-' : figure(row.independence?.pValue),
    figure(row.conditional?.pValue),
    figure(row.shortfall?.pValue),
    figure(row.adjusted),
    verdictWords[row.verdict],
  ]
}

function figure(p: number | undefined): string {
  if (p === undefined) return '-'
  return p < 0.0005 ? '<.001' : p.toFixed(3)
}

/** Those of the highest level, for those of the lower are many and small. */
function printBreaches({ levels, panel }: ForecastParams, { books }: Backtest): void {
  const highest = Math.max(...levels)
  const found = books.flatMap(({ book, levels: rows }) =>
    rows
      .filter(({ level }) => level === highest)
      .flatMap(({ breaches }) => breaches.map((breach) => ({ book, breach }))),
  )
  const listed = found.toSorted((a, b) => a.breach.at - b.breach.at)
  if (listed.length === 0) return
  const when = (at: number) =>
    barSeconds[panel.interval] < 86_400
      ? `${isoDate(at)} ${String(Math.floor(at / 3_600) % 24).padStart(2, '0')}:00`
      : isoDate(at)
  console.log(pc.bold(`Breaches of ${percent(highest, 1)}`))
  printTable(
    [
      { title: 'Date', align: 'left' },
      { title: 'Book', align: 'left' },
      { title: 'Loss', align: 'right' },
      { title: 'VaR', align: 'right' },
      { title: 'ES', align: 'right' },
      { title: 'Crisis', align: 'left' },
    ],
    listed
      .slice(0, mostListed)
      .map(({ book, breach }) => [
        when(breach.at),
        book.name,
        percent(breach.loss),
        percent(breach.valueAtRisk),
        percent(breach.expectedShortfall),
        breach.crisis ?? '',
      ]),
  )
  if (listed.length > mostListed) console.log(pc.dim(`and ${listed.length - mostListed} more: --json has all`))
  console.log('')
}

function notesOf(
  { horizon, refitBars, seed }: ForecastParams,
  { books, tests, simulations }: Backtest,
): readonly string[] {
  const told = (verdict: BacktestVerdict) =>
    books.flatMap(({ book, levels }) =>
      levels
        .filter((row) => row.verdict === verdict)
        .map((row) => `${book.name} at ${percent(row.level, 1)} (${reasonOf(row)})`),
    )
  const [failing, doubtful] = [told('fails'), told('doubtful')]
  const skipped = books.filter((one) => one.skipped > 0)
  const standIns = books.filter((one) => one.standIns > 0)
  return [
    ...(failing.length === 0 ? [] : [`it fails, whatever the number of tests, for ${failing.join('; ')}`]),
    ...(doubtful.length === 0
      ? []
      : [`below 0.01, but not beyond the chance of ${tests} tests: ${doubtful.join('; ')}`]),
    ...(horizon === 1 && refitBars === Number.POSITIVE_INFINITY
      ? ['residuals and tails are those before the test, fitted once; volatilities follow']
      : [
          `residuals and tails were fitted anew ${horizon > 1 ? 'for each forecast' : refitBars === 1 ? 'each bar' : `every ${refitBars} bars`}, on what lay before`,
        ]),
    horizon === 1
      ? `p-values of Z2 are from ${simulations} simulations, seed ${seed}; Holm is the least of the row, adjusted over ${tests} tests`
      : `over several bars only Kupiec is tested; paths are drawn with seed ${seed}; Holm is adjusted over ${tests} tests`,
    ...skipped.map(
      ({ book, skipped: count }) => `${book.name}: ${count} dates without a return of every holding were left out`,
    ),
    ...standIns.map(
      ({ book, standIns: count }) =>
        `${book.name}: in ${count} forecasts a holding had too little history and stood on the market`,
    ),
  ]
}

function reasonOf(row: LevelBacktest): string {
  const { unconditional, independence, shortfall, breaches, expected } = row
  if ((unconditional?.pValue ?? 1) < 0.01)
    return breaches.length > expected ? 'too many breaches' : 'too few breaches: it promises too much'
  if ((independence?.pValue ?? 1) < 0.01) return 'breaches follow each other'
  return (shortfall?.pValue ?? 1) < 0.01 ? 'losses beyond are larger than promised' : 'both tests of coverage together'
}

/** Every forecast and breach, without the scenarios behind. */
export function backtestJson(params: ForecastParams, result: Backtest, notes: readonly string[]) {
  const { panel, from, to, levels, horizon, seed, refitBars, trainTo } = params
  return {
    interval: panel.interval,
    horizonBars: horizon,
    from: isoDate(from),
    to: isoDate(to),
    ...(trainTo === undefined ? {} : { trainTo: isoDate(trainTo) }),
    levels,
    seed,
    refitBars: Number.isFinite(refitBars) ? refitBars : 'never',
    tests: result.tests,
    notes: [...notesOf(params, result), ...notes],
    books: result.books.map(({ book, levels: rows, forecasts, skipped, standIns }) => ({
      ...book,
      skipped,
      standIns,
      levels: rows,
      forecasts: forecasts.map(({ at, loss, tails }) => ({
        at,
        loss,
        tails: tails.map(({ valueAtRisk, expectedShortfall }) => ({ valueAtRisk, expectedShortfall })),
      })),
    })),
  }
}
