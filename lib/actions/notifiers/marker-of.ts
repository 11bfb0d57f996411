// The one word in front of a notice, the same on every channel.

import type { Severity } from '../../model/configuration.ts'
import type { Notice } from '../../model/receipt.ts'

/** The severity, but `recovered` for what is over: good news must not look like another alarm. */
export function markerOf({ mood, severity }: Pick<Notice, 'mood' | 'severity'>): Severity | 'recovered' {
  return mood === 'good' ? 'recovered' : severity
}
