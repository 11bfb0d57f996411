// The smile that fits an expiry's quotes best: three of SVI's five parameters are solved for exactly, two are searched.
import { HomeostatError } from '../../base/homeostat-error.ts'
import { nelderMead } from '../nelder-mead.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { type SviParameters, sviTotalVariance } from './svi.ts'
import { type ButterflyReport, butterflyReport, repairButterfly } from './svi-arbitrage.ts'

/** n >= 5 quotes of one expiry. */
export interface SmileQuotes {
  /** Years, above 0. */
  readonly time: number
  /** n values ln(strike / forward), at least three of them different. */
  readonly logMoneyness: Float64Array
  /** n implied volatilities, per square root of a year, above 0. */
  readonly volatility: Float64Array
  /** n weights >= 0 of squared volatility errors, for instance vega over the spread squared; equal where absent. */
  readonly weight?: Float64Array
}

export interface SviFit {
  readonly parameters: SviParameters
  /** Root mean square error, unweighted, in volatility (0.0001 = one hundredth of a point). */
  readonly rmse: number
  /** Largest error, in volatility. */
  readonly largestError: number
  readonly butterfly: ButterflyReport
  /** True if the best fit allowed a butterfly arbitrage and was moved to the closest slice that does not. */
  readonly repaired: boolean
  readonly evaluations: number
}

interface Linear {
  readonly level: number
  readonly c: number
  readonly d: number
  readonly cost: number
}

interface Data {
  readonly k: Float64Array
  readonly w: Float64Array
  readonly weight: Float64Array
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

function dataOf(quotes: SmileQuotes): Data {
  const { time, logMoneyness: k, volatility, weight } = quotes
  const n = k.length
  if (volatility.length !== n || (weight !== undefined && weight.length !== n) || !(time > 0 && time < Infinity))
    throw outOfDomain('calibrateSvi', 'time > 0, and all columns have one length.', {
      time,
      n,
      volatilities: volatility.length,
    })
  for (let i = 0; i < n; i += 1) {
    const [ki, vol, wt] = [k[i] ?? Number.NaN, volatility[i] ?? Number.NaN, weight?.[i] ?? 1]
    if (!(Math.abs(ki) < Infinity && vol > 0 && vol < Infinity && wt >= 0 && wt < Infinity))
      throw outOfDomain('calibrateSvi', 'Finite log-moneyness, volatility above 0, weight 0 or more.', {
        i,
        k: ki,
        vol,
        weight: wt,
      })
  }
  const counted = [...k].filter((_, i) => (weight?.[i] ?? 1) > 0)
  if (counted.length < 5 || new Set(counted).size < 3)
    throw new HomeostatError('too-few-quotes', {
      message: 'Five quotes at three different strikes are the least a smile can be fitted to.',
      retry: 'later',
      facts: { quotes: counted.length, strikes: new Set(counted).size },
      hint: 'Interpolate this expiry between its neighbours.',
    })
  // An error of the volatility is one of the total variance over 2 vol t.
  const scaled = volatility.map((vol, i) => (weight?.[i] ?? 1) / (2 * vol * time) ** 2)
  return {
    k,
    w: volatility.map((vol) => vol * vol * time),
    weight: scaled,
    y: new Float64Array(n),
    z: new Float64Array(n),
  }
}

/** The best of a coarse grid of (m, ln sigma), each refined. */
function search(data: Data): { readonly m: number; readonly sigma: number; readonly evaluations: number } {
  const low = data.k.reduce((a, b) => Math.min(a, b), Infinity)
  const high = data.k.reduce((a, b) => Math.max(a, b), -Infinity)
  const range = high - low
  const inside = (x: number, from: number, to: number) => Math.max(from, Math.min(to, x))
  const mOf = (x: number) => inside(x, low - 2 * range, high + 2 * range)
  const sigmaOf = (x: number) => Math.exp(inside(x, Math.log(1e-3 * range), Math.log(10 * range)))
  const starts: { m: number; u: number; cost: number }[] = []
  for (let i = 0; i <= 6; i += 1)
    for (const part of [0.03, 0.1, 0.3, 1]) {
      const m = low + (i / 6) * range
      starts.push({ m, u: Math.log(part * range), cost: solveLinear(data, m, part * range).cost })
    }
  starts.sort((a, b) => a.cost - b.cost)
  const found = starts.slice(0, 2).map(({ m, u }) =>
    nelderMead({
      objective: (point) => solveLinear(data, mOf(point[0] as number), sigmaOf(point[1] as number)).cost,
      start: [m, u],
      step: [0.1 * range, 0.3],
      tolerance: 1e-9,
      maxEvaluations: 400,
    }),
  )
  const best = found.reduce((a, b) => (b.value < a.value ? b : a))
  const evaluations = starts.length + found.reduce((sum, { evaluations }) => sum + evaluations, 0)
  return { m: mOf(best.point[0] ?? 0), sigma: sigmaOf(best.point[1] ?? 0), evaluations }
}

/** Errors of a slice against the quotes, in volatility. */
export function sviErrors(
  svi: SviParameters,
  quotes: SmileQuotes,
): { readonly rmse: number; readonly largestError: number } {
  let [sum, largest] = [0, 0]
  for (let i = 0; i < quotes.logMoneyness.length; i += 1) {
    const w = sviTotalVariance(svi, quotes.logMoneyness[i] ?? 0)
    const error = Math.abs(Math.sqrt(Math.max(0, w) / quotes.time) - (quotes.volatility[i] ?? 0))
    sum += error * error
    largest = Math.max(largest, error)
  }
  return { rmse: Math.sqrt(sum / quotes.logMoneyness.length), largestError: largest }
}

/**
 * Least-squares SVI slice of one expiry's quotes, errors in volatility. `arbitrage` says what happens to a fit with a
 * butterfly arbitrage: it is reported, repaired (closest free slice with the same at-the-money level, skew and put
 * wing), or refused with `butterfly-arbitrage`. Also throws `out-of-domain`, `too-few-quotes`, and
 * `butterfly-not-repairable`. Zeliade Systems (De Marco & Martini 2009), "Quasi-explicit calibration of Gatheral's SVI
 * model", with Lee's bound 2 on the wings of total variance and a level that may be negative as long as variance is
 * not.
 */
export function calibrateSvi(quotes: SmileQuotes, arbitrage: 'report' | 'repair' | 'refuse'): SviFit {
  const data = dataOf(quotes)
  const { m, sigma, evaluations } = search(data)
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
  const parameters = repairButterfly(fitted, quotes.time)
  return {
    parameters,
    ...sviErrors(parameters, quotes),
    butterfly: butterflyReport(parameters),
    repaired: true,
    evaluations,
  }
}
