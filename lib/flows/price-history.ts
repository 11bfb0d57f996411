// The past of one price at one length of bars, from everything that is stored of it.

import {
  type Bar,
  type BarInterval,
  type BarStore,
  barIntervals,
  barSeconds,
  coarserBars,
  type PriceHistory,
} from '../model/history.ts'

/**
 * Bars that are stored at this length, and where there is none, those that shorter bars make: our own snapshots are kept by the hour, and days are made of them.
 * A bar is made only where the shorter bar at its end is there: otherwise its close would be none. Its high and low are those of the parts that are there.
 * @param params.from bars that begin here or later, Unix seconds
 * @param params.to bars that begin before this
 */
export async function priceHistory(
  deps: { readonly history: BarStore },
  params: { readonly asset: string; readonly interval: BarInterval; readonly from?: number; readonly to?: number },
): Promise<PriceHistory> {
  const { interval } = params
  const shorter = barIntervals.filter((one) => barSeconds[one] < barSeconds[interval]).reverse()
  const [stored, ...parts] = await Promise.all(
    [interval, ...shorter].map((one) => deps.history.bars({ ...params, ...partsRange(params), interval: one })),
  )
  const found = new Map<number, Bar>()
  for (const bars of [stored?.bars ?? [], ...parts.map((part) => madeBars(part, interval))]) {
    for (const bar of bars) {
      const isAsked =
        bar.start >= (params.from ?? Number.NEGATIVE_INFINITY) && bar.start < (params.to ?? Number.POSITIVE_INFINITY)
      if (isAsked && !found.has(bar.start)) found.set(bar.start, bar)
    }
  }
  return { asset: params.asset, interval, quote: 'USD', bars: [...found.values()].sort((a, b) => a.start - b.start) }
}

/** A bar that begins before `to` has parts after it. */
function partsRange({ interval, to }: { readonly interval: BarInterval; readonly to?: number }) {
  return to === undefined ? {} : { to: to + barSeconds[interval] }
}

function madeBars(part: PriceHistory, interval: BarInterval): readonly Bar[] {
  const ends = new Set(part.bars.map(({ start }) => start + barSeconds[part.interval]))
  return coarserBars(part.bars, interval).filter(({ start }) => ends.has(start + barSeconds[interval]))
}
