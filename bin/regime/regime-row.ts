// One date of `homeostat regime --json`.

import { isoDate } from '../../lib/base/calendar.ts'
import type { UnixSeconds } from '../../lib/base/units.ts'
import type { BarInterval } from '../../lib/model/history.ts'
import type { MacroBeta } from '../../lib/model/market-model.ts'
import type { RegimeDate } from '../../lib/risk/market/regime/regime-history.ts'

/** `2020-03-12`, or `2023-03-11T07:00Z` of shorter bars. */
export function dateText(at: UnixSeconds, interval: BarInterval): string {
  if (interval === '1d') return isoDate(at)
  const clock = [Math.floor((at % 86_400) / 3_600), Math.floor((at % 3_600) / 60)]
  return `${isoDate(at)}T${clock.map((one) => String(one).padStart(2, '0')).join(':')}Z`
}

export function regimeRow(params: {
  readonly one: RegimeDate
  readonly interval: BarInterval
  readonly betas?: readonly MacroBeta[] | undefined
}) {
  const { one, interval, betas } = params
  const { view } = one
  return {
    date: dateText(one.start, interval),
    regime: view.regime,
    since: dateText(view.since, interval),
    probability: view.probability,
    posture: view.posture,
    votes: Object.fromEntries(view.votes.map(({ name, ...vote }) => [name, vote])),
    ...(view.pegs.length === 0
      ? {}
      : { pegs: view.pegs.map(({ asset, usd, deviation, isBroken }) => ({ asset, usd, deviation, isBroken })) }),
    universe: view.universe,
    ...(view.isLowPower ? { isLowPower: true } : {}),
    ...(one.isWarmUp ? { isWarmUp: true } : {}),
    ...(one.isReviewed ? { isReviewed: true } : {}),
    ...(betas === undefined ? {} : { betas }),
  }
}
