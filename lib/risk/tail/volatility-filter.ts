// Conditional volatility along a history: what each return is measured against, and where paths start.

import type { VolatilityDynamics } from '../../model/market-model.ts'

/** Returns between neighbouring bars by date; undefined where there is none. */
export type ReturnColumn = readonly (number | undefined)[]

export type VarianceLaw = Pick<VolatilityDynamics, 'omega' | 'alpha' | 'gamma' | 'beta'>

export interface FilteredVolatility {
  /** Per date, forecast from the dates before, floor applied; one more at the end for the next bar. 0 before the first return. */
  readonly volatility: Float64Array
  readonly dynamics: VolatilityDynamics
}

/** Share of a volatility's own history below its floor. */
const floorShare = 0.1
/** So many squared returns start the recursion. */
const startReturns = 60

/** Variance of one bar later. Over a bar without a return it moves towards its mean, which for exponential smoothing leaves it as it is. */
export function nextVariance(law: VarianceLaw, variance: number, value: number | undefined): number {
  const { omega, alpha, gamma, beta } = law
  if (value === undefined) return omega + (alpha + gamma / 2 + beta) * variance
  return omega + (value < 0 ? alpha + gamma : alpha) * value * value + beta * variance
}

/** The volatility below which a tenth of them lie; 0 for none. */
export function lowestTenth(volatilities: readonly number[]): number {
  const sorted = Float64Array.from(volatilities).sort()
  return sorted[Math.floor(floorShare * sorted.length)] ?? 0
}

/** Mean square of the first returns: before the first bar nothing else is known. */
export function startVariance(column: ReturnColumn): number {
  const first = column.filter((value) => value !== undefined).slice(0, startReturns)
  return first.reduce((sum, value) => sum + value * value, 0) / Math.max(1, first.length)
}

/**
 * Runs a law along a column. A return of zero is one; a column that never moves has volatility 0 throughout.
 * @param start variance before the first return
 * @returns volatilities of dates + 1
 */
export function filterVolatility(
  column: ReturnColumn,
  law: VarianceLaw,
  start: number = startVariance(column),
): FilteredVolatility {
  const volatility = new Float64Array(column.length + 1)
  const first = column.findIndex((value) => value !== undefined)
  let variance = start
  const seen: number[] = []
  for (let t = Math.max(0, first); t < column.length; t += 1) {
    volatility[t] = Math.sqrt(variance)
    if (column[t] !== undefined) seen.push(volatility[t] ?? 0)
    variance = nextVariance(law, variance, column[t])
  }
  volatility[column.length] = Math.sqrt(variance)
  const floor = lowestTenth(seen)
  const ceiling = seen.reduce((most, one) => Math.max(most, one), Math.sqrt(variance))
  const from = first < 0 ? column.length : first
  for (let t = from; t <= column.length; t += 1) volatility[t] = Math.max(floor, volatility[t] ?? 0)
  return { volatility, dynamics: { ...law, scale: 1, floor, ceiling } }
}
