// The results of a batch as people read them on a terminal: aligned tables, a page at a time.

import { colours as pc } from './colours.ts'
import type { Outcome, OutcomeSink } from './line-outcome.ts'
import { type Column, printTable } from './print-table.ts'

export interface LineTable<Result extends object> {
  readonly columns: readonly Column[]
  /** The cells of a result, one for each column. */
  readonly row: (result: Result) => readonly string[]
  /** What stands behind the last column: warnings, in few words. */
  readonly note?: (result: Result) => string
  /** What is said below the table, in words. */
  readonly summary?: () => readonly string[]
  /** What the command adds after the last line, in words. */
  readonly closing?: (result: object) => readonly string[]
}

/** A batch of any length: widths are those of this many rows. */
const page = 1_000

/** Prints a column with the id or the line, those of the table, and a note. */
export function tableSink<Result extends object>(table: LineTable<Result>): OutcomeSink<Result> {
  const columns: readonly Column[] = [
    { title: 'id', align: 'left' },
    ...table.columns,
    { title: 'note', align: 'left' },
  ]
  let rows: (readonly string[])[] = []
  const closing: string[] = []
  const print = () => {
    if (rows.length > 0) printTable(columns, rows)
    rows = []
  }
  return {
    take(outcome) {
      if (outcome.line === undefined && outcome.error === undefined)
        closing.push(...(table.closing?.(outcome.result) ?? []))
      else rows.push(rowOf(table, outcome))
      if (rows.length >= page) print()
      return false
    },
    // Widths are those of a page: it is printed when it is full, whatever the time.
    flush: async () => undefined,
    async end() {
      print()
      for (const line of [...closing, ...(table.summary?.() ?? [])]) console.log(line)
    },
    isClosed: () => false,
  }
}

/** The cells of one outcome; a refused line has a note only. */
function rowOf<Result extends object>(table: LineTable<Result>, outcome: Outcome<Result>): readonly string[] {
  const name = String(outcome.id ?? (outcome.line === undefined ? '' : `line ${outcome.line}`))
  if (outcome.error === undefined) return [name, ...table.row(outcome.result), table.note?.(outcome.result) ?? '']
  const { field, message, rule, hint } = outcome.error
  const reason = rule === undefined || message.includes(rule) ? message : `${message} The ${field ?? 'line'} ${rule}.`
  return [
    name,
    ...table.columns.map(() => ''),
    `${pc.red('refused')} ${reason}${hint === undefined || rule !== undefined ? '' : ` ${hint}`}`,
  ]
}
