// The indicators over time, with the crises shaded behind them.

import type { RegimeVote } from '../../lib/model/regime.ts'
import type { RegimeDate } from '../../lib/risk/market/regime/regime-history.ts'
import type { Chart, ChartBand, ChartPanel } from '../../lib/web/charts/chart.ts'

export function regimeChart(dates: readonly RegimeDate[]): Chart {
  const line = (name: string, value: (one: RegimeDate) => number | undefined) => ({
    name,
    points: dates.map((one) => [one.start, value(one)] as const),
  })
  const vote = (name: RegimeVote['name']) => (one: RegimeDate) => one.view.votes.find((found) => found.name === name)
  const threshold = (name: RegimeVote['name']) => ({
    ...line('threshold', (one) => vote(name)(one)?.threshold),
    dashed: true,
  })
  const panel = (title: string, name: RegimeVote['name']): ChartPanel => ({
    title,
    series: [line(name, (one) => vote(name)(one)?.value), threshold(name)],
  })
  return {
    title: 'Regime of the market',
    subtitle: `${dates.at(-1)?.view.universe.join(', ') ?? ''}; crises are shaded`,
    x: { label: 'Begin of the bar (UTC)', scale: 'time' },
    bands: bandsOf(dates),
    panels: [
      {
        title: 'Probability of crisis',
        figures: 'percent',
        series: [line('probability', ({ view }) => view.probability)],
      },
      panel('Turbulence, half-life 5, times the usual', 'turbulence'),
      panel('Evidence that correlation has risen (it stops 2 above its threshold)', 'correlation-cusum'),
      {
        title: 'Mean correlation, half-life 10',
        series: [
          line('mean correlation', (one) => vote('turbulence')(one)?.details?.meanCorrelation),
          line('reference', (one) => vote('correlation-cusum')(one)?.details?.referenceCorrelation),
        ],
      },
      panel('Absorption ratio, standardised shift (from a year of returns on)', 'absorption'),
      panel('Hidden Markov model, violent state', 'hidden-markov'),
    ],
  }
}

/** From the begin of a spell's first bar to that of its last, as the points stand and as the table says. */
function bandsOf(dates: readonly RegimeDate[]): readonly ChartBand[] {
  const bands: { from: number; to: number; label: string }[] = []
  for (const [index, { start, view }] of dates.entries()) {
    if (view.regime !== 'crisis') continue
    const open = bands.at(-1)
    if (open !== undefined && index > 0 && dates[index - 1]?.view.regime === 'crisis') open.to = start
    else bands.push({ from: start, to: start, label: 'crisis' })
  }
  return bands
}
