// How much of a market's variance a few common movements absorb: the more, the more tightly coupled and the more fragile it is.
import { checkObservation, type Observation } from './covariance/sample-moments.ts'
import { symmetricEigenvalues } from './covariance/symmetric-eigenvalues.ts'
import { outOfDomain } from './out-of-domain.ts'

/** In dates, each of which is one row. */
export interface AbsorptionSettings {
  /** Dates that count. */
  readonly window: number
  /** Of the weights within the window; `Infinity`: all alike. */
  readonly halfLife: number
  /** An asset counts once it has so many returns in the window. */
  readonly least: number
  /** Correlations are about the coupling alone; covariances give a violent asset more to say, as the paper does. */
  readonly matrix: 'correlation' | 'covariance'
}

/** 500 days, half-life 250 (Kritzman et al. 2011), on correlations. */
const absorptionDefaults: AbsorptionSettings = {
  window: 500,
  halfLife: 250,
  least: 120,
  matrix: 'correlation',
}

export interface Absorption {
  /** 0..1; absent with fewer than two assets that count and move. */
  readonly ratio?: number
  /** Assets that counted and moved. */
  readonly assets: number
}

/** Kritzman & Li's n: about a fifth of the assets, one at least. */
function absorbing(assets: number): number {
  return Math.max(1, Math.round(assets / 5))
}

/**
 * Kritzman, Li, Page & Rigobon (2011), "Principal components as a measure of systemic risk", equation 1: the n = max(1, round(N / 5)) largest eigenvalues over
 * all of them. `matrix` is N x N by rows, a correlation or covariance. Throws `out-of-domain` for another length, entries that are not finite, and a matrix
 * without variance.
 */
export function absorptionRatio(params: { readonly matrix: Float64Array; readonly size: number }): number {
  const { matrix, size } = params
  const values = symmetricEigenvalues({ matrix, size })
  let total = 0
  for (let i = 0; i < size; i += 1) total += matrix[i * size + i] as number
  if (!(total > 0)) throw outOfDomain('absorptionRatio', 'Some asset moves.', { size, total })
  let absorbed = 0
  for (let k = 0; k < absorbing(size); k += 1) absorbed += values[k] as number
  // Pairs over dates of their own may make a matrix indefinite: then the first eigenvalues exceed the sum.
  return Math.min(1, absorbed / total)
}

/** Sums of a pair: weight, x_i, x_j, x_i^2, x_j^2, x_i x_j. */
const stride = 6

interface Window {
  readonly assets: number
  /** Per pair i <= j by rows of the upper triangle, `stride` sums each. Only ratios of them matter, so weights grow instead of decaying. */
  readonly sums: Float64Array
  /** Per pair: dates with both. */
  readonly joint: Int32Array
  /** Per asset: dates on which it moved. What is left of sums after the last of them has gone is rounding. */
  readonly moves: Int32Array
}

/** Weights are brought back to 1 beyond it. */
const largestWeight = 1e60

/**
 * The absorption ratio at each date from `from` on (0 where absent), of the dates of the window that ends there: each pair by the weighted deviations from its
 * means over the dates that have both; a pair without two such dates has the mean correlation. Assets that are constant or have fewer than `least` returns in
 * the window are left out of N at that date: give a universe that is fixed, for a change of N is a jump that means nothing. Throws `out-of-domain`, with asset
 * and date, for a number that is not finite or a row of another length, and for settings that are none.
 */
export function absorptionSeries(params: {
  readonly rows: readonly Observation[]
  readonly from?: number
  readonly settings?: Partial<AbsorptionSettings>
}): readonly Absorption[] {
  const { rows, from = 0 } = params
  const settings = { ...absorptionDefaults, ...params.settings }
  const { window: length, halfLife, least } = settings
  if (!(Number.isInteger(length) && length >= 2 && halfLife > 0 && Number.isInteger(least) && least >= 2))
    throw outOfDomain('absorptionSeries', 'A window and a least of 2 dates or more, a half-life above 0.', {
      window: length,
      halfLife,
      least,
    })
  const assets = rows[0]?.length ?? 0
  for (const [t, row] of rows.entries()) checkObservation('absorptionSeries', row, assets, t)
  const pairs = (assets * (assets + 1)) / 2
  const window: Window = {
    assets,
    sums: new Float64Array(pairs * stride),
    joint: new Int32Array(pairs),
    moves: new Int32Array(assets),
  }
  const growth = 2 ** (1 / halfLife)
  const weights = new Float64Array(length)
  const begin = Math.max(0, from - length + 1)
  const series: Absorption[] = []
  let weight = 1
  for (let t = begin; t < rows.length; t += 1) {
    weight *= growth
    if (weight > largestWeight) {
      for (const array of [window.sums, weights])
        for (let k = 0; k < array.length; k += 1) array[k] = (array[k] as number) / weight
      weight = 1
    }
    const [fresh, old] = [rows[t], t - length >= begin ? rows[t - length] : undefined]
    if (old !== undefined) take(window, old, -(weights[t % length] as number), -1)
    if (fresh !== undefined) take(window, fresh, weight, 1)
    weights[t % length] = weight
    if (t >= from) series.push(absorptionOf(window, settings))
  }
  return series
}

function take({ assets, sums, joint, moves }: Window, row: Observation, weight: number, count: number): void {
  let pair = 0
  for (let i = 0; i < assets; i += 1) {
    const x = row[i]
    if (x === undefined) {
      pair += assets - i
      continue
    }
    if (x !== 0) moves[i] = (moves[i] as number) + count
    for (let j = i; j < assets; j += 1, pair += 1) {
      const y = row[j]
      if (y === undefined) continue
      const at = pair * stride
      joint[pair] = (joint[pair] as number) + count
      sums[at] = (sums[at] as number) + weight
      sums[at + 1] = (sums[at + 1] as number) + weight * x
      sums[at + 2] = (sums[at + 2] as number) + weight * y
      sums[at + 3] = (sums[at + 3] as number) + weight * x * x
      sums[at + 4] = (sums[at + 4] as number) + weight * y * y
      sums[at + 5] = (sums[at + 5] as number) + weight * x * y
    }
  }
}

/** Below this part of the mean square a variance is rounding. */
const rounding = 1e-12

/** Variance of i over the dates of the pair, or of j; 0 if it is rounding. */
function varianceOf(sums: Float64Array, at: number, which: 1 | 2): number {
  const weight = sums[at] as number
  const mean = (sums[at + which] as number) / weight
  const square = (sums[at + which + 2] as number) / weight
  const variance = square - mean * mean
  return variance > rounding * square && variance > 1e-60 ? variance : 0
}

function absorptionOf({ assets, sums, joint, moves }: Window, { least, matrix: kind }: AbsorptionSettings): Absorption {
  const counted: number[] = []
  const variances: number[] = []
  const pairOf = (i: number, j: number) => i * assets - (i * (i - 1)) / 2 + (j - i)
  for (let i = 0; i < assets; i += 1) {
    const pair = pairOf(i, i)
    const isCounted = (joint[pair] as number) >= least && (moves[i] as number) > 0
    const variance = isCounted ? varianceOf(sums, pair * stride, 1) : 0
    if (variance === 0) continue
    counted.push(i)
    variances.push(variance)
  }
  const size = counted.length
  if (size < 2) return { assets: size }
  const matrix = new Float64Array(size * size)
  const unknown: number[] = []
  let sum = 0
  for (let p = 0; p < size; p += 1) {
    matrix[p * size + p] = 1
    for (let q = 0; q < p; q += 1) {
      const pair = pairOf(counted[q] as number, counted[p] as number)
      const rho = correlationOf(sums, joint, pair)
      if (rho === undefined) unknown.push(p * size + q)
      else sum += rho
      matrix[p * size + q] = rho ?? 0
    }
  }
  const known = (size * (size - 1)) / 2 - unknown.length
  for (const at of unknown) matrix[at] = known === 0 ? 0 : sum / known
  if (kind === 'covariance')
    for (let p = 0; p < size; p += 1)
      for (let q = 0; q <= p; q += 1)
        matrix[p * size + q] =
          (matrix[p * size + q] as number) * Math.sqrt((variances[p] as number) * (variances[q] as number))
  return { ratio: absorptionRatio({ matrix, size }), assets: size }
}

function correlationOf(sums: Float64Array, joint: Int32Array, pair: number): number | undefined {
  if ((joint[pair] as number) < 2) return undefined
  const at = pair * stride
  const weight = sums[at] as number
  const [vi, vj] = [varianceOf(sums, at, 1), varianceOf(sums, at, 2)]
  if (vi === 0 || vj === 0) return undefined
  const cross =
    (sums[at + 5] as number) / weight - ((sums[at + 1] as number) / weight) * ((sums[at + 2] as number) / weight)
  const rho = cross / Math.sqrt(vi * vj)
  return Math.max(-1, Math.min(1, rho))
}

/**
 * The standardised shift of Kritzman et al. (2011), equation 2, at each date: (mean of the last `short` ratios - mean of the last `long`) / sd of the last `long`
 * (divided by long - 1). Absent where one of them is, or where they do not differ. 15 and 252 dates where absent.
 */
export function absorptionShift(params: {
  readonly ratios: readonly (number | undefined)[]
  readonly short?: number
  readonly long?: number
}): readonly (number | undefined)[] {
  const { ratios, short = 15, long = 252 } = params
  if (!(Number.isInteger(short) && Number.isInteger(long) && short >= 1 && long > short))
    throw outOfDomain('absorptionShift', 'A long window that is longer than the short one, of one date or more.', {
      short,
      long,
    })
  return ratios.map((_, end) => {
    if (end < long - 1) return undefined
    let sum = 0
    let recent = 0
    for (let t = end - long + 1; t <= end; t += 1) {
      const ratio = ratios[t]
      if (ratio === undefined) return undefined
      sum += ratio
      if (t > end - short) recent += ratio
    }
    const mean = sum / long
    let square = 0
    for (let t = end - long + 1; t <= end; t += 1) square += ((ratios[t] as number) - mean) ** 2
    const deviation = Math.sqrt(square / (long - 1))
    return deviation > 1e-12 ? (recent / short - mean) / deviation : undefined
  })
}
