// Lines over a shared axis as one SVG document that needs nothing from anywhere: for a file, a page or a message.

import { line as linePath } from 'd3-shape'
import { html, joined, type Markup } from '../markup.ts'
import type { Chart } from './chart.ts'
import { type ChartContent, type ContentSeries, chartContent } from './chart-content.ts'
import { chartInWords } from './chart-in-words.ts'
import { type ChartLayout, chartLayout, type PanelPlace } from './chart-layout.ts'
import { chartLegend } from './chart-legend.ts'
import { colourClass, dashOf } from './palette.ts'
import { fitted } from './plain-text.ts'
import { boldWidth, chartHeading, edge, labelWidth, pictureWidth } from './svg-heading.ts'
import { box, dashAttribute, px, straight, svgDocument, textAt } from './svg-parts.ts'
import { stretches, thinned } from './thinned.ts'

export interface LineChartParams {
  readonly chart: Chart
  /** Pixels of the whole picture at its natural size; 900 unless told, 320 at least. */
  readonly width?: number | undefined
  /** Pixels of one panel's plot; 60 at least, else by the number of panels. */
  readonly panelHeight?: number | undefined
}

/**
 * The chart as a standalone SVG document. Never throws: what cannot be drawn is a gap in its line and a sentence below the chart.
 * @returns well-formed XML; equal charts give equal text
 */
export function lineChart({ chart, width, panelHeight }: LineChartParams): string {
  const content = chartContent(chart)
  const pixels = pictureWidth(width)
  const heading = chartHeading({ title: content.title, subtitle: content.subtitle, width: pixels })
  const layout = chartLayout({ chart, content, width: pixels, panelHeight, top: heading.bottom })
  const legend = chartLegend({
    content: { ...content, notes: [...content.notes, ...unlabelledNotes(layout)] },
    withNames: layout.needsNames,
    left: edge,
    right: layout.width - edge,
    top: layout.bottom + 54,
  })
  return svgDocument({
    title: content.title,
    description: chartInWords(content),
    width: layout.width,
    height: layout.bottom + 54 + legend.height + (legend.height === 0 ? 0 : 12),
    parts: [
      heading.markup,
      ...layout.panels.map((place) => panelGround(place, content, layout)),
      markerLines(layout),
      ...layout.panels.map((place) => panelLines(place, layout)),
      markerLabels(layout),
      xAxis(content, layout),
      ...legend.parts,
    ],
  })
}

/** Everything behind the curves: bands, grid, ticks and the zero line. */
function panelGround({ top, height, y }: PanelPlace, content: ChartContent, layout: ChartLayout): Markup {
  const { left, right, x } = layout
  const bands =
    x === undefined
      ? []
      : content.bands.map(({ from, to }) => {
          const [start, end] = [x.place(from), x.place(to)].toSorted((a, b) => a - b) as [number, number]
          return box('band', start, 0, Math.max(1, end - start), height)
        })
  const grid = (y?.ticks ?? []).map(({ at, value, text }) =>
    joined([
      straight(value === 0 ? 'zero' : 'grid', [left, at], [right, at]),
      textAt({ x: left - 8, y: at + 4, text, look: 'soft', anchor: 'end' }),
    ]),
  )
  const ticks = (x?.ticks ?? []).map(({ at }) => straight('edge', [at, height], [at, height + 4]))
  return html`<g transform="translate(0,${px(top)})">${bands}${grid}${straight('edge', [left, height], [right, height])}${ticks}</g>`
}

function panelLines(place: PanelPlace, layout: ChartLayout): Markup {
  const { panel, top, height, y, endLabels } = place
  const { left, right, x } = layout
  const isFirst = place === layout.panels[0]
  const lines = x === undefined || y === undefined ? [] : panel.series.map((series) => curve(series, x.place, y.place))
  const names = endLabels.map(({ series, end, y: middle }) => {
    const look = colourClass(series.style)
    const isFar = right - end[0] > 3 || Math.abs(middle - end[1]) > 3
    return joined([
      isFar && html`<path class="l leader" d="M${px(end[0] + 3)},${px(end[1])}L${px(right + 10)},${px(middle)}"/>`,
      textAt({ x: right + 13, y: middle + 4, text: series.name, look: `f ${look}` }),
    ])
  })
  const title = fitted(panel.heading, layout.width - 2 * edge, (text) => boldWidth(text, 13))
  const empty =
    y === undefined &&
    textAt({ x: (left + right) / 2, y: height / 2, text: 'no data', look: 'soft halo', anchor: 'middle' })
  const titleY = isFirst ? layout.titleY - top : -16
  return html`<g transform="translate(0,${px(top)})">${textAt({ x: edge, y: titleY, text: title, look: 'title halo' })}${empty || undefined}${lines}${names}</g>`
}

/** A curve with its name for who points at it. A point without neighbours becomes a dot. */
function curve(series: ContentSeries, x: (value: number) => number, y: (value: number) => number): Markup {
  const kept = thinned(series.line, (value) => Math.round(x(value)))
  const path = linePath<(typeof kept)[number]>()
    .defined((point) => point !== undefined)
    .x((point) => x(point?.[0] ?? 0))
    .y((point) => y(point?.[1] ?? 0))
    .digits(1)
  const dots = stretches(kept).flatMap(([point, next]) => (point !== undefined && next === undefined ? [point] : []))
  const colour = colourClass(series.style)
  return html`<g><title>${series.name}</title><path class="l ${colour}"${dashAttribute(dashOf(series.style))} d="${path([...kept]) ?? ''}"/>${dots.map(
    (point) => html`<circle class="f ${colour}" cx="${px(x(point[0]))}" cy="${px(y(point[1]))}" r="3"/>`,
  )}</g>`
}

function markerLines({ markers, panels, bottom }: ChartLayout): Markup {
  return joined(
    markers.map(({ x, label }) =>
      straight('marker', [x, label === undefined ? (panels[0]?.top ?? bottom) : label.y - 10], [x, bottom]),
    ),
  )
}

function markerLabels({ markers }: ChartLayout): Markup {
  return joined(markers.map(({ text, label }) => label && textAt({ ...label, text, look: 'halo' })))
}

function xAxis({ xLabel }: ChartContent, { width, left, right, bottom, xTicks }: ChartLayout): Markup {
  const inside = (at: number, text: string) =>
    Math.min(Math.max(at, labelWidth(text) / 2), width - labelWidth(text) / 2)
  return joined([
    ...xTicks.map(({ at, text }) =>
      textAt({ x: inside(at, text), y: bottom + 19, text, look: 'soft', anchor: 'middle' }),
    ),
    textAt({ x: (left + right) / 2, y: bottom + 40, text: fitted(xLabel, right - left, labelWidth), anchor: 'middle' }),
  ])
}

function unlabelledNotes({ markers }: ChartLayout): readonly string[] {
  const texts = markers.flatMap(({ text, label }) => (label === undefined ? [text] : []))
  return texts.length === 0 ? [] : [`Lines without a label: ${texts.join('; ')}.`]
}
