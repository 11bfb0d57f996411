// Moving one thing in a market and leaving the rest: what every difference and every scenario is made of.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type Market, own } from './market.ts'
import { assetVolatility } from './volatility.ts'

/** The same market with one underlying's spot replaced. Forwards and exchange-rated assets follow; volatilities by their dynamics. */
export function withSpot(market: Market, underlying: string, usd: Usd): Market {
  return { ...market, spot: { ...market.spot, [underlying]: usd } }
}

/** Every volatility of one underlying `shift` higher (0.01 is one point). @throws HomeostatError `no-volatility` */
export function withVolatilityShift(market: Market, underlying: string, shift: number): Market {
  const held = assetVolatility(market, underlying)
  return {
    ...market,
    volatility: { ...market.volatility, [underlying]: { ...held, shift: held.shift + shift } },
  }
}

/**
 * Every volatility of one underlying multiplied by `at30Days` at 30 days to expiry, by more before and less after (`scaleAt`); shifts stay as they are.
 * @throws HomeostatError `no-volatility`
 */
export function withVolatilityScale(market: Market, underlying: string, at30Days: number): Market {
  const held = assetVolatility(market, underlying)
  return {
    ...market,
    volatility: { ...market.volatility, [underlying]: { ...held, scale: { at30Days, from: market.at } } },
  }
}

/** The dollar curve `shift` higher; stated forwards stay, the others follow. */
export function withInterestShift(market: Market, shift: number): Market {
  const curve = market.interest ?? [{ at: market.at, rate: 0 }]
  return { ...market, interest: curve.map((point) => ({ ...point, rate: point.rate + shift })) }
}

/** One underlying's carry `shift` higher, and stated from here on. */
export function withCarryShift(market: Market, underlying: string, shift: number): Market {
  const curve = own(market.carry, underlying) ?? market.interest ?? [{ at: market.at, rate: 0 }]
  return {
    ...market,
    carry: { ...market.carry, [underlying]: curve.map(({ at, rate }) => ({ at, rate: rate + shift })) },
  }
}

/** The same prices, rates and volatilities seen at another instant. */
export function withTime(market: Market, at: UnixSeconds): Market {
  return { ...market, at }
}

/** Another exchange rate of one asset. An asset that is not in the market is not added. */
export function withExchangeRate(market: Market, asset: string, rate: number): Market {
  const known = own(market.exchangeRates, asset)
  if (known === undefined) return market
  return { ...market, exchangeRates: { ...market.exchangeRates, [asset]: { ...known, rate } } }
}
