// Weighted second and fourth moments of several series over a window, from which covariances and the intensity of their shrinkage follow.
import { outOfDomain } from '../out-of-domain.ts'

/** One date: a number per asset; `undefined` is a gap and stays one. */
export type Observation = ArrayLike<number | undefined>

/**
 * Moments of each pair of assets over the dates that have both. Packed by rows of the upper triangle: pair (i, j),
 * i <= j, in the order (0,0), (0,1), .. (0,n-1), (1,1), ..; length n (n + 1) / 2.
 */
export interface SampleMoments {
  readonly assets: number
  /** T_eff = (sum w)^2 / sum w^2 of the pair; 0 where the pair is unknown. */
  readonly effective: Float64Array
  /** E[x_i x_j]. */
  readonly cross: Float64Array
  /** E[x_i^2] over the pair's dates. */
  readonly squareI: Float64Array
  /** E[x_j^2] over the pair's dates. */
  readonly squareJ: Float64Array
  /** E[x_i^2 x_j^2]. */
  readonly m22: Float64Array
  /** E[x_i^3 x_j]. */
  readonly m31: Float64Array
  /** E[x_i x_j^3]. */
  readonly m13: Float64Array
}

/** Beyond it fourth powers would leave the range of doubles. */
const LARGEST = 1e60

/** How many pairs n assets have, each with itself included. */
export function pairs(assets: number): number {
  return (assets * (assets + 1)) / 2
}

/** Throws `out-of-domain` unless there is a number (absolute value <= 1e60) or a gap for each of the assets; `at` names the date. */
export function checkObservation(kernel: string, observation: Observation, assets: number, at: number): void {
  if (observation.length !== assets)
    throw outOfDomain(kernel, 'An observation has one entry per asset.', { assets, entries: observation.length, at })
  for (let i = 0; i < assets; i += 1) {
    const x = observation[i]
    if (x !== undefined && !(Math.abs(x) <= LARGEST))
      throw outOfDomain(kernel, 'A return is finite, or undefined where there is none.', { asset: i, at, value: x })
  }
}

/** Weighted mean of each asset over its dates; 0 for one without. */
function weightedMeans(rows: readonly Observation[], weights: ArrayLike<number>, assets: number): Float64Array {
  const sum = new Float64Array(assets)
  const total = new Float64Array(assets)
  for (const [t, row] of rows.entries())
    for (let i = 0; i < assets; i += 1) {
      const x = row[i]
      if (x === undefined) continue
      sum[i] = (sum[i] as number) + (weights[t] as number) * x
      total[i] = (total[i] as number) + (weights[t] as number)
    }
  return sum.map((s, i) => (total[i] === 0 ? 0 : s / (total[i] as number)))
}

/** Zeroed moments of so many assets. */
export function noMoments(assets: number): SampleMoments {
  const packed = () => new Float64Array(pairs(assets))
  return {
    assets,
    effective: packed(),
    cross: packed(),
    squareI: packed(),
    squareJ: packed(),
    m22: packed(),
    m31: packed(),
    m13: packed(),
  }
}

export interface SampleMomentsParams {
  /** Dates in order, each with one entry per asset. At least one. */
  readonly rows: readonly Observation[]
  /** One weight above 0 per date; equal where absent. Their scale does not matter. */
  readonly weights?: ArrayLike<number>
  /** What deviations are from: zero, or each asset's weighted mean. */
  readonly mean: 'zero' | 'weighted'
}

function checkWeights(rows: number, weights: ArrayLike<number>): void {
  if (weights.length !== rows)
    throw outOfDomain('sampleMoments', 'One weight per date.', { dates: rows, weights: weights.length })
  for (let t = 0; t < rows; t += 1) {
    const weight = weights[t] as number
    if (!(weight > 0 && weight < Infinity))
      throw outOfDomain('sampleMoments', 'Weights are above 0 and finite.', { at: t, weight })
  }
}

/**
 * Weighted moments, each pair over the dates that have both assets; divided by the sum of weights (1/T, no correction
 * for the mean). Throws `out-of-domain` for no dates, no assets, rows of unequal length, a number that is not finite,
 * and a weight that is not above 0.
 */
export function sampleMoments({ rows, weights: given, mean }: SampleMomentsParams): SampleMoments {
  const assets = rows[0]?.length ?? 0
  if (assets === 0)
    throw outOfDomain('sampleMoments', 'At least one date and one asset.', { dates: rows.length, assets })
  for (const [t, row] of rows.entries()) checkObservation('sampleMoments', row, assets, t)
  const weights = given ?? new Float64Array(rows.length).fill(1)
  checkWeights(rows.length, weights)
  const centre = mean === 'zero' ? new Float64Array(assets) : weightedMeans(rows, weights, assets)
  const sums = noMoments(assets)
  const total = new Float64Array(pairs(assets))
  const totalOfSquares = new Float64Array(pairs(assets))
  for (const [t, row] of rows.entries()) {
    const w = weights[t] as number
    let k = 0
    for (let i = 0; i < assets; i += 1) {
      const xi = row[i]
      if (xi === undefined) {
        k += assets - i
        continue
      }
      const a = xi - (centre[i] as number)
      for (let j = i; j < assets; j += 1, k += 1) {
        const xj = row[j]
        if (xj === undefined) continue
        const b = xj - (centre[j] as number)
        const product = a * b
        total[k] = (total[k] as number) + w
        totalOfSquares[k] = (totalOfSquares[k] as number) + w * w
        sums.cross[k] = (sums.cross[k] as number) + w * product
        sums.squareI[k] = (sums.squareI[k] as number) + w * a * a
        sums.squareJ[k] = (sums.squareJ[k] as number) + w * b * b
        sums.m22[k] = (sums.m22[k] as number) + w * product * product
        sums.m31[k] = (sums.m31[k] as number) + w * product * a * a
        sums.m13[k] = (sums.m13[k] as number) + w * product * b * b
      }
    }
  }
  for (let k = 0; k < total.length; k += 1) {
    const w = total[k] as number
    if (w === 0) continue
    sums.effective[k] = (w * w) / (totalOfSquares[k] as number)
    for (const moment of [sums.cross, sums.squareI, sums.squareJ, sums.m22, sums.m31, sums.m13])
      moment[k] = (moment[k] as number) / w
  }
  return sums
}

/** The symmetric n x n matrix, by rows, of packed entries. */
export function unpacked(assets: number, packed: Float64Array): Float64Array {
  const matrix = new Float64Array(assets * assets)
  let k = 0
  for (let i = 0; i < assets; i += 1)
    for (let j = i; j < assets; j += 1, k += 1) {
      matrix[i * assets + j] = packed[k] as number
      matrix[j * assets + i] = packed[k] as number
    }
  return matrix
}
