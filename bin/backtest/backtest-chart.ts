// A backtest as a picture: what each book returned, what it was said to lose at worst, and where it lost more.

import { isoDate } from '../../lib/base/calendar.ts'
import { barSeconds } from '../../lib/model/history.ts'
import type { Backtest, BookBacktest } from '../../lib/risk/tail/backtest.ts'
import { knownCrises } from '../../lib/risk/tail/known-crises.ts'
import type { ForecastParams } from '../../lib/risk/tail/rolling-forecasts.ts'
import type { Chart, ChartPanel, ChartPoint } from '../../lib/web/charts/chart.ts'
import { horizonText } from './print-backtest.ts'

/** Panels that can be read on one page. */
const mostPanels = 6

export function backtestChart(params: ForecastParams, { books }: Backtest): Chart {
  const { panel, from, to, horizon } = params
  // The last book is the equal-weight one.
  const shown = books.length > mostPanels ? [...books.slice(0, mostPanels - 1), ...books.slice(-1)] : books
  const more = books.length > shown.length ? ` Shown: ${shown.length} of ${books.length} books.` : ''
  return {
    title: `Returns over ${horizonText(horizon, panel.interval)} against value at risk`,
    subtitle: `Out of sample, ${isoDate(from)} to ${isoDate(to)}; dots are breaches, shaded are known crises.${more}`,
    x: { label: 'Date', scale: 'time' },
    panels: shown.map((book) => panelOf(params, book)),
    bands: knownCrises().filter((crisis) => crisis.to >= from && crisis.from <= to + barSeconds[panel.interval]),
  }
}

function panelOf({ levels }: ForecastParams, { book, forecasts, levels: rows }: BookBacktest): ChartPanel {
  const lines = levels.map((level, index) => ({
    name: `VaR ${Number((level * 100).toFixed(2))} %`,
    dashed: index > 0,
    points: forecasts.map(({ at, tails }): ChartPoint => [at, -(tails[index]?.valueAtRisk ?? Number.NaN)]),
  }))
  const highest = rows.at(-1)
  const breaches = (highest?.breaches ?? []).map(({ at, loss }): ChartPoint => [at, -loss])
  return {
    title: book.name,
    figures: 'percent',
    series: [
      { name: 'return', dashed: false, points: forecasts.map(({ at, loss }): ChartPoint => [at, -loss]) },
      ...lines,
      { name: 'breach', isMarks: true, points: breaches },
    ],
  }
}
