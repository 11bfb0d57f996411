// How factors move together over a horizon: by the market model where it knows them, else by stated figures.

import type { Underlying } from '../../model/identity.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { StressBook } from './stress-book.ts'

export type StressFactor =
  | { readonly kind: 'spot'; readonly underlying: Underlying }
  | { readonly kind: 'volatility'; readonly underlying: Underlying }

export interface FactorRoot {
  readonly factors: readonly StressFactor[]
  /** n x n by rows, lower triangular: log moves over the horizon are root y with y standard normal. A factor that never moves has a row of zeros. */
  readonly root: Float64Array
  /** `market model ID` or `default`. */
  readonly source: string
  readonly assumed: readonly string[]
}

/** Annual log volatilities and the correlation with the market, where nothing is known of an underlying. */
const standIn = { risky: 0.8, dollar: 0.02, correlation: 0.8 } as const
/** Implied volatilities: their own annual log volatility, correlation with their price, and with each other beyond that. */
const implied = { volatility: 1, withSpot: -0.3, common: 0.8 } as const
const daysPerYear = 365

/**
 * Spots first, then 30-day implied volatilities. A spot that the model does not know moves 80 % a year, 2 % for a dollar, and with a correlation of 0.8 (dollars:
 * 0) with ETH of the model, else BTC, else its first asset; without a model all risky ones do so with a market of their own. Positive semi-definite by
 * construction: an indefinite correlation loses the directions that are not there.
 */
export function stressCovariance(params: {
  readonly book: StressBook
  readonly horizonDays: number
  readonly model?: MarketModel
}): FactorRoot {
  const { book, horizonDays, model } = params
  const estimate = model?.conditional ?? model?.covariance
  const spots = [...book.risky, ...book.dollars]
  const assumed: string[] = []
  const known = spots.filter((one) => volatilityOf(model, one) !== undefined)
  const missing = spots.filter((one) => !known.includes(one))
  const correlationOf = (one: string, other: string): number => {
    if (one === other) return 1
    const { assets = [], correlation = [] } = estimate ?? {}
    const [i, j] = [assets.indexOf(one), assets.indexOf(other)]
    const found = i < 0 || j < 0 ? 0 : (correlation[i * assets.length + j] ?? 0)
    return Number.isFinite(found) ? Math.min(Math.max(found, -1), 1) : 0
  }
  const order = [...known, ...missing]
  const n = order.length
  const r = new Float64Array(n * n)
  for (const [i, one] of known.entries())
    for (const [j, other] of known.entries()) r[i * n + j] = correlationOf(one, other)
  const rootKnown = semiRoot(r, n, known.length)
  const leader = known.length === 0 ? -1 : Math.max(known.indexOf(known.includes('ETH') ? 'ETH' : 'BTC'), 0)
  const volatile = [...new Set(book.positions.flatMap(({ volatilities }) => volatilities))].toSorted()
  // Columns: known spots; one for a market without a model; each missing spot's own; what volatilities share; each one's own.
  const columns = known.length + 1 + missing.length + 1 + volatile.length
  const rows: Float64Array[] = []
  for (const [i, one] of known.entries()) {
    const row = new Float64Array(columns)
    for (let k = 0; k <= i; k += 1) row[k] = rootKnown[i * n + k] as number
    rows.push(scaled(row, volatilityOf(model, one) ?? 0))
  }
  for (const [m, one] of missing.entries()) {
    const isDollar = book.dollars.includes(one)
    const correlation = isDollar ? 0 : standIn.correlation
    const row = new Float64Array(columns)
    if (leader >= 0) for (let k = 0; k <= leader; k += 1) row[k] = correlation * (rootKnown[leader * n + k] as number)
    else row[known.length] = correlation
    row[known.length + 1 + m] = Math.sqrt(1 - correlation * correlation)
    const volatility = isDollar ? standIn.dollar : standIn.risky
    assumed.push(
      `${one}: ${100 * volatility} % a year, correlation ${correlation} with ${leader >= 0 ? (known[leader] ?? '') : 'the others'}`,
    )
    rows.push(scaled(row, volatility))
  }
  for (const [v, one] of volatile.entries()) {
    const own = rows[order.indexOf(one)]
    const row = new Float64Array(columns)
    const size = own === undefined ? 0 : Math.hypot(...own)
    for (let k = 0; k < columns; k += 1)
      row[k] = size === 0 ? 0 : (implied.withSpot * ((own?.[k] as number) ?? 0)) / size
    const rest = Math.sqrt(1 - (size === 0 ? 0 : implied.withSpot ** 2))
    row[known.length + 1 + missing.length] = rest * Math.sqrt(implied.common)
    row[known.length + 2 + missing.length + v] = rest * Math.sqrt(1 - implied.common)
    rows.push(scaled(row, implied.volatility))
  }
  if (volatile.length > 0)
    assumed.push(
      `implied volatility of ${volatile.join(', ')}: ${100 * implied.volatility} % a year, correlation ${implied.withSpot} with its price`,
    )
  const factors: StressFactor[] = [
    ...order.map((underlying) => ({ kind: 'spot' as const, underlying })),
    ...volatile.map((underlying) => ({ kind: 'volatility' as const, underlying })),
  ]
  return {
    factors,
    root: squareRoot(rows, Math.sqrt(horizonDays / daysPerYear)),
    source: model === undefined || known.length === 0 ? 'default' : `market model ${model.id}`,
    assumed,
  }
}

/** The forecast for the day ahead, else the covariance's own. */
function volatilityOf(model: MarketModel | undefined, asset: Underlying): number | undefined {
  const estimate = model?.conditional ?? model?.covariance
  const index = estimate?.assets.indexOf(asset) ?? -1
  if (model === undefined || estimate === undefined || index < 0) return undefined
  const forecast = model.volatility.find((one) => one.asset === asset)?.volatility
  const found = forecast ?? estimate.volatility[index]
  return found !== undefined && Number.isFinite(found) && found >= 0 ? found : undefined
}

function scaled(row: Float64Array, factor: number): Float64Array {
  return row.map((one) => factor * one)
}

/** A pivot this small is a direction in which nothing moves. */
const negligible = 1e-12

/** Lower triangular L with L L' = R for a positive semi-definite R (leading m x m of n x n): a pivot that is not above rounding leaves its column empty. */
function semiRoot(R: Float64Array, n: number, m: number): Float64Array {
  const L = new Float64Array(n * n)
  for (let j = 0; j < m; j += 1) {
    let pivot = R[j * n + j] as number
    for (let k = 0; k < j; k += 1) pivot -= (L[j * n + k] as number) ** 2
    if (!(pivot > negligible * Math.max(R[j * n + j] as number, Number.MIN_VALUE))) continue
    const root = Math.sqrt(pivot)
    L[j * n + j] = root
    for (let i = j + 1; i < m; i += 1) {
      let rest = R[i * n + j] as number
      for (let k = 0; k < j; k += 1) rest -= (L[i * n + k] as number) * (L[j * n + k] as number)
      L[i * n + j] = rest / root
    }
  }
  return L
}

/** n x n from rows of any length, so that root root' is the same. */
function squareRoot(rows: readonly Float64Array[], scale: number): Float64Array {
  const n = rows.length
  const R = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      const [a, b] = [rows[i] as Float64Array, rows[j] as Float64Array]
      let sum = 0
      for (let k = 0; k < a.length; k += 1) sum += (a[k] as number) * (b[k] as number)
      R[i * n + j] = sum * scale * scale
      R[j * n + i] = sum * scale * scale
    }
  return semiRoot(R, n, n)
}
