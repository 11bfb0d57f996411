// Hands columns of doubles to another process and back without a digit lost: a file of raw little-endian doubles each.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Columns } from './define-bench.ts'

export function writeColumn(folder: string, name: string, values: Float64Array): void {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, i * 8)
  writeFileSync(join(folder, `${name}.f64`), bytes)
}

export function writeColumns(folder: string, columns: Columns): void {
  for (const [name, values] of Object.entries(columns)) writeColumn(folder, name, values)
}

export function readColumn(folder: string, name: string): Float64Array {
  const bytes = readFileSync(join(folder, `${name}.f64`))
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8))
}
