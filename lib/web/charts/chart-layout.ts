// Where everything of an SVG line chart stands, worked out before anything is drawn, so that nothing overlaps.

import type { Chart } from './chart.ts'
import { type PlacedAxis, sharedAxis, type Tick, valueAxis } from './chart-axes.ts'
import type { ChartContent, ContentPanel, ContentSeries } from './chart-content.ts'
import { labelLanes, spreadOut, withoutOverlap } from './label-places.ts'
import { fitted } from './plain-text.ts'
import { edge, labelWidth } from './svg-heading.ts'
import { figureText } from './tick-figures.ts'

export interface EndLabel {
  readonly series: ContentSeries
  /** Where the curve ends, `y` from the top of its panel. */
  readonly end: readonly [x: number, y: number]
  /** Middle of the text, from the top of its panel. */
  readonly y: number
}

export interface PanelPlace {
  readonly panel: ContentPanel
  readonly top: number
  readonly height: number
  /** Places from the top of the panel. Absent where there is nothing to draw. */
  readonly y: PlacedAxis | undefined
  readonly endLabels: readonly EndLabel[]
}

export interface MarkerPlace {
  readonly x: number
  readonly text: string
  /** Absent where no lane was free: then a note tells of it. */
  readonly label: { readonly x: number; readonly y: number } | undefined
}

export interface ChartLayout {
  readonly width: number
  /** Baseline of the first panel's title, above the labels of the markers. */
  readonly titleY: number
  readonly left: number
  readonly right: number
  readonly x: PlacedAxis | undefined
  /** Those whose text is shown. */
  readonly xTicks: readonly Tick[]
  readonly panels: readonly PanelPlace[]
  readonly markers: readonly MarkerPlace[]
  /** Bottom of the last plot. */
  readonly bottom: number
  /** Some curve does not carry its name: the legend has to. */
  readonly needsNames: boolean
}

export interface LayoutParams {
  readonly chart: Chart
  readonly content: ChartContent
  readonly width: number
  readonly panelHeight: number | undefined
  /** Where the chart begins, below its heading. */
  readonly top: number
}

const laneHeight = 16
const panelHeading = 28
const panelGap = 16
const endLabelDistance = 15
const mostEndLabels = 8

export function chartLayout({ chart, content, width, panelHeight, top }: LayoutParams): ChartLayout {
  const height =
    panelHeight !== undefined && panelHeight >= 60 ? Math.round(panelHeight) : usualHeight(content.panels.length)
  const y = content.panels.map(({ extent, figures }) =>
    extent === undefined
      ? undefined
      : valueAxis({ extent, figures, range: [height, 0], ticks: Math.max(2, Math.floor(height / 42)) }),
  )
  const namesWidth = endNamesWidth(content, { width, height })
  const tickWidth = Math.max(0, ...y.flatMap((axis) => axis?.ticks ?? []).map(({ text }) => labelWidth(text)))
  const left = Math.ceil(edge + tickWidth + 8)
  const right = Math.floor(width - edge - (namesWidth ?? 0))
  const range = [left, right] as const
  const x =
    content.extent &&
    sharedAxis({ axis: chart.x, extent: content.extent, range, ticks: Math.max(3, Math.floor((right - left) / 90)) })
  const lanes = x === undefined ? [] : markerLanes(content, x, { from: left, to: width - edge })
  const laneCount = Math.max(0, ...lanes.map(({ lane }) => (lane === undefined ? 0 : lane.lane + 1)))
  const first = top + panelHeading + (laneCount === 0 ? 4 : laneCount * laneHeight + 8)
  const panels = content.panels.map((panel, index) => {
    const place = { panel, height, y: y[index], top: first + index * (height + panelGap + panelHeading) }
    return { ...place, endLabels: namesWidth === undefined ? [] : endLabels(place, x) }
  })
  return {
    ...{ width, left, right, x, panels, titleY: top + 14 },
    xTicks: x === undefined ? [] : withoutOverlap(x.ticks, labelWidth, 14),
    markers: lanes.map(({ lane, ...marker }) => ({
      ...marker,
      label: lane && { x: lane.start, y: first - 9 - lane.lane * laneHeight },
    })),
    bottom:
      panels.at(-1) === undefined
        ? first
        : first + panels.length * (height + panelGap + panelHeading) - panelGap - panelHeading,
    needsNames: namesWidth === undefined,
  }
}

function usualHeight(panels: number): number {
  return [320, 320, 230, 180][panels] ?? 150
}

/** What the names of the curves beside the plot need; `undefined` if they would not fit there. */
function endNamesWidth(
  { panels }: ChartContent,
  { width, height }: { readonly width: number; readonly height: number },
): number | undefined {
  const named = panels.map(namedSeries)
  const most = Math.min(mostEndLabels, Math.floor(height / endLabelDistance))
  if (named.some((series) => series.length > most)) return undefined
  const widest = Math.max(0, ...named.flat().map(({ name }) => labelWidth(name)))
  if (widest > Math.min(200, width / 4)) return undefined
  return widest === 0 ? 0 : widest + 14
}

/** The series that need a name: all that have points, but not the only one of a panel whose title says it already. */
function namedSeries({ title, series }: ContentPanel): readonly ContentSeries[] {
  const only = series.length === 1 ? series[0] : undefined
  if (only !== undefined && only.name.toLowerCase() === title.toLowerCase()) return []
  return series.filter(({ line }) => line.some((point) => point !== undefined))
}

function endLabels(place: Omit<PanelPlace, 'endLabels'>, x: PlacedAxis | undefined): readonly EndLabel[] {
  const { panel, y, height } = place
  if (x === undefined || y === undefined) return []
  const ends = namedSeries(panel).flatMap((series) => {
    const points = series.line.flatMap((point) => (point === undefined ? [] : [point]))
    const [first, last] = [points[0], points.at(-1)]
    if (first === undefined || last === undefined) return []
    const rightmost = x.place(last[0]) >= x.place(first[0]) ? last : first
    return [{ series, end: [x.place(rightmost[0]), y.place(rightmost[1])] as const }]
  })
  const wanted = ends.map(({ end }) => end[1])
  const places = spreadOut(wanted, { from: 0, to: height, distance: endLabelDistance }) ?? wanted
  return ends.map((label, index) => ({ ...label, y: places[index] ?? label.end[1] }))
}

function markerLanes(
  { markers, xFigures }: ChartContent,
  x: PlacedAxis,
  bounds: { readonly from: number; readonly to: number },
) {
  const placed = markers.map(({ at, label }) => ({
    x: x.place(at),
    text: fitted(`${label} ${figureText(at, xFigures)}`.trim(), bounds.to - bounds.from - 10, labelWidth),
  }))
  const labels = placed.map((marker) => ({ at: marker.x, width: labelWidth(marker.text) }))
  const lanes = labelLanes({ ...bounds, labels, gap: 5, maxLanes: 6 })
  return placed.map((marker, index) => ({ ...marker, lane: lanes[index] }))
}
