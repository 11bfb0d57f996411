// Nodes, weights and interpolation rows of the American boundary equation: all that depends on the scheme alone, made once.
import { gaussLegendre } from '../gauss-legendre.ts'
import { outOfDomain } from '../out-of-domain.ts'

/** How finely an exercise boundary is computed. */
export interface CollocationScheme {
  /** l: points of quadrature in the fixed-point equation, 1..200. */
  readonly quadrature: number
  /** m: iterations, of which the first is a partial Jacobi-Newton step, 1..100. */
  readonly iterations: number
  /** Ends the iterations once no ln B moves by more than this; 0 to do them all. Its square shows in the price. */
  readonly tolerance: number
  /** n: Chebyshev intervals on the square root of time, 2..100. */
  readonly nodes: number
  /** p: points of quadrature from the boundary to the price, 1..1000. */
  readonly priceQuadrature: number
  /** The fixed-point equation: FP-A (eq. 24) converges fastest, FP-B (eq. 21) also where drift outweighs volatility; or by that rule. */
  readonly equation: 'A' | 'B' | 'auto'
  /**
   * The variable of quadrature in which 0 <= u <= tau is run through: `sine` of (tau - u) / tau = sin(theta)^2 is smooth at both
   * ends; published are `root` (for A: smooth at tau) and `plain` (for B).
   */
  readonly substitution: 'sine' | 'root' | 'plain'
}

export interface CollocationTables {
  readonly scheme: CollocationScheme
  /** Chebyshev extrema as fractions of sqrt(T), from 1 down to 0: n + 1. */
  readonly xi: Float64Array
  /** sqrt((tau - u) / tau) at the l points, and the weights of du / tau. */
  readonly root: Float64Array
  readonly weight: Float64Array
  /** Interpolates the values at the nodes at every sqrt(u / T): (n l) rows of n + 1. */
  readonly rows: Float64Array
  /** The same for the price, always by `sine`: p points, p rows. */
  readonly priceRoot: Float64Array
  readonly priceWeight: Float64Array
  readonly priceRows: Float64Array
}

/** Barycentric interpolation on Chebyshev extrema (Berrut & Trefethen 2004) at x, as row number `row` of `out`. */
function fillRow(out: Float64Array, row: number, xi: Float64Array, x: number): void {
  const n = xi.length - 1
  const base = row * (n + 1)
  let total = 0
  for (let j = 0; j <= n; j += 1) {
    const gap = x - (xi[j] ?? 0)
    if (gap === 0) {
      out.fill(0, base, base + n + 1)
      out[base + j] = 1
      return
    }
    const weight = ((j % 2 === 0 ? 1 : -1) * (j === 0 || j === n ? 0.5 : 1)) / gap
    out[base + j] = weight
    total += weight
  }
  for (let j = 0; j <= n; j += 1) out[base + j] = (out[base + j] ?? 0) / total
}

/** sqrt((tau - u) / tau), sqrt(u / tau) and the weight of du / tau at every point of a rule. */
function integration(points: number, substitution: CollocationScheme['substitution']) {
  const { nodes, weights } = gaussLegendre(points)
  const half = nodes.map((y) => (1 + y) / 2)
  const theta = half.map((x) => (x * Math.PI) / 2)
  switch (substitution) {
    case 'sine':
      return {
        root: theta.map(Math.sin),
        rest: theta.map(Math.cos),
        weight: weights.map((w, k) => (w * Math.PI * Math.sin(2 * (theta[k] ?? 0))) / 4),
      }
    case 'root':
      return {
        root: half,
        rest: half.map((x) => Math.sqrt((1 - x) * (1 + x))),
        weight: weights.map((w, k) => w * (half[k] ?? 0)),
      }
    case 'plain':
      return { root: half.map(Math.sqrt), rest: half.map((x) => Math.sqrt(1 - x)), weight: weights.map((w) => w / 2) }
  }
}

function tablesOf(scheme: CollocationScheme): CollocationTables {
  const { quadrature: l, nodes: n, priceQuadrature: p, substitution } = scheme
  const xi = Float64Array.from({ length: n + 1 }, (_, i) => Math.cos((Math.PI * i) / (2 * n)) ** 2)
  xi[n] = 0
  const { root, rest, weight } = integration(l, substitution)
  const rows = new Float64Array(n * l * (n + 1))
  for (let i = 0; i < n; i += 1)
    for (let k = 0; k < l; k += 1) fillRow(rows, i * l + k, xi, (xi[i] ?? 0) * (rest[k] ?? 0))
  const price = integration(p, 'sine')
  const priceRows = new Float64Array(p * (n + 1))
  for (let k = 0; k < p; k += 1) fillRow(priceRows, k, xi, price.rest[k] ?? 0)
  return { scheme, xi, root, weight, rows, priceRoot: price.root, priceWeight: price.weight, priceRows }
}

const made = new Map<string, CollocationTables>()

/** The tables of a scheme; kept for the first 32 schemes asked for. Throws `out-of-domain` for counts outside of their bounds. */
export function collocationTables(scheme: CollocationScheme): CollocationTables {
  const { quadrature, iterations, tolerance, nodes, priceQuadrature, substitution, equation } = scheme
  const key = `${quadrature} ${iterations} ${tolerance} ${nodes} ${priceQuadrature} ${substitution} ${equation}`
  const found = made.get(key)
  if (found !== undefined) return found
  const whole = (x: number, low: number, high: number) => Number.isInteger(x) && x >= low && x <= high
  const isSound =
    whole(quadrature, 1, 200) && whole(iterations, 1, 100) && whole(nodes, 2, 100) && whole(priceQuadrature, 1, 1000)
  if (!isSound)
    throw outOfDomain(
      'collocationTables',
      'quadrature 1..200, iterations 1..100, nodes 2..100, priceQuadrature 1..1000, whole.',
      { quadrature, iterations, nodes, priceQuadrature },
    )
  const tables = tablesOf(scheme)
  if (made.size < 32) made.set(key, tables)
  return tables
}
