// Options on the highest or lowest price until expiry, watched continuously.
import { millsRatio, millsSlope } from '../mills-ratio.ts'
import { normalCdf, normalPdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import type { Continuation } from './continuation.ts'
import { type LognormalMarket, NO_DEVIATION, representable, requireMarket, requirePositive } from './lognormal.ts'
import { millsDifference } from './normalised-black.ts'

/** [M(p - |h|) - M(p + |h|)] / 2|h| for Mills' ratio M, p >= 0 and |h| <= p + 0.75: finite and smooth through h = 0. */
function millsQuotient(p: number, size: number): number {
  return size < 1e-9 ? millsSlope(p) : millsDifference(-p, size) / (2 * size)
}

/**
 * [exp(-p eps) N(-p + eps/2) - N(-p - eps/2)] / eps: the term that the textbooks divide by the carry, eps = 2 b sqrt(T) / sigma,
 * as a difference quotient of Mills' ratio, so that carry 0 is no special case. `density` is n(p + eps/2).
 */
function carryTerm(p: number, eps: number, density: number): number {
  const size = Math.abs(eps / 2)
  if (p < 0) {
    const mirrored = size <= 0.75 - p ? density * millsQuotient(-p, size) : apart(-p, -eps / 2, density)
    // Where eps has lost digits to underflow the quotient is garbage, and -p to all digits long before.
    return (Math.abs(eps) < 1e-200 ? -p : Math.expm1(-p * eps) / eps) + mirrored
  }
  return size <= 0.75 + p ? density * millsQuotient(p, size) : apart(p, eps / 2, density)
}

/** n(p + h) times the quotient of `millsQuotient`, p >= 0, for |h| so far above p that nothing cancels but Mills' ratio overflows. */
function apart(p: number, h: number, density: number): number {
  const size = Math.abs(h)
  const near = (h > 0 ? Math.exp(-2 * p * h) : 1) * normalCdf(size - p)
  return (near - density * millsRatio(p + size)) / (2 * size)
}

/**
 * E[max over 0..T of S] - K, not discounted, counting only what exceeds K >= S; `down`: K - E[min], K <= S. In quote units; `forward` is
 * S exp(b T). Continues smoothly where S is beyond K: see `continuation.ts`.
 */
export function expectedExcess(market: LognormalMarket, K: number, direction: 'up' | 'down', forward: number): number {
  const { spot, carry, volatility, time } = market
  const s = volatility * Math.sqrt(time)
  const phi = direction === 'up' ? 1 : -1
  if (s < NO_DEVIATION) return Math.max(0, phi * (spot - K), phi * (forward - K))
  const eps = (-2 * phi * carry * time) / s
  const k = (phi * Math.log(K / spot)) / s
  const p = k - (phi * s) / 2
  const y1 = p + eps / 2
  const y2 = y1 + phi * s
  const density = normalPdf(y1)
  // F N(-y1) - K N(-y2), where F n(y1) = K n(y2) makes one density do for both.
  const beyond =
    Math.min(y1, y2) > -0.75
      ? forward * density * (millsRatio(y1) - millsRatio(y2))
      : forward * normalCdf(-y1) - K * normalCdf(-y2)
  return Math.max(0, phi * beyond + forward * s * carryTerm(p, eps, density))
}

export interface FloatingLookbackParams extends LognormalMarket, Continuation {
  readonly kind: 'call' | 'put'
  /** The lowest (call) or highest (put) price so far, in quote units. A spot beyond it is the new one. */
  readonly extremum: number
}

/**
 * Price in quote units of a lookback option with floating strike: S_T - min (call) or max - S_T (put). Smooth in all inputs but at
 * spot = extremum, where value and delta are continuous and gamma is one-sided. Carry 0, time 0 and volatility 0 are no special cases.
 * Goldman, Sosin & Gatto (1979), "Path dependent options: buy at the low, sell at the high". Throws `out-of-domain`.
 */
export function floatingLookbackValue(params: FloatingLookbackParams): number {
  const kernel = 'floatingLookbackValue'
  requireMarket(kernel, params)
  requirePositive(kernel, 'extremum', params.extremum)
  const { kind, spot, rate, carry, time } = params
  const forward = spot * Math.exp(carry * time)
  const discount = Math.exp(-rate * time)
  if (kind === 'call') {
    const low = params.isContinued === true ? params.extremum : Math.min(params.extremum, spot)
    const excess = expectedExcess(params, low, 'down', forward)
    return representable(kernel, Math.max(0, discount * (forward - low + excess)))
  }
  const high = params.isContinued === true ? params.extremum : Math.max(params.extremum, spot)
  return representable(kernel, Math.max(0, discount * (high - forward + expectedExcess(params, high, 'up', forward))))
}

export interface FixedLookbackParams extends LognormalMarket, Continuation {
  readonly kind: 'call' | 'put'
  /** X, above 0. */
  readonly strike: number
  /** The highest (call) or lowest (put) price so far, in quote units. A spot beyond it is the new one. */
  readonly extremum: number
}

/**
 * Price in quote units of a lookback option with fixed strike: max - X (call) or X - min (put), never below 0. Smooth but at
 * max(X, extremum) = spot, where value and delta are continuous, and at extremum = X. Conze & Viswanathan (1991), "Path dependent options:
 * the case of lookback options". Throws `out-of-domain`.
 */
export function fixedLookbackValue(params: FixedLookbackParams): number {
  const kernel = 'fixedLookbackValue'
  requireMarket(kernel, params)
  requirePositive(kernel, 'strike', params.strike)
  requirePositive(kernel, 'extremum', params.extremum)
  const { kind, spot, strike, extremum, rate, carry, time } = params
  const reached = kind === 'call' ? Math.max(strike, extremum) : Math.min(strike, extremum)
  const further = kind === 'call' ? Math.max(reached, spot) : Math.min(reached, spot)
  const K = params.isContinued === true ? reached : further
  const excess = expectedExcess(params, K, kind === 'call' ? 'up' : 'down', spot * Math.exp(carry * time))
  return representable(kernel, Math.exp(-rate * time) * (excess + Math.abs(K - strike)))
}

/** Throws `out-of-domain` unless the lookback period lies within the option's life. */
export function requirePeriod(kernel: string, periodEnd: number, time: number): void {
  if (!(periodEnd >= 0 && periodEnd <= time))
    throw outOfDomain(kernel, 'lookbackTime has to be from 0 to time.', {
      field: 'lookbackTime',
      lookbackTime: periodEnd,
      time,
    })
}
