// What volatility a strike has in a market, and how it moves when the spot does.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import { logRatio } from '../../quant/options/black.ts'
import { forwardOf } from './forwards.ts'
import { type Market, own, rateOf, spotOf } from './market.ts'
import { type AssetVolatility, type StrikeVolatility, surfaceVolatility } from './volatility-surface.ts'

/** @throws HomeostatError `no-volatility` */
export function assetVolatility(market: Market, underlying: string): AssetVolatility {
  const found = own(market.volatility, underlying)
  if (found !== undefined) return found
  throw new HomeostatError('no-volatility', {
    message: `There is no volatility of ${underlying}.`,
    retry: 'later',
    facts: { underlying, field: `market.volatility.${underlying}`, rule: 'must be there' },
    hint: `State it in the market: "volatility": { "${underlying}": 0.6 }.`,
  })
}

/**
 * Volatility of an asset's strike (USD) at an expiry, by its underlying's surface and dynamics. @throws HomeostatError `no-volatility`, `no-price`
 */
export function strikeVolatility(
  market: Market,
  params: { readonly asset: string; readonly strike: Usd; readonly expiry: UnixSeconds },
): StrikeVolatility {
  const { underlying } = rateOf(market, params.asset)
  const held = assetVolatility(market, underlying)
  const moved = held.dynamics === 'sticky-strike' ? logRatio(spotOf(market, underlying), held.anchor) : 0
  const k = logRatio(params.strike, forwardOf(market, params.asset, params.expiry)) + moved
  const { volatility, slope, bend, isExtrapolated } = surfaceVolatility(held, k, params.expiry)
  const shifted = volatility + held.shift
  return shifted > 0
    ? { volatility: shifted, slope, bend, isExtrapolated }
    : { volatility: 0, slope: 0, bend: 0, isExtrapolated }
}

/** At the money forward to an expiry. @throws HomeostatError `no-volatility`, `no-price` */
export function atTheMoneyVolatility(market: Market, underlying: string, expiry: UnixSeconds): number {
  const held = assetVolatility(market, underlying)
  const moved = held.dynamics === 'sticky-strike' ? logRatio(spotOf(market, underlying), held.anchor) : 0
  return Math.max(surfaceVolatility(held, moved, expiry).volatility + held.shift, 0)
}
