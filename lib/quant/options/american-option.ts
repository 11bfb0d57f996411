// What all American pricers share: the domain, the symmetry of calls and puts, and the cases that need no pricer at all.
import { outOfDomain } from '../out-of-domain.ts'
import { requireMarket, requirePositive, type VanillaParams } from './lognormal.ts'

/**
 * Refuses what no pricer can answer, by field. Besides the ranges of a vanilla option: S, K in 1e-100..1e100, growth and discount
 * over the time within e^300, volatility sqrt(time) at most 1000, and q < r < 0 (of a call r < q < 0), where exercise has two boundaries.
 */
export function requireAmerican(kernel: string, option: VanillaParams): void {
  const { kind, spot, strike, rate, carry, volatility, time } = option
  requireMarket(kernel, option)
  requirePositive(kernel, 'strike', strike)
  const refuse = (field: string, rule: string) => {
    throw outOfDomain(kernel, rule, { field, kind, spot, strike, rate, carry, volatility, time })
  }
  if (Math.min(spot, strike) < 1e-100) refuse('spot', 'spot and strike have to be from 1e-100 to 1e100.')
  if (Math.max(spot, strike) > 1e100) refuse('spot', 'spot and strike have to be from 1e-100 to 1e100.')
  if (Math.max(Math.abs(rate), Math.abs(carry), Math.abs(rate - carry)) * time > 300)
    refuse('rate', 'rate, carry and their difference, times time, have to be within -300..300.')
  if (volatility * Math.sqrt(time) > 1000)
    refuse('volatility', 'volatility times the root of time has to be at most 1000.')
  const { r, q } = asPut(option)
  if (r < 0 && q < r) refuse('carry', 'A put with q < r < 0, or a call with r < q < 0, has two exercise boundaries.')
}

/** What exercising now pays. */
export function intrinsicValue({ kind, spot, strike }: Pick<VanillaParams, 'kind' | 'spot' | 'strike'>): number {
  return Math.max(0, kind === 'call' ? spot - strike : strike - spot)
}

/** The put that is worth as much as the option: C(S, K, r, q) = P(K, S, q, r) (McDonald & Schroder 1998); q = rate - carry. */
export function asPut(option: VanillaParams): {
  readonly S: number
  readonly K: number
  readonly r: number
  readonly q: number
} {
  const { kind, spot, strike, rate, carry } = option
  return kind === 'put'
    ? { S: spot, K: strike, r: rate, q: rate - carry }
    : { S: strike, K: spot, r: rate - carry, q: rate }
}

/** True if a put is never exercised before its expiry: r K - q S, what exercise gains, is at most 0 wherever S < K. */
export function neverExercisedEarly(r: number, q: number): boolean {
  return r <= 0 && (q >= 0 || (r < 0 && r <= q))
}

/**
 * A put without volatility: the payoff at its best exercise date, max over t in [0, T] of K e^{-rt} - S e^{-qt} or nothing, and
 * that date.
 */
export function putWithoutVolatility(
  S: number,
  K: number,
  r: number,
  q: number,
  T: number,
): { readonly price: number; readonly t: number } {
  const at = (t: number) => K * Math.exp(-r * t) - S * Math.exp(-q * t)
  const stationary = Math.log((r / q) * (K / S)) / (r - q)
  let best = { price: Math.max(0, K - S), t: 0 }
  for (const t of [stationary, T]) if (t > 0 && t <= T && at(t) > best.price) best = { price: at(t), t }
  return best
}
