// The dollar rate, the carry and the forward to a date, as the market states or implies them.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { type Market, own, rateOf, spotOf } from './market.ts'
import { rateTo } from './rate-curve.ts'
import { yearsTo } from './years-to.ts'

/** The dollar's zero rate to a date, per year; 0 where the market states none. */
export function interestTo(market: Market, date: UnixSeconds): number {
  return market.interest === undefined ? 0 : rateTo(market.interest, date)
}

/** True if the market states the forwards of an underlying, so that they do not move with the dollar rate. */
export function statesCarry(market: Market, underlying: string): boolean {
  return own(market.carry, underlying) !== undefined
}

/** Growth rate of an underlying's forward to a date, per year. */
export function carryTo(market: Market, underlying: string, date: UnixSeconds): number {
  const curve = own(market.carry, underlying)
  return curve === undefined ? interestTo(market, date) : rateTo(curve, date)
}

/** USD per unit of the asset for delivery at a date; the spot once that is past. @throws HomeostatError `no-price` */
export function forwardOf(market: Market, asset: string, date: UnixSeconds): Usd {
  const { underlying, rate } = rateOf(market, asset)
  const spot = spotOf(market, underlying, asset) * rate
  return spot * Math.exp(carryTo(market, underlying, date) * yearsTo(market, date))
}
