// What an option model reads of a market, gathered in one place: prices of the asset, rates, time and one volatility.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { carryTo, interestTo, statesCarry } from '../market/forwards.ts'
import { type Market, rateOf, spotOf } from '../market/market.ts'
import { strikeVolatility } from '../market/volatility.ts'
import type { StrikeVolatility } from '../market/volatility-surface.ts'
import { isPast, yearsTo } from '../market/years-to.ts'

export interface OptionMarket {
  readonly underlying: string
  /** Units of the underlying for one of the asset: Greeks per asset become Greeks per underlying by its powers. */
  readonly assetRate: number
  /** USD per asset. */
  readonly spot: Usd
  /** Years to expiry, 0 once past. */
  readonly time: number
  readonly isExpired: boolean
  /** Continuous, to expiry. */
  readonly rate: number
  readonly carry: number
  /** The forward follows the dollar rate because the market states no carry. */
  readonly carryFollowsRate: boolean
  /** Derivatives in moneyness included; not read (0) once expired. */
  readonly smile: StrikeVolatility
  readonly volatility: number
}

const noSmile: StrikeVolatility = { volatility: 0, slope: 0, bend: 0, isExtrapolated: false }

/** The volatility is that of `strike` at `expiry`. @throws HomeostatError `no-price`, `no-volatility` */
export function optionMarket(
  market: Market,
  terms: { readonly asset: string; readonly strike: Usd; readonly expiry: UnixSeconds },
): OptionMarket {
  const { asset, expiry } = terms
  const { underlying, rate: assetRate } = rateOf(market, asset)
  const isExpired = isPast(market, expiry)
  const smile = isExpired ? noSmile : strikeVolatility(market, terms)
  return {
    underlying,
    assetRate,
    spot: spotOf(market, underlying, asset) * assetRate,
    time: yearsTo(market, expiry),
    isExpired,
    rate: interestTo(market, expiry),
    carry: carryTo(market, underlying, expiry),
    carryFollowsRate: !statesCarry(market, underlying),
    smile,
    volatility: smile.volatility,
  }
}
