// Value and Greeks of a European option in a market with a smile, shared by what is settled in dollars and in coin.

import type { Usd } from '../../base/units.ts'
import { blackScholes, blackScholesPrice, type OptionKind } from '../../quant/options/black.ts'
import { expiryBucket } from '../greeks/expiry-bucket.ts'
import { type Greeks, noGreeks, noTheta } from '../greeks/greeks.ts'
import type { Market } from '../market/market.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import type { OptionTerms } from './option-terms.ts'

export interface EuropeanTerms extends OptionTerms {
  readonly type: OptionKind
}

function intrinsic({ type, strike }: EuropeanTerms, price: Usd): Usd {
  return Math.max(type === 'call' ? price - strike : strike - price, 0)
}

function blackTerms({ type, strike }: EuropeanTerms, { spot, time, volatility, rate, carry }: OptionMarket) {
  return { kind: type, strike, spot, time, volatility, rate, carry }
}

/** USD. Black (1976) on the market's forward; once expired, its settlement price's intrinsic value, else the spot's. */
export function europeanValue(terms: EuropeanTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  const at = optionMarket(market, terms)
  if (at.isExpired) return terms.quantity * intrinsic(terms, terms.settlementPrice ?? at.spot)
  return terms.quantity * blackScholesPrice(blackTerms(terms, at))
}

/**
 * The market's volatility depends on k = ln(K / F): under sticky delta k moves with the spot (k_S = -1/S), under sticky strike it does not; it moves with the
 * carry (k_b = -T) and with time (k_t = b) in either. Total derivatives by the chain rule from Black's partial ones.
 */
export function europeanGreeks(terms: EuropeanTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = optionMarket(market, terms)
  if (at.isExpired) return expiredGreeks(terms, at)
  const { underlying, assetRate, spot: S, time: T, carry: b, smile } = at
  const partial = blackScholes(blackTerms(terms, at))
  const isSticky = market.volatility?.[underlying]?.dynamics === 'sticky-strike'
  const slopeS = isSticky ? 0 : -smile.slope / S
  const bendS = isSticky ? 0 : (smile.bend + smile.slope) / (S * S)
  const { vega, volga } = partial
  // At the strike without volatility gamma and decay are not defined: 0, and a warning says so.
  const gamma = Number.isFinite(partial.gamma) ? partial.gamma : 0
  const theta = Number.isFinite(partial.theta) ? partial.theta : 0
  const byCarry = partial.carryRho - vega * smile.slope * T
  const q = terms.quantity
  const unit = q * assetRate
  return {
    ...noGreeks,
    delta: { [underlying]: unit * (partial.delta + vega * slopeS) },
    gamma: {
      [underlying]: unit * assetRate * (gamma + 2 * partial.vanna * slopeS + volga * slopeS * slopeS + vega * bendS),
    },
    vega: { [underlying]: { [expiryBucket(terms.expiry)]: q * vega } },
    vanna: { [underlying]: unit * (partial.vanna + volga * slopeS) },
    volga: { [underlying]: q * volga },
    rho: q * (at.carryFollowsRate ? partial.rho - vega * smile.slope * T : -T * partial.price),
    carryRho: { [underlying]: q * byCarry },
    theta: { ...noTheta, decay: q * (theta + vega * smile.slope * b) },
  }
}

function expiredGreeks(terms: EuropeanTerms, { underlying, assetRate, spot }: OptionMarket): Greeks {
  if (terms.settlementPrice !== undefined) return { ...noGreeks, delta: { [underlying]: 0 } }
  const sign = terms.type === 'call' ? 1 : -1
  const moneyness = sign * (spot - terms.strike)
  const share = moneyness > 0 ? 1 : moneyness === 0 ? 0.5 : 0
  return { ...noGreeks, delta: { [underlying]: terms.quantity * assetRate * sign * share } }
}

/** The strike is a kink once no time or volatility is left. */
export function europeanEdges(terms: EuropeanTerms, market: Market) {
  const { underlying, assetRate, time, volatility, carry } = optionMarket(market, terms)
  return time * volatility === 0 ? { [underlying]: [(terms.strike * Math.exp(-carry * time)) / assetRate] } : {}
}
