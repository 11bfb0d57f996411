// Gauss-Legendre quadrature rules of any order, computed instead of tabulated.
import { outOfDomain } from './out-of-domain.ts'

export interface QuadratureRule {
  /** n nodes in (-1, 1), ascending. */
  readonly nodes: Float64Array
  /** n weights, summing to 2. */
  readonly weights: Float64Array
}

/**
 * The rule of n points (1..1000) on (-1, 1), exact for polynomials of degree 2n - 1. Costs n^2: keep it, do not call it
 * per price. Newton's iteration on the Legendre recurrence from Tricomi's estimate (Abramowitz & Stegun 1964,
 * 25.4.29-30). Throws `out-of-domain`.
 */
export function gaussLegendre(n: number): QuadratureRule {
  if (!(Number.isInteger(n) && n >= 1 && n <= 1000))
    throw outOfDomain('gaussLegendre', 'n has to be a whole number from 1 to 1000.', { n })
  const nodes = new Float64Array(n)
  const weights = new Float64Array(n)
  for (let i = 0; i < n / 2; i += 1) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5)) * (1 - (n - 1) / (8 * n ** 3))
    let slope = 1
    for (let step = 0; step < 20; step += 1) {
      let before = 1
      let value = x
      for (let k = 2; k <= n; k += 1) {
        const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
        before = value
        value = next
      }
      slope = (n * (before - x * value)) / ((1 - x) * (1 + x))
      const change = value / slope
      x -= change
      if (Math.abs(change) < 1e-16) break
    }
    if (n % 2 === 1 && i === (n - 1) / 2) x = 0
    nodes[i] = -x
    nodes[n - 1 - i] = x
    weights[i] = 2 / ((1 - x) * (1 + x) * slope * slope)
    weights[n - 1 - i] = 2 / ((1 - x) * (1 + x) * slope * slope)
  }
  return { nodes, weights }
}
