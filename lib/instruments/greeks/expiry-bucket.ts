// The bucket under which the vega of an expiry is summed.

import { isoDate } from '../../base/calendar.ts'
import type { UnixSeconds } from '../../base/units.ts'

/** The expiry's date in UTC (`2027-03-26`); `no expiry` for perpetual options. */
export function expiryBucket(expiry: UnixSeconds | undefined): string {
  return expiry === undefined ? 'no expiry' : isoDate(expiry)
}
