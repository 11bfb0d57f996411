// Linear regression with exponential weights that takes one observation at a time, so that a beta follows the market without its history.
import { outOfDomain } from './out-of-domain.ts'

/** Sums over the observations so far; plain data, changed in place by `absorbObservation` alone. */
export interface RegressionSums {
  /** Regressors, besides the constant. */
  readonly regressors: number
  /** Observations taken in. */
  count: number
  /** Sum of w, of w x span, and of w^2 x span. */
  weight: number
  spans: number
  squares: number
  /** (p + 1): weighted sums of the regressors and of the response. */
  readonly first: Float64Array
  /** (p + 1)^2 by rows: weighted sums of their products. */
  readonly second: Float64Array
}

export interface Regression {
  readonly coefficients: readonly number[]
  /** p x p by rows: of the coefficients' errors. */
  readonly covariance: readonly number[]
  /** Share of the response's weighted variance that is explained, 0..1; 0 where it has none. */
  readonly rSquared: number
  readonly observations: number
}

/** A pivot below this part of its own variance: the regressor is, but for rounding, a combination of the others. */
const collinear = 1e-8

export function startRegression(regressors: number): RegressionSums {
  if (!(Number.isInteger(regressors) && regressors >= 1))
    throw outOfDomain('startRegression', 'One regressor or more.', { regressors })
  const n = regressors + 1
  return {
    regressors,
    count: 0,
    weight: 0,
    spans: 0,
    squares: 0,
    first: new Float64Array(n),
    second: new Float64Array(n * n),
  }
}

/** Time passes: every weight so far is multiplied by `decay`. In place. Throws `out-of-domain` unless 0 < decay <= 1. */
export function decayRegression(sums: RegressionSums, decay: number): void {
  if (!(decay > 0 && decay <= 1)) throw outOfDomain('decayRegression', 'A decay above 0, 1 at most.', { decay })
  sums.weight *= decay
  sums.spans *= decay
  sums.squares *= decay * decay
  for (let k = 0; k < sums.first.length; k += 1) sums.first[k] = (sums.first[k] as number) * decay
  for (let k = 0; k < sums.second.length; k += 1) sums.second[k] = (sums.second[k] as number) * decay
}

/**
 * Takes in one observation: p regressors and then the response, in `row`. Its error is taken to have a variance in proportion to `span` (the days that it
 * covers, say), so it counts as 1 / span. In place. Throws `out-of-domain` for another length, numbers that are not finite, and a span not above 0.
 */
export function absorbObservation(sums: RegressionSums, row: ArrayLike<number>, span: number): void {
  const n = sums.regressors + 1
  if (row.length !== n || !(span > 0 && span < Infinity))
    throw outOfDomain('absorbObservation', 'p regressors and the response, a span above 0.', {
      entries: row.length,
      span,
    })
  for (let i = 0; i < n; i += 1)
    if (!(Math.abs(row[i] as number) <= 1e100))
      throw outOfDomain('absorbObservation', 'Every number is finite.', { at: i, value: Number(row[i]) })
  const w = 1 / span
  sums.count += 1
  sums.weight += w
  sums.spans += 1
  sums.squares += w
  for (let i = 0; i < n; i += 1) {
    const x = w * (row[i] as number)
    sums.first[i] = (sums.first[i] as number) + x
    for (let j = 0; j < n; j += 1) sums.second[i * n + j] = (sums.second[i * n + j] as number) + x * (row[j] as number)
  }
}

/**
 * Weighted least squares with a constant. Errors are those of independent observations with the variance s^2 x span: s^2 is the weighted mean square residual over
 * span, with the degrees of freedom of T_eff = (sum w)^2 / sum(w^2 span). Absent with T_eff not above p + 1, a regressor that never moved, or regressors
 * of which one is a combination of the others.
 */
export function solveRegression(sums: RegressionSums): Regression | undefined {
  const { regressors: p, weight, spans, squares, count } = sums
  const effective = squares > 0 ? (weight * weight) / squares : 0
  if (!(effective > p + 1)) return undefined
  const moments = centredMoments(sums)
  const n = p + 1
  const inverse = inverseOf(moments, p, n)
  if (inverse === undefined) return undefined
  const coefficients: number[] = []
  for (let i = 0; i < p; i += 1) {
    let b = 0
    for (let j = 0; j < p; j += 1) b += (inverse[i * p + j] as number) * (moments[j * n + p] as number)
    coefficients.push(b)
  }
  const total = moments[p * n + p] as number
  const explained = coefficients.reduce((sum, b, i) => sum + b * (moments[i * n + p] as number), 0)
  const residual = Math.max(0, total - explained)
  // Of one unit of span: sum(w e^2) / sum(w span), and the degrees of freedom that the fit has used.
  const perSpan = ((residual * weight) / spans) * (effective / (effective - p - 1))
  return {
    coefficients,
    covariance: Array.from(inverse, (entry) => (entry * perSpan) / effective),
    rSquared: total > 0 ? Math.min(1, Math.max(0, explained / total)) : 0,
    observations: count,
  }
}

/**
 * The same observations with other regressors: the k-th new one is the combination `weights[k]` of the p old ones. So a fit under linear restrictions needs no
 * second pass.
 */
export function combineRegressors(sums: RegressionSums, weights: readonly (readonly number[])[]): RegressionSums {
  const [p, q] = [sums.regressors, weights.length]
  // Rows of the map from old to new, the response as it is.
  const map = [...weights.map((row) => [...row, 0]), [...new Array<number>(p).fill(0), 1]]
  const old = (i: number, j: number) => sums.second[i * (p + 1) + j] as number
  const combined = startRegression(q)
  for (const [a, left] of map.entries()) {
    combined.first[a] = left.reduce((sum, w, i) => sum + w * (sums.first[i] as number), 0)
    for (const [b, right] of map.entries())
      combined.second[a * (q + 1) + b] = left.reduce(
        (sum, w, i) => sum + (w === 0 ? 0 : w * right.reduce((inner, v, j) => inner + v * old(i, j), 0)),
        0,
      )
  }
  const { count, weight, spans, squares } = sums
  return { ...combined, count, weight, spans, squares }
}

/** (p + 1)^2: weighted covariances of regressors and response; variances that are rounding alone are 0. */
function centredMoments({ regressors, weight, first, second }: RegressionSums): Float64Array {
  const n = regressors + 1
  const moments = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1) {
      const square = (second[i * n + j] as number) / weight
      const moment = square - ((first[i] as number) / weight) * ((first[j] as number) / weight)
      moments[i * n + j] = i === j && moment < 1e-12 * square ? 0 : moment
    }
  return moments
}

/** Inverse of the leading p x p block, by Gauss-Jordan on correlations; undefined if it is singular. */
function inverseOf(moments: Float64Array, p: number, n: number): Float64Array | undefined {
  const scale = Float64Array.from({ length: p }, (_, i) => Math.sqrt(moments[i * n + i] as number))
  if (scale.some((s) => !(s > 0))) return undefined
  const width = 2 * p
  const a = new Float64Array(p * width)
  for (let i = 0; i < p; i += 1) {
    for (let j = 0; j < p; j += 1)
      a[i * width + j] = (moments[i * n + j] as number) / ((scale[i] as number) * (scale[j] as number))
    a[i * width + p + i] = 1
  }
  for (let k = 0; k < p; k += 1) {
    // What is left of the variance of k after the regressors before it.
    const pivot = a[k * width + k] as number
    if (!(pivot > collinear)) return undefined
    for (let j = 0; j < width; j += 1) a[k * width + j] = (a[k * width + j] as number) / pivot
    for (let i = 0; i < p; i += 1) {
      if (i === k) continue
      const factor = a[i * width + k] as number
      for (let j = 0; j < width; j += 1)
        a[i * width + j] = (a[i * width + j] as number) - factor * (a[k * width + j] as number)
    }
  }
  const inverse = new Float64Array(p * p)
  for (let i = 0; i < p; i += 1)
    for (let j = 0; j < p; j += 1)
      inverse[i * p + j] = (a[i * width + p + j] as number) / ((scale[i] as number) * (scale[j] as number))
  return inverse
}
