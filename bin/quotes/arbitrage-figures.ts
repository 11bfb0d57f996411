// Where a smile gives something away, in strikes: what `homeostat surface fit` reports and says of it.

import type { ButterflyReport } from '../../lib/quant/surface/svi-arbitrage.ts'

/** Where something is wrong, in k = ln(strike / forward) and in strikes (USD). An end that is absent has no bound. */
export interface StrikeRange {
  readonly from?: number
  readonly to?: number
  readonly fromStrike?: number
  readonly toStrike?: number
}

/** The worst point, where it lies within a factor of exp(8), some 3,000, of the forward; absent elsewhere. */
interface Worst {
  readonly least?: number
  readonly leastAt?: number
  readonly leastAtStrike?: number
}

/** Figures that are not defined are absent. */
export interface ButterflyFigures extends Worst {
  readonly free: boolean
  /** Where g < 0 (Gatheral & Jacquier 2014, eq. 2.1); `least` is the least g. */
  readonly violated: readonly StrikeRange[]
  /** True if all of that lies outside of the strikes quoted. */
  readonly isOutsideQuotes?: boolean
  readonly leastVariance: number
  readonly steepestWing: number
}

/** The lowest and the highest k that is quoted. */
export type QuotedRange = readonly [number, number]

/** Strikes further away than this, in k, are nobody's. */
const reach = 8

export function butterflyFigures(report: ButterflyReport, forward: number, quoted: QuotedRange): ButterflyFigures {
  const { free, intervals, leastVariance, steepestWing } = report
  const bounds = { leastVariance, steepestWing }
  if (free) return { free, violated: [], ...bounds }
  return {
    free,
    ...worstPoint(report, forward),
    violated: strikeRanges(intervals, forward),
    ...(intervals.length === 0 ? {} : { isOutsideQuotes: areOutside(intervals, quoted) }),
    ...bounds,
  }
}

export function worstPoint({ least, leastAt }: { least: number; leastAt: number }, forward: number): Worst {
  if (!(Number.isFinite(least) && Math.abs(leastAt) <= reach)) return {}
  return { least, leastAt, leastAtStrike: forward * Math.exp(leastAt) }
}

export function strikeRanges(intervals: ButterflyReport['intervals'], forward: number): readonly StrikeRange[] {
  return intervals.map(([from, to]) => {
    // The far end of a wing is where the search ended.
    const isOpenBelow = from < -reach && from < -Math.abs(to)
    const isOpenAbove = to > reach && to > Math.abs(from)
    const [fromStrike, toStrike] = [forward * Math.exp(from), forward * Math.exp(to)]
    return {
      ...(isOpenBelow || from === -Infinity ? {} : { from }),
      ...(isOpenAbove || to === Infinity ? {} : { to }),
      ...(isOpenBelow || !(fromStrike > 0 && fromStrike < Infinity) ? {} : { fromStrike }),
      ...(isOpenAbove || !(toStrike > 0 && toStrike < Infinity) ? {} : { toStrike }),
    }
  })
}

export function areOutside(intervals: ButterflyReport['intervals'], [lowest, highest]: QuotedRange): boolean {
  return intervals.every(([from, to]) => to < lowest || from > highest)
}

/** `at strikes 0.3 to 129 (k -9 to -3.1), outside of those quoted`. */
export function placeInWords(ranges: readonly StrikeRange[], isOutside: boolean): string {
  const [first, ...others] = ranges
  if (first === undefined) return ''
  const at = spanInWords(first.fromStrike, first.toStrike)
  const more =
    others.length === 0 ? '' : ` and ${others.map((one) => spanInWords(one.fromStrike, one.toStrike)).join(' and ')}`
  const k = ranges.map(({ from, to }) => spanInWords(from, to)).join(' and ')
  return `at strikes ${at}${more} (k ${k}), ${isOutside ? 'outside of' : 'among'} those quoted`
}

function spanInWords(from: number | undefined, to: number | undefined): string {
  if (from === undefined && to === undefined) return 'of any size'
  if (from === undefined) return `below ${short(to ?? 0)}`
  return to === undefined ? `above ${short(from)}` : `${short(from)} to ${short(to)}`
}

/** Four digits, for sentences. */
export function short(value: number): string {
  return String(Number(value.toPrecision(4)))
}
