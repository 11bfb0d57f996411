// A cubic spline on a uniform grid, for functions that are dear to evaluate and smooth.
import { outOfDomain } from './out-of-domain.ts'

export interface UniformSpline {
  /** First knot and distance of knots. */
  readonly from: number
  readonly step: number
  /** 4 per interval, c0 + t (c1 + t (c2 + t c3)) with t in 0..1 from its left knot. */
  readonly coefficients: Float64Array
}

/**
 * The not-a-knot cubic spline through `values` at equally spaced knots from `from` to `to`; error O(step^4) up to both
 * ends, 0 for cubics. Shape: at least 4 values. Throws `out-of-domain` for fewer, for from >= to, or values that are
 * not finite. De Boor (1978), "A practical guide to splines", chapter IV: on a uniform grid the two end conditions give
 * the first and last inner second differences at once (6 M = r), and the rest is one pass of elimination.
 */
export function uniformSpline(params: {
  readonly from: number
  readonly to: number
  readonly values: Float64Array
}): UniformSpline {
  const { from, to, values } = params
  const n = values.length
  if (!(n >= 4 && from < to && Number.isFinite(to - from) && values.every(Number.isFinite))) {
    throw outOfDomain('uniformSpline', 'At least 4 finite values, and from below to.', { from, to, n })
  }
  const M = curvatures(values)
  const coefficients = new Float64Array(4 * (n - 1))
  for (let k = 0; k < n - 1; k += 1) {
    const [left, right] = [values[k] as number, values[k + 1] as number]
    const [m0, m1] = [M[k] as number, M[k + 1] as number]
    coefficients[4 * k] = left
    coefficients[4 * k + 1] = right - left - (2 * m0 + m1) / 6
    coefficients[4 * k + 2] = m0 / 2
    coefficients[4 * k + 3] = (m1 - m0) / 6
  }
  return { from, step: (to - from) / (n - 1), coefficients }
}

/** Second derivatives at the knots times step^2. */
function curvatures(values: Float64Array): Float64Array {
  const n = values.length
  const M = new Float64Array(n)
  const pivot = new Float64Array(n)
  const rhs = (i: number): number =>
    6 * ((values[i - 1] as number) - (values[i] as number) - ((values[i] as number) - (values[i + 1] as number)))
  M[1] = rhs(1) / 6
  M[n - 2] = rhs(n - 2) / 6
  // M[i-1] + 4 M[i] + M[i+1] = rhs: forward elimination keeps M[i] = M[i] - pivot[i] M[i+1].
  for (let i = 2; i < n - 2; i += 1) {
    const p = 1 / (4 - (pivot[i - 1] as number))
    pivot[i] = p
    M[i] = (rhs(i) - (M[i - 1] as number)) * p
  }
  for (let i = n - 3; i >= 2; i -= 1) M[i] = (M[i] as number) - (pivot[i] as number) * (M[i + 1] as number)
  M[0] = 2 * (M[1] as number) - (M[2] as number)
  M[n - 1] = 2 * (M[n - 2] as number) - (M[n - 3] as number)
  return M
}

/**
 * Adds the spline at each `x` to `out`; beyond the ends its outer pieces go on. Shapes: x and out n. An x that is not a
 * number makes that output NaN (the caller's to prevent). About 3 ns a point.
 */
export function addSpline(spline: UniformSpline, x: Float64Array, out: Float64Array): void {
  const { from, step, coefficients } = spline
  const last = coefficients.length / 4 - 1
  const perStep = 1 / step
  for (let j = 0; j < x.length; j += 1) {
    const u = ((x[j] as number) - from) * perStep
    const k = u <= 0 ? 0 : u >= last ? last : u | 0
    const t = u - k
    const at = 4 * k
    out[j] =
      (out[j] as number) +
      (coefficients[at] as number) +
      t *
        ((coefficients[at + 1] as number) +
          t * ((coefficients[at + 2] as number) + t * (coefficients[at + 3] as number)))
  }
}
