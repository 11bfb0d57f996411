// Which law a variance follows: chosen by what value at risk it gives out of sample.

import type { ReturnColumn, VarianceLaw } from './volatility-filter.ts'

/** Days until a squared return has half of its weight. */
const halfLife = 11
const standing: VarianceLaw = { omega: 0, alpha: 0, gamma: 0, beta: 1 }

/** 0 for none. */
export function meanSquare(column: ReturnColumn): number {
  const values = column.filter((value) => value !== undefined)
  return values.reduce((sum, value) => sum + value * value, 0) / Math.max(1, values.length)
}

/** @param isPegged its variance stands still: moves come in jumps */
export function fitVarianceLaw(_column: ReturnColumn, isPegged: boolean): VarianceLaw {
  if (isPegged) return standing
  const beta = 0.5 ** (1 / halfLife)
  return { omega: 0, alpha: 1 - beta, gamma: 0, beta }
}
