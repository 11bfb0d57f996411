// European options that a single barrier brings to life or ends, watched continuously.
import { millsRatio } from '../mills-ratio.ts'
import { normalCdf, normalPdf } from '../normal.ts'
import type { Continuation } from './continuation.ts'
import {
  continuedNoTouchProbability,
  discountedTouch,
  noTouchProbability,
  reflectedCdf,
  sureTouchTime,
} from './first-passage.ts'
import {
  NO_DEVIATION,
  representable,
  requireFinite,
  requireMarket,
  requirePositive,
  type VanillaParams,
  vanilla,
} from './lognormal.ts'

export interface BarrierParams extends VanillaParams {
  /** Where the barrier lies: `down` ends or starts the option at barrier or below, `up` at barrier or above. */
  readonly direction: 'down' | 'up'
  readonly knock: 'in' | 'out'
  /** H, above 0. */
  readonly barrier: number
  /** K, in quote units: `out` pays it at the touch, `in` at expiry if there was none. 0 for none. */
  readonly rebate: number
}

export function requireBarrier(kernel: string, params: BarrierParams): void {
  requireMarket(kernel, params)
  requirePositive(kernel, 'strike', params.strike)
  requirePositive(kernel, 'barrier', params.barrier)
  requireFinite(kernel, 'rebate', params.rebate)
}

/** True where the spot itself is at the barrier or beyond. A touch in the past is the caller's to know. */
export function isBreached(params: Pick<BarrierParams, 'direction' | 'spot' | 'barrier'>): boolean {
  return params.direction === 'down' ? params.spot <= params.barrier : params.spot >= params.barrier
}

/** The limit sigma sqrt(T) = 0: the price moves on its forward. */
function withoutDeviation(params: BarrierParams): number {
  const { knock, spot, barrier, rate, carry, time, rebate } = params
  const tau = sureTouchTime(Math.log(barrier / spot), carry, time)
  const touched = tau < Number.POSITIVE_INFINITY
  if (touched === (knock === 'in')) return vanilla(params)
  return rebate * Math.exp(-rate * (touched ? tau : time))
}

/**
 * Price of a European barrier option in quote units, without the sign of the rebate at least 0. All eight kinds.
 * At the barrier or beyond, `out` is worth its rebate and `in` the vanilla option, of which the formulas are the continuous
 * extension; time 0 and volatility 0 are limits. Smooth in all inputs elsewhere; delta jumps at spot = barrier, and value is not
 * differentiable in strike at strike = barrier only to third order. In + out without rebate is vanilla. For derivatives close to the barrier: `isContinued`.
 * Reiner & Rubinstein (1991), "Breaking down the barriers": A to F are their terms 1 to 6.
 * Throws `out-of-domain`: spot, strike, barrier above 0; volatility, time 0 or above; all finite.
 */
export function barrierValue(params: BarrierParams & Continuation): number {
  requireBarrier('barrierValue', params)
  const { knock, rebate, isContinued = false } = params
  const s = params.volatility * Math.sqrt(params.time)
  if (isBreached(params) && !(isContinued && s >= NO_DEVIATION))
    return representable('barrierValue', knock === 'in' ? vanilla(params) : rebate)
  return representable('barrierValue', s < NO_DEVIATION ? withoutDeviation(params) : diffusing(params, s))
}

/** What the terms share, in units of the deviation s = sigma sqrt(T); see `first-passage.ts`. */
interface Terms {
  readonly a: number
  readonly m1: number
  readonly m2: number
  readonly phi: number
  readonly eta: number
  /** phi S exp((b - r) T) and phi X exp(-r T). */
  readonly asset: number
  readonly cost: number
}

/** Reiner-Rubinstein's A (x = ln(S / X) / s) and B (x = -a): the vanilla payoff where the price ends beyond X or H. */
function direct({ m1, m2, phi, asset, cost }: Terms, x: number): number {
  return asset * normalCdf(phi * (x + m1)) - cost * normalCdf(phi * (x + m2))
}

/** C (x = ln(S / X) / s) and D (x = -a): the same after a touch. `overStrike` is (level that x stands for) / X. */
function reflected({ a, m1, m2, eta, asset, cost }: Terms, x: number, overStrike: number): number {
  const z1 = eta * (2 * a + x + m1)
  const z2 = eta * (2 * a + x + m2)
  if (z1 >= 0 || z2 >= 0) return asset * reflectedCdf(a, x, m1, eta) - cost * reflectedCdf(a, x, m2, eta)
  // S exp(b T) n(x + m1) = level n(x + m2) makes one density do for both.
  const density = cost * normalPdf(x + m2)
  return density === 0 ? 0 : density * Math.exp(-2 * a * (a + x)) * (overStrike * millsRatio(-z1) - millsRatio(-z2))
}

function knockIn(terms: Terms, k: number, strikeAlive: boolean, overStrike: number): number {
  const { a, phi, eta } = terms
  if (phi === eta)
    return strikeAlive
      ? reflected(terms, k, 1)
      : direct(terms, k) - direct(terms, -a) + reflected(terms, -a, overStrike)
  if (!strikeAlive) return direct(terms, k)
  return direct(terms, -a) - reflected(terms, k, 1) + reflected(terms, -a, overStrike)
}

function knockOut(terms: Terms, k: number, strikeAlive: boolean, overStrike: number): number {
  const { a, phi, eta } = terms
  if (phi === eta)
    return strikeAlive
      ? direct(terms, k) - reflected(terms, k, 1)
      : direct(terms, -a) - reflected(terms, -a, overStrike)
  if (!strikeAlive) return 0
  return direct(terms, k) - direct(terms, -a) + reflected(terms, k, 1) - reflected(terms, -a, overStrike)
}

function diffusing(params: BarrierParams & Continuation, s: number): number {
  const { isContinued = false } = params
  const { kind, direction, knock, spot, strike, barrier, rebate, rate, carry, time } = params
  const a = Math.log(barrier / spot) / s
  const k = Math.log(spot / strike) / s
  const m = (carry * time) / s
  const phi = kind === 'call' ? 1 : -1
  const eta = direction === 'down' ? 1 : -1
  const discount = Math.exp(-rate * time)
  const asset = phi * spot * Math.exp((carry - rate) * time)
  const cost = phi * strike * discount
  const terms = { a, m1: m + s / 2, m2: m - s / 2, phi, eta, asset, cost }
  const strikeAlive = eta * (strike - barrier) >= 0
  if (knock === 'in') {
    const found = knockIn(terms, k, strikeAlive, barrier / strike)
    const value = isContinued ? found : Math.max(0, found)
    if (rebate === 0) return value
    const untouched = (isContinued ? continuedNoTouchProbability : noTouchProbability)(a, terms.m2, eta)
    return value + rebate * discount * untouched
  }
  const found = knockOut(terms, k, strikeAlive, barrier / strike)
  const value = isContinued ? found : Math.max(0, found)
  return rebate === 0 ? value : value + rebate * discountedTouch(a, terms.m2, rate * time, eta)
}
