// A square of numbers between -1 and 1 as one SVG document: which things move together, and which against each other.

import { html, joined, type Markup } from '../markup.ts'
import { fitted, plainText } from './plain-text.ts'
import { chartHeading, edge, labelWidth, pictureWidth } from './svg-heading.ts'
import { box, px, straight, svgDocument, textAt } from './svg-parts.ts'

export interface HeatMap {
  readonly title: string
  readonly subtitle?: string | undefined
  /** What the numbers are, such as `correlation`. */
  readonly label: string
  readonly names: readonly string[]
  /** names x names by rows, -1 .. 1; absent or not finite is shown as not known. The diagonal is left blank. */
  readonly values: readonly (number | undefined)[]
}

export interface HeatMapParams {
  readonly map: HeatMap
  /** Pixels at its natural size; 900 unless told. Grows where the cells would become too small. */
  readonly width?: number | undefined
}

/** Cells are at least wide enough for two digits up to so many names; beyond, colours alone are left. */
const mostWithFigures = 60
const [leastCell, smallCell, largestCell] = [20, 14, 60]
const longestName = 120
/** Opacity at 1: the text on it stays readable in light and dark. */
const strongest = 0.62
const legendCells = 9

interface Layout {
  readonly names: readonly string[]
  readonly cell: number
  readonly left: number
  readonly top: number
}

/**
 * The map as a standalone SVG document: above zero in one colour, below in another, stronger with size, with its number in hundredths
 * where there is room. Never throws: what is not a number from -1 to 1 is marked as not known.
 * @returns well-formed XML; equal maps give equal text
 */
export function heatMap({ map, width: wanted }: HeatMapParams): string {
  const names = map.names.map(plainText)
  const n = names.length
  const room = Math.min(longestName, Math.max(0, ...names.map(labelWidth))) + 8
  const least = n <= mostWithFigures ? leastCell : smallCell
  const cell = Math.min(
    largestCell,
    Math.max(least, Math.floor((pictureWidth(wanted) - 2 * edge - room) / Math.max(1, n))),
  )
  const width = Math.max(pictureWidth(wanted), 2 * edge + room + n * cell)
  const units = cell >= 36 || n > mostWithFigures ? map.label : `${map.label}, in hundredths`
  const heading = chartHeading({
    title: plainText(map.title),
    subtitle: map.subtitle && plainText(map.subtitle),
    width,
  })
  const layout = { names, cell, left: edge + room, top: heading.bottom + 6 + room }
  const bottom = layout.top + n * cell
  return svgDocument({
    title: map.title,
    description: inWords(map, names),
    width,
    height: bottom + 62,
    parts: [
      heading.markup,
      labels(layout),
      ...names.map((_, row) => rowOf(map, row, layout)),
      n === 0 && textAt({ x: width / 2, y: layout.top + 12, text: 'no data', look: 'soft', anchor: 'middle' }),
      legend({ x: layout.left, y: bottom + 20, label: units }),
    ],
  })
}

function valueAt({ values, names }: HeatMap, row: number, column: number): number | undefined {
  const value = values[row * names.length + column]
  return value !== undefined && Math.abs(value) <= 1 + 1e-9 ? value : undefined
}

/** Two decimals, and no sign before a zero. */
const decimals = (value: number) => (Math.abs(value) < 0.005 ? '0.00' : value.toFixed(2))
const colourOf = (value: number) => (value < 0 ? 'f c1' : 'f c0')

/** Square roots would make weak ones look strong: the opacity is in proportion. */
function square(value: number, x: number, y: number, cell: number): Markup {
  const opacity = (strongest * Math.min(1, Math.abs(value))).toFixed(3)
  return html`<rect class="${colourOf(value)}" fill-opacity="${opacity}" x="${px(x)}" y="${px(y)}" width="${px(cell - 1)}" height="${px(cell - 1)}"/>`
}

function labels({ names, cell, left, top }: Layout): Markup {
  return joined(
    names.map((name, index) => {
      const middle = (index + 0.5) * cell + 4
      const text = fitted(name, longestName, labelWidth)
      return joined([
        textAt({ x: left - 6, y: top + middle, text, anchor: 'end' }),
        html`<text transform="translate(${px(left + middle)} ${px(top - 6)}) rotate(-90)">${text}</text>`,
      ])
    }),
  )
}

function rowOf(map: HeatMap, row: number, { names, cell, left, top }: Layout): Markup {
  const y = top + row * cell
  return joined(
    names.map((name, column) => {
      const x = left + column * cell
      if (row === column) return straight('grid', [x, y], [x + cell - 1, y + cell - 1])
      const value = valueAt(map, row, column)
      const title = `${names[row]}, ${name}: ${value === undefined ? 'not known' : decimals(value)}`
      const text = value === undefined ? '?' : cell >= 36 ? decimals(value) : String(Math.round(100 * value) || 0)
      const figure =
        names.length <= mostWithFigures &&
        textAt({
          x: x + (cell - 1) / 2,
          y: y + cell / 2 + 4,
          text,
          anchor: 'middle',
          look: value === undefined ? 'soft' : '',
        })
      if (names.length > mostWithFigures) return value === undefined ? undefined : square(value, x, y, cell)
      return html`<g><title>${title}</title>${value === undefined ? box('band', x, y, cell - 1, cell - 1) : square(value, x, y, cell)}${figure}</g>`
    }),
  )
}

function legend({ x, y, label }: { readonly x: number; readonly y: number; readonly label: string }): Markup {
  const cell = 26
  const steps = Array.from({ length: legendCells }, (_, index) => (2 * index) / (legendCells - 1) - 1)
  return joined([
    ...steps.map((value, index) => square(value, x + index * cell, y, cell)),
    ...steps.map((value, index) =>
      index % 2 === 0
        ? textAt({
            x: x + index * cell + cell / 2,
            y: y + cell + 13,
            text: String(value),
            look: 'soft',
            anchor: 'middle',
          })
        : undefined,
    ),
    textAt({ x: x + legendCells * cell + 10, y: y + cell / 2 + 4, text: label }),
  ])
}

function inWords(map: HeatMap, names: readonly string[]): string {
  const pairs = names.flatMap((one, row) =>
    names.slice(row + 1).flatMap((other, apart) => {
      const value = valueAt(map, row, row + 1 + apart)
      return value === undefined ? [] : [{ text: `${one} and ${other} ${value.toFixed(2)}`, value }]
    }),
  )
  if (pairs.length === 0) return `${map.label}: nothing is known of a pair.`
  const sorted = pairs.toSorted((a, b) => b.value - a.value)
  const most = sorted.slice(0, 5).map(({ text }) => text)
  const few = sorted
    .slice(5)
    .slice(-5)
    .map(({ text }) => text)
  return `${map.label} of ${names.length} names. Highest: ${most.join('; ')}.${few.length === 0 ? '' : ` Lowest: ${few.join('; ')}.`}`
}
