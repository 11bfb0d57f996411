// Numbers of a chart as text: ticks of one axis all alike, a single value by itself.

import type { Ratio, UnixSeconds, Usd } from '../../base/units.ts'
import { isoInstant, percent, quantity, usd } from '../figures.ts'
import type { Figures } from './chart.ts'

const suffixes = [
  { from: 1e12, text: 'T' },
  { from: 1e9, text: 'B' },
  { from: 1e6, text: 'M' },
  { from: 1e5, text: 'K', divisor: 1e3 },
]

/**
 * The texts of one axis' ticks, with the decimals that they need and no more: `0`, `$0.5M`, `$1M`; `0`, `2e-18`. From 100,000 on in
 * thousands (K), millions (M), billions (B) or trillions (T); below 0.0001 and from 1e15 on in powers of ten.
 * @param ticks finite numbers; fractions where figures are `percent`
 */
export function tickTexts(ticks: readonly number[], figures: Figures): readonly string[] {
  const values = figures === 'percent' ? ticks.map((tick) => tick * 100) : ticks
  const largest = Math.max(0, ...values.map(Math.abs))
  const { divisor, suffix } = unitOf(largest)
  const scaled = values.map((value) => value / divisor)
  const decimals = decimalsOf(scaled)
  const format = new Intl.NumberFormat('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  return scaled.map((value) => {
    const text = value === 0 ? '0' : `${format.format(Math.abs(value))}${suffix}`
    const withUnit = figures === 'usd' ? `$${text}` : figures === 'percent' ? `${text}%` : text
    return value < 0 ? `-${withUnit}` : withUnit
  })
}

/** One value by itself, such as a marker's: `$2,412`, `1.5e18`. `time` is `2024-08-05` or `2024-08-05 01:02 UTC`. */
export function figureText(value: number, figures: Figures | 'time'): string {
  if (Number.isNaN(value)) return 'n/a'
  if (!Number.isFinite(value)) return value > 0 ? 'infinity' : '-infinity'
  if (figures === 'time') return timeText(value)
  const size = Math.abs(value)
  const extreme = size >= 1e15 || (size !== 0 && size < 1e-6)
  if (figures === 'percent') return extreme ? `${short(value * 100)}%` : percent(value as Ratio)
  if (figures === 'usd') return extreme ? `${value < 0 ? '-' : ''}$${short(size)}` : usd(value as Usd)
  return extreme ? short(value) : quantity(value)
}

const three = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 })

/** A finite value in three digits, for where there is little room: `-$1.23M`, `4.5e18`. */
export function compactText(value: number, figures: Figures): string {
  const size = Math.abs(figures === 'percent' ? value * 100 : value)
  const extreme = size >= 1e15 || (size !== 0 && size < 1e-4)
  const text = extreme ? Number(size.toPrecision(3)).toExponential().replace('e+', 'e') : three.format(size)
  const withUnit = figures === 'usd' ? `$${text}` : figures === 'percent' ? `${text}%` : text
  return value < 0 ? `-${withUnit}` : withUnit
}

/** Texts of ticks in time: years, months, days or hours, whichever the tick begins; one of them tells the year. UTC. */
export function timeTexts(ticks: readonly UnixSeconds[]): readonly string[] {
  const moments = ticks.map(momentOf)
  if (moments.some(({ begins }) => begins === 'year')) return moments.map(({ text }) => text)
  const first = Math.max(
    0,
    moments.findIndex(({ begins }) => begins !== 'hour'),
  )
  return moments.map(({ text, begins, date, year }, index) => {
    if (index !== first) return text
    return begins === 'hour' ? `${date} ${text}` : `${text} ${year}`
  })
}

function momentOf(tick: UnixSeconds) {
  const instant = isoInstant(tick)
  const [, year = '', month = '', day = '', time = ''] = /^(-?\d+)-(\d\d)-(\d\d)T(.*)Z$/.exec(instant) ?? []
  const date = `${year}-${month}-${day}`
  if (time !== '00:00:00') return { begins: 'hour', text: time.endsWith(':00') ? time.slice(0, 5) : time, date, year }
  const name = months[Number(month) - 1] ?? month
  if (day !== '01') return { begins: 'day', text: `${Number(day)} ${name}`, date, year }
  return month === '01' ? { begins: 'year', text: year, date, year } : { begins: 'month', text: name, date, year }
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `at` beyond what a calendar can name is no time. */
function timeText(at: number): string {
  if (Math.abs(at) > 8.64e12) return 'n/a'
  const [date = '', time = ''] = isoInstant(at as UnixSeconds).split('T')
  return time === '00:00:00Z' ? date : `${date} ${time.slice(0, 5)} UTC`
}

function unitOf(largest: number): { readonly divisor: number; readonly suffix: string } {
  if (largest === 0) return { divisor: 1, suffix: '' }
  if (largest >= 1e15 || largest < 1e-4) {
    const exponent = Math.floor(Math.log10(largest) + 1e-9)
    return { divisor: 10 ** exponent, suffix: `e${exponent}` }
  }
  const found = suffixes.find(({ from }) => largest >= from)
  return found === undefined ? { divisor: 1, suffix: '' } : { divisor: found.divisor ?? found.from, suffix: found.text }
}

/** The fewest decimals that keep what tells the values apart. */
function decimalsOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const steps = sorted.slice(1).flatMap((value, index) => {
    const step = value - (sorted[index] ?? value)
    return step > 0 ? [step] : []
  })
  const tolerance = Math.min(...steps, ...values.filter((value) => value !== 0).map(Math.abs)) * 1e-3
  if (!Number.isFinite(tolerance)) return 0
  for (let decimals = 0; decimals < 15; decimals += 1) {
    if (values.every((value) => Math.abs(Number(value.toFixed(decimals)) - value) <= tolerance)) return decimals
  }
  return 15
}

const short = (value: number) => Number(value.toPrecision(4)).toExponential().replace('e+', 'e')
