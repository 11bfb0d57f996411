// Signed bars as text, for a terminal, a log or a mail.

import { type BarRooms, type BarRow, barContent, barRooms } from './bar-content.ts'
import type { Bars } from './chart.ts'
import { columnsOf, fitted, wrapped } from './plain-text.ts'
import { gridWidth, type TerminalPaint, type TextGrid, textGrid } from './text-grid.ts'

export interface TerminalBarsParams {
  readonly bars: Bars
  /** Columns; 80 unless told, 40 to 500. No row is longer. */
  readonly width?: number | undefined
  /** True: no character beyond ASCII; what a name has of them becomes `?`. */
  readonly ascii?: boolean | undefined
  /** Colours; without them the text has no escape sequence. Gains are series 0, losses series 1. */
  readonly paint?: TerminalPaint | undefined
}

/** One row for each bar, ending with a line feed. Never throws: a value that is not known is written as such. */
export function terminalBars({ bars, width: wanted, ascii = false, paint }: TerminalBarsParams): string {
  const content = barContent(bars)
  const width = gridWidth(wanted)
  const grid = textGrid({ width, ascii })
  const head = wrapped(content.title, width, columnsOf, 2)
  const below = [...wrapped(content.subtitle ?? '', width, columnsOf), ...wrapped(content.label, width, columnsOf, 2)]
  for (const [row, text] of head.entries()) grid.put(row, 0, text, 'strong')
  for (const [row, text] of below.entries()) grid.put(head.length + row, 0, text, 'faint')
  const top = head.length + below.length
  if (content.rows.length === 0) grid.put(top, 0, 'no data', 'faint')
  const rooms = barRooms(content.rows, { width, gap: 1, widthOf: columnsOf })
  const place = placeOf(rooms, content.extent, width)
  for (const [row, bar] of rooms.rows.entries()) writeBar(grid, top + row, bar, place)
  return grid.text(paint)
}

interface BarPlace {
  readonly names: number
  /** Column of the zero line. */
  readonly zero: number
  /** Columns of one unit of value. */
  readonly scale: number
}

/** What names and values leave is for bars, but for the zero line and a column for rounding. */
function placeOf(rooms: BarRooms, [low, high]: readonly [number, number], width: number): BarPlace {
  const names = Math.floor(rooms.names)
  const room = width - names - rooms.losses - rooms.gains - 2
  const scale = high > low ? room / (high - low) : 0
  return { names: names - 1, scale, zero: names + rooms.losses + Math.round(-low * scale) }
}

function writeBar(grid: TextGrid, row: number, { name, value, text }: BarRow, { names, zero, scale }: BarPlace): void {
  const shown = fitted(name, names, columnsOf)
  grid.put(row, names - columnsOf(shown), shown)
  grid.put(row, zero, '│', 'faint')
  const halves = Math.round(Math.abs(value ?? 0) * scale * 2)
  const length = value === undefined || value === 0 ? 0 : Math.max(1, halves)
  const full = '█'.repeat(Math.floor(length / 2))
  if (value !== undefined && value < 0) {
    const bar = `${length % 2 === 1 ? '▐' : ''}${full}`
    grid.put(row, zero - bar.length, bar, 1)
    grid.put(row, zero - bar.length - 1 - columnsOf(text), text)
    return
  }
  const bar = `${full}${length % 2 === 1 ? '▌' : ''}`
  grid.put(row, zero + 1, bar, 0)
  grid.put(row, zero + bar.length + 2, text, value === undefined ? 'faint' : undefined)
}
