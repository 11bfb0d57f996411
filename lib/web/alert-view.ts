// What people were told, and whether it reached them.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { Severity } from '../model/configuration.ts'
import type { DeliveryReceipt } from '../model/receipt.ts'
import type { Alert } from '../model/verdict.ts'

export interface AlertView {
  readonly title: string
  readonly why: string
  readonly todo: string
  readonly state: Alert['state']
  readonly severity: Severity
  readonly at: UnixSeconds
  /** `fresh when told, its oldest price of 12 s before`. */
  readonly data: string
  readonly lasted?: string
}

export interface DeliveryView {
  readonly notice: string
  readonly notifier: string
  readonly channel: string
  readonly at: UnixSeconds
  readonly ok: boolean
  readonly result: string
}

/** What, why, what to do, and on which data. */
export function alertView(alert: Alert): AlertView {
  const state = alert.dataState.kind
  return {
    // The pill says so already.
    title: alert.title.replace(/^recovered: /, ''),
    why: alert.why,
    todo: alert.todo,
    state: alert.state,
    severity: alert.severity,
    at: alert.at,
    data: `${state === 'FRESH' ? 'fresh' : state} when told, its oldest price of ${describeSpan(alert.dataAgeSeconds)} before`,
    ...(alert.durationSeconds === undefined ? {} : { lasted: describeSpan(alert.durationSeconds) }),
  }
}

/** To whom, and whether the channel took it. */
export function deliveryView(receipt: DeliveryReceipt): DeliveryView {
  const { delivery } = receipt
  return {
    notice: receipt.noticeId,
    notifier: receipt.notifierId,
    channel: receipt.channel,
    at: receipt.at,
    ok: delivery.kind === 'accepted',
    result:
      delivery.kind === 'accepted'
        ? `accepted (${delivery.reference})`
        : `${delivery.code}: ${delivery.reason}${delivery.retry === 'later' ? ', will be tried again' : ''}`,
  }
}
