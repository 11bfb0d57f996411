// A sheet of terminal columns that text is put on: nothing put on it can leave it, and colours come last.

import { columnsOf } from './plain-text.ts'

/** The wanted number of columns, or the usual one; never too few for an axis and a curve. */
export function gridWidth(wanted: number | undefined): number {
  return wanted === undefined || !Number.isFinite(wanted) ? 80 : Math.min(500, Math.max(40, Math.floor(wanted)))
}

/** What a piece of text is; a number is a series by its style index. */
export type Ink = 'strong' | 'faint' | 'marker' | number

/** Colours of a terminal. Each function gets plain text and gives it back with escape sequences. */
export interface TerminalPaint {
  readonly strong: (text: string) => string
  readonly faint: (text: string) => string
  readonly marker: (text: string) => string
  readonly series: (text: string, index: number) => string
}

export interface TextGrid {
  /** Text from a column on, over what was there. What does not fit into the row is lost. */
  readonly put: (row: number, column: number, text: string, ink?: Ink) => void
  readonly isFree: (row: number, column: number) => boolean
  /** Rows ending with a line feed, without trailing blanks. */
  readonly text: (paint: TerminalPaint | undefined) => string
}

interface Cell {
  readonly glyph: string
  readonly ink: Ink | undefined
}

/** Stand-ins for our own line drawing; any other character beyond ASCII becomes a question mark. */
const asciiOf: Readonly<Record<string, string>> = {
  ...{ '┤': '+', '│': '|', '┊': ':', '┄': '-', '└': '+', '─': '-', '┬': '+', '━': '=', '┳': '#', '┴': '+', '┼': '+' },
  ...{ '…': '~', '█': '#', '▌': '#', '▐': '#', '·': '.' },
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const blank: Cell = { glyph: ' ', ink: undefined }

/** @param ascii no character beyond ASCII leaves the grid */
export function textGrid({ width, ascii }: { readonly width: number; readonly ascii: boolean }): TextGrid {
  const rows: Cell[][] = []
  const rowAt = (row: number) => {
    while (rows.length <= row) rows.push([])
    return rows[row] ?? []
  }
  return {
    put: (row, column, text, ink) => {
      const cells = rowAt(row)
      let at = column
      for (const { segment } of graphemes.segment(text)) {
        const glyph = ascii && !/^[ -~]$/.test(segment) ? (asciiOf[segment] ?? '?') : segment
        const columns = Math.max(1, columnsOf(glyph))
        if (at >= 0 && at + columns <= width) {
          while (cells.length < at) cells.push(blank)
          cells[at] = { glyph, ink }
          if (columns === 2) cells[at + 1] = { glyph: '', ink }
        }
        at += columns
      }
    },
    isFree: (row, column) => (rows[row]?.[column]?.glyph ?? ' ') === ' ',
    text: (paint) => rows.map((cells) => `${rowText(cells, paint)}\n`).join(''),
  }
}

function rowText(cells: readonly Cell[], paint: TerminalPaint | undefined): string {
  if (paint === undefined)
    return cells
      .map(({ glyph }) => glyph)
      .join('')
      .trimEnd()
  const end = cells.findLastIndex(({ glyph }) => glyph.trim() !== '') + 1
  const runs: { text: string; readonly ink: Ink | undefined }[] = []
  for (const { glyph, ink } of cells.slice(0, end)) {
    const last = runs.at(-1)
    if (last !== undefined && last.ink === ink) last.text += glyph
    else runs.push({ text: glyph, ink })
  }
  return runs.map(({ text, ink }) => painted(text, ink, paint)).join('')
}

function painted(text: string, ink: Ink | undefined, paint: TerminalPaint): string {
  if (ink === undefined || text.trim() === '') return text
  return typeof ink === 'number' ? paint.series(text, ink) : paint[ink](text)
}
