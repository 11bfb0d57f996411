// Whether and when a lognormal price first touches a level, without overflow where the drift dwarfs the volatility.
import { gaussLegendre } from '../gauss-legendre.ts'
import { millsRatio } from '../mills-ratio.ts'
import { normalCdf, normalPdf } from '../normal.ts'

const PANEL = gaussLegendre(20)

/**
 * Everything is in units of the deviation s = sigma sqrt(T): a = ln(level / spot) / s, m = drift of the log price x T / s,
 * eta = 1 for a level below the spot (a <= 0), -1 for one above (a >= 0).
 * The drift is (b - sigma^2 / 2) T for payments in cash, (b + sigma^2 / 2) T for payments in the asset.
 */

/**
 * The reflected term exp(2 a m) N(eta (2 a + k + m)) for a and a + k on the same side of 0: what ends beyond ln(X / spot) / s = -k
 * after a touch. The exponential may overflow where the probability vanishes, so there both are taken together:
 * exp(2 a m) n(z) = n(m + k) exp(-2 a (a + k)). Reiner & Rubinstein (1991), the factors of their terms 3 and 4.
 */
export function reflectedCdf(a: number, k: number, m: number, eta: number): number {
  const z = eta * (2 * a + k + m)
  if (z < 0) {
    const density = normalPdf(m + k)
    return density === 0 ? 0 : millsRatio(-z) * density * Math.exp(-2 * a * (a + k))
  }
  return Math.exp(2 * a * m) * normalCdf(z)
}

/** P(level touched by T), 0..1; relative accuracy also where it is tiny. */
export function touchProbability(a: number, m: number, eta: number): number {
  return Math.min(1, continuedTouchProbability(a, m, eta))
}

/** P(level not touched by T), 0..1; absolute accuracy 1e-16. */
export function noTouchProbability(a: number, m: number, eta: number): number {
  return Math.max(0, continuedNoTouchProbability(a, m, eta))
}

/** The formula of `touchProbability`, above 1 once the level is passed: see `continuation.ts`. */
export function continuedTouchProbability(a: number, m: number, eta: number): number {
  return normalCdf(eta * (a - m)) + reflectedCdf(a, -a, m, eta)
}

/** The formula of `noTouchProbability`, below 0 once the level is passed. */
export function continuedNoTouchProbability(a: number, m: number, eta: number): number {
  return normalCdf(eta * (m - a)) - reflectedCdf(a, -a, m, eta)
}

/**
 * E[exp(-r tau); tau <= T] for the first time tau at the level; rT = r T of any sign.
 * With l = sqrt(m^2 + 2 r T): exp(a (m + l)) N(a + l) + exp(a (m - l)) N(a - l), mirrored for a level above
 * (Rubinstein & Reiner 1991, lambda = l / s). A negative rate can make l imaginary: then N(a + i l) by its integral
 * along the imaginary axis, which is smooth.
 */
export function discountedTouch(a: number, m: number, rT: number, eta: number): number {
  const A = eta * a
  const M = eta * m
  const square = M * M + 2 * rT
  if (square < 0) return oscillatingTouch(A, M, Math.sqrt(-square))
  const l = Math.sqrt(square)
  const density = normalPdf(A - M) * Math.exp(-rT)
  const lower = density * millsRatio(l - A)
  if (A + l < 0) return lower + density * millsRatio(-A - l)
  const sum = M < 0 && rT !== 0 ? (2 * rT) / (l - M) : M + l
  return lower + Math.exp(A * sum) * normalCdf(A + l)
}

/** 2 exp(A M) Re[exp(i A l) N(A + i l)], A <= 0; Infinity where growth over the time is beyond a double. */
function oscillatingTouch(A: number, M: number, l: number): number {
  if (l * l + M * M > 1400) return Number.POSITIVE_INFINITY
  if (-A > 40 + 2 * Math.hypot(l, M)) return 0
  const panels = Math.ceil((l * (1 - A + l)) / 8)
  const half = l / (2 * panels)
  let integral = 0
  for (let panel = 0; panel < panels; panel += 1)
    for (let i = 0; i < 20; i += 1) {
      const x = half * (2 * panel + 1 + (PANEL.nodes[i] ?? 0))
      integral += half * (PANEL.weights[i] ?? 0) * Math.exp((x * x) / 2) * Math.sin(-A * (l - x))
    }
  return 2 * normalPdf(A - M) * Math.exp((M * M) / 2) * (Math.cos(A * l) * millsRatio(-A) + integral)
}

/** The time in 0..T at which a price without volatility reaches the level; Infinity if it does not. */
export function sureTouchTime(logLevelOverSpot: number, carry: number, time: number): number {
  const tau = logLevelOverSpot / carry
  return tau >= 0 && tau <= time ? tau : Number.POSITIVE_INFINITY
}
