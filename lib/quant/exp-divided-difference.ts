// Moments of averages are divided differences of the exponential; taken as such they have no zero denominators and do not cancel.
import { outOfDomain } from './out-of-domain.ts'

/** Up to this spread the series around the mean is used. */
const SERIES_SPREAD = 4
const scratch = new Float64Array(41)

/** Terms after which spread^k / k! is below a rounding. */
function termsFor(spread: number): number {
  if (spread < 0.01) return 7
  if (spread < 0.1) return 11
  return spread < 1 ? 19 : 40
}

/** e^m sum_k h_k(x - m) / (k + n)!, h_k the complete homogeneous symmetric polynomials, one point after the other. */
function series(x: readonly number[], mean: number, spread: number): number {
  const n = x.length - 1
  const terms = termsFor(spread)
  const h = scratch
  h.fill(0, 0, terms + 1)
  h[0] = 1
  for (let i = 0; i <= n; i += 1) {
    const gap = (x[i] ?? 0) - mean
    for (let k = 1; k <= terms; k += 1) h[k] = (h[k] ?? 0) + gap * (h[k - 1] ?? 0)
  }
  let inverse = 1
  for (let k = 2; k <= n; k += 1) inverse /= k
  let sum = 0
  for (let k = 0; k <= terms; k += 1) {
    sum += (h[k] ?? 0) * inverse
    inverse /= k + n + 1
  }
  return Math.exp(mean) * sum
}

/** Newton's recursion on points in ascending order until what is left lies close together. */
function ofSorted(x: readonly number[]): number {
  const first = x[0] ?? 0
  const spread = (x.at(-1) ?? 0) - first
  if (spread > SERIES_SPREAD) return (ofSorted(x.slice(1)) - ofSorted(x.slice(0, -1))) / spread
  return series(x, first + spread / 2, spread)
}

/**
 * exp[x0, ..., xn], the divided difference of the exponential, always above 0; n = 0..6, points in any order, equal ones included,
 * within -700..700. By Hermite and Genocchi it is the integral of exp(sum t_i x_i) over the simplex sum t_i = 1.
 * Relative error about 1e-15 (n + 1), of the recursion for wide spreads and of its Taylor series for narrow ones
 * (McCurdy, Ng & Parlett 1984, "Accurate computation of divided differences of the exponential function").
 * Throws `out-of-domain`.
 */
export function expDividedDifference(points: readonly number[]): number {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  let isSound = points.length >= 1 && points.length <= 7
  for (const x of points) {
    if (!(Math.abs(x) <= 700)) isSound = false
    if (x < low) low = x
    if (x > high) high = x
  }
  if (!isSound)
    throw outOfDomain('expDividedDifference', 'One to seven points from -700 to 700.', { points: points.join(' ') })
  const spread = high - low
  if (spread <= SERIES_SPREAD) return series(points, low + spread / 2, spread)
  return ofSorted(points.toSorted((a, b) => a - b))
}
