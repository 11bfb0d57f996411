// Gains and losses of a day as a picture: how often each is drawn, with value at risk and expected shortfall as lines.

import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import type { Report } from '../../lib/model/report.ts'
import { tailFigure } from '../../lib/model/tail-risk.ts'
import type { ChartMarker, ChartPoint } from '../../lib/web/charts/chart.ts'
import { lineChart } from '../../lib/web/charts/line-chart.ts'

/** An SVG document. @throws HomeostatError `no-tail-risk` where the report has none */
export function riskChart({ tail, tailMissing, at }: Report): string {
  if (tail === undefined)
    throw new HomeostatError('no-tail-risk', {
      message: `There is no distribution to draw: ${tailMissing ?? 'the model has too little history'}.`,
      retry: 'never',
      hint: 'Give a longer history, or leave --svg out.',
    })
  const { fromUsd, toUsd, counts } = tail.histogram
  const width = (toUsd - fromUsd) / counts.length
  const points = counts.flatMap((count, bin): readonly ChartPoint[] => [
    [fromUsd + bin * width, count / tail.scenarios],
    [fromUsd + (bin + 1) * width, count / tail.scenarios],
  ])
  const markers = ([0.95, 0.99] as const).flatMap((level): readonly ChartMarker[] => {
    const figure = tailFigure(tail, '1d', level)
    if (figure === undefined) return []
    const told = `${Math.round(level * 100)} %`
    return [
      { at: -figure.valueAtRiskUsd, label: `VaR ${told}` },
      { at: -figure.expectedShortfallUsd, label: `ES ${told}` },
    ]
  })
  return lineChart({
    chart: {
      title: 'Gains and losses within a day',
      subtitle: `${tail.scenarios.toLocaleString('en')} scenarios at ${isoDate(at)}, liquidations included; seed ${tail.seed}.`,
      x: { label: 'Change of value', figures: 'usd' },
      panels: [
        {
          title: 'Share of scenarios',
          figures: 'percent',
          // Named as the panel: its only line needs no label of its own.
          series: [{ name: 'Share of scenarios', points: [[fromUsd, 0], ...points, [toUsd, 0]], dashed: false }],
        },
      ],
      markers,
    },
  })
}
