// How much of a holding its issuer takes back, and when: notice, gates and minima.

import type { Ratio, UnixSeconds } from '../../base/units.ts'

export interface RedemptionTerms {
  readonly fee?: Ratio | undefined
  /** From the request to the payment. */
  readonly noticeDays?: number | undefined
  /** The largest part of the holding that is redeemed in a period. */
  readonly gate?: Ratio | undefined
  readonly periodDays?: number | undefined
  /** The smallest redemption, in the unit of `unitValue`. */
  readonly minimum?: number | undefined
}

interface Redemption {
  /** Units that a request of now gives back, 0 or more. */
  readonly redeemable: number
  /** When they are paid. */
  readonly at: UnixSeconds
  /** Until all is paid, if the same part of what is held now is redeemed every period; absent: never, or not known for want of a period. */
  readonly fullExitDays: number | undefined
  /** Why nothing can be redeemed. */
  readonly obstacle: string | undefined
}

/** A short position (quantity below 0) has nothing to redeem. */
export function redemptionOf(params: {
  readonly quantity: number
  readonly unitValue: number
  readonly at: UnixSeconds
  readonly terms: RedemptionTerms | undefined
}): Redemption {
  const { noticeDays = 0, gate = 1, periodDays, minimum = 0 } = params.terms ?? {}
  const held = Math.max(params.quantity, 0)
  const admitted = held * gate
  const isTooSmall = admitted * params.unitValue < minimum
  return {
    redeemable: isTooSmall ? 0 : admitted,
    at: params.at + noticeDays * 86_400,
    fullExitDays: isTooSmall ? undefined : fullExit({ noticeDays, gate, periodDays }),
    obstacle: held === 0 ? undefined : obstacleTo({ gate, isTooSmall }),
  }
}

function obstacleTo({ gate, isTooSmall }: { readonly gate: Ratio; readonly isTooSmall: boolean }): string | undefined {
  if (gate === 0) return 'redemptions are closed: nothing can be had back at present'
  return isTooSmall ? 'what can be redeemed is below the minimum: nothing can be had back' : undefined
}

function fullExit(params: {
  readonly noticeDays: number
  readonly gate: Ratio
  readonly periodDays: number | undefined
}): number | undefined {
  const { noticeDays, gate, periodDays } = params
  if (gate === 1) return noticeDays
  // A third three times is all, however a third is rounded.
  const periods = Math.ceil(1 / gate - 1e-9)
  const days = noticeDays + (periods - 1) * (periodDays ?? Number.NaN)
  return Number.isFinite(days) ? days : undefined
}
