// Options on an average price in closed form: exact for geometric averages, by matched moments for arithmetic ones.
import { expDividedDifference } from '../exp-divided-difference.ts'
import { normalPdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholesPrice } from './black.ts'
import { representable, requireMarket, requireNotNegative, requirePositive, type VanillaParams } from './lognormal.ts'

/** An option on the average of a price over a window that ends at expiry. */
export interface ContinuousAsian extends VanillaParams {
  /** Length of the whole window in years, 0 or above; longer than `time`: averaging has begun; shorter: it begins later. */
  readonly averagingPeriod: number
  /** The average over the part of the window that is past: above 0, needed where averaging has begun. Geometric where the payoff is. */
  readonly averageSoFar?: number | undefined
}

/** An option on the average of a price at given times. */
export interface DiscreteAsian extends VanillaParams {
  /** Times of the fixings still to come in years from now, ascending, from 0 to `time`. */
  readonly fixings: readonly number[]
  /**
   * Volatility from now to each of these fixings, instead of `volatility`. Where total variance falls from one to the next, the closed forms
   * take the variance at the earlier of two fixings as their covariance, as ever; simulation refuses it.
   */
  readonly fixingVolatilities?: readonly number[] | undefined
  /** Fixings that are past: how many, and their average (geometric where the payoff is). */
  readonly past?: { readonly count: number; readonly average: number } | undefined
}

/** What an average comes to: A = known + M, where M is unknown; seen from today. */
export interface AverageLaw {
  /** Part of the average that is fixed, in currency. */
  readonly known: number
  /** E[M]. */
  readonly mean: number
  /** Var[M] / E[M]^2. */
  readonly relativeVariance: number
}

/** Discounted value of an option on a lognormal amount with this mean and variance of its logarithm; the strike may be 0 or less. */
function onLognormal(kernel: string, option: VanillaParams, mean: number, strike: number, variance: number): number {
  const { kind, rate, time } = option
  const phi = kind === 'call' ? 1 : -1
  if (strike <= 0 || mean <= 0) return Math.exp(-rate * time) * Math.max(0, phi * (mean - strike))
  const terms = { kind, spot: mean, strike, time: 1, volatility: Math.sqrt(variance), rate: rate * time, carry: 0 }
  return representable(kernel, blackScholesPrice(terms))
}

/** Throws `out-of-domain` by field. */
export function requireContinuous(kernel: string, option: ContinuousAsian): void {
  requireMarket(kernel, option)
  requirePositive(kernel, 'strike', option.strike)
  requireNotNegative(kernel, 'averagingPeriod', option.averagingPeriod)
  if (option.averagingPeriod > option.time) requirePositive(kernel, 'averageSoFar', option.averageSoFar ?? Number.NaN)
}

/** How the window lies: time until it begins, its part to come, and that part's weight in the average. */
export function windowOf({ time, averagingPeriod }: ContinuousAsian): {
  readonly start: number
  readonly left: number
  readonly weight: number
} {
  const left = Math.min(averagingPeriod, time)
  return { start: time - left, left, weight: averagingPeriod > 0 ? left / averagingPeriod : 1 }
}

/**
 * Mean and variance of the arithmetic average over a window, by divided differences of the exponential: there is no limit to take at
 * b = 0, b = -sigma^2 or 2b = -sigma^2 (Turnbull & Wakeman 1991, Levy 1992, with the integrals left as what they are).
 */
export function arithmeticLaw(option: ContinuousAsian): AverageLaw {
  const { spot, carry: b, volatility, averageSoFar } = option
  const { start, left: D, weight } = windowOf(option)
  const variance = volatility * volatility
  if (!(Math.abs(2 * b * D) <= 700 && Math.abs(2 * b + variance) * D <= 700))
    throw outOfDomain(
      'arithmeticLaw',
      'abs(2 carry) and abs(2 carry + volatility^2) times the averaging to come have to be at most 700.',
      {
        field: variance > Math.abs(2 * b) ? 'volatility' : 'carry',
        volatility,
        carry: b,
        averagingToCome: D,
      },
    )
  const growth = expDividedDifference([0, b * D])
  const square = 2 * expDividedDifference([0, b * D, (2 * b + variance) * D])
  const spread = 2 * variance * D * expDividedDifference([0, b * D, 2 * b * D, (2 * b + variance) * D])
  return {
    known: weight < 1 ? (1 - weight) * (averageSoFar ?? 0) : 0,
    mean: weight * spot * Math.exp(b * start) * growth,
    relativeVariance: (Math.expm1(variance * start) * square + spread) / (growth * growth),
  }
}

/**
 * How far a lognormal with the average's own two moments may be off, before discounting, in currency: `variance` is that of the log price to the last
 * price of the average. The first terms of Edgeworth's series (in moneyness x and s) without their signs, with coefficients fitted to Vecer's equation:
 * over s = 0.1..1, x = -2..2 it is 0.8 of the truth or more, up to twice it at the money, several times it where the terms cancel.
 */
export function matchedMomentsError(
  { known, mean, relativeVariance }: AverageLaw,
  strike: number,
  variance: number,
): number {
  const own = Math.log1p(relativeVariance)
  const left = strike - known
  if (!(left > 0 && mean > 0 && own > 0 && variance > own && variance < Infinity)) return 0
  const x = Math.log(left / mean) / Math.sqrt(own)
  const averaged = 1.5 * (1 - own / variance)
  const s = Math.sqrt(variance)
  return mean * Math.sqrt(own) * s * normalPdf(x) * (0.067 * Math.abs(x) + 0.048 * s) * averaged * averaged
}

/**
 * Continuous arithmetic average, by a lognormal with the average's own mean and variance. Averaged from now on, with s = sigma sqrt(T), the error is at
 * most some 1.3% s^2 of the forward average; of the price it is at the money 0.2% at s = 0.2, 0.5% at 0.3, 1.3% at 0.5, 2.5% at 0.7, 5% at 1, and one
 * deviation of the average out of the money 4%, 7%, 14%, 23%, 43% ({@link matchedMomentsError} estimates it); less where averaging begins later.
 * Averaging may have begun or begin later; a strike that the past already exceeds is exact.
 * Levy (1992), "Pricing European average rate currency options"; the same two moments as Turnbull & Wakeman (1991).
 * Throws `out-of-domain` by field.
 */
export function levyAsian(option: ContinuousAsian): number {
  requireContinuous('levyAsian', option)
  const { known, mean, relativeVariance } = arithmeticLaw(option)
  return onLognormal('levyAsian', option, mean, option.strike - known, Math.log1p(relativeVariance))
}

/**
 * Continuous geometric average, exact: its logarithm is normal. Averaging may have begun or begin later.
 * Kemna & Vorst (1990), "A pricing method for options based on average asset values", eqs. 11-14. Throws `out-of-domain` by field.
 */
export function kemnaVorstAsian(option: ContinuousAsian): number {
  requireContinuous('kemnaVorstAsian', option)
  const { spot, strike, carry, volatility, averageSoFar } = option
  const { start, left, weight } = windowOf(option)
  const variance = weight * weight * volatility * volatility * (start + left / 3)
  const drift = weight * (carry - 0.5 * volatility * volatility) * (start + left / 2)
  const known = weight < 1 ? ((averageSoFar ?? spot) / spot) ** (1 - weight) : 1
  return onLognormal('kemnaVorstAsian', option, spot * known * Math.exp(drift + variance / 2), strike, variance)
}

/** Checks the fixings and gives the total variance to each. */
export function fixingVariances(kernel: string, option: DiscreteAsian): Float64Array {
  requireMarket(kernel, option)
  requirePositive(kernel, 'strike', option.strike)
  const { fixings, fixingVolatilities, past, time, volatility } = option
  const count = past?.count ?? 0
  if (count > 0) requirePositive(kernel, 'past.average', past?.average ?? Number.NaN)
  const refuse = (field: string, rule: string) => {
    throw outOfDomain(kernel, rule, { field, fixings: fixings.length, past: count })
  }
  if (!(Number.isInteger(count) && count >= 0))
    refuse('past.count', 'The number of past fixings has to be whole, 0 or above.')
  if (fixings.length + count === 0) refuse('fixings', 'There has to be at least one fixing, past or to come.')
  if (fixingVolatilities !== undefined && fixingVolatilities.length !== fixings.length)
    refuse('fixingVolatilities', 'There has to be one volatility for each fixing.')
  const variances = new Float64Array(fixings.length)
  let before = 0
  for (const [i, t] of fixings.entries()) {
    const sigma = fixingVolatilities?.[i] ?? volatility
    variances[i] = sigma * sigma * t
    // A last fixing at expiry may come out a rounding later.
    if (!(t >= before && t <= time * (1 + 1e-12)))
      refuse('fixings', 'Fixings have to ascend from 0 to the time to expiry.')
    if (!(sigma >= 0 && sigma < Infinity))
      refuse('fixingVolatilities', 'Volatilities have to be 0 or above and finite.')
    before = t
  }
  return variances
}

/** Refuses a term structure that no diffusion has. */
export function requireRisingVariance(kernel: string, variances: Float64Array): void {
  for (let i = 1; i < variances.length; i += 1)
    if ((variances[i] ?? 0) < (variances[i - 1] ?? 0))
      throw outOfDomain(kernel, 'Total variance must not fall from one fixing to the next.', {
        field: 'fixingVolatilities',
        i,
      })
}

/**
 * Discrete geometric average, exact. Fixings may lie anywhere up to expiry and have a volatility each; some may be past.
 * Kemna & Vorst (1990); Clewlow & Strickland (1998), pp. 118-123. Throws `out-of-domain` by field.
 */
export function discreteGeometricAsian(option: DiscreteAsian): number {
  const variances = fixingVariances('discreteGeometricAsian', option)
  const { logMean, variance } = geometricLaw(option, variances)
  return onLognormal('discreteGeometricAsian', option, Math.exp(logMean + variance / 2), option.strike, variance)
}

/** Mean and variance of the logarithm of a geometric average of fixings with these total variances. */
function geometricLaw(
  { spot, carry, fixings, past }: DiscreteAsian,
  variances: Float64Array,
): { readonly logMean: number; readonly variance: number } {
  const left = fixings.length
  const n = left + (past?.count ?? 0)
  let log = (past?.count ?? 0) * Math.log(past?.average ?? 1) + left * Math.log(spot)
  let variance = 0
  for (let i = 0; i < left; i += 1) {
    const v = variances[i] ?? 0
    log += carry * (fixings[i] ?? 0) - v / 2
    variance += v * (2 * (left - i) - 1)
  }
  return { logMean: log / n, variance: variance / n / n }
}

/** Mean and variance of the arithmetic average of fixings with these total variances; linear in their number. */
export function discreteArithmeticLaw(
  { spot, carry, fixings, past }: DiscreteAsian,
  variances: Float64Array,
): AverageLaw {
  const left = fixings.length
  const n = left + (past?.count ?? 0)
  let later = 0
  let spread = 0
  for (let i = left - 1; i >= 0; i -= 1) {
    const forward = Math.exp(carry * (fixings[i] ?? 0))
    spread += forward * Math.expm1(variances[i] ?? 0) * (forward + 2 * later)
    later += forward
  }
  return {
    known: ((past?.count ?? 0) * (past?.average ?? 0)) / n,
    mean: (spot * later) / n,
    relativeVariance: later > 0 ? spread / (later * later) : 0,
  }
}

/**
 * Discrete arithmetic average, by a lognormal with the average's own mean and variance, from a term structure of volatility; errors as
 * at {@link levyAsian}. Turnbull & Wakeman (1991), "A quick algorithm for pricing European average options", to the second moment, as
 * in Haug (2007), 4.20.4. Throws `out-of-domain` by field.
 */
export function turnbullWakemanAsian(option: DiscreteAsian): number {
  const variances = fixingVariances('turnbullWakemanAsian', option)
  const { known, mean, relativeVariance } = discreteArithmeticLaw(option, variances)
  return onLognormal('turnbullWakemanAsian', option, mean, option.strike - known, Math.log1p(relativeVariance))
}
