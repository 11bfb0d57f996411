// What is read off a smile: strikes by delta, skew, the fair variance, and what it costs over the variance that came.
import { brentRoot } from '../brent.ts'
import { normalPdf, normalQuantile } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import type { Smile } from './svi-surface.ts'

export interface DeltaSkew {
  /** The call's and put's absolute delta, such as 0.25. */
  readonly delta: number
  /** ln(strike / forward) of the call and of the put with that delta. */
  readonly callStrike: number
  readonly putStrike: number
  /** Volatilities per square root of a year: at the two strikes and at the money forward. */
  readonly callVolatility: number
  readonly putVolatility: number
  readonly atTheMoneyVolatility: number
  /** Call less put volatility: below 0 when puts are dear. */
  readonly riskReversal: number
  /** Mean of both less at-the-money volatility. */
  readonly butterfly: number
}

/**
 * k = ln(strike / forward) at which a call has the given forward delta, cdf(d1) in (0, 1); a put of absolute delta D
 * lies at 1 - D. Throws `out-of-domain`, also where total variance is not positive on the way or no strike has that
 * delta.
 */
export function strikeAtDelta(smile: Smile, callDelta: number): number {
  if (!(callDelta > 0 && callDelta < 1)) throw outOfDomain('strikeAtDelta', '0 < delta < 1.', { callDelta })
  const z = normalQuantile(callDelta)
  const excess = (k: number) => {
    const w = smile.totalVariance(k)
    if (!(w > 0)) throw outOfDomain('strikeAtDelta', 'Total variance is above 0.', { k, w })
    return -k / Math.sqrt(w) + 0.5 * Math.sqrt(w) - z
  }
  const root = Math.sqrt(smile.totalVariance(0))
  const guess = -z * root + 0.5 * root * root
  for (let reach = 0.5 * root; reach < 1e3 * root + 1e3; reach *= 2)
    if (excess(guess - reach) >= 0 && excess(guess + reach) <= 0)
      return brentRoot(excess, { from: guess - reach, to: guess + reach, tolerance: 1e-15 * root })
  throw outOfDomain('strikeAtDelta', 'The smile has a strike with that delta.', { callDelta, w: root * root })
}

/**
 * Risk reversal and butterfly at an absolute forward delta in (0, 1/2], for time > 0 in years. Throws `out-of-domain`.
 */
export function deltaSkew(smile: Smile, time: number, delta: number): DeltaSkew {
  if (!(time > 0 && delta > 0 && delta <= 0.5))
    throw outOfDomain('deltaSkew', 'time > 0, 0 < delta <= 1/2.', { time, delta })
  const volatility = (k: number) => Math.sqrt(smile.totalVariance(k) / time)
  const callStrike = strikeAtDelta(smile, delta)
  const putStrike = strikeAtDelta(smile, 1 - delta)
  const [callVolatility, putVolatility, atTheMoneyVolatility] = [
    volatility(callStrike),
    volatility(putStrike),
    volatility(0),
  ]
  const riskReversal = callVolatility - putVolatility
  const butterfly = 0.5 * (callVolatility + putVolatility) - atTheMoneyVolatility
  return { delta, callStrike, putStrike, callVolatility, putVolatility, atTheMoneyVolatility, riskReversal, butterfly }
}

const REACH = 9
const NODES = 1_000

/**
 * Fair total variance of a variance swap (over time: its strike, per year), E = integral of density(z) w(k(z)) dz, z =
 * d2(k): what the strip of all options replicates, for a smile free of butterfly arbitrage. Throws `out-of-domain`
 * where d2 does not fall from 9 to -9. Gatheral (2006), "The Volatility Surface", eq. 11.5.
 */
export function fairTotalVariance(smile: Smile): number {
  const d2 = (k: number) => {
    const root = Math.sqrt(smile.totalVariance(k))
    return -k / root - 0.5 * root
  }
  const root = Math.sqrt(smile.totalVariance(0))
  if (!(root > 0)) throw outOfDomain('fairTotalVariance', 'Total variance is above 0.', { w: root * root })
  const edge = (side: 1 | -1) => {
    for (let k = side * root; Math.abs(k) < 1e6 * (root + 1); k *= 1.25) if (side * d2(k) < -REACH) return k
    throw outOfDomain('fairTotalVariance', 'd2 falls from 9 to -9: the wings are flatter than 2.', { side })
  }
  const from = edge(-1)
  const step = (edge(1) - from) / NODES
  let sum = 0
  for (let i = 0; i <= NODES; i += 1) {
    const k = from + i * step
    const w = smile.totalVariance(k)
    const z = d2(k)
    const falls = 1 / Math.sqrt(w) - (smile.slope(k) / (2 * w)) * (k / Math.sqrt(w) - 0.5 * Math.sqrt(w))
    sum += normalPdf(z) * w * falls
  }
  return sum * step
}

export interface VarianceRiskPremium {
  /** Implied less realised variance, per year. */
  readonly variance: number
  /** Implied less realised volatility. */
  readonly volatility: number
}

/**
 * What sellers of variance were paid: implied less realised, both as variance per year >= 0 (Carr & Wu 2009). Throws
 * `out-of-domain`.
 */
export function varianceRiskPremium(impliedVariance: number, realisedVariance: number): VarianceRiskPremium {
  if (!(impliedVariance >= 0 && realisedVariance >= 0 && impliedVariance < Infinity && realisedVariance < Infinity))
    throw outOfDomain('varianceRiskPremium', 'Variances are 0 or more.', { impliedVariance, realisedVariance })
  return {
    variance: impliedVariance - realisedVariance,
    volatility: Math.sqrt(impliedVariance) - Math.sqrt(realisedVariance),
  }
}
