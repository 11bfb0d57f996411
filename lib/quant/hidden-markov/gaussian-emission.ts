// Log densities of Gaussian states, prepared once for many observations.
import { outOfDomain } from '../out-of-domain.ts'

/** K Gaussians in d dimensions. */
export interface GaussianEmission {
  readonly states: number
  readonly dimension: number
  /** K x d. */
  readonly means: Float64Array
  /** K x d x d by rows: Sigma. */
  readonly covariances: Float64Array
  /** K x d x d: W = L^-1 by rows, lower triangle, of Sigma = L L'. */
  readonly whitening: Float64Array
  /** K: -sum ln L_ii - d/2 ln(2 pi). */
  readonly logScale: Float64Array
}

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** Zeroed, to be filled by `setCovariance`. */
export function noEmission(states: number, dimension: number): GaussianEmission {
  return {
    states,
    dimension,
    means: new Float64Array(states * dimension),
    covariances: new Float64Array(states * dimension * dimension),
    whitening: new Float64Array(states * dimension * dimension),
    logScale: new Float64Array(states),
  }
}

/** L of S = L L', by rows, into `out`; false if S is not positive definite. */
export function cholesky(out: Float64Array, matrix: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = matrix[i * n + j] as number
      for (let k = 0; k < j; k += 1) sum -= (out[i * n + k] as number) * (out[j * n + k] as number)
      if (i !== j) out[i * n + j] = sum / (out[j * n + j] as number)
      else if (sum > 0) out[i * n + i] = Math.sqrt(sum)
      else return false
    }
  return true
}

/** Takes in the covariance (d x d by rows) of state k. Throws `out-of-domain` unless it is positive definite. */
export function setCovariance(emission: GaussianEmission, k: number, covariance: Float64Array): void {
  const { dimension: d, whitening, logScale } = emission
  const root = new Float64Array(d * d)
  if (!cholesky(root, covariance, d))
    throw outOfDomain('gaussianEmission', 'The covariance of every state is positive definite.', { state: k })
  const base = k * d * d
  emission.covariances.set(covariance, base)
  let log = -d * HALF_LOG_TWO_PI
  for (let i = 0; i < d; i += 1) {
    const pivot = root[i * d + i] as number
    log -= Math.log(pivot)
    for (let j = 0; j <= i; j += 1) {
      let sum = i === j ? 1 : 0
      for (let m = j; m < i; m += 1) sum -= (root[i * d + m] as number) * (whitening[base + m * d + j] as number)
      whitening[base + i * d + j] = sum / pivot
    }
  }
  logScale[k] = log
}

/** ln p(x | state) of the observation that begins at `at` in `observations`, into `out` at `to` .. `to + K - 1`. */
export function logDensities(
  out: Float64Array,
  to: number,
  emission: GaussianEmission,
  observations: Float64Array,
  at: number,
): void {
  const { states, dimension: d, means, whitening, logScale } = emission
  for (let k = 0; k < states; k += 1) {
    const base = k * d * d
    let square = 0
    for (let i = 0; i < d; i += 1) {
      let y = 0
      for (let j = 0; j <= i; j += 1)
        y += (whitening[base + i * d + j] as number) * ((observations[at + j] as number) - (means[k * d + j] as number))
      square += y * y
    }
    out[to + k] = (logScale[k] as number) - 0.5 * square
  }
}
