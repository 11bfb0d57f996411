// Conditional volatility along a history: what each return is measured against, and where paths start.

import type { VolatilityDynamics } from '../../model/market-model.ts'

/** Returns between neighbouring bars by date; undefined where there is none. */
export type ReturnColumn = readonly (number | undefined)[]

export type VarianceLaw = Pick<VolatilityDynamics, 'omega' | 'alpha' | 'gamma' | 'beta'>

export interface FilteredVolatility {
  /** As `forecastVolatility`, floor applied. */
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
function lowestTenth(volatilities: readonly number[]): number {
  const sorted = Float64Array.from(volatilities).sort()
  return sorted[Math.floor(floorShare * sorted.length)] ?? 0
}

/** Mean square of the first returns: before the first bar nothing else is known. */
function startVariance(column: ReturnColumn): number {
  const first = column.filter((value) => value !== undefined).slice(0, startReturns)
  return first.reduce((sum, value) => sum + value * value, 0) / Math.max(1, first.length)
}

/** Per date the volatility forecast from the dates before, and one more for the next bar; no floor yet. 0 before the first return. */
export function forecastVolatility(
  column: ReturnColumn,
  law: VarianceLaw,
  start: number = startVariance(column),
): Float64Array {
  const volatility = new Float64Array(column.length + 1)
  const first = column.findIndex((value) => value !== undefined)
  let variance = start
  for (let t = first < 0 ? column.length : first; t < column.length; t += 1) {
    volatility[t] = Math.sqrt(variance)
    variance = nextVariance(law, variance, column[t])
  }
  volatility[column.length] = Math.sqrt(variance)
  return volatility
}

/**
 * Runs a law along a column. A return of zero is one; a column that never moves has volatility 0 throughout.
 * @param start variance before the first return
 */
export function filterVolatility(column: ReturnColumn, law: VarianceLaw, start?: number): FilteredVolatility {
  const volatility = forecastVolatility(column, law, start)
  const seen = column.flatMap((value, t) => (value === undefined ? [] : [volatility[t] ?? 0]))
  const floor = lowestTenth(seen)
  const ceiling = seen.reduce((most, one) => Math.max(most, one), volatility.at(-1) ?? 0)
  const from = column.findIndex((value) => value !== undefined)
  for (let t = from < 0 ? column.length : from; t <= column.length; t += 1)
    volatility[t] = Math.max(floor, volatility[t] ?? 0)
  return { volatility, dynamics: { ...law, scale: 1, floor, ceiling } }
}
