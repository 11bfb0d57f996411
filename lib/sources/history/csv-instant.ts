// When a row of a file was: dates and times as people and programs write them, quickly, because a file may have a million rows.

import type { UnixSeconds } from '../../base/units.ts'

const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const zero = 48

/**
 * An instant in Unix seconds: `2024-03-01`, the same with `T` or a space and `00:00`, `00:00:00` or `00:00:00.000`, with `Z`, `UTC`, an
 * offset or nothing (UTC); or Unix time in seconds or milliseconds. Undefined for anything else, also for 30 February and for `03/01/2024`,
 * whose day nobody knows.
 */
export function csvInstant(text: string): UnixSeconds | undefined {
  if (/^\d{9,14}(\.\d+)?$/.test(text)) {
    const value = Number(text)
    return value < 1e11 ? value : value / 1_000
  }
  const day = dayOf(text)
  if (day === undefined) return undefined
  return text.length === 10 ? day : withTime(day, text.slice(10))
}

/** Midnight of the first ten characters. */
function dayOf(text: string): UnixSeconds | undefined {
  if (text.length < 10 || text[4] !== '-' || text[7] !== '-') return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (
    year === undefined ||
    year < 1_900 ||
    month === undefined ||
    day === undefined ||
    month < 1 ||
    month > 12 ||
    day < 1
  ) {
    return undefined
  }
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  if (day > (daysInMonth[month - 1] ?? 0) + (month === 2 && isLeap ? 1 : 0)) return undefined
  return Date.UTC(year, month - 1, day) / 1_000
}

function withTime(day: UnixSeconds, text: string): UnixSeconds | undefined {
  const match = /^[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?\s?(?:Z|UTC|([+-])(\d{2}):?(\d{2}))?$/.exec(text)
  if (match === null) return undefined
  const [, hours, minutes, seconds = '0', sign, zoneHours = '0', zoneMinutes = '0'] = match
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) >= 60) return undefined
  const offset = (sign === '-' ? -1 : 1) * (Number(zoneHours) * 3_600 + Number(zoneMinutes) * 60)
  return day + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds) - offset
}

/** The whole number that stands between two places; undefined if anything there is no digit. */
function digits(text: string, from: number, to: number): number | undefined {
  let value = 0
  for (let index = from; index < to; index++) {
    const digit = text.charCodeAt(index) - zero
    if (digit < 0 || digit > 9) return undefined
    value = 10 * value + digit
  }
  return value
}
