// Noun 5: what became of something that was sent out to people.

import type { UnixSeconds } from '../base/units.ts'
import type { Severity } from './configuration.ts'

/** What a notifier is asked to tell. */
export interface Notice {
  /** The alert's id, or `orderId~STATUS~quote`. */
  readonly id: string
  readonly portfolioId: string
  /** Decides which channels hear it. */
  readonly severity: Severity
  /** `good` for a recovery: as severe a channel hears it, but it is no alarm. Absent: `bad`. */
  readonly mood?: 'bad' | 'good'
  /** At most 140 characters. */
  readonly title: string
  readonly lines: readonly string[]
  /** Where to look or act. */
  readonly link?: string
  readonly at: UnixSeconds
}

export type Delivery =
  | { readonly kind: 'accepted'; readonly reference: string }
  | { readonly kind: 'failed'; readonly code: string; readonly reason: string; readonly retry: 'later' | 'never' }

export interface DeliveryReceipt {
  readonly noticeId: string
  readonly portfolioId: string
  readonly notifierId: string
  readonly channel: string
  readonly at: UnixSeconds
  readonly delivery: Delivery
}
