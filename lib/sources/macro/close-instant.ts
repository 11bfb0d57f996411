// When a dated value was known: a date in a file of closes means the end of trading in its city, an hour earlier in UTC while there is summer time.

import type { UnixSeconds } from '../../base/units.ts'

/** End of trading in minutes of local time. */
export interface CloseTime {
  readonly city: 'new-york' | 'frankfurt'
  readonly minutes: number
}

/** 16:00 in New York: American equities and what is quoted with them. */
export const newYorkClose: CloseTime = { city: 'new-york', minutes: 16 * 60 }

const day = 86_400

/**
 * The instant of a date's close.
 * @param midnight of the date, UTC. Summer time by the rules in force since 2007 (New York) and 1996 (Frankfurt)
 */
export function closeInstant(midnight: UnixSeconds, { city, minutes }: CloseTime): UnixSeconds {
  const year = new Date(midnight * 1_000).getUTCFullYear()
  const isSummer =
    city === 'new-york'
      ? midnight >= sundayOf(year, 2, 2) && midnight < sundayOf(year, 10, 1)
      : midnight >= lastSundayOf(year, 2) && midnight < lastSundayOf(year, 9)
  const standard = city === 'new-york' ? 5 * 3_600 : -3_600
  return midnight + minutes * 60 + standard - (isSummer ? 3_600 : 0)
}

/** The n-th Sunday of a month (0 is January). */
function sundayOf(year: number, month: number, n: number): UnixSeconds {
  const first = Date.UTC(year, month, 1) / 1_000
  const weekday = new Date(first * 1_000).getUTCDay()
  return first + (((7 - weekday) % 7) + 7 * (n - 1)) * day
}

/** Of a month of 31 days. */
function lastSundayOf(year: number, month: number): UnixSeconds {
  const last = Date.UTC(year, month, 31) / 1_000
  return last - new Date(last * 1_000).getUTCDay() * day
}
