// Value and Greeks of a European option in a market with a smile, shared by what is settled in dollars and in coin.

import type { Usd } from '../../base/units.ts'
import { blackScholes, blackScholesPrice, type OptionKind } from '../../quant/options/black.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import type { Market } from '../market/market.ts'
import { type OptionMarket, optionMarket } from './option-market.ts'
import type { OptionTerms } from './option-terms.ts'
import { smileGreeks } from './smile-greeks.ts'

export interface EuropeanTerms extends OptionTerms {
  readonly type: OptionKind
}

/** What exercise at a price pays per option. */
export function intrinsic({ type, strike }: Pick<EuropeanTerms, 'type' | 'strike'>, price: Usd): Usd {
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

/** Black's Greeks with those of the smile. At the strike without volatility gamma and decay are not defined: 0, and a warning says so. */
export function europeanGreeks(terms: EuropeanTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const at = optionMarket(market, terms)
  if (at.isExpired) return expiredGreeks(terms, at)
  const black = blackScholes(blackTerms(terms, at))
  const model = {
    ...black,
    gamma: Number.isFinite(black.gamma) ? black.gamma : 0,
    theta: Number.isFinite(black.theta) ? black.theta : 0,
    discountRho: -at.time * black.price,
  }
  return smileGreeks({ quantity: terms.quantity, expiry: terms.expiry, at, model, market })
}

/** Of an expired option that follows the spot; one that is settled moves no more. */
export function expiredGreeks(terms: EuropeanTerms, { underlying, assetRate, spot }: OptionMarket): Greeks {
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
