// One joint move of prices, rates and volatilities, laid over a market.

import { withExchangeRate, withSpot, withVolatilityScale } from '../../instruments/market/bump.ts'
import { type Market, own } from '../../instruments/market/market.ts'
import type { AssetSymbol, Underlying } from '../../model/identity.ts'

/** Factors: after / before, above 0. What is not named stays. */
export interface MarketMove {
  readonly spot: Readonly<Record<Underlying, number>>
  /** Implied volatility at 30 days; `scaleAt` says what other expiries do. */
  readonly volatility?: Readonly<Record<Underlying, number>>
  /** Exchange rates of assets to their underlyings. */
  readonly rates?: Readonly<Record<AssetSymbol, number>>
}

/** What the market does not know does not move in it. */
export function movedMarket(market: Market, { spot, volatility = {}, rates = {} }: MarketMove): Market {
  let moved = market
  for (const [underlying, factor] of Object.entries(spot)) {
    const usd = own(market.spot, underlying)
    if (usd !== undefined && factor !== 1) moved = withSpot(moved, underlying, usd * factor)
  }
  for (const [asset, factor] of Object.entries(rates)) {
    const known = own(market.exchangeRates, asset)
    if (known !== undefined && factor !== 1) moved = withExchangeRate(moved, asset, known.rate * factor)
  }
  for (const [underlying, factor] of Object.entries(volatility))
    if (own(market.volatility, underlying) !== undefined && factor !== 1)
      moved = withVolatilityScale(moved, underlying, factor)
  return moved
}
