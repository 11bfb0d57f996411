// What of a chart can be drawn, and the sentences about what cannot: worked out once, for the picture and the terminal alike.

import type { Chart, ChartBand, ChartMarker, ChartPanel, ChartSeries, Figures } from './chart.ts'
import { plainText } from './plain-text.ts'
import { figureText } from './tick-figures.ts'

export type Domain = readonly [low: number, high: number]

/** Points in order; `undefined` breaks the line. */
export type Line = readonly (readonly [x: number, y: number] | undefined)[]

export interface ContentSeries {
  readonly name: string
  readonly style: SeriesStyle
  readonly line: Line
}

/** What colour and dash depend on: a number of the name in the whole chart, from 0, and what was said of dashes. */
export interface SeriesStyle {
  readonly index: number
  readonly dashed: boolean | undefined
  /** Dots that are not joined. */
  readonly isMarks?: true
}

export interface ContentPanel {
  readonly heading: string
  readonly title: string
  readonly figures: Figures
  /** Smallest and greatest drawable y; absent where there is nothing to draw. */
  readonly extent: Domain | undefined
  readonly series: readonly ContentSeries[]
}

export interface ChartContent {
  readonly title: string
  readonly subtitle: string | undefined
  readonly xLabel: string
  readonly xFigures: Figures | 'time'
  /** Smallest and greatest drawable x; absent where there is nothing to draw. */
  readonly extent: Domain | undefined
  readonly panels: readonly ContentPanel[]
  /** Names of series, each once. */
  readonly names: readonly { readonly name: string; readonly style: SeriesStyle }[]
  /** Within the extent, ascending; one for each place. */
  readonly markers: readonly ChartMarker[]
  readonly bands: readonly ContentBand[]
  /** What was left out, and where it would stand. */
  readonly notes: readonly string[]
}

export interface ContentBand {
  /** Cut to the extent. */
  readonly from: number
  readonly to: number
  /** Its label and where it really ends, `in range, $2,000 to $3,000`. */
  readonly text: string
}

/** Beyond it differences of doubles overflow; such a number is no measurement. */
const greatest = 1e300
/** The last second that a calendar of ECMAScript can name. */
const lastSecond = 8.64e12

/** Never throws: what cannot be drawn becomes a gap and a note. */
export function chartContent(chart: Chart): ChartContent {
  const drawable = drawableX(chart)
  const names = seriesNames(chart.panels)
  const styles = new Map(names.map(({ name, style }) => [name, style]))
  const panels = chart.panels.map((panel) => panelContent(panel, styles, drawable))
  const all = chart.panels.flatMap(({ series }) => series).flatMap(({ points }) => points)
  const xs = all.flatMap(([x]) => (drawable(x) ? [flushed(x)] : []))
  const extent = extentOf(xs)
  const xFigures = chart.x.scale === 'time' ? 'time' : (chart.x.figures ?? 'plain')
  const markers = markersWithin(chart.markers ?? [], extent)
  return {
    title: plainText(chart.title),
    subtitle: chart.subtitle === undefined ? undefined : plainText(chart.subtitle),
    xLabel: labelled(chart.x.label, chart.x.unit),
    xFigures,
    extent,
    panels,
    names,
    markers: markers.inside,
    bands: bandsWithin(chart.bands ?? [], extent, xFigures),
    notes: [
      ...missingNotes(chart, all.length, xs.length),
      ...markerNotes(markers.outside, extent, xFigures),
      ...bandNotes(chart.bands ?? [], extent),
    ],
  }
}

/** Smallest and greatest of many numbers. */
export function extentOf(values: readonly number[]): Domain | undefined {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? [low, high] : undefined
}

/** `Value, USD`. */
export function labelled(label: string, unit: string | undefined): string {
  return [label, unit ?? '']
    .map(plainText)
    .filter((text) => text !== '')
    .join(', ')
}

/** Where doubles lose digits, ticks would too: such a number is a zero. */
export function flushed(value: number): number {
  return Math.abs(value) < 1 / greatest ? 0 : value
}

/** False for what is absent, not a number, infinite or so large that differences overflow. */
export function isMeasured(value: number | undefined): value is number {
  return value !== undefined && Math.abs(value) <= greatest
}

function drawableX(chart: Chart): (x: number) => boolean {
  if (chart.x.scale === 'log') return (x) => isMeasured(x) && x >= 1 / greatest
  if (chart.x.scale === 'time') return (x) => Math.abs(x) <= lastSecond
  return isMeasured
}

/** Names in order of appearance. One that never shares a panel needs no dash, and where all are alone, one colour is enough. */
function seriesNames(panels: readonly ChartPanel[]): ChartContent['names'] {
  const found = new Map<string, { dashed: boolean | undefined; isAlone: boolean; isMarks: boolean }>()
  for (const { series } of panels) {
    for (const { name, dashed, isMarks } of series) {
      const clean = plainText(name)
      const before = found.get(clean)
      found.set(clean, {
        dashed: before?.dashed ?? dashed,
        isAlone: (before?.isAlone ?? true) && series.length === 1,
        isMarks: (before?.isMarks ?? true) && isMarks === true,
      })
    }
  }
  const allAlone = [...found.values()].every(({ isAlone }) => isAlone)
  return [...found].map(([name, { dashed, isAlone, isMarks }], index) => ({
    name,
    style: {
      index: allAlone ? 0 : index,
      dashed: dashed ?? (isAlone ? false : undefined),
      ...(isMarks ? { isMarks } : {}),
    },
  }))
}

function panelContent(
  panel: ChartPanel,
  styles: ReadonlyMap<string, SeriesStyle>,
  drawable: (x: number) => boolean,
): ContentPanel {
  const series = panel.series.map((given) => {
    const name = plainText(given.name)
    return { name, style: styles.get(name) ?? { index: 0, dashed: given.dashed }, line: lineOf(given, drawable) }
  })
  const ys = series.flatMap(({ line }) => line.flatMap((point) => (point === undefined ? [] : [point[1]])))
  return {
    heading: labelled(panel.title, panel.unit),
    title: plainText(panel.title),
    figures: panel.figures ?? 'plain',
    extent: extentOf(ys),
    series,
  }
}

function lineOf({ points, isMarks }: ChartSeries, drawable: (x: number) => boolean): Line {
  const line = points.map(([x, y]) => (drawable(x) && isMeasured(y) ? ([flushed(x), flushed(y)] as const) : undefined))
  return isMarks === true ? line.flatMap((point) => [point, undefined]) : line
}

interface MarkersByPlace {
  readonly inside: readonly ChartMarker[]
  readonly outside: readonly ChartMarker[]
}

function markersWithin(markers: readonly ChartMarker[], extent: Domain | undefined): MarkersByPlace {
  const labels = new Map<number, string>()
  for (const { at, label } of markers) {
    const before = labels.get(at)
    labels.set(at, before === undefined ? plainText(label) : `${before}, ${plainText(label)}`)
  }
  const merged = [...labels].map(([at, label]) => ({ at, label })).toSorted((a, b) => a.at - b.at)
  const isInside = ({ at }: ChartMarker) => extent !== undefined && at >= extent[0] && at <= extent[1]
  return { inside: merged.filter(isInside), outside: merged.filter((marker) => !isInside(marker)) }
}

function bandsWithin(
  bands: readonly ChartBand[],
  extent: Domain | undefined,
  figures: Figures | 'time',
): readonly ContentBand[] {
  if (extent === undefined) return []
  return bands.flatMap(({ from, to, label }) => {
    const [low, high] = from <= to ? [from, to] : [to, from]
    const cut = { from: Math.max(low, extent[0]), to: Math.min(high, extent[1]) }
    return cut.from <= cut.to ? [{ ...cut, text: labelled(label, spanText(low, high, figures)) }] : []
  })
}

function spanText(low: number, high: number, figures: Figures | 'time'): string {
  if (high === Number.POSITIVE_INFINITY)
    return low === Number.NEGATIVE_INFINITY ? 'everywhere' : `from ${figureText(low, figures)}`
  if (low === Number.NEGATIVE_INFINITY) return `up to ${figureText(high, figures)}`
  return `${figureText(low, figures)} to ${figureText(high, figures)}`
}

function missingNotes(chart: Chart, total: number, withX: number): readonly string[] {
  const reason = chart.x.scale === 'log' ? 'is not a number above zero, which this scale needs' : 'is not usable'
  const lost = total - withX
  const gaps = chart.panels.map((panel) => {
    const points = panel.series.flatMap((series) => series.points)
    const missing = points.filter(([, y]) => !isMeasured(y)).length
    const title = plainText(panel.title)
    return missing === 0 ? undefined : `${title}: ${missing} of ${points.length} points have no value.`
  })
  return [
    ...(lost === 0 ? [] : [`${lost} of ${total} points are left out: their x ${reason}.`]),
    ...gaps.flatMap((note) => (note === undefined ? [] : [note])),
  ]
}

function markerNotes(
  outside: readonly ChartMarker[],
  extent: Domain | undefined,
  figures: Figures | 'time',
): readonly string[] {
  const unknown = outside.filter(({ at }) => Number.isNaN(at)).map(({ label }) => label)
  const listed = (where: string, isThere: (at: number) => boolean) => {
    const texts = outside
      .filter(({ at }) => isThere(at))
      .map(({ at, label }) => `${label} ${figureText(at, figures)}`.trim())
    return texts.length === 0 ? [] : [`Not shown, ${where}: ${texts.join('; ')}.`]
  }
  return [
    ...(unknown.length === 0 ? [] : [`Not shown, value not known: ${unknown.join('; ')}.`]),
    ...(extent === undefined
      ? listed('because there are no points', (at) => !Number.isNaN(at))
      : [...listed('below the range', (at) => at < extent[0]), ...listed('above the range', (at) => at > extent[1])]),
  ]
}

function bandNotes(bands: readonly ChartBand[], extent: Domain | undefined): readonly string[] {
  const outside = bands
    .filter((band) => bandsWithin([band], extent, 'plain').length === 0)
    .map(({ label }) => plainText(label))
  return outside.length === 0 ? [] : [`Not shown, outside of the range: ${outside.join('; ')}.`]
}
