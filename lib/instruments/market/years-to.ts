// From dates to the years of the models.

import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Years } from '../../base/units.ts'

/** Years from the market's instant to a date; 0 once it is past. */
export function yearsTo({ at }: { readonly at: UnixSeconds }, date: UnixSeconds): Years {
  return date > at ? (date - at) / secondsPerYear : 0
}

/** True once the date is reached. */
export function isPast({ at }: { readonly at: UnixSeconds }, date: UnixSeconds): boolean {
  return date <= at
}
