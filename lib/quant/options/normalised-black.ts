// Black's formula stripped of scale, exact to a few units in the last place wherever it is a double: prices and implied
// volatilities start here.
import { millsRatio, millsSlope } from '../mills-ratio.ts'
import { outOfDomain } from '../out-of-domain.ts'

const INV_SQRT_2_PI = 0.3989422804014327
/** Below this half total volatility the difference of two Mills ratios is summed as a series. */
const SMALL_T = 0.75
/** Up to this d1 the price itself is summed, above it what it lacks to its bound. */
export const UPPER = 0.75
/** 1 / ((n + 1) (n + 2)). */
const INVERSES = Float64Array.from({ length: 41 }, (_, n) => 1 / ((n + 1) * (n + 2)))

/**
 * Y(h + t) - Y(h - t) for Y(z) = cdf(z) / density(z), h <= 0, 0 <= t, h + t <= 0.75, without cancellation. The series of
 * odd derivatives in terms e(n) = Y(n) t^n / n!: from Y' = 1 + h Y and Y(n+1) = h Y(n) + n Y(n-1) follows
 * (n + 1) (n + 2) e(n+2) = (h^2 t^2 + (2 n + 1) t^2) e(n) - t^4 e(n-2), e(-1) = 1 / t; it holds while abs(h t) < 2.
 */
export function millsDifference(h: number, t: number): number {
  const ht = h * t
  if (t >= SMALL_T || ht < -2) return millsRatio(-h - t) - millsRatio(t - h)
  const tt = t * t
  let term = t * millsSlope(-h)
  let before = t * tt
  let sum = term
  for (let n = 1; n < 40; n += 2) {
    const per = INVERSES[n] as number
    // Grouped so that only one product and one difference wait for the term before.
    const next = (ht * ht + (2 * n + 1) * tt) * per * term - before * per
    before = tt * tt * term
    term = next
    sum += term
    if (term < 2e-17 * sum) break
  }
  return 2 * sum
}

/**
 * exp(-(h^2 + t^2) / 2) / sqrt(2 pi) with h = x / s, t = s / 2: the slope of the normalised price in s. The roundings
 * of h, h^2 and t^2, which the exponential would amplify a thousandfold in the tails, are carried along.
 */
export function normalisedVega(x: number, s: number): number {
  const h = x / s
  const t = 0.5 * s
  const hHigh = Math.fround(h)
  const hLow = h - hHigh
  const sHigh = Math.fround(s)
  const sLow = s - sHigh
  const hh = h * h
  const tt = t * t
  const total = hh + tt
  if (!(total < 1500)) return 0
  const tHigh = 0.5 * sHigh
  const tLow = 0.5 * sLow
  const hhLost = hHigh * hHigh - hh + 2 * hHigh * hLow + hLow * hLow
  const ttLost = tHigh * tHigh - tt + 2 * tHigh * tLow + tLow * tLow
  const sumLost = hh > tt ? tt - (total - hh) : hh - (total - tt)
  const product = h * s
  const productLost = hHigh * sHigh - product + hHigh * sLow + hLow * sHigh + hLow * sLow
  const divisionLost = (x - product - productLost) / s
  return INV_SQRT_2_PI * Math.exp(-0.5 * total) * (1 - 0.5 * (hhLost + ttLost + sumLost) - h * divisionLost)
}

/**
 * The out-of-the-money option's price over sqrt(F K) discounted: b = exp(x/2) cdf(x/s + s/2) - exp(-x/2) cdf(x/s -
 * s/2), for x = -abs(ln(F/K)) <= 0 and total volatility s = sigma sqrt(T) >= 0; from 0 at s = 0 to exp(x/2) at
 * infinity. Throws `out-of-domain` for x > 0, s < 0 and NaN. Jaeckel (2015), "Let's be rational", eqs. 2.3-2.4 and
 * section 6, with Mills' ratio for the scaled error function.
 */
export function normalisedBlack(x: number, s: number): number {
  if (!(x <= 0 && s >= 0)) throw outOfDomain('normalisedBlack', 'x has to be 0 or less, s 0 or more.', { x, s })
  if (s === 0) return 0
  const h = x / s
  const t = 0.5 * s
  if (h + t < -39) return 0
  const vega = normalisedVega(x, s)
  if (h + t <= UPPER) return vega * millsDifference(h, t)
  return Math.exp(0.5 * x) - vega * (millsRatio(h + t) + millsRatio(t - h))
}

/**
 * exp(x/2) - b: what the price lacks to its least upper bound, without cancellation where it is small. Domain and
 * errors as {@link normalisedBlack}.
 */
export function normalisedBlackComplement(x: number, s: number): number {
  if (!(x <= 0 && s >= 0))
    throw outOfDomain('normalisedBlackComplement', 'x has to be 0 or less, s 0 or more.', { x, s })
  if (s === 0) return Math.exp(0.5 * x)
  const h = x / s
  const t = 0.5 * s
  if (h + t <= 0) return Math.exp(0.5 * x) - normalisedBlack(x, s)
  return normalisedVega(x, s) * (millsRatio(h + t) + millsRatio(t - h))
}
