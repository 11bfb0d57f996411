// The smile that fits an expiry's quotes best: three of SVI's five parameters are solved for exactly, two are searched.
import { HomeostatError } from '../../base/homeostat-error.ts'
import { refitSvi } from './refit-svi.ts'
import { searchVertex } from './search-vertex.ts'
import { type SmileQuotes, sviErrors, type WeightedVariance, weightedVariance } from './smile-quotes.ts'
import type { SviParameters } from './svi.ts'
import { type ButterflyReport, butterflyReport } from './svi-arbitrage.ts'

// What it takes is part of its signature.
export type { SmileQuotes } from './smile-quotes.ts'

export interface SviFit {
  readonly parameters: SviParameters
  /** Root mean square error, unweighted, in volatility (0.0001 = one hundredth of a point). */
  readonly rmse: number
  /** Largest error, in volatility. */
  readonly largestError: number
  readonly butterfly: ButterflyReport
  /** True if the best fit allowed a butterfly arbitrage and was fitted again so that it does not. */
  readonly repaired: boolean
  readonly evaluations: number
}

interface Linear {
  readonly level: number
  readonly c: number
  readonly d: number
  readonly cost: number
}

interface Data extends WeightedVariance {
  readonly y: Float64Array
  readonly z: Float64Array
}

/**
 * The least of a c^2 + 2 h c d + b d^2 - 2 (p c + q d) over the diamond of admissible wings 0 <= c, abs(d) <= c, abs(d)
 * <= 2 sigma - c.
 */
function bestWings(a: number, h: number, b: number, p: number, q: number, sigma: number): readonly [number, number] {
  const determinant = a * b - h * h
  if (determinant > 1e-14 * a * b) {
    const c = (p * b - q * h) / determinant
    const d = (q * a - p * h) / determinant
    if (Math.abs(d) <= c && Math.abs(d) <= 2 * sigma - c) return [c, d]
  }
  let best: readonly [number, number] = [0, 0]
  let least = Infinity
  for (const side of [1, -1] as const)
    for (const [fromC, fromD, toC, toD] of [
      [0, 0, sigma, side * sigma],
      [sigma, side * sigma, 2 * sigma, 0],
    ] as const) {
      const [u, v] = [toC - fromC, toD - fromD]
      const bend = a * u * u + 2 * h * u * v + b * v * v
      const pull = p * u + q * v - (a * fromC * u + h * (fromC * v + fromD * u) + b * fromD * v)
      const t = bend > 0 ? Math.max(0, Math.min(1, pull / bend)) : 0
      const [c, d] = [fromC + t * u, fromD + t * v]
      const cost = a * c * c + 2 * h * c * d + b * d * d - 2 * (p * c + q * d)
      if (cost < least) {
        least = cost
        best = [c, d]
      }
    }
  return best
}

/**
 * For given m and sigma the smile is linear in level, c = b sigma and d = rho b sigma: solved by least squares within
 * Lee's wings.
 */
function solveLinear(data: Data, m: number, sigma: number): Linear {
  const { k, w, weight, y, z } = data
  const n = k.length
  let [total, ym, zm, wm] = [0, 0, 0, 0]
  for (let i = 0; i < n; i += 1) {
    const yi = ((k[i] as number) - m) / sigma
    const zi = Math.sqrt(yi * yi + 1)
    const wt = weight[i] as number
    y[i] = yi
    z[i] = zi
    total += wt
    ym += wt * yi
    zm += wt * zi
    wm += wt * (w[i] as number)
  }
  ym /= total
  zm /= total
  wm /= total
  let [zz, yz, yy, zw, yw] = [0, 0, 0, 0, 0]
  for (let i = 0; i < n; i += 1) {
    const yi = (y[i] as number) - ym
    const zi = (z[i] as number) - zm
    const wi = (w[i] as number) - wm
    const wt = weight[i] as number
    zz += wt * zi * zi
    yz += wt * yi * zi
    yy += wt * yi * yi
    zw += wt * zi * wi
    yw += wt * yi * wi
  }
  const [c, d] = bestWings(zz, yz, yy, zw, yw, sigma)
  // Variance must not be negative anywhere: the level is lifted until its minimum touches zero.
  const level = Math.max(wm - d * ym - c * zm, -Math.sqrt(Math.max(0, (c - d) * (c + d))))
  let cost = 0
  for (let i = 0; i < n; i += 1) {
    const error = level + d * (y[i] as number) + c * (z[i] as number) - (w[i] as number)
    cost += (weight[i] as number) * error * error
  }
  return { level, c, d, cost }
}

/**
 * Least-squares SVI slice of one expiry's quotes, errors in volatility. `arbitrage` says what happens to a fit with a
 * butterfly arbitrage: it is reported, fitted again to the same quotes without one (`refitSvi`), or refused with
 * `butterfly-arbitrage`. Also throws `out-of-domain`, `too-few-quotes`, and `butterfly-not-repairable`. De Marco &
 * Martini (2009, Zeliade Systems), "Quasi-explicit calibration of Gatheral's SVI model", with Lee's bound 2 on the wings
 * of total variance, a level that may be negative as long as variance is not, and a vertex and a width within the range
 * of the quotes (`searchVertex`).
 */
export function calibrateSvi(quotes: SmileQuotes, arbitrage: 'report' | 'repair' | 'refuse'): SviFit {
  const n = quotes.logMoneyness.length
  const data = { ...weightedVariance(quotes), y: new Float64Array(n), z: new Float64Array(n) }
  const { m, sigma, evaluations } = searchVertex({
    k: data.k,
    cost: (vertex, width) => solveLinear(data, vertex, width).cost,
    tolerance: 1e-9,
    maxEvaluations: 400,
  })
  const { level, c, d } = solveLinear(data, m, sigma)
  // A wing of slope zero, rho = +-1, is kept within the domain of raw SVI by a hair.
  const rho = c > 0 ? Math.max(-1 + 1e-9, Math.min(1 - 1e-9, d / c)) : 0
  const fitted: SviParameters = { a: level, b: c / sigma, rho, m, sigma }
  const butterfly = butterflyReport(fitted)
  if (butterfly.free || arbitrage === 'report')
    return { parameters: fitted, ...sviErrors(fitted, quotes), butterfly, repaired: false, evaluations }
  if (arbitrage === 'refuse')
    throw new HomeostatError('butterfly-arbitrage', {
      message: 'The best fit to these quotes allows a butterfly arbitrage.',
      retry: 'later',
      facts: { time: quotes.time, least: butterfly.least, at: butterfly.leastAt },
      hint: 'Ask for a repair, or look for a stale quote near the strike named.',
    })
  const { parameters, evaluations: more } = refitSvi(quotes, { best: fitted })
  return {
    parameters,
    ...sviErrors(parameters, quotes),
    butterfly: butterflyReport(parameters),
    repaired: true,
    evaluations: evaluations + more,
  }
}
