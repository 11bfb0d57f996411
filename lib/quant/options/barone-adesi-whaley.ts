// A quick American price good to about a tenth of a percent, for comparison and for screens.
import { normalCdf, normalPdf } from '../normal.ts'
import { asPut, intrinsicValue, neverExercisedEarly, putWithoutVolatility, requireAmerican } from './american-option.ts'
import { NO_DEVIATION, type VanillaParams, vanilla } from './lognormal.ts'

/** Critical price: the root of phi (S - X) = v(S) + phi (1 - e^{(b-r)T} N(phi d1)) S / q (eqs. 19, 24), q > 1 of a call, < 0 of a put. */
function criticalPrice(option: VanillaParams, q: number): number {
  const { kind, strike, rate, carry, volatility, time } = option
  const phi = kind === 'call' ? 1 : -1
  const sd = volatility * Math.sqrt(time)
  const Dq = Math.exp((carry - rate) * time)
  let low = kind === 'call' ? strike : 0
  let high = kind === 'call' ? Number.POSITIVE_INFINITY : strike
  let S = strike * Math.exp(phi * Math.min(1, sd))
  for (let step = 0; step < 200; step += 1) {
    const d1 = (Math.log(S / strike) + carry * time) / sd + sd / 2
    const lack = phi * (1 - Dq * normalCdf(phi * d1))
    const g = phi * (S - strike) - vanilla({ ...option, spot: S }) - (lack * S) / q
    if (g * phi > 0) high = S
    else low = S
    const slope = lack - lack / q + (Dq * normalPdf(d1)) / (sd * q)
    const newton = S - g / slope
    const middle = high < Number.POSITIVE_INFINITY ? (low > 0 ? Math.sqrt(low * high) : high / 2) : 2 * low
    const next = newton > low && newton < high ? newton : middle
    if (Math.abs(next - S) <= 1e-12 * S) return next
    S = next
  }
  return S
}

/**
 * American price by the quadratic approximation, never below European or intrinsic value; error about 0.1% below a year, more beyond.
 * r = 0 is a limit. Throws `out-of-domain` beyond the bounds of `requireAmerican`.
 * Barone-Adesi & Whaley (1987), "Efficient analytic approximation of American option values", J. Finance 42(2).
 */
export function baroneAdesiWhaley(option: VanillaParams): number {
  requireAmerican('baroneAdesiWhaley', option)
  const { kind, spot, rate, carry, volatility, time } = option
  const dual = asPut(option)
  if (volatility * Math.sqrt(time) < NO_DEVIATION)
    return putWithoutVolatility(dual.S, dual.K, dual.r, dual.q, time).price
  const european = vanilla(option)
  if (neverExercisedEarly(dual.r, dual.q)) return european
  const phi = kind === 'call' ? 1 : -1
  const N = (2 * carry) / (volatility * volatility)
  const ratio = (2 * (rate === 0 ? 1 / time : rate / -Math.expm1(-rate * time))) / (volatility * volatility)
  const q = (1 - N + phi * Math.sqrt((N - 1) ** 2 + 4 * ratio)) / 2
  const critical = criticalPrice(option, q)
  if (phi * (spot - critical) >= 0) return intrinsicValue(option)
  const sd = volatility * Math.sqrt(time)
  const d1 = (Math.log(critical / option.strike) + carry * time) / sd + sd / 2
  const A = (phi * critical * (1 - Math.exp((carry - rate) * time) * normalCdf(phi * d1))) / q
  return Math.max(european, intrinsicValue(option), european + A * (spot / critical) ** q)
}
