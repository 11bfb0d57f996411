// Signed bars from a common zero as one SVG document: what each scenario changes, what each position adds.

import { html, joined, type Markup } from '../markup.ts'
import { type BarContent, type BarRooms, type BarRow, barContent, barRooms } from './bar-content.ts'
import type { Bars } from './chart.ts'
import { type PlacedAxis, sharedAxis } from './chart-axes.ts'
import { withoutOverlap } from './label-places.ts'
import { fitted } from './plain-text.ts'
import { chartHeading, edge, labelWidth, pictureWidth } from './svg-heading.ts'
import { box, straight, svgDocument, textAt } from './svg-parts.ts'

export interface BarChartParams {
  readonly bars: Bars
  /** Pixels of the whole picture at its natural size; 900 unless told, 320 at least. */
  readonly width?: number | undefined
}

const rowHeight = 26
const thickness = 15

/**
 * The bars as a standalone SVG document: gains and losses differ in side, colour and sign. Never throws: a value that is not known
 * is written as such, without a bar.
 * @returns well-formed XML; equal bars give equal text
 */
export function barChart({ bars, width: wanted }: BarChartParams): string {
  const content = barContent(bars)
  const width = pictureWidth(wanted)
  const heading = chartHeading({ title: content.title, subtitle: content.subtitle, width })
  const top = heading.bottom + 10
  const bottom = top + Math.max(1, content.rows.length) * rowHeight
  const rooms = barRooms(content.rows, { width: width - 2 * edge, gap: 9, widthOf: labelWidth })
  const span = { left: edge + rooms.names, right: width - edge, top, bottom }
  const axis = barAxis(content, rooms, span)
  return svgDocument({
    title: content.title,
    description: inWords(content),
    width,
    height: bottom + 34 + (content.label === '' ? 0 : 20),
    parts: [
      heading.markup,
      grid(axis, span),
      ...rooms.rows.map((row, index) => barRow(row, { axis, span, y: top + index * rowHeight })),
      straight('zero', [axis.place(0), top], [axis.place(0), bottom]),
      content.rows.length === 0 &&
        textAt({ x: width / 2, y: top + 17, text: 'no data', look: 'soft', anchor: 'middle' }),
      textAt({
        x: (span.left + span.right) / 2,
        y: bottom + 40,
        text: fitted(content.label, span.right - span.left, labelWidth),
        anchor: 'middle',
      }),
    ],
  })
}

interface Span {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** The values stand outside of the bars' ends. */
function barAxis({ extent, figures }: BarContent, { losses, gains }: BarRooms, { left, right }: Span): PlacedAxis {
  const range = [left + losses, right - gains] as const
  const ticks = Math.max(2, Math.floor((range[1] - range[0]) / 90))
  return sharedAxis({ axis: { label: '', figures }, extent, range, ticks })
}

function grid({ ticks }: PlacedAxis, { top, bottom }: Span): Markup {
  const shown = withoutOverlap(ticks, labelWidth, 12)
  return joined([
    ...ticks.map(({ at }) => straight('grid', [at, top], [at, bottom])),
    ...shown.map(({ at, text }) => textAt({ x: at, y: bottom + 18, text, look: 'soft', anchor: 'middle' })),
  ])
}

interface RowPlace {
  readonly axis: PlacedAxis
  readonly span: Span
  readonly y: number
}

function barRow({ name, value, text }: BarRow, { axis, span, y }: RowPlace): Markup {
  const zero = axis.place(0)
  const end = axis.place(value ?? 0)
  const isLoss = value !== undefined && value < 0
  const baseline = y + rowHeight / 2 + 4
  const length = Math.max(1, Math.abs(end - zero))
  const inset = (rowHeight - thickness) / 2
  const bar =
    value !== undefined &&
    value !== 0 &&
    box(`f ${isLoss ? 'c1' : 'c0'}`, isLoss ? zero - length : zero, y + inset, length, thickness)
  return html`<g><title>${`${name}: ${text}`}</title>${textAt({ x: span.left - 9, y: baseline, text: fitted(name, span.left - edge - 9, labelWidth), anchor: 'end' })}${bar || undefined}${textAt(
    {
      x: isLoss ? end - 6 : end + 6,
      y: baseline,
      text,
      look: value === undefined ? 'soft halo' : 'halo',
      anchor: isLoss ? 'end' : 'start',
    },
  )}</g>`
}

function inWords({ label, rows }: BarContent): string {
  const shown = rows.slice(0, 100).map(({ name, text }) => `${name}: ${text}`)
  const more = rows.length > 100 ? `; and ${rows.length - 100} more` : ''
  return `${label === '' ? '' : `${label}. `}${rows.length === 0 ? 'No data' : shown.join('; ')}${more}.`
}
