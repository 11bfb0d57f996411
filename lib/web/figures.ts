// How numbers become text for people, the same on the page, in the terminal and in a message.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'

/** Stands for a number that is not known: never a zero. */
const unknownFigure = 'n/a'

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 })
const cents = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' })
const small = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumSignificantDigits: 4 })
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 4 })
const fine = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 6 })
const coarse = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 })

/** `$1,234,567`, `$12.50`, `$0.0004123`: cents below 1,000 dollars, four digits below one. */
export function usd(value: Usd | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknownFigure
  const size = Math.abs(value)
  if (size === 0) return '$0'
  if (size >= 1_000) return dollars.format(value)
  return size >= 1 ? cents.format(value) : small.format(value)
}

/** The same for sizes of markets, where the first digits are what matters: `$16.73M` from a million on. */
export function usdShort(value: Usd | undefined): string {
  if (value === undefined || !(Math.abs(value) >= 1e6 && Number.isFinite(value))) return usd(value)
  return value < 0 ? `-$${short.format(-value)}` : `$${short.format(value)}`
}

/** The same with a sign for gains: a change. */
export function usdChange(value: Usd | undefined): string {
  return signed(value, usd)
}

/** Whole tokens with at most six significant digits, two decimals from 10,000 on: `1,234.5`, `0.00012`. */
export function quantity(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return unknownFigure
  if (Math.abs(value) >= 10_000) return coarse.format(value)
  return noExponent(value, fine)
}

/** The same for sizes of markets: `18.81M` from a million on. */
export function quantityShort(value: number | undefined): string {
  return value === undefined || !(Math.abs(value) >= 1e6 && Number.isFinite(value))
    ? quantity(value)
    : short.format(value)
}

/** The same with a sign. */
export function quantityChange(value: number | undefined): string {
  return signed(value, quantity)
}

/** A fraction as per cent: 0.0512 is `5.12%`. */
export function percent(value: Ratio | undefined, decimals = 2): string {
  if (value === undefined || !Number.isFinite(value)) return unknownFigure
  const text = (value * 100).toFixed(decimals)
  return `${Number(text) === 0 ? text.replace('-', '') : text}%`
}

/** A limit in basis points as per cent: 50 is `0.50%`. */
export function basisPoints(value: number): string {
  return percent(value / 10_000)
}

/** The same as `percent` with a sign. */
export function percentChange(value: Ratio | undefined, decimals = 1): string {
  return signed(value, (inner) => percent(inner, decimals))
}

/** A health factor with two decimals, three near the edge at 1; without debt there is none. */
export function healthFactor(value: number | undefined): string {
  if (value === undefined) return 'no debt'
  if (!Number.isFinite(value)) return unknownFigure
  return value.toFixed(value < 1.1 ? 3 : 2)
}

/** Gwei with at most three decimals. */
export function gwei(value: number): string {
  return `${+value.toFixed(3)} gwei`
}

/** `0x1234…abcd`: first and last characters, the way a hardware wallet shows them. */
export function shortHex(text: string, digits = 4): string {
  return text.length <= 2 * digits + 3 ? text : `${text.slice(0, 2 + digits)}…${text.slice(-digits)}`
}

/** `2024-08-05T01:02:03Z`. Civil date from a day count (Hinnant, 2013, "chrono-compatible low-level date algorithms"). */
export function isoInstant(at: UnixSeconds): string {
  const seconds = Math.floor(at)
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  const two = (number: number) => String(number).padStart(2, '0')
  const time = `${two(Math.floor(rest / 3_600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}`
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}Z`
}

function signed(value: number | undefined, format: (value: number) => string): string {
  if (value === undefined || !Number.isFinite(value)) return unknownFigure
  const text = format(value)
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

function noExponent(value: number, format: Intl.NumberFormat): string {
  if (value !== 0 && Math.abs(value) < 1e-12) return value.toExponential(2)
  return format.format(value)
}
