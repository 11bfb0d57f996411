// What arbitrage takes from a passive pool a year: a rate that is reported next to fees, never part of theta.
import { outOfDomain } from '../out-of-domain.ts'

/**
 * Variance a year of the log of the price ratio of two tokens: s0^2 + s1^2 - 2 rho s0 s1, from annual volatilities
 * (1.00 is 100%) and their correlation; never below 0. Throws `out-of-domain` for volatilities below 0 or a correlation
 * outside of -1..1.
 */
export function pairVariance(params: { readonly s0: number; readonly s1: number; readonly rho: number }): number {
  const { s0, s1, rho } = params
  if (!(s0 >= 0 && s1 >= 0 && s0 + s1 < Number.POSITIVE_INFINITY && Math.abs(rho) <= 1)) {
    throw outOfDomain('pairVariance', 'Volatilities have to be 0 or above, the correlation within -1..1.', {
      ...params,
    })
  }
  // The two terms below are never negative, which s0^2 + s1^2 - 2 rho s0 s1 may be after rounding.
  return (s0 - s1) ** 2 + 2 * (1 - rho) * s0 * s1
}

/**
 * LVR of a two-token pool a year, sigma^2 P^2 abs(V'')/2, in token 1 (times its USD price: USD). `variance` is
 * `pairVariance`, a year. Fees are apart. Throws `out-of-domain` unless variance and price are 0 or above and gamma
 * finite. Milionis, Moallemi, Roughgarden & Zhang (2022), "Automated market making and loss-versus-rebalancing",
 * theorem 1.
 */
export function pairLossVersusRebalancing(params: {
  readonly variance: number
  readonly P: number
  readonly gamma: number
}): number {
  const { variance, P, gamma } = params
  const rate = 0.5 * variance * P * P * Math.abs(gamma)
  if (!(variance >= 0 && P >= 0 && Number.isFinite(rate))) {
    throw outOfDomain('pairLossVersusRebalancing', 'Variance and price have to be 0 or above, all finite.', {
      ...params,
    })
  }
  return rate
}

/**
 * LVR of a pool of n tokens a year in USD: -1/2 sum_ij gamma_ij p_i p_j C_ij, the same theorem with several prices.
 * Shapes: `prices` n, `gamma` and `covariance` n x n by rows; gamma in token per USD, covariance of log prices a year.
 * Never below 0 for a concave pool. Throws `out-of-domain` for shapes that disagree and for anything not finite.
 */
export function lossVersusRebalancing(params: {
  readonly prices: Float64Array
  readonly gamma: Float64Array
  readonly covariance: Float64Array
}): number {
  const { prices, gamma, covariance } = params
  const n = prices.length
  let sum = 0
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) {
      const k = i * n + j
      sum +=
        (gamma[k] ?? Number.NaN) * (prices[i] ?? Number.NaN) * (prices[j] ?? Number.NaN) * (covariance[k] ?? Number.NaN)
    }
  }
  if (!Number.isFinite(sum) || gamma.length !== n * n || covariance.length !== n * n) {
    throw outOfDomain('lossVersusRebalancing', 'gamma and covariance have to be n x n and finite for n prices.', {
      prices: n,
      gamma: gamma.length,
      covariance: covariance.length,
    })
  }
  return sum === 0 ? 0 : -0.5 * sum
}
