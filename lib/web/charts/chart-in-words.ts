// A chart in words, for readers who cannot see it: what stands on the axes, how far each line goes, and the marked places.

import type { Figures } from './chart.ts'
import type { ChartContent, Domain } from './chart-content.ts'
import { figureText } from './tick-figures.ts'

/** Sentences without numbers that are not in the chart. */
export function chartInWords({ xLabel, xFigures, extent, panels, markers, bands, notes }: ChartContent): string {
  const over = extent === undefined ? 'No data.' : `Over ${xLabel || 'x'} from ${spanText(extent, xFigures)}.`
  const lines = panels.map(({ heading, extent: own, figures, series }) => {
    const names = series
      .map(({ name }) => name)
      .slice(0, 12)
      .join(', ')
    const more = series.length > 12 ? ` and ${series.length - 12} more` : ''
    return `${heading}: ${own === undefined ? 'no data' : `from ${spanText(own, figures)}`} (${names}${more}).`
  })
  const marked = markers.map(({ at, label }) => `${label} at ${figureText(at, xFigures)}`).slice(0, 40)
  const shaded = bands.map(({ text }) => text)
  return [
    over,
    ...lines,
    marked.length === 0 ? '' : `Marked: ${marked.join('; ')}.`,
    shaded.length === 0 ? '' : `Shaded: ${shaded.join('; ')}.`,
    ...notes,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

const spanText = ([low, high]: Domain, figures: Figures | 'time') =>
  `${figureText(low, figures)} to ${figureText(high, figures)}`
