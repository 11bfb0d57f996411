// Forecasts of a book's loss as they would have been made at the time: only from what lay before each date.

import type { Ratio, UnixSeconds } from '../../base/units.ts'
import type { ResidualColumn, ResidualModel } from '../../model/market-model.ts'
import { expectedShortfall } from '../../quant/tail/expected-shortfall.ts'
import type { ReturnPanel } from '../market/return-panel.ts'
import { drawPaths } from './draw-paths.ts'
import { sourceOf } from './path-source.ts'
import { fitReturns } from './return-model.ts'
import { forecastVolatility } from './volatility-filter.ts'

/** Holdings as shares of the book's value; what is missing to 1 is cash, below 0 is a short sale. */
export interface BacktestBook {
  readonly name: string
  readonly weights: Readonly<Record<string, Ratio>>
}

/** What was promised for one level. */
export interface PromisedTail {
  readonly valueAtRisk: Ratio
  readonly expectedShortfall: Ratio
  /** Losses of scenarios strictly beyond the value at risk. */
  readonly beyond: Float64Array
  readonly scenarios: number
}

/** One date and what it brought; losses are shares of the book's value, above 0. */
export interface DatedForecast {
  /** Begin of the first bar that the forecast is for. */
  readonly at: UnixSeconds
  readonly loss: Ratio
  /** In the order of the levels. */
  readonly tails: readonly PromisedTail[]
}

export interface BookForecasts {
  readonly book: BacktestBook
  readonly forecasts: readonly DatedForecast[]
  /** Dates without a return of some holding. */
  readonly skipped: number
  /** Forecasts in which a holding without history stood on the market. */
  readonly standIns: number
}

export interface ForecastParams {
  readonly panel: ReturnPanel
  readonly books: readonly BacktestBook[]
  /** Forecasts for bars that begin from here to there. */
  readonly from: UnixSeconds
  readonly to: UnixSeconds
  readonly levels: readonly Ratio[]
  /** Bars ahead; above 1 the dates do not overlap. */
  readonly horizon: number
  readonly seed: number
  /** After so many bars residuals and tails are fitted again; between, only volatilities follow. Infinity: fitted once, on bars up to `trainTo`. Over several bars each forecast has its own fit. */
  readonly refitBars: number
  /** The last bar of the only fit; the one before `from` unless told. */
  readonly trainTo?: UnixSeconds
  /** Paths of a forecast over several bars. */
  readonly paths: number
}

interface Rows {
  readonly book: BacktestBook
  readonly forecasts: DatedForecast[]
  skipped: number
  standIns: number
}

/** Forecasts of all books; before each fit it tells how many of the bars are done. */
export function* rollingForecasts(
  params: ForecastParams,
): Generator<{ readonly done: number; readonly of: number }, readonly BookForecasts[]> {
  const { panel, books, from, to, horizon, refitBars } = params
  const first = panel.starts.findIndex((start) => start >= from)
  const end = panel.starts.findLastIndex((start) => start <= to) + 1
  const rows = books.map((book): Rows => ({ book, forecasts: [], skipped: 0, standIns: 0 }))
  const step = horizon === 1 ? Math.min(refitBars, panel.starts.length) : horizon
  const raw = new Map<string, Float64Array>()
  const frozen =
    first >= 0 && horizon === 1 && refitBars === Infinity
      ? fitReturns({ panel: before(panel, trained(params, first)), seed: params.seed })
      : undefined
  for (let t = Math.max(0, first); first >= 0 && t < end; t += step) {
    yield { done: t - first, of: end - first }
    if (horizon > 1 && t + horizon > end) break
    const model = frozen ?? fitReturns({ panel: before(panel, t), seed: params.seed })
    if (horizon > 1) forecastFar({ params, model, t, rows })
    else forecastBars({ params, model, from: t, to: Math.min(end, t + step), rows, raw })
  }
  return rows
}

function trained({ panel, trainTo }: ForecastParams, first: number): number {
  return trainTo === undefined ? Math.max(0, first) : panel.starts.findLastIndex((start) => start <= trainTo) + 1
}

function before(panel: ReturnPanel, t: number): ReturnPanel {
  return { ...panel, starts: panel.starts.slice(0, t), rows: panel.rows.slice(0, t), remarks: [] }
}

/** Sum of log returns over some bars, or undefined where one is missing. */
function moveOf(panel: ReturnPanel, asset: string, from: number, bars: number): number | undefined {
  const column = panel.assets.indexOf(asset)
  let sum = 0
  for (let t = from; t < from + bars; t += 1) {
    const value = panel.rows[t]?.[column]
    if (value === undefined) return undefined
    sum += value
  }
  return sum
}

/** What the book lost, or undefined where some holding has no return. */
function lossOf(panel: ReturnPanel, { weights }: BacktestBook, from: number, bars: number): number | undefined {
  let loss = 0
  for (const [asset, weight] of Object.entries(weights)) {
    const move = moveOf(panel, asset, from, bars)
    if (move === undefined) return undefined
    loss -= weight * Math.expm1(move)
  }
  return loss
}

function take(
  row: Rows,
  model: ResidualModel,
  one: { readonly at: UnixSeconds; readonly loss: number; readonly tails: readonly PromisedTail[] },
): void {
  row.forecasts.push(one)
  if (Object.keys(row.book.weights).some((asset) => !model.assets.includes(asset))) row.standIns += 1
}

/** One bar ahead, for each bar up to the next fit: residuals of the fit, volatilities of the bar before. */
function forecastBars(run: {
  readonly params: ForecastParams
  readonly model: ResidualModel
  readonly from: number
  readonly to: number
  readonly rows: readonly Rows[]
  readonly raw: Map<string, Float64Array>
}): void {
  const { params, model, from, to, rows, raw } = run
  const { panel, levels } = params
  const held = [...new Set(rows.flatMap(({ book }) => Object.keys(book.weights)))]
  const sources = held.map((asset) => ({ asset, ...sourceOf(model, asset, undefined) }))
  for (let day = from; day < to; day += 1) {
    const moves = new Map<string, Float64Array>()
    for (const { asset, column, residuals, multiple } of sources) {
      if (moveOf(panel, asset, day, 1) === undefined) continue
      const sigma = multiple * volatilityAt({ panel, model, raw, asset, day, column })
      moves.set(
        asset,
        residuals.map((z) => Math.expm1(sigma * z)),
      )
    }
    for (const row of rows) {
      const loss = lossOf(panel, row.book, day, 1)
      if (loss === undefined) row.skipped += 1
      else
        take(row, model, {
          at: panel.starts[day] ?? 0,
          loss,
          tails: tailsOf(lossesOf(row.book, moves, model.starts.length), levels),
        })
    }
  }
}

/** As the model's filter goes on; a peg's, and a stand-in's, is that of the fit. */
function volatilityAt(run: {
  readonly panel: ReturnPanel
  readonly model: ResidualModel
  readonly raw: Map<string, Float64Array>
  readonly asset: string
  readonly day: number
  readonly column: ResidualColumn
}): number {
  const { panel, model, raw, asset, day, column } = run
  if (column.dynamics.alpha === 0 || !model.assets.includes(asset)) return column.volatility
  const index = panel.assets.indexOf(asset)
  const known =
    raw.get(asset) ??
    forecastVolatility(
      panel.rows.map((row) => row[index]),
      column.dynamics,
    )
  raw.set(asset, known)
  return Math.max(column.dynamics.floor, known[day] ?? 0)
}

function lossesOf({ weights }: BacktestBook, moves: ReadonlyMap<string, Float64Array>, count: number): Float64Array {
  const losses = new Float64Array(count)
  for (const [asset, weight] of Object.entries(weights)) {
    const own = moves.get(asset)
    if (own === undefined) continue
    for (let k = 0; k < count; k += 1) losses[k] = (losses[k] as number) - weight * (own[k] as number)
  }
  return losses
}

/** Several bars ahead, by paths. */
function forecastFar(run: {
  readonly params: ForecastParams
  readonly model: ResidualModel
  readonly t: number
  readonly rows: readonly Rows[]
}): void {
  const { params, model, t, rows } = run
  const { panel, levels, horizon, paths: count, seed } = params
  const factors = [...new Set(rows.flatMap(({ book }) => Object.keys(book.weights)))]
  const { moves } = drawPaths({ model, factors, steps: horizon, count, seed: seed + t })
  const last = (horizon - 1) * factors.length * count
  const simple = new Map(
    factors.map((factor, f) => [factor, moves.slice(last + f * count, last + (f + 1) * count).map(Math.expm1)]),
  )
  for (const row of rows) {
    const loss = lossOf(panel, row.book, t, horizon)
    if (loss === undefined) row.skipped += 1
    else take(row, model, { at: panel.starts[t] ?? 0, loss, tails: tailsOf(lossesOf(row.book, simple, count), levels) })
  }
}

function tailsOf(losses: Float64Array, levels: readonly Ratio[]): readonly PromisedTail[] {
  return levels.map((level) => {
    const { valueAtRisk, expectedShortfall: shortfall } = expectedShortfall(losses, level)
    const beyond = losses.filter((loss) => loss > valueAtRisk)
    return { valueAtRisk, expectedShortfall: shortfall, beyond, scenarios: losses.length }
  })
}
