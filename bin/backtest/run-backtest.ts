// From a file of prices to books, their forecasts and what the tests say of them.

import { writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { barSeconds } from '../../lib/model/history.ts'
import { assetHistories } from '../../lib/risk/market/asset-history.ts'
import type { ReturnPanel } from '../../lib/risk/market/return-panel.ts'
import type { Backtest } from '../../lib/risk/tail/backtest.ts'
import type { ForecastParams } from '../../lib/risk/tail/rolling-forecasts.ts'
import { colours as pc } from '../colours.ts'
import type { HistoryFlags } from '../history-flags.ts'
import { readPanel } from '../history-panel.ts'
import { progress } from '../progress.ts'
import { tooFewDates } from '../too-few-dates.ts'
import { backtestBooks, type ChosenBooks } from './backtest-books.ts'

export interface BacktestFlags extends HistoryFlags {
  readonly weights?: 'equal' | Readonly<Record<string, number>>
  readonly trainTo?: number
  readonly levels: readonly number[]
  /** Seconds. */
  readonly horizon?: number
  readonly refit: number
  readonly seed: number
  readonly svg?: string
  readonly json?: true
}

/** Of a forecast over several bars: its value at risk at 99 % has a standard error of about 2 % of itself. */
const paths = 10_000
/** Without a date told, what lies before the first test: two years, or half of a shorter file. */
const trainingDays = 730

/** As many as an asset needs. */
const fewestReturns = 30
/** Between two words of progress. */
const secondsApart = 2

export async function runBacktest(flags: BacktestFlags): Promise<void> {
  const named = flags.weights === undefined || flags.weights === 'equal' ? undefined : Object.keys(flags.weights)
  const only = flags.only ?? named
  const { panel, notes } = await readPanel(flags.history, {
    ...(only === undefined ? {} : { only }),
    ...(flags.interval === undefined ? {} : { interval: flags.interval }),
  })
  const window = windowOf(panel, flags)
  const chosen = backtestBooks({ panel, ...window, weights: flags.weights })
  const params: ForecastParams = {
    panel,
    books: chosen.books,
    ...window,
    levels: flags.levels,
    horizon: barsOf(panel, flags.horizon),
    seed: flags.seed,
    refitBars: flags.refit,
    paths,
    ...(flags.trainTo === undefined ? {} : { trainTo: flags.trainTo }),
  }
  const result = await withProgress(params)
  const histories = assetHistories(panel).flatMap(({ asset, remarks }) => remarks.map((one) => `${asset}: ${one}`))
  await told({ flags, params, result, notes: [...shortness(params), ...chosen.notes, ...notes, ...histories] })
}

/** Levels whose first forecast rests on too few dates. */
function shortness({ panel, from, levels, trainTo = from }: ForecastParams): readonly string[] {
  const dates = panel.starts.filter((start) => start < from && start <= trainTo).length
  return levels.flatMap((level) => tooFewDates({ dates, level, what: 'the first VaR', bars: 'bars' }) ?? [])
}

function wrong(message: string, hint: string): HomeostatError {
  return new HomeostatError('invalid-input', { message, retry: 'never', hint })
}

function windowOf(panel: ReturnPanel, flags: BacktestFlags): { readonly from: number; readonly to: number } {
  const { starts } = panel
  const last = starts.at(-1)
  if (last === undefined)
    throw wrong(
      `${flags.history} has no returns.`,
      'Two neighbouring bars of an asset make one: are prices missing between?',
    )
  const training = Math.min((trainingDays * 86_400) / barSeconds[panel.interval], Math.floor(starts.length / 2))
  const after = flags.trainTo === undefined ? undefined : flags.trainTo + barSeconds[panel.interval]
  const from = flags.from ?? after ?? starts[training] ?? last
  const to = flags.to ?? last
  if (flags.trainTo !== undefined && from <= flags.trainTo)
    throw wrong(
      `The test begins on ${isoDate(from)}, within the days up to ${isoDate(flags.trainTo)} that it must not see.`,
      'Let --from be later than --train-to.',
    )
  if (!starts.some((start) => start >= from && start <= to))
    throw wrong(
      `There are no returns from ${isoDate(from)} to ${isoDate(to)}.`,
      `The file has them from ${isoDate(starts[0] ?? last)} to ${isoDate(last)}.`,
    )
  const before = starts.filter((start) => start < from && start <= (flags.trainTo ?? from)).length
  if (before < fewestReturns)
    throw wrong(
      `Before the first day tested, ${isoDate(from)}, there are returns of ${before} dates: too few to forecast from.`,
      `Give more history, or a later --from: ${fewestReturns} are the least, two years make a tail at 99 %.`,
    )
  return { from, to }
}

function barsOf(panel: ReturnPanel, seconds: number | undefined): number {
  const bar = barSeconds[panel.interval]
  const bars = (seconds ?? bar) / bar
  if (Number.isInteger(bars) && bars >= 1) return bars
  throw wrong(
    `The horizon is no whole number of bars: the file has a bar every ${panel.interval}.`,
    'Give a longer --horizon, or a file with shorter bars.',
  )
}

/** Lets the terminal breathe between fits; tells how far it is every other second. */
async function withProgress(params: ForecastParams): Promise<Backtest> {
  const { backtest } = await import('../../lib/risk/tail/backtest.ts')
  const shown = progress()
  const began = performance.now()
  let told = began
  const work = backtest(params)
  for (let step = work.next(); ; step = work.next()) {
    const now = performance.now()
    if (step.done === true) {
      if (now - began > 1_000)
        shown.done(`forecasts of ${params.books.length} ${params.books.length === 1 ? 'book' : 'books'}`, now - began)
      return step.value
    }
    if (now - told > secondsApart * 1_000) {
      shown.note(pc.dim(`  … ${step.value.done} of ${step.value.of} bars`))
      told = now
    }
    await setImmediate()
  }
}

async function told(out: {
  readonly flags: BacktestFlags
  readonly params: ForecastParams
  readonly result: Backtest
  readonly notes: ChosenBooks['notes']
}): Promise<void> {
  const { flags, params, result, notes } = out
  if (flags.svg !== undefined) {
    const [{ backtestChart }, { lineChart }] = await Promise.all([
      import('./backtest-chart.ts'),
      import('../../lib/web/charts/line-chart.ts'),
    ])
    await writeFile(flags.svg, lineChart({ chart: backtestChart(params, result) }))
  }
  const { backtestJson, printBacktest } = await import('./print-backtest.ts')
  if (flags.json === true) {
    console.log(JSON.stringify(backtestJson(params, result, notes), null, 2))
    return
  }
  printBacktest(params, result, notes)
  if (flags.svg !== undefined) console.log(`${pc.green('written')}  ${flags.svg}`)
}
