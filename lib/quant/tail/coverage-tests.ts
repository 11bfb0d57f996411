// Whether value at risk was exceeded as often as promised, and whether the exceedances came alone or in clusters.
import { erfc } from '../error-function.ts'
import { outOfDomain } from '../out-of-domain.ts'

export interface LikelihoodRatio {
  readonly statistic: number
  /** P(chi-square > statistic), asymptotic in the number of observations. */
  readonly pValue: number
}

export interface IndependenceTest extends LikelihoodRatio {
  /** False where the data cannot tell: no observation follows an exceedance, or none follows a quiet one. Then 0 and 1. */
  readonly informative: boolean
}

/** x log(x / y), 0 at x = 0. */
const relative = (x: number, y: number) => (x === 0 ? 0 : x * Math.log(x / y))

/** P(chi-square with 1 degree of freedom > x) = erfc(sqrt(x / 2)). */
const oneDegree = (x: number) => erfc(Math.sqrt(x / 2))
/** P(chi-square with 2 degrees of freedom > x) = exp(-x / 2). */
const twoDegrees = (x: number) => Math.exp(-x / 2)

/**
 * Kupiec (1995), unconditional coverage: `exceedances` of `observations` against the `probability` promised, such as
 * 0.01 for value at risk at 99%. Without exceedances the statistic is -2 n log(1 - p), with nothing else -2 n log p.
 * Throws `out-of-domain`.
 */
export function kupiecTest(params: {
  readonly observations: number
  readonly exceedances: number
  readonly probability: number
}): LikelihoodRatio {
  const { observations: n, exceedances: x, probability: p } = params
  if (!(Number.isInteger(n) && Number.isInteger(x) && n > 0 && x >= 0 && x <= n && p > 0 && p < 1))
    throw outOfDomain('kupiecTest', 'Whole 0 <= exceedances <= observations > 0, 0 < probability < 1.', { n, x, p })
  const statistic = Math.max(0, 2 * (relative(x, n * p) + relative(n - x, n * (1 - p))))
  return { statistic, pValue: oneDegree(statistic) }
}

/**
 * Christoffersen (1998): independence of an exceedance from the one before against a first-order Markov chain, from
 * consecutive hits (0 or 1), and conditional coverage, the sum with Kupiec's statistic over all hits. Independence is
 * conditional on the first hit. Throws `out-of-domain` for fewer than two hits or other numbers.
 */
export function christoffersenTest(
  hits: Uint8Array,
  probability: number,
): {
  readonly unconditional: LikelihoodRatio
  readonly independence: IndependenceTest
  readonly conditional: LikelihoodRatio
} {
  const bad = hits.findIndex((hit) => hit > 1)
  if (hits.length < 2 || bad >= 0)
    throw outOfDomain('christoffersenTest', 'At least two hits, each 0 or 1.', { hits: hits.length, bad })
  // Pairs of (before, now): 00, 01, 10, 11.
  const pairs = [0, 0, 0, 0]
  for (let t = 1; t < hits.length; t += 1) {
    const pair = 2 * (hits[t - 1] as number) + (hits[t] as number)
    pairs[pair] = (pairs[pair] ?? 0) + 1
  }
  const [n00 = 0, n01 = 0, n10 = 0, n11 = 0] = pairs
  const [quiet, loud, ones, zeros, n] = [n00 + n01, n10 + n11, n01 + n11, n00 + n10, hits.length - 1]
  const informative = quiet > 0 && loud > 0
  const ratio =
    relative(n00, (quiet * zeros) / n) +
    relative(n01, (quiet * ones) / n) +
    relative(n10, (loud * zeros) / n) +
    relative(n11, (loud * ones) / n)
  const statistic = informative ? Math.max(0, 2 * ratio) : 0
  const exceedances = hits.reduce((sum, hit) => sum + hit, 0)
  const unconditional = kupiecTest({ observations: hits.length, exceedances, probability })
  const both = unconditional.statistic + statistic
  return {
    unconditional,
    independence: { statistic, pValue: oneDegree(statistic), informative },
    conditional: { statistic: both, pValue: twoDegrees(both) },
  }
}
