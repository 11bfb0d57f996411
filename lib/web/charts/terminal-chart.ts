// The same chart as text: for a terminal, a log or a mail, with Braille dots or in plain ASCII.

import type { Chart } from './chart.ts'
import { type PlacedAxis, sharedAxis, valueAxis } from './chart-axes.ts'
import { type ChartContent, type ContentPanel, chartContent } from './chart-content.ts'
import { type Dot, dotCanvas, lineSample } from './dot-canvas.ts'
import { type LanePlace, labelLanes, withoutOverlap } from './label-places.ts'
import { columnsOf, fitted, wrapped } from './plain-text.ts'
import { gridWidth, type TerminalPaint, type TextGrid, textGrid } from './text-grid.ts'
import { stretches, thinned } from './thinned.ts'
import { figureText } from './tick-figures.ts'

export interface TerminalChartParams {
  readonly chart: Chart
  /** Columns; 80 unless told, 40 to 500. No row is longer. */
  readonly width?: number | undefined
  /** Rows of the whole text, as near as possible; each plot has at least four. By the number of panels unless told. */
  readonly height?: number | undefined
  /** True: no character beyond ASCII; what a name has of them becomes `?`. */
  readonly ascii?: boolean | undefined
  /** Colours; without them the text has no escape sequence. */
  readonly paint?: TerminalPaint | undefined
}

/** What the pieces of one chart share while it is written. */
interface Sheet {
  readonly grid: TextGrid
  readonly content: ChartContent
  readonly ascii: boolean
  readonly width: number
  /** Rows of one plot. */
  readonly rows: number
  /** Column of the vertical axis; the plot is right of it. */
  readonly axis: number
  readonly columns: number
  /** In columns of the plot. */
  readonly x: PlacedAxis | undefined
  readonly markers: readonly MarkerColumn[]
}

interface MarkerColumn {
  readonly at: number
  readonly text: string
  readonly lane: LanePlace | undefined
}

const leastRows = 4

/** Rows of text, each ending with a line feed. Never throws: what cannot be drawn is a gap and a sentence. */
export function terminalChart(params: TerminalChartParams): string {
  const { chart, height, ascii = false } = params
  const width = gridWidth(params.width)
  const content = chartContent(chart)
  const count = content.panels.length
  const head = headRows(content, width)
  const legend = legendRows(content, { width, ascii })
  const grid = textGrid({ width, ascii })
  const sheetOf = (rows: number): Sheet => {
    const placed = axes(chart, content, { width, rows })
    return { ...placed, grid, content, ascii, width, rows, markers: markerColumns(content, placed) }
  }
  const draft = sheetOf(usualRows(count))
  const around = head.length + legend.length + count + 3
  const sheet = sheetOf(plotRows(draft, around + laneCount(draft) + footRows(draft).length, height))
  const { rows } = sheet
  const lanes = laneCount(sheet)
  const foot = footRows(sheet)
  let row = 0
  for (const { text, ink } of head) grid.put(row++, 0, text, ink)
  for (const entries of legend) writeLegend(grid, row++, entries)
  for (const [index, panel] of content.panels.entries()) {
    grid.put(row++, 0, fitted(panel.heading, width, columnsOf), 'strong')
    if (index === 0) writeMarkerLabels(sheet, row, lanes)
    if (index === 0) row += lanes
    writePanel(sheet, panel, row)
    row += rows
  }
  row = writeAxis(sheet, row)
  for (const text of foot) grid.put(row++, 0, text, 'faint')
  return grid.text(params.paint)
}

const laneCount = ({ markers }: Sheet) =>
  Math.max(0, ...markers.map(({ lane }) => (lane === undefined ? 0 : lane.lane + 1)))

/** Rows of each plot, so that all together come to the wanted height with the rows around them. */
function plotRows({ content, rows }: Sheet, around: number, height: number | undefined): number {
  if (height === undefined || Number.isNaN(height)) return rows
  return Math.min(200, Math.max(leastRows, Math.floor((height - around) / Math.max(1, content.panels.length))))
}

function usualRows(panels: number): number {
  return [12, 14, 10, 8][panels] ?? 6
}

function headRows({ title, subtitle = '' }: ChartContent, width: number) {
  return [
    ...wrapped(title, width, columnsOf, 2).map((text) => ({ text, ink: 'strong' as const })),
    ...wrapped(subtitle, width, columnsOf).map((text) => ({ text, ink: 'faint' as const })),
  ]
}

interface LegendEntry {
  readonly column: number
  readonly sample: string
  readonly name: string
  readonly index: number
}

/** Names of the lines in rows; none where each panel has one line that its title names. */
function legendRows(
  { names, panels }: ChartContent,
  { width, ascii }: { readonly width: number; readonly ascii: boolean },
): readonly (readonly LegendEntry[])[] {
  const isClear = panels.every(({ title, series }) => series.length <= 1 && series.every(({ name }) => name === title))
  if (isClear) return []
  const rows: LegendEntry[][] = [[]]
  let column = 0
  for (const { name, style } of names) {
    const sample = lineSample(style, ascii)
    const shown = fitted(name, width - sample.length - 1, columnsOf)
    const needed = sample.length + 1 + columnsOf(shown)
    if (column > 0 && column + needed > width) {
      rows.push([])
      column = 0
    }
    rows.at(-1)?.push({ column, sample, name: shown, index: style.index })
    column += needed + 3
  }
  return rows
}

function writeLegend(grid: TextGrid, row: number, entries: readonly LegendEntry[]): void {
  for (const { column, sample, name, index } of entries) {
    grid.put(row, column, sample, index)
    grid.put(row, column + sample.length + 1, name)
  }
}

/** The axes for plots of so many rows: the labels of the vertical ones decide where the horizontal one begins. */
function axes(chart: Chart, content: ChartContent, { width, rows }: { readonly width: number; readonly rows: number }) {
  const texts = content.panels.flatMap((panel) => (panelAxis(panel, rows)?.ticks ?? []).map(({ text }) => text))
  const axis = Math.min(Math.max(1, ...texts.map(columnsOf)) + 1, Math.floor(width / 2))
  const columns = width - axis - 1
  const x =
    content.extent &&
    sharedAxis({
      axis: chart.x,
      extent: content.extent,
      range: [0, columns - 1],
      ticks: Math.max(2, Math.floor(columns / 12)),
    })
  return { axis, columns, x }
}

/** Places in rows from the top of the plot. */
function panelAxis({ extent, figures }: ContentPanel, rows: number): PlacedAxis | undefined {
  const ticks = Math.max(2, Math.floor(rows / 2))
  return extent && valueAxis({ extent, figures, range: [rows - 1, 0], ticks })
}

function markerColumns(
  { markers, xFigures }: ChartContent,
  { x, columns }: Pick<Sheet, 'x' | 'columns'>,
): readonly MarkerColumn[] {
  if (x === undefined) return []
  const placed = markers.map(({ at, label }) => ({
    at: Math.round(x.place(at)),
    text: fitted(`${label} ${figureText(at, xFigures)}`.trim(), columns - 2, columnsOf),
  }))
  const labels = placed.map(({ at, text }) => ({ at, width: columnsOf(text) }))
  const lanes = labelLanes({ labels, from: 0, to: columns, gap: 2, maxLanes: 5 })
  return placed.map((marker, index) => ({ ...marker, lane: lanes[index] }))
}

function writeMarkerLabels({ grid, axis, markers }: Sheet, top: number, lanes: number): void {
  for (const { text, lane } of markers) {
    if (lane !== undefined) grid.put(top + lanes - 1 - lane.lane, axis + 1 + lane.start, text, 'marker')
  }
  for (const { at, lane } of markers) {
    if (lane === undefined) continue
    for (let row = top + lanes - 1 - lane.lane; row < top + lanes; row += 1) {
      if (grid.isFree(row, axis + 1 + at)) grid.put(row, axis + 1 + at, '┊', 'marker')
    }
  }
}

function writePanel(sheet: Sheet, panel: ContentPanel, top: number): void {
  const { grid, axis, columns, rows, markers } = sheet
  const y = panelAxis(panel, rows)
  for (let row = 0; row < rows; row += 1) grid.put(top + row, axis, '│', 'faint')
  if (y === undefined) {
    grid.put(top + Math.floor(rows / 2), axis + Math.floor(columns / 2) - 3, 'no data', 'faint')
    return
  }
  for (const { at, text, value } of y.ticks.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value))) {
    const row = Math.round(at)
    grid.put(top + row, axis - 1 - columnsOf(text), text, 'faint')
    grid.put(top + row, axis, value === 0 ? '┼' : '┤', 'faint')
    if (value === 0) grid.put(top + row, axis + 1, '┄'.repeat(columns), 'faint')
  }
  for (const { at } of markers) {
    for (let row = 0; row < rows; row += 1) grid.put(top + row, axis + 1 + at, '┊', 'marker')
  }
  writeCurves(sheet, panel, top)
}

function writeCurves({ grid, axis, columns, rows, x, ascii }: Sheet, panel: ContentPanel, top: number): void {
  const y = panelAxis(panel, rows)
  if (x === undefined || y === undefined) return
  const canvas = dotCanvas({ columns, rows, ascii })
  const scaleX = (canvas.width - 1) / Math.max(1, columns - 1)
  const scaleY = (canvas.height - 1) / Math.max(1, rows - 1)
  const dotX = (value: number) => Math.round(x.place(value) * scaleX)
  const dotOf = ([at, value]: readonly [number, number]): Dot => [dotX(at), Math.round(y.place(value) * scaleY)]
  for (const { line, style } of panel.series) {
    for (const stretch of stretches(thinned(line, dotX))) {
      const points = stretch.map(dotOf)
      for (const [index, point] of points.entries()) {
        const next = points[index + 1]
        if (next !== undefined) canvas.line(point, next, style)
        else if (index === 0) canvas.point(point, style)
        else canvas.line(point, point, style)
      }
    }
  }
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const cell = canvas.cell(column, row)
      if (cell !== undefined) grid.put(top + row, axis + 1 + column, cell.glyph, cell.index)
    }
  }
}

/** The shared axis with its ticks and name; gives the next free row. */
function writeAxis({ grid, content, axis, columns, x, width, markers }: Sheet, row: number): number {
  grid.put(row, axis, `└${'─'.repeat(columns)}`, 'faint')
  if (x !== undefined) {
    for (const { from, to } of content.bands) {
      const [start, end] = [x.place(from), x.place(to)].map(Math.round).toSorted((a, b) => a - b) as [number, number]
      grid.put(row, axis + 1 + start, '━'.repeat(end - start + 1), 'faint')
    }
    const ticks = withoutOverlap(x.ticks, columnsOf, 2)
    for (const { at, text } of ticks) {
      const column = axis + 1 + Math.round(at)
      grid.put(row, column, '┬', 'faint')
      const start = Math.min(Math.max(0, column - Math.floor(columnsOf(text) / 2)), width - columnsOf(text))
      grid.put(row + 1, start, text, 'faint')
    }
    for (const { at } of markers) grid.put(row, axis + 1 + at, '┴', 'marker')
  }
  const label = fitted(content.xLabel, columns, columnsOf)
  grid.put(row + 2, axis + 1 + Math.floor((columns - columnsOf(label)) / 2), label)
  return row + 3
}

function footRows({ content, width, markers }: Sheet): readonly string[] {
  const unlabelled = markers.flatMap(({ text, lane }) => (lane === undefined ? [text] : []))
  return [
    ...content.bands.map(({ text }) => `━━ ${text}`),
    ...content.notes,
    ...(unlabelled.length === 0 ? [] : [`Lines without a label: ${unlabelled.join('; ')}.`]),
  ].flatMap((text) => wrapped(text, width, columnsOf, 4))
}
