// The early exercise boundary of an American put, the one function from which its price and Greeks follow by quadrature.
import { normalCdf } from '../normal.ts'
import type { CollocationTables } from './collocation.ts'
import { LOWEST_BOUNDARY, qdPlusBoundary } from './qd-plus.ts'

const INV_SQRT_2_PI = 0.3989422804014327

export interface PutBoundary {
  /** B(0+) / K = min(1, r/q): the boundary just before expiry. */
  readonly X: number
  /** H = ln(B / (X K))^2 at tau = T xi^2: n + 1, the last one 0. */
  readonly H: Float64Array
}

interface BoundaryTask {
  readonly r: number
  readonly q: number
  readonly volatility: number
  readonly T: number
  readonly tables: CollocationTables
}

/** ln(B(u) / X) at one quadrature point, from the row of interpolation weights. */
export function logBoundary(rows: Float64Array, row: number, H: Float64Array): number {
  const width = H.length
  let h = 0
  for (let j = 0; j < width; j += 1) h += (rows[row * width + j] ?? 0) * (H[j] ?? 0)
  return h > 0 ? -Math.sqrt(h) : 0
}

/** What both equations need of the scheme and the market. */
interface Equation extends BoundaryTask {
  readonly isA: boolean
  /** r e^{ru} du and q e^{qu} du at every point of every node: n l each. */
  readonly interest: Float64Array
  readonly payout: Float64Array
}

function equationOf(task: BoundaryTask): Equation {
  const { r, q, volatility, T, tables } = task
  const { nodes: n, equation } = tables.scheme
  const { root, weight, xi } = tables
  const l = root.length
  const interest = new Float64Array(n * l)
  const payout = new Float64Array(n * l)
  for (let i = 0; i < n; i += 1) {
    const tau = T * (xi[i] ?? 0) ** 2
    for (let k = 0; k < l; k += 1) {
      const u = tau * (1 - (root[k] ?? 0) ** 2)
      interest[i * l + k] = r * (weight[k] ?? 0) * tau * Math.exp(r * u)
      payout[i * l + k] = q * (weight[k] ?? 0) * tau * Math.exp(q * u)
    }
  }
  const isA = equation === 'auto' ? Math.abs(r - q) * Math.sqrt(T) < 0.6 * volatility : equation === 'A'
  return { ...task, isA, interest, payout }
}

/** The integral parts of the numerator and the denominator of the fixed-point equation of node i, into out[0], out[1]. */
function integrals(equation: Equation, i: number, H: Float64Array, out: Float64Array): void {
  const { r, q, volatility, T, tables, isA, interest, payout } = equation
  const { root, rows } = tables
  const l = root.length
  const rootTau = Math.sqrt(T) * (tables.xi[i] ?? 0)
  const own = -Math.sqrt(H[i] ?? 0)
  let top = 0
  let bottom = 0
  for (let k = 0; k < l; k += 1) {
    const rootS = rootTau * (root[k] ?? 0)
    const s = rootS * rootS
    const sd = volatility * rootS
    const x = own - logBoundary(rows, i * l + k, H) + (r - q) * s
    const plus = x / sd + sd / 2
    const minus = plus - sd
    const growR = interest[i * l + k] ?? 0
    const growQ = payout[i * l + k] ?? 0
    if (isA) {
      const densityMinus = (INV_SQRT_2_PI * Math.exp(-0.5 * minus * minus)) / sd
      const densityPlus = (INV_SQRT_2_PI * Math.exp(-0.5 * plus * plus)) / sd
      top += growR * densityMinus
      bottom += growQ * (normalCdf(plus) + densityPlus)
    } else {
      top += growR * normalCdf(minus)
      bottom += growQ * normalCdf(plus)
    }
  }
  out[0] = top
  out[1] = bottom
}

/** The next value of B at node i, in units of K: f itself, or a partial Jacobi-Newton step on it (section 5.3). */
function nextValue(equation: Equation, i: number, B: number, parts: Float64Array, isNewton: boolean): number {
  const { r, q, volatility, T, tables, isA } = equation
  const rootTau = Math.sqrt(T) * (tables.xi[i] ?? 0)
  const tau = rootTau * rootTau
  const sd = volatility * rootTau
  const plus = (Math.log(B) + (r - q) * tau) / sd + sd / 2
  const minus = plus - sd
  const phiPlus = (INV_SQRT_2_PI * Math.exp(-0.5 * plus * plus)) / sd
  const phiMinus = (INV_SQRT_2_PI * Math.exp(-0.5 * minus * minus)) / sd
  const N = (isA ? phiMinus : normalCdf(minus)) + (parts[0] ?? 0)
  const D = (isA ? phiPlus : 0) + normalCdf(plus) + (parts[1] ?? 0)
  const alpha = Math.exp(-(r - q) * tau)
  const f = (alpha * N) / D
  if (!isNewton) return f
  const dN = ((isA ? -minus / sd : 1) * phiMinus) / B
  const dD = ((isA ? -minus / sd : 1) * phiPlus) / B
  const slope = (alpha * (dN - (dD * N) / D)) / D
  return B + (B - f) / (slope - 1)
}

/**
 * The boundary B(tau), 0 <= tau <= T, of a put with strike 1 (r > 0, or r = 0 > q), for sigma sqrt(T) > 0: below B it is exercised.
 * Spectral collocation of Andersen, Lake & Offengenden (2016), "High-performance American option pricing", section 5:
 * FP-A (eq. 24) or FP-B (eq. 21) on Chebyshev nodes of H in sqrt(tau), started from the QD+ boundary of Li (2010).
 */
export function putBoundary(task: BoundaryTask): PutBoundary {
  const { r, q, volatility, T, tables } = task
  const { nodes: n, iterations, tolerance } = tables.scheme
  const X = q > r ? Math.max(r / q, 1e-200) : 1
  const B = new Float64Array(n + 1).fill(X)
  const H = new Float64Array(n + 1)
  const rootT = Math.sqrt(T)
  let guess = X
  for (let i = n - 1; i >= 0; i -= 1) {
    guess = qdPlusBoundary({ r, q, volatility, tau: (rootT * (tables.xi[i] ?? 0)) ** 2, X, start: guess })
    B[i] = guess
  }
  const equation = equationOf(task)
  const parts = new Float64Array(2)
  for (let step = 0; step < iterations; step += 1) {
    for (let i = 0; i < n; i += 1) H[i] = Math.log((B[i] ?? X) / X) ** 2
    let moved = 0
    for (let i = 0; i < n; i += 1) {
      const before = B[i] ?? X
      integrals(equation, i, H, parts)
      const next = nextValue(equation, i, before, parts, step === 0)
      if (next > LOWEST_BOUNDARY) B[i] = Math.min(next, X)
      moved = Math.max(moved, Math.abs((B[i] ?? X) / before - 1))
    }
    if (moved <= tolerance) break
  }
  for (let i = 0; i < n; i += 1) H[i] = Math.log((B[i] ?? X) / X) ** 2
  return { X, H }
}
