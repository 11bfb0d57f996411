// Rows of a file as bars: which length they have, and to which bar a stamp belongs.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { type Bar, type BarInterval, barIntervals, barSeconds, barStartOf, joinBars } from '../../model/history.ts'
import type { PriceCsv, PriceSeries } from './price-csv.ts'

/** Whether a row's time is the beginning of what it tells (as exchanges stamp candles) or its end. */
export type Stamp = 'open' | 'close'

/**
 * The longest bars that lose no row of the file: of days for rows a day apart (or more), of hours, else of five minutes.
 * @throws HomeostatError `interval-too-fine` if a shorter one is asked for than the rows are apart
 */
export function intervalOf(csv: Pick<PriceCsv, 'spacingSeconds'>, asked?: BarInterval): BarInterval {
  const spacing = csv.spacingSeconds ?? barSeconds['1d']
  if (asked !== undefined && barSeconds[asked] < spacing && spacing <= barSeconds['1d']) {
    throw new HomeostatError('interval-too-fine', {
      message: `The rows are ${spacing} s apart; bars of ${asked} would be mostly gaps.`,
      retry: 'never',
      facts: { spacingSeconds: spacing, asked },
      hint: 'Choose a longer interval, or none.',
    })
  }
  return asked ?? [...barIntervals].reverse().find((one) => barSeconds[one] <= spacing) ?? '5m'
}

/**
 * A series as bars. What a row tells was seen at the end of its time: of two rows in one bar the later one is the close. A bar without a row is a gap.
 * @param params.spacingSeconds how long what a row tells took: from its opening to its close
 */
export function barsOfSeries(
  series: PriceSeries,
  params: {
    readonly interval: BarInterval
    readonly stamp: Stamp
    readonly spacingSeconds: number | undefined
    readonly source: string
  },
): readonly Bar[] {
  const { interval, stamp, source } = params
  const length = Math.min(params.spacingSeconds ?? barSeconds[interval], barSeconds[interval])
  const bars: Bar[] = []
  for (let index = 0; index < series.at.length; index++) {
    const at = series.at[index] ?? 0
    const close = series.close[index] ?? 0
    const opened = stamp === 'open' ? at : at - length
    const bar: Bar = {
      start: barStartOf(opened, interval),
      open: series.range?.open[index] ?? close,
      high: series.range?.high[index] ?? close,
      low: series.range?.low[index] ?? close,
      close,
      firstAt: opened + length,
      lastAt: opened + length,
      observations: 1,
      source,
    }
    const last = bars.at(-1)
    if (last?.start === bar.start) bars[bars.length - 1] = joinBars(last, bar)
    else bars.push(bar)
  }
  return bars
}
