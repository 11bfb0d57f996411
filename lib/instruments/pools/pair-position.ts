// Value and Greeks in USD of a position in a pool of two tokens, from what the pool's curve says at a price: shared by every two-token pool.

import { secondsPerYear } from '../../base/time.ts'
import type { Usd } from '../../base/units.ts'
import { pairLossVersusRebalancing, pairVariance } from '../../quant/amm/loss-versus-rebalancing.ts'
import { pairGreeks } from '../../quant/amm/pair-greeks.ts'
import { type Greeks, noGreeks, noTheta, type PoolFigures } from '../greeks/greeks.ts'
import { correlationOf, type Market, own, pairKey, priceOf, rateOf } from '../market/market.ts'
import { atTheMoneyVolatility } from '../market/volatility.ts'

export interface PairTerms {
  readonly asset0: string
  readonly asset1: string
  /** Uncollected fees, in whole tokens: apart from the curve, one to one in value. */
  readonly owed0: number
  readonly owed1: number
  /** Fees earned per year as a fraction of the value in the curve. */
  readonly feeRate?: number | undefined
}

/** What a curve holds at P = p0 / p1 (token 1 per token 0): amounts, and V'' in token 1. */
export interface PairCurve {
  readonly amount0: number
  readonly amount1: number
  readonly gamma: number
  /** V_lp / V_hold - 1 against what was put in, -1 to 0; absent where the terms do not say what that was. */
  readonly impermanentLoss?: number | undefined
}

/** P = p0 / p1. @throws HomeostatError `no-price` */
export function pairPrice({ asset0, asset1 }: PairTerms, market: Market): number {
  return priceOf(market, asset0) / priceOf(market, asset1)
}

/** USD, uncollected fees included. @throws HomeostatError `no-price` */
export function pairValue(terms: PairTerms, { amount0, amount1 }: PairCurve, market: Market): Usd {
  return (
    (amount0 + terms.owed0) * priceOf(market, terms.asset0) + (amount1 + terms.owed1) * priceOf(market, terms.asset1)
  )
}

/**
 * Delta and gamma of both sides and their cross-gamma (QUANT conventions: gamma00 = V''/p1, gamma01 = -P V''/p1, gamma11 = P^2 V''/p1), per underlying. With
 * one underlying on both sides the ratio does not move with its spot: no gamma. LVR and impermanent loss are reported apart. @throws HomeostatError `no-price`
 */
export function pairPositionGreeks(terms: PairTerms, curve: PairCurve, market: Market): Greeks {
  const [price0, price1] = [priceOf(market, terms.asset0), priceOf(market, terms.asset1)]
  const [one, two] = [rateOf(market, terms.asset0), rateOf(market, terms.asset1)]
  const usd = pairGreeks({ price0, price1, amount0: curve.amount0, amount1: curve.amount1, gamma: curve.gamma })
  const delta: Record<string, number> = { [one.underlying]: (usd.delta0 + terms.owed0) * one.rate }
  delta[two.underlying] = (delta[two.underlying] ?? 0) + (usd.delta1 + terms.owed1) * two.rate
  const isCurved = curve.gamma !== 0 && one.underlying !== two.underlying
  return {
    ...noGreeks,
    delta,
    gamma: isCurved
      ? { [one.underlying]: usd.gamma00 * one.rate ** 2, [two.underlying]: usd.gamma11 * two.rate ** 2 }
      : {},
    crossGamma: isCurved ? { [pairKey(one.underlying, two.underlying)]: usd.gamma01 * one.rate * two.rate } : {},
    theta: { ...noTheta, fees: usd.value * (terms.feeRate ?? 0) },
    pool: pairFigures(terms, curve, market),
  }
}

/** Thirty days: LVR is a rate of now, at the volatility of the near future. */
const lvrHorizon = (30 / 365) * secondsPerYear

/** LVR is 0 where the market does not know the volatilities; `pairWarnings` says so. */
function pairFigures(terms: PairTerms, curve: PairCurve, market: Market): PoolFigures {
  const price1 = priceOf(market, terms.asset1)
  const P = priceOf(market, terms.asset0) / price1
  const variance = varianceOf(terms, market)
  const held = curve.amount0 * P * price1 + curve.amount1 * price1
  const loss = curve.impermanentLoss ?? 0
  return {
    lossVersusRebalancing:
      variance === undefined ? 0 : price1 * pairLossVersusRebalancing({ variance, P, gamma: curve.gamma }),
    impermanentLoss: loss > -1 ? (held * loss) / (1 + loss) : -held,
  }
}

function varianceOf(terms: PairTerms, market: Market): number | undefined {
  const [one, two] = [rateOf(market, terms.asset0).underlying, rateOf(market, terms.asset1).underlying]
  if (one === two) return 0
  const isKnown = own(market.volatility, one) !== undefined && own(market.volatility, two) !== undefined
  if (!isKnown || own(market.correlation, pairKey(one, two)) === undefined) return undefined
  const expiry = market.at + lvrHorizon
  return pairVariance({
    s0: atTheMoneyVolatility(market, one, expiry),
    s1: atTheMoneyVolatility(market, two, expiry),
    rho: correlationOf(market, one, two),
  })
}

/** That LVR could not be computed, where it matters. */
export function pairWarnings(terms: PairTerms, market: Market): readonly string[] {
  if (varianceOf(terms, market) !== undefined) return []
  return [
    `loss-versus-rebalancing is not known: the market lacks a volatility or the correlation of ${terms.asset0} and ${terms.asset1}`,
  ]
}

/** V_lp - V_hold as a fraction, P, and what is held: what people look at first. */
export function pairDetails(terms: PairTerms, curve: PairCurve, market: Market): Readonly<Record<string, number>> {
  return {
    amount0: curve.amount0,
    amount1: curve.amount1,
    price1Per0: pairPrice(terms, market),
    ...(curve.impermanentLoss === undefined ? {} : { impermanentLossRatio: curve.impermanentLoss }),
  }
}
