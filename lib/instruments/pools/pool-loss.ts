// What arbitrage takes from a pool a year in a market, or what the market lacks to tell it.

import { secondsPerYear } from '../../base/time.ts'
import type { Usd } from '../../base/units.ts'
import { pairVariance } from '../../quant/amm/loss-versus-rebalancing.ts'
import { correlationOf, type Market, own, pairKey, spotOf } from '../market/market.ts'
import { atTheMoneyVolatility } from '../market/volatility.ts'

export interface Loss {
  /** 0 or more; 0 if it is not known. */
  readonly usdPerYear: Usd
  /** Fields of the market without which it is not known; none if it is. */
  readonly missing: readonly string[]
}

/** Thirty days: LVR is a rate of now, at the volatility of the near future. */
const horizonSeconds = (30 / 365) * secondsPerYear

/** Variance a year of the log of two underlyings' price ratio, or the fields that the market lacks for it. */
export function ratioVariance(
  market: Market,
  one: string,
  other: string,
): { readonly variance?: number; readonly missing: readonly string[] } {
  const missing = [
    ...[one, other].filter((name) => own(market.volatility, name) === undefined).map((name) => `volatility.${name}`),
    ...(own(market.correlation, pairKey(one, other)) === undefined ? [`correlation.${pairKey(one, other)}`] : []),
  ]
  if (missing.length > 0) return { missing }
  const expiry = market.at + horizonSeconds
  const variance = pairVariance({
    s0: atTheMoneyVolatility(market, one, expiry),
    s1: atTheMoneyVolatility(market, other, expiry),
    rho: correlationOf(market, one, other),
  })
  return { variance, missing }
}

export interface CrossGamma {
  readonly one: string
  readonly other: string
  /** d2V / dS dS', 1/USD. */
  readonly second: number
}

/**
 * LVR = -1/2 sum_uv gamma_uv S_u S_v C_uv (Milionis et al. 2022, theorem 1, for n prices), by pairs: since gamma S = 0 it is the sum over pairs of
 * gamma_uv S_u S_v / 2 times the variance of their ratio, in which nothing cancels. @throws HomeostatError `no-price`
 */
export function lossVersusRebalancing(crossGammas: readonly CrossGamma[], market: Market): Loss {
  const missing = new Set<string>()
  let [sum, gross] = [0, 0]
  for (const { one, other, second } of crossGammas) {
    const found = ratioVariance(market, one, other)
    for (const field of found.missing) missing.add(field)
    const part = ((second * spotOf(market, one) * spotOf(market, other)) / 2) * (found.variance ?? 0)
    sum += part
    gross += Math.abs(part)
  }
  // A concave pool loses at every move: only correlations that no prices can have make it gain.
  if (sum < -1e-9 * gross) missing.add('correlations that do not contradict each other')
  return missing.size > 0
    ? { usdPerYear: 0, missing: [...missing].toSorted() }
    : { usdPerYear: Math.max(sum, 0), missing: [] }
}
