// The inverse of the normalised Black formula, to the last digits that the price holds.
import { expMinus } from '../exp-minus.ts'
import { millsRatio } from '../mills-ratio.ts'
import { normalQuantile, normalQuantileFromMedian } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { millsDifference, normalisedBlack, normalisedVega, UPPER } from './normalised-black.ts'
import { rationalCubic } from './rational-cubic.ts'

const SQRT_2_PI = 2.5066282746310007
const SQRT_HALF_PI = 1.2533141373155003
const INV_SQRT_2_PI = 0.3989422804014327
const SQRT_3 = 1.7320508075688772

/**
 * The change of s over s by Householder's step of third order, from Newton's step over s and the second and third
 * derivative over the first, times s and s^2 (Jaeckel 2015, eq. 4.13). All is relative to s, which may be as small as
 * 1e-300.
 */
function householder(newton: number, second: number, third: number): number {
  return (newton * (1 + 0.5 * second * newton)) / (1 + newton * (second + (third * newton) / 6))
}

/** The slope of b in s, to some 1e-13: enough for a guess. */
function roughVega(h: number, t: number): number {
  return INV_SQRT_2_PI * expMinus(Math.min(0.5 * (h * h + t * t), 700))
}

/** b / slope, to some 1e-13, as millsDifference. */
function roughDifference(h: number, t: number): number {
  return t < 0.05 ? millsDifference(h, t) : millsRatio(-h - t) - millsRatio(t - h)
}

/**
 * The next s for a price below the inflection: the objective is 1 / ln b, nearly straight in the tail (section 4.3).
 */
function stepLower(x: number, s: number, beta: number, rough: boolean): number {
  const h = x / s
  const t = 0.5 * s
  const D = rough ? roughDifference(h, t) : millsDifference(h, t)
  const b = (rough ? roughVega(h, t) : normalisedVega(x, s)) * D
  const p = s / D
  const L = Math.log(b)
  const relative = (beta - b) / b
  const gap = Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(beta) - L
  const q = h * h - t * t
  const q3 = q * q - 3 * h * h - t * t
  const newton = (gap * L) / ((L + gap) * p)
  const second = q - p * (1 + 2 / L)
  const third = q3 + 2 * p * p * (1 + (3 / L) * (1 + 1 / L)) - 3 * q * p * (1 + 2 / L)
  return s + s * householder(newton, second, third)
}

/** The next s in the middle: the objective is b itself. */
function stepMiddle(x: number, s: number, beta: number, bMax: number, rough: boolean): number {
  const h = x / s
  const t = 0.5 * s
  const vega = rough ? roughVega(h, t) : normalisedVega(x, s)
  const direct = h + t <= UPPER
  const newton = direct
    ? beta / vega - (rough ? roughDifference(h, t) : millsDifference(h, t))
    : (beta - bMax) / vega + millsRatio(h + t) + millsRatio(t - h)
  const q = h * h - t * t
  const q3 = q * q - 3 * h * h - t * t
  return s + s * householder(newton / s, q, q3)
}

/** The next s for a price near its upper bound: the objective is ln(bMax - b). */
function stepUpper(x: number, s: number, beta: number, bMax: number): number {
  const h = x / s
  const t = 0.5 * s
  const C = millsRatio(h + t) + millsRatio(t - h)
  const c = normalisedVega(x, s) * C
  const p = s / C
  const relative = (bMax - beta - c) / c
  const gap = Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log((bMax - beta) / c)
  const q = h * h - t * t
  const q3 = q * q - 3 * h * h - t * t
  return s + s * householder(-gap / p, q + p, q3 + p * (2 * p + 3 * q))
}

/**
 * The guess below the first knot: f = 2 pi abs(x) cdf(z)^3 / 27^(1/2), z = x / (3^(1/2) s), is nearly the identity of b
 * (eqs. 4.20-4.29).
 */
function guessLowest(x: number, beta: number, sLeft: number, bLeft: number, vLeft: number): number {
  const z = -x / (SQRT_3 * sLeft)
  const m = millsRatio(z)
  const cdf = INV_SQRT_2_PI * Math.exp(-0.5 * z * z) * m
  const scale = (-2 * Math.PI * x) / (3 * SQRT_3)
  const slope = z * z * m * m * Math.exp(0.125 * sLeft * sLeft)
  const bend = (slope / vLeft) * ((-2 + (2 * z) / m - 2 * z * z) / sLeft + 0.25 * sLeft)
  const ends = { xLeft: 0, xRight: bLeft, yLeft: 0, yRight: scale * cdf * cdf * cdf, dLeft: 1, dRight: slope }
  const f = rationalCubic(ends, bend, 'right', beta)
  const p = Math.cbrt((f > 0 ? f : beta) / scale)
  return -x / (SQRT_3 * -normalQuantile(Math.min(p, cdf)))
}

/** The guess above the last knot, by f = cdf(-s / 2) (eqs. 4.30-4.35). */
function guessHighest(x: number, beta: number, sRight: number, bRight: number, vRight: number, bMax: number): number {
  const h = x / sRight
  const growth = Math.exp(0.5 * h * h)
  const t = 0.5 * sRight
  const f0 = roughVega(0, t) * millsRatio(t)
  const bend = (0.5 * growth * h * h) / (sRight * vRight)
  const ends = { xLeft: bRight, xRight: bMax, yLeft: f0, yRight: 0, dLeft: -0.5 * growth, dRight: -0.5 }
  const f = rationalCubic(ends, bend, 'left', beta)
  return -2 * normalQuantile(f > 0 ? f : 0.5 * (bMax - beta))
}

/**
 * Among s and a few neighbours the one whose price comes closest, if its own misses by more than a unit or two in the
 * last place.
 */
function reproducing(x: number, beta: number, s: number): number {
  let best = s
  let residue = normalisedBlack(x, s) - beta
  if (Math.abs(residue) <= 2.3e-16 * beta) return s
  const slope = normalisedVega(x, s)
  let candidate = s
  let left = residue
  for (let i = 0; i < 6; i += 1) {
    candidate -= left / slope
    left = normalisedBlack(x, candidate) - beta
    if (Math.abs(left) < Math.abs(residue)) {
      residue = left
      best = candidate
    }
  }
  return best
}

/** At the money: b = 2 cdf(s/2) - 1. */
function atTheMoney(beta: number): number {
  const s = beta <= 0.85 ? 2 * normalQuantileFromMedian(0.5 * beta) : -2 * normalQuantile(0.5 * (1 - beta))
  return reproducing(0, beta, beta <= 0.85 ? stepMiddle(0, s, beta, 1, false) : stepUpper(0, s, beta, 1))
}

type Zone = 'lower' | 'middle' | 'upper'

/** The next s by the objective of its zone. */
function step(zone: Zone, x: number, s: number, beta: number, bMax: number, rough: boolean): number {
  if (zone === 'middle') return stepMiddle(x, s, beta, bMax, rough)
  return zone === 'lower' ? stepLower(x, s, beta, rough) : stepUpper(x, s, beta, bMax)
}

/**
 * Two steps, the first in plain arithmetic; more only if the second was so large that another, of fourth order, could
 * matter. At last the price of the result is compared: where two roundings met, the neighbour that gives the price back
 * is taken.
 */
function converge(zone: Zone, x: number, beta: number, bMax: number, guess: number): number {
  let s = step(zone, x, guess, beta, bMax, true)
  if (!(s > 0)) s = 0.5 * guess
  for (let i = 0; i < 8; i += 1) {
    const after = step(zone, x, s, beta, bMax, false)
    const change = Math.abs(after - s)
    s = after > 0 ? after : 0.5 * s
    if (change < 1e-4 * s) break
  }
  return zone === 'lower' ? s : reproducing(x, beta, s)
}

/**
 * Total volatility s = sigma sqrt(T) of the normalised out-of-the-money price b at x = -abs(ln(F/K)): the inverse of
 * normalisedBlack, for -8 <= x <= 0 and 1e-300 <= b <= exp(x/2) (1 - 1e-10). Relative error 4 eps max(1, condition),
 * condition = b / (s db/ds), and the price of the result is b again to 4 ulp max(1, 1 / condition), as close as
 * neighbouring volatilities are. Throws `out-of-domain`. Jaeckel (2015), "Let's be rational".
 */
export function impliedTotalVolatility(x: number, b: number): number {
  const bMax = Math.exp(0.5 * x)
  if (!(x <= 0 && x >= -8 && b >= 1e-300 && b <= bMax * (1 - 1e-10)))
    throw outOfDomain('impliedTotalVolatility', '-8 <= x <= 0 and 1e-300 <= b <= exp(x/2) (1 - 1e-10).', { x, b })
  if (x === 0) return atTheMoney(b)
  // At the inflection s = sqrt(2 abs(x)) the price and its slope need one value of Mills' ratio.
  const sC = Math.sqrt(-2 * x)
  const vC = INV_SQRT_2_PI * bMax
  const ratio = roughDifference(-0.5 * sC, 0.5 * sC)
  const bC = vC * ratio
  if (b < bC) {
    const sL = sC < 1e-3 ? sC * sC * (0.5 * SQRT_HALF_PI - sC / 3) : sC - ratio
    const [h, t] = [x / sL, 0.5 * sL]
    const vL = roughVega(h, t)
    const bL = vL * roughDifference(h, t)
    if (b < bL) return converge('lower', x, b, bMax, guessLowest(x, b, sL, bL, vL))
    const ends = { xLeft: bL, xRight: bC, yLeft: sL, yRight: sC, dLeft: 1 / vL, dRight: 1 / vC }
    return converge('middle', x, b, bMax, rationalCubic(ends, 0, 'right', b))
  }
  const sU = sC + SQRT_2_PI - ratio
  const [h, t] = [x / sU, 0.5 * sU]
  const vU = roughVega(h, t)
  const bU = bMax - vU * (millsRatio(h + t) + millsRatio(t - h))
  if (b <= bU) {
    const ends = { xLeft: bC, xRight: bU, yLeft: sC, yRight: sU, dLeft: 1 / vC, dRight: 1 / vU }
    return converge('middle', x, b, bMax, rationalCubic(ends, 0, 'left', b))
  }
  return converge('upper', x, b, bMax, guessHighest(x, b, sU, bU, vU, bMax))
}
