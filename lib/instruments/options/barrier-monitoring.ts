// When a barrier is watched and whether it was touched: shared by options with one barrier and with two.

import { isoDate } from '../../base/calendar.ts'
import * as z from '../../base/schema.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd, Years } from '../../base/units.ts'
import { continuityCorrectedBarrier } from '../../quant/options/discrete-monitoring.ts'
import { instantTerm, listTerm, optionalTerm, priceTerm } from '../term-schemas.ts'
import type { OptionMarket } from './option-market.ts'

/** Fresh schemas. */
export function monitoringTerms() {
  return {
    monitoringDates: optionalTerm(
      listTerm(instantTerm('date'), 'dates on which the barrier is watched, the last being the expiry; absent: always'),
    ),
    monitoringIntervalSeconds: optionalTerm(
      priceTerm('time between two dates on which the barrier is watched, instead of the dates', 'seconds'),
    ),
    breachedAt: optionalTerm(instantTerm('when the barrier was touched, if it was: what the spot of now cannot tell')),
  }
}

export interface MonitoringTerms {
  readonly expiry: UnixSeconds
  readonly monitoringDates?: readonly UnixSeconds[] | undefined
  readonly monitoringIntervalSeconds?: number | undefined
  readonly breachedAt?: UnixSeconds | undefined
}

/** Rules between the terms. */
export const monitoringRules = [
  z.refine<MonitoringTerms>(({ monitoringDates: dates, expiry }) => dates === undefined || endsAt(dates, expiry), {
    path: ['monitoringDates'],
    message: 'must be at least two dates that ascend and end at the expiry',
  }),
  z.refine<MonitoringTerms>(
    (terms) => terms.monitoringIntervalSeconds === undefined || terms.monitoringDates === undefined,
    { path: ['monitoringIntervalSeconds'], message: 'must not stand beside monitoringDates' },
  ),
  z.refine<MonitoringTerms>(({ breachedAt, expiry }) => breachedAt === undefined || breachedAt <= expiry, {
    path: ['breachedAt'],
    message: 'must not be after the expiry',
  }),
] as const

function endsAt(dates: readonly UnixSeconds[], expiry: UnixSeconds): boolean {
  const ascend = dates.every((date, i) => i === 0 || date > (dates[i - 1] ?? date))
  return dates.length > 1 && ascend && dates.at(-1) === expiry
}

/** Years between two looks at the barrier, the mean of dates, and never more than what is left; 0: it is watched always. */
function monitoringInterval({ monitoringDates, monitoringIntervalSeconds }: MonitoringTerms, left: Years): Years {
  const [first = 0, last = 0] = [monitoringDates?.[0], monitoringDates?.at(-1)]
  const seconds =
    monitoringDates === undefined ? (monitoringIntervalSeconds ?? 0) : (last - first) / (monitoringDates.length - 1)
  return Math.min(seconds / secondsPerYear, left)
}

/** The level that, watched always, stands for the barrier as it is watched (Broadie, Glasserman & Kou 1997). USD per asset. */
export function watchedLevel(
  terms: MonitoringTerms,
  { volatility, time }: OptionMarket,
  barrier: Usd,
  direction: 'down' | 'up',
): Usd {
  const interval = monitoringInterval(terms, time)
  return interval === 0 ? barrier : continuityCorrectedBarrier({ barrier, direction, volatility, interval })
}

/** Value has a kink there. */
export const ON_LEVEL = 'the spot is exactly at a barrier: Greeks are those after the touch'

/** What is not known of an expired option's path without `breachedAt`, and what was assumed of it. */
export function expiredBreach(
  { settlementPrice }: { readonly settlementPrice?: Usd | undefined },
  assumed: string,
  breach: Breach,
): string {
  const price = settlementPrice === undefined ? 'spot' : 'settlement price'
  return breach === 'none'
    ? `whether a barrier was touched before the expiry is not stated (breachedAt): taken as ${assumed}, by the ${price} alone`
    : `the ${price} is at a barrier or beyond: taken as ${assumed}`
}

/** `before`: as the terms state; `now`: by the spot. */
export type Breach = 'none' | 'now' | 'before'

export function breachWarnings(params: {
  readonly terms: MonitoringTerms & { readonly knock: 'in' | 'out'; readonly settlementPrice?: Usd | undefined }
  readonly breach: Breach
  /** The barriers as they are watched. */
  readonly levels: readonly Usd[]
  readonly spot: Usd
  readonly isExpired: boolean
  readonly at: UnixSeconds
}): readonly string[] {
  const { terms, breach, levels, spot, isExpired, at } = params
  const { knock, breachedAt } = terms
  const what = `knocked ${knock}`
  if (breachedAt !== undefined)
    return [
      `${what} on ${isoDate(breachedAt)}`,
      ...(breachedAt > at ? ["the barrier is said to have been touched after the market's instant"] : []),
    ]
  if (isExpired) return [expiredBreach(terms, breach === 'none' ? `not ${what}` : what, breach)]
  if (breach === 'none') return []
  const isDiscrete = terms.monitoringDates !== undefined || terms.monitoringIntervalSeconds !== undefined
  return [
    `the spot is at a barrier or beyond: valued as ${what}`,
    ...(levels.includes(spot) ? [ON_LEVEL] : []),
    ...(isDiscrete ? ['the barrier is watched at dates only and may not have seen this spot yet'] : []),
  ]
}

/** The correction for dates is rough where the price may cross within one step. */
export function monitoringWarnings(
  terms: MonitoringTerms,
  { spot, volatility, time }: OptionMarket,
  barriers: readonly Usd[],
): readonly string[] {
  const step = volatility * Math.sqrt(monitoringInterval(terms, time))
  return barriers.some((barrier) => Math.abs(Math.log(spot / barrier)) < step)
    ? ['the spot is within one monitoring step of a barrier: the correction for dates is rough there']
    : []
}
