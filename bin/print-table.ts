// Tables that align: text to the left, numbers to the right, one header line.

import { colours as pc } from './colours.ts'

export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...rows.map((row) => row[index]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) =>
        columns[index]?.align === 'right' ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd()
  console.log(pc.bold(line(columns.map((column) => column.title))))
  for (const row of rows) console.log(line(row))
}
