// Everlasting options: perpetual contracts on an option payoff, kept alive by funding instead of an expiry.
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholes, logRatio } from './black.ts'
import { requireMarket, requirePositive, type VanillaParams } from './lognormal.ts'

export interface EverlastingOption extends Omit<VanillaParams, 'time'> {
  /** f: years over which the holder pays mark - payoff once in full, above 0. */
  readonly f: number
  /** `discrete`: in N equal parts f / N apart, priced just after one; `continuous`: at the rate (mark - payoff) / f. */
  readonly funding: 'discrete' | 'continuous'
  /** N of `discrete`, 1..10000; absent: 1. */
  readonly paymentsPerPeriod?: number | undefined
}

/** Price in currency and derivatives, per unit of volatility and rate. */
export interface EverlastingValue {
  readonly mark: number
  /** What exercise would pay at this spot: the index. */
  readonly payoff: number
  readonly delta: number
  readonly gamma: number
  readonly vega: number
  /** At a held yield r - b. */
  readonly rho: number
  /** At a held rate. */
  readonly carryRho: number
  /** A year, of a long holder: the funding paid, -(mark - payoff) / f. The mark itself does not age. */
  readonly theta: number
  /** Bound of what the truncated series leaves out, relative to the largest of mark and discounted forward; 0 in closed form. */
  readonly truncation: number
}

type Sums = Record<'mark' | 'delta' | 'gamma' | 'vega' | 'rho' | 'carryRho', number>

const TOLERANCE = 1e-16
const MOST_TERMS = 1_000_000

function refuse(kernel: string, option: EverlastingOption): never {
  const { rate, carry, f, funding } = option
  throw outOfDomain(kernel, 'Rate and yield are so far below 0 that the mark is infinite, or grow beyond a double.', {
    rate,
    carry,
    f,
    funding,
  })
}

/**
 * The series of European options: after each payment of a part 1/N the holder of one contract owns N/(N+1) of one and 1/(N+1) payoffs,
 * so that mark = sum over i >= 1 of (1/(N+1)) (N/(N+1))^(i-1) European(i f / N); N = 1 gives 1/2, 1/4, 1/8, ...
 */
function bySeries(option: EverlastingOption): Sums & { readonly truncation: number } {
  const { kind, spot, strike, rate, carry, volatility, f, paymentsPerPeriod: N = 1 } = option
  const step = f / N
  const ratio = N / (N + 1)
  const growth = ratio * Math.exp(step * Math.max(0, -rate, carry - rate))
  if (!(growth < 1)) refuse('everlastingOption', option)
  const sums = { mark: 0, delta: 0, gamma: 0, vega: 0, rho: 0, carryRho: 0 }
  const largest = kind === 'call' ? spot : strike
  let weight = 1 / (N + 1)
  let left = largest
  for (let i = 1; i <= MOST_TERMS; i += 1) {
    if (Math.abs(rate) * i * step > 700 || Math.abs(carry) * i * step > 700) break
    const one = blackScholes({ kind, spot, strike, rate, carry, volatility, time: i * step })
    sums.mark += weight * one.price
    sums.delta += weight * one.delta
    sums.gamma += weight * one.gamma
    sums.vega += weight * one.vega
    sums.rho += weight * one.rho
    sums.carryRho += weight * one.carryRho
    weight *= ratio
    left = (largest * growth ** i) / (1 - growth) / (N + 1)
    // The derivatives in volatility and rates grow with time: i + 1 covers them.
    if (left * (i + 1) <= TOLERANCE * sums.mark || left < 1e-300 * largest) break
  }
  return { ...sums, truncation: left / Math.max(sums.mark, largest * TOLERANCE) }
}

/**
 * The out-of-the-money option at an exponential time of mean f, nu = 1/f:
 * V = nu K x^m / (D m (m - 1)), x = S/K, D = sqrt((b - sigma^2/2)^2 + 2 (r + nu) sigma^2), m the root of
 * sigma^2 m (m - 1) / 2 + b m = r + nu that is above 1 for S <= K (call), below 0 for S > K (put).
 */
function outOfTheMoney(option: EverlastingOption): Sums {
  const { spot, strike, rate, carry: b, volatility, f } = option
  const nu = 1 / f
  const variance = volatility * volatility
  const a = b - variance / 2
  const c = rate + nu
  const D = Math.hypot(a, volatility * Math.sqrt(2 * c))
  const isCall = spot <= strike
  const w = isCall ? 1 : -1
  const m = w * a > 0 ? (w * 2 * c) / (D + w * a) : (w * D - a) / variance
  if (!Number.isFinite(m)) return { mark: 0, delta: 0, gamma: 0, vega: 0, rho: 0, carryRho: 0 }
  const log = logRatio(spot, strike)
  const mark = (nu * strike * Math.exp(m * log)) / (D * m * (m - 1))
  if (mark === 0) return { mark: 0, delta: 0, gamma: 0, vega: 0, rho: 0, carryRho: 0 }
  const inM = log - 1 / m - 1 / (m - 1)
  const bySigma = inM * (-w * volatility * m * (m - 1)) - (volatility * (2 * c - a)) / D
  const byCarry = inM * -w * m - a / D
  const byRate = inM * w - variance / D
  const delta = (m * mark) / spot
  return {
    mark,
    delta,
    gamma: ((m - 1) * delta) / spot,
    vega: (mark * bySigma) / D,
    carryRho: (mark * byCarry) / D,
    rho: (mark * (byCarry + byRate)) / D,
  }
}

/** Adds the forward, nu S / (nu + q) - nu K / (nu + r), where the option is in the money. */
function inClosedForm(option: EverlastingOption): Sums {
  const { kind, spot, strike, rate, carry, f } = option
  const perAsset = 1 / (1 + f * (rate - carry))
  const perCash = 1 / (1 + f * rate)
  if (!(perAsset > 0 && perCash > 0)) refuse('everlastingOption', option)
  const otm = outOfTheMoney(option)
  const isOtm = kind === 'call' ? spot <= strike : spot > strike
  if (isOtm) return otm
  const w = kind === 'call' ? 1 : -1
  return {
    mark: otm.mark + w * (spot * perAsset - strike * perCash),
    delta: otm.delta + w * perAsset,
    gamma: otm.gamma,
    vega: otm.vega,
    rho: otm.rho + w * f * strike * perCash * perCash,
    carryRho: otm.carryRho + w * f * spot * perAsset * perAsset,
  }
}

/**
 * Mark and Greeks of an everlasting option. `continuous` is a closed form (10 eps, in the money of the larger of asset and strike);
 * `discrete` a series cut where the rest is below 1e-16 of it. The same f gives about twice the time value under `discrete` with one
 * payment, hence an explicit field. Zero volatility is a limit. Refuses (`out-of-domain`) rates so negative that the mark is infinite.
 * White & Bankman-Fried (2021), "Everlasting options" (Paradigm).
 */
export function everlastingOption(option: EverlastingOption): EverlastingValue {
  const kernel = 'everlastingOption'
  requireMarket(kernel, { ...option, time: 0 })
  requirePositive(kernel, 'strike', option.strike)
  requirePositive(kernel, 'f', option.f)
  const { kind, spot, strike, f, funding, paymentsPerPeriod: N = 1 } = option
  if (!(Number.isInteger(N) && N >= 1 && N <= 10_000))
    throw outOfDomain(kernel, 'paymentsPerPeriod has to be whole, 1 to 10000.', { field: 'paymentsPerPeriod', N })
  const value = funding === 'discrete' ? bySeries(option) : { ...inClosedForm(option), truncation: 0 }
  const payoff = Math.max(0, kind === 'call' ? spot - strike : strike - spot)
  if (!Number.isFinite(value.mark)) refuse(kernel, option)
  return { ...value, payoff, theta: -(value.mark - payoff) / f }
}
