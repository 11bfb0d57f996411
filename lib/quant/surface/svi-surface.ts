// A volatility surface of SVI slices, with total variance between the expiries.
import { outOfDomain } from '../out-of-domain.ts'
import { checkSvi, type SviParameters, sviSlope, sviTotalVariance } from './svi.ts'
import { type CalendarReport, calendarReport } from './svi-arbitrage.ts'

/** One expiry's total implied variance and its slope, as functions of k = ln(strike / forward). */
export interface Smile {
  readonly totalVariance: (k: number) => number
  readonly slope: (k: number) => number
}

export interface SviSlice {
  /** Years, above 0. */
  readonly time: number
  readonly parameters: SviParameters
}

export interface SviSurface {
  /** At least one, times ascending. */
  readonly slices: readonly SviSlice[]
}

/** One point of the term structure at the money forward. */
export interface TermPoint {
  readonly time: number
  readonly totalVariance: number
  /** Per square root of a year. */
  readonly volatility: number
  /**
   * Of the time since the point before (since now for the first), per square root of a year; undefined where total
   * variance falls.
   */
  readonly forwardVolatility: number | undefined
}

export function sviSmile(svi: SviParameters): Smile {
  return { totalVariance: (k) => sviTotalVariance(svi, k), slope: (k) => sviSlope(svi, k) }
}

/** A surface of slices with strictly ascending times. Throws `out-of-domain`. */
export function sviSurface(slices: readonly SviSlice[]): SviSurface {
  if (slices.length === 0) throw outOfDomain('sviSurface', 'A surface has at least one slice.', { slices: 0 })
  let before = 0
  for (const { time, parameters } of slices) {
    checkSvi(parameters, 'sviSurface')
    if (!(time > before && time < Infinity))
      throw outOfDomain('sviSurface', 'Times are above 0, finite and strictly ascending.', { before, time })
    before = time
  }
  return { slices }
}

/** The calendar report of every pair of neighbours, n - 1 of n slices. */
export function calendarReports(surface: SviSurface): readonly CalendarReport[] {
  return surface.slices
    .slice(1)
    .map((later, i) => calendarReport((surface.slices[i] ?? later).parameters, later.parameters))
}

/**
 * The smile at a time >= 0: total variance linear in time at each k between two expiries, volatility constant before
 * the first and after the last, so that no calendar arbitrage appears between slices without one (Gatheral & Jacquier
 * 2014, lemma 5.1, for its linear case). At time 0 total variance is 0. Throws `out-of-domain`.
 */
export function smileAt(surface: SviSurface, time: number): Smile {
  if (!(time >= 0 && time < Infinity)) throw outOfDomain('smileAt', 'time is 0 or more.', { time })
  const { slices } = surface
  const after = slices.find((slice) => slice.time >= time) ?? slices.at(-1)
  const before = slices.findLast((slice) => slice.time <= time)
  if (after === undefined) throw outOfDomain('smileAt', 'A surface has at least one slice.', { slices: 0 })
  const upper = sviSmile(after.parameters)
  if (before === undefined || before.time === after.time) {
    const part = time / after.time
    return { totalVariance: (k) => part * upper.totalVariance(k), slope: (k) => part * upper.slope(k) }
  }
  const lower = sviSmile(before.parameters)
  const part = (time - before.time) / (after.time - before.time)
  return {
    totalVariance: (k) => (1 - part) * lower.totalVariance(k) + part * upper.totalVariance(k),
    slope: (k) => (1 - part) * lower.slope(k) + part * upper.slope(k),
  }
}

/**
 * Implied volatility at k = ln(strike / forward) and a time >= 0 (at 0 that of the first expiry), per square root of a
 * year. Throws `out-of-domain`.
 */
export function surfaceVolatility(surface: SviSurface, k: number, time: number): number {
  const at = time > 0 ? time : (surface.slices[0]?.time ?? 1)
  const w = smileAt(surface, time === 0 ? at : time).totalVariance(k)
  if (!(w >= 0))
    throw outOfDomain('surfaceVolatility', 'k is finite and total variance not negative there.', { k, time, w })
  return Math.sqrt(w / at)
}

/**
 * The at-the-money-forward term structure at ascending times above 0, spot to first and point to point. Throws
 * `out-of-domain`.
 */
export function atTheMoneyTerm(surface: SviSurface, times: readonly number[]): readonly TermPoint[] {
  let before = { time: 0, totalVariance: 0 }
  return times.map((time) => {
    if (!(time > before.time))
      throw outOfDomain('atTheMoneyTerm', 'Times are above 0 and strictly ascending.', { time })
    const totalVariance = smileAt(surface, time).totalVariance(0)
    const forward = (totalVariance - before.totalVariance) / (time - before.time)
    before = { time, totalVariance }
    const volatility = Math.sqrt(totalVariance / time)
    return { time, totalVariance, volatility, forwardVolatility: forward >= 0 ? Math.sqrt(forward) : undefined }
  })
}
