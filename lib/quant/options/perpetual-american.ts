// American options without expiry, in closed form: the bound that finite ones approach.
import { outOfDomain } from '../out-of-domain.ts'
import { asPut } from './american-option.ts'
import { requireMarket, requirePositive, type VanillaParams } from './lognormal.ts'

export type PerpetualOption = Omit<VanillaParams, 'time'>

export interface PerpetualValue {
  readonly price: number
  readonly delta: number
  readonly gamma: number
  /** The spot at which it is exercised; absent where it never is, and the price is what waiting for ever is worth. */
  readonly exerciseBoundary: number | undefined
}

/** y < 0 with sigma^2 y (y - 1) / 2 + (r - q) y - r = 0, in the form that keeps its digits; -Infinity at b >= 0 without volatility. */
function decayExponent(r: number, q: number, volatility: number): number {
  const variance = volatility * volatility
  const a = r - q - variance / 2
  const root = Math.hypot(a, volatility * Math.sqrt(2 * r))
  return a < 0 ? (-2 * r) / (root - a) : -(a + root) / variance
}

/**
 * Perpetual American option. Zero volatility is a limit. A call without yield (b = r) is worth the asset, a put without interest on
 * an asset that falls to nothing its strike. Refused where waiting has no bound: a put at r < 0, a call at b > r.
 * Merton (1973), "Theory of rational option pricing", section 8; calls by C(S, K, r, q) = P(K, S, q, r). Throws `out-of-domain`.
 */
export function perpetualAmerican(option: PerpetualOption): PerpetualValue {
  const kernel = 'perpetualAmerican'
  requireMarket(kernel, { ...option, time: 0 })
  requirePositive(kernel, 'strike', option.strike)
  const { S, K, r, q } = asPut({ ...option, time: 0 })
  if (r < 0)
    throw outOfDomain(
      kernel,
      'A perpetual put needs rate >= 0, a perpetual call carry <= rate: else it has no bound.',
      {
        kind: option.kind,
        rate: option.rate,
        carry: option.carry,
      },
    )
  const x = S / K
  const y = decayExponent(r, q, option.volatility)
  // With a of exactly 0 / 0 (no interest, drift or volatility) nothing ever moves.
  const exponent = Number.isNaN(y) ? Number.NEGATIVE_INFINITY : y > -1e-290 ? 0 : y
  const B = exponent === 0 ? 0 : 1 / (1 - 1 / exponent)
  const isExercised = x <= B
  const waiting = exponent === 0 ? 1 : (1 - B) * (x / B) ** exponent
  const price = isExercised ? 1 - x : waiting
  const delta = isExercised ? -1 : waiting === 0 ? 0 : (exponent * waiting) / x
  const gamma = isExercised || waiting === 0 ? 0 : ((exponent - 1) * delta) / x
  const isPut = option.kind === 'put'
  const boundary = exponent === 0 ? undefined : isPut ? B * K : S / B
  return {
    price: K * price,
    delta: isPut ? delta : price - x * delta,
    gamma: (isPut ? gamma : gamma * x * x) / K,
    exerciseBoundary: boundary,
  }
}
