// Moments of averages are divided differences of the exponential; taken as such they have no zero denominators and do not cancel.
import { outOfDomain } from './out-of-domain.ts'

/** Below this spread the series around the mean is used: 40 terms of it are exact to a rounding. */
const SERIES_SPREAD = 4

/** e^m sum_k h_k(x - m) / (k + n)!, h_k the complete homogeneous symmetric polynomials (from power sums). */
function series(x: readonly number[], mean: number): number {
  const n = x.length - 1
  const h = new Float64Array(41)
  h[0] = 1
  for (const point of x) for (let k = 1; k <= 40; k += 1) h[k] = (h[k] ?? 0) + (point - mean) * (h[k - 1] ?? 0)
  let factorial = 1
  for (let k = 2; k <= n; k += 1) factorial *= k
  let sum = 0
  for (let k = 0; k <= 40; k += 1) {
    sum += (h[k] ?? 0) / factorial
    factorial *= k + n + 1
  }
  return Math.exp(mean) * sum
}

function ofSorted(x: readonly number[]): number {
  const first = x[0] ?? 0
  const spread = (x.at(-1) ?? 0) - first
  if (spread === 0 && x.length === 1) return Math.exp(first)
  if (spread <= SERIES_SPREAD) return series(x, x.reduce((sum, point) => sum + point, 0) / x.length)
  return (ofSorted(x.slice(1)) - ofSorted(x.slice(0, -1))) / spread
}

/**
 * exp[x0, ..., xn], the divided difference of the exponential, always above 0; n = 0..6, points in any order, equal ones included,
 * within -700..700. By Hermite and Genocchi it is the integral of exp(sum t_i x_i) over the simplex sum t_i = 1.
 * Relative error about 1e-15 (n + 1), of the recursion for wide spreads and of its Taylor series for narrow ones
 * (McCurdy, Ng & Parlett 1984, "Accurate computation of divided differences of the exponential function").
 * Throws `out-of-domain`.
 */
export function expDividedDifference(points: readonly number[]): number {
  const isSound = points.length >= 1 && points.length <= 7 && points.every((x) => Math.abs(x) <= 700)
  if (!isSound)
    throw outOfDomain('expDividedDifference', 'One to seven points from -700 to 700.', { points: points.join(' ') })
  return ofSorted(points.toSorted((a, b) => a - b))
}
