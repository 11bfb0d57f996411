// Revalues many ranges of concentrated liquidity at many prices, about 2 ns each, for whatever simulates.
import { outOfDomain } from '../out-of-domain.ts'

// Roots of prices that no token has, instead of 0 and infinity.
const SMALLEST_ROOT = 1e-150
const LARGEST_ROOT = 1e150

/**
 * Values of m ranges at n prices, in token 1: out[i n + j] is range i at price j. Shapes: `L`, `a`, `b` m; `P` n; `out`
 * m n. V = L (P ((i - ib)+ - (i - ia)+) + (s - ra)+ - (s - rb)+) with s = sqrt P, i = 1/s, ra, rb the roots of a, b,
 * ia, ib their inverses, and z+ = (z + abs z)/2: no branch for random prices to miss, and exactly 0 beyond an edge.
 * Absolute error below 4 eps L sqrt P. Domain as `concentrated`, checked before anything is written: `out-of-domain`
 * names the first bad index, so that there are no silent NaNs.
 */
export function concentratedValues(
  L: Float64Array,
  a: Float64Array,
  b: Float64Array,
  P: Float64Array,
  out: Float64Array,
): void {
  check('concentratedValues', L, a, b, P, out)
  const n = P.length
  const roots = new Float64Array(n)
  const inverses = new Float64Array(n)
  hoist(P, roots, inverses)
  for (let i = 0; i < L.length; i += 1) {
    valueRow(L[i] as number, finiteRoot(a[i] as number), finiteRoot(b[i] as number), P, roots, inverses, out, i * n)
  }
}

function valueRow(
  L: number,
  ra: number,
  rb: number,
  P: Float64Array,
  roots: Float64Array,
  inverses: Float64Array,
  out: Float64Array,
  start: number,
): void {
  const half = L / 2
  const ia = 1 / ra
  const ib = 1 / rb
  for (let j = 0; j < P.length; j += 1) {
    const root = roots[j] as number
    const inverse = inverses[j] as number
    const below = inverse - ib
    const past = inverse - ia
    const above = root - ra
    const beyond = root - rb
    out[start + j] =
      half *
      ((P[j] as number) * (below + Math.abs(below) - (past + Math.abs(past))) +
        (above + Math.abs(above) - (beyond + Math.abs(beyond))))
  }
}

/** sqrt(edge), but neither 0 nor infinity: infinity less infinity would be no number. */
function finiteRoot(edge: number): number {
  return Math.min(Math.max(Math.sqrt(edge), SMALLEST_ROOT), LARGEST_ROOT)
}

/**
 * Amounts of token 0 (delta, dV/dP) and gamma of m ranges at n prices; shapes, domain and errors as
 * `concentratedValues`.
 */
export function concentratedGreeks(
  L: Float64Array,
  a: Float64Array,
  b: Float64Array,
  P: Float64Array,
  outDelta: Float64Array,
  outGamma: Float64Array,
): void {
  check('concentratedGreeks', L, a, b, P, outDelta)
  check('concentratedGreeks', L, a, b, P, outGamma)
  const n = P.length
  const roots = new Float64Array(n)
  const inverses = new Float64Array(n)
  hoist(P, roots, inverses)
  for (let i = 0; i < L.length; i += 1) {
    const liquidity = L[i] as number
    const lower = a[i] as number
    const upper = b[i] as number
    const ia = 1 / finiteRoot(lower)
    const ib = 1 / finiteRoot(upper)
    for (let j = 0; j < n; j += 1) {
      const price = P[j] as number
      const inverse = inverses[j] as number
      const below = inverse - ib
      const past = inverse - ia
      outDelta[i * n + j] = 0.5 * liquidity * (below + Math.abs(below) - (past + Math.abs(past)))
      outGamma[i * n + j] =
        price > lower && price < upper && liquidity > 0 ? -0.5 * liquidity * inverse * inverse * inverse : 0
    }
  }
}

function hoist(P: Float64Array, roots: Float64Array, inverses: Float64Array): void {
  for (let j = 0; j < P.length; j += 1) {
    const root = Math.sqrt(P[j] as number)
    roots[j] = root
    inverses[j] = 1 / root
  }
}

function check(
  kernel: string,
  L: Float64Array,
  a: Float64Array,
  b: Float64Array,
  P: Float64Array,
  out: Float64Array,
): void {
  if (a.length !== L.length || b.length !== L.length || out.length !== L.length * P.length) {
    throw outOfDomain(kernel, 'L, a, b have to be equally long, the output as long as ranges x prices.', {
      ranges: L.length,
      lower: a.length,
      upper: b.length,
      prices: P.length,
      out: out.length,
    })
  }
  for (let i = 0; i < L.length; i += 1) {
    const [liquidity, lower, upper] = [L[i] as number, a[i] as number, b[i] as number]
    if (!(liquidity >= 0 && lower >= 0 && lower < upper && liquidity < Number.POSITIVE_INFINITY)) {
      throw outOfDomain(kernel, 'L has to be 0 or above and finite, and 0 <= a < b.', {
        index: i,
        L: liquidity,
        a: lower,
        b: upper,
      })
    }
  }
  for (let j = 0; j < P.length; j += 1) {
    const price = P[j] as number
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) {
      throw outOfDomain(kernel, 'Prices have to be above 0 and finite.', { index: j, P: price })
    }
  }
}
