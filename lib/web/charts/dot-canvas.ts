// Curves in a terminal: each character holds two by four dots of Braille, or one mark where only ASCII can be shown.

import type { SeriesStyle } from './chart-content.ts'

/** One character of a picture and whose it is: painted with the colour of that series. */
export interface CanvasCell {
  readonly glyph: string
  readonly index: number
}

export interface DotCanvas {
  /** Dots across and down. */
  readonly width: number
  readonly height: number
  /** A straight line between two dots, dashed on from where the last one of that series ended. What was drawn before stays on top. */
  readonly line: (from: Dot, to: Dot, style: SeriesStyle) => void
  /** A single point, well visible. */
  readonly point: (at: Dot, style: SeriesStyle) => void
  /** Absent where nothing was drawn. */
  readonly cell: (column: number, row: number) => CanvasCell | undefined
}

export type Dot = readonly [x: number, y: number]

export interface CanvasParams {
  readonly columns: number
  readonly rows: number
  readonly ascii: boolean
}

/** Bits of the dots of U+2800, by column and row (Unicode 15, Braille Patterns). */
const bits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
]

/** Lengths of dots and gaps, in the order of series. */
const dotDashes: readonly (readonly number[])[] = [[], [4, 3], [1, 2], [6, 2, 1, 2], [2, 2]]
const marked = [4, 3]

/** Marks in ASCII, in the order of series: none is a sign of axes. */
const marks = '*+ox#%@&=~ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export function dotCanvas({ columns, rows, ascii }: CanvasParams): DotCanvas {
  const [across, down] = ascii ? [1, 1] : [2, 4]
  const dots = new Uint8Array(columns * rows)
  const owners = new Int32Array(columns * rows).fill(-1)
  const points = new Set<number>()
  const steps = new Map<number, number>()
  const draw = ([x, y]: Dot, index: number) => {
    const cell = Math.floor(y / down) * columns + Math.floor(x / across)
    if (x < 0 || y < 0 || x >= columns * across || y >= rows * down) return cell
    dots[cell] = (dots[cell] ?? 0) | (bits[x % across]?.[y % down] ?? 0)
    if (owners[cell] === -1) owners[cell] = index
    return cell
  }
  return {
    width: columns * across,
    height: rows * down,
    line: (from, to, style) => {
      const dash = ascii ? [] : dotDash(style)
      for (const dot of dotsBetween(from, to)) {
        const step = steps.get(style.index) ?? 0
        steps.set(style.index, step + 1)
        if (isInked(dash, step)) draw(dot, style.index)
      }
    },
    point: (at, style) => {
      points.add(draw(at, style.index))
    },
    cell: (column, row) => {
      const cell = row * columns + column
      const index = owners[cell] ?? -1
      if (index === -1) return undefined
      if (ascii) return { glyph: markOf(index), index }
      return { glyph: points.has(cell) ? '●' : String.fromCodePoint(0x2800 + (dots[cell] ?? 0)), index }
    },
  }
}

/** What a series looks like in a legend, four characters wide. */
export function lineSample(style: SeriesStyle, ascii: boolean): string {
  if (ascii) return markOf(style.index)
  if (style.isMarks) return '  ●  '
  const canvas = dotCanvas({ columns: 5, rows: 1, ascii })
  canvas.line([0, 1], [9, 1], style)
  return Array.from({ length: 5 }, (_, column) => canvas.cell(column, 0)?.glyph ?? ' ').join('')
}

const markOf = (index: number) => marks[index % marks.length] ?? '*'

function dotDash({ index, dashed }: SeriesStyle): readonly number[] {
  if (dashed !== undefined) return dashed ? marked : []
  return dotDashes[index % dotDashes.length] ?? []
}

function isInked(dash: readonly number[], step: number): boolean {
  if (dash.length === 0) return true
  let left = step % dash.reduce((sum, length) => sum + length, 0)
  const part = dash.findIndex((length) => {
    left -= length
    return left < 0
  })
  return part % 2 === 0
}

/** The dots of a straight line without its last (Bresenham, 1965), so that joined lines step on evenly; a line to itself is one dot. */
function* dotsBetween([x0, y0]: Dot, [x1, y1]: Dot): Generator<Dot> {
  const [width, height] = [Math.abs(x1 - x0), Math.abs(y1 - y0)]
  const [right, down] = [Math.sign(x1 - x0), Math.sign(y1 - y0)]
  let [x, y, error] = [x0, y0, width - height]
  if (width === 0 && height === 0) yield [x, y]
  while (x !== x1 || y !== y1) {
    yield [x, y]
    const doubled = 2 * error
    if (doubled > -height) {
      error -= height
      x += right
    }
    if (doubled < width) {
      error += width
      y += down
    }
  }
}
