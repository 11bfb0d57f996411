// The pass of a benchmark that calls a function once for each of its inputs.

import type { Columns, KnownResult, PreparedBench } from './define-bench.ts'

/** Calls `price` for each row, keeps every result and returns their sum. */
export function eachRow<Row>(params: {
  readonly rows: readonly Row[]
  readonly price: (row: Row) => number
  readonly known: KnownResult
  readonly columns?: Columns
}): PreparedBench {
  const { rows, price, known, columns = {} } = params
  const out = new Float64Array(rows.length)
  const pass = () => {
    let sum = 0
    for (let i = 0; i < rows.length; i += 1) {
      const value = price(rows[i] as Row)
      out[i] = value
      sum += value
    }
    return sum
  }
  return { n: rows.length, pass, results: () => out, known, columns }
}

/** A number from the ends of some columns: stores into arrays that outlive the pass are never optimised away. */
export function endsOf(...columns: readonly Float64Array[]): number {
  let sum = 0
  for (const column of columns) sum += (column[0] as number) + (column[column.length - 1] as number)
  return sum
}
