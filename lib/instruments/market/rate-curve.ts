// Continuous rates by date: of the dollar, and of each underlying's forward.

import type { UnixSeconds, Usd, Years } from '../../base/units.ts'
import { logRatio } from '../../quant/options/black.ts'

export interface RatePoint {
  readonly at: UnixSeconds
  /** Zero rate to that date, continuous, per year, ACT/365. */
  readonly rate: number
}

/** Dates ascending, at least one. Linear in the rate between two dates, level outside: a date's rate does not depend on today, so that theta holds it. */
export type RateCurve = readonly RatePoint[]

/** The zero rate to a date, per year. */
export function rateTo(curve: RateCurve, date: UnixSeconds): number {
  const after = curve.find((point) => point.at >= date)
  const before = curve.findLast((point) => point.at <= date)
  if (after === undefined || before === undefined) return (after ?? before)?.rate ?? 0
  if (after.at === before.at) return after.rate
  return before.rate + ((after.rate - before.rate) * (date - before.at)) / (after.at - before.at)
}

/** The carry that gives a forward, per year. */
export function carryOf(params: { readonly spot: Usd; readonly forward: Usd; readonly years: Years }): number {
  return logRatio(params.forward, params.spot) / params.years
}
