// How bars stand in tables and files: their times, prices and gaps as text.

import { describeSpan } from '../../lib/base/time.ts'
import { type Bar, type BarInterval, barSeconds, type MissingBars } from '../../lib/model/history.ts'

/** `2024-03-01`, with hours and minutes where a bar is shorter than a day. */
export function barTime(start: number, interval: BarInterval): string {
  const iso = new Date(start * 1_000).toISOString()
  return interval === '1d' ? iso.slice(0, 10) : `${iso.slice(0, 16)}Z`
}

/** At most six digits, and never fewer than it has before the point. */
export function priceText(usd: number): string {
  if (usd >= 1e6 || usd < 1e-6) return usd.toExponential(4)
  return usd >= 1_000 ? usd.toFixed(2) : String(+usd.toPrecision(6))
}

/** How many bars are missing, and the longest run of them. */
export function gapCells(
  gaps: readonly MissingBars[],
  interval: BarInterval,
): readonly [missing: string, longest: string] {
  const missing = gaps.reduce((sum, { count }) => sum + count, 0)
  const longest = gaps.reduce((worst, { count }) => Math.max(worst, count), 0)
  return [String(missing), longest === 0 ? '' : describeSpan(longest * barSeconds[interval])]
}

/** Closes one by one, with nothing where a bar is missing. */
export function closesWithGaps(bars: readonly Bar[], interval: BarInterval): readonly (number | undefined)[] {
  const first = bars[0]?.start ?? 0
  const closes: (number | undefined)[] = []
  for (const { start, close } of bars) {
    const index = Math.round((start - first) / barSeconds[interval])
    while (closes.length < index) closes.push(undefined)
    closes.push(close)
  }
  return closes
}
