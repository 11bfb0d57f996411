// `homeostat history export`: stored bars as a file that `history import` and every other reader of prices takes.

import { once } from 'node:events'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { priceHistory } from '../../lib/flows/price-history.ts'
import {
  type BarInterval,
  type BarSeries,
  barIntervals,
  barSeconds,
  type PriceHistory,
} from '../../lib/model/history.ts'
import { openInstallation } from '../installation.ts'
import { barTime } from './bar-cells.ts'
import { range, type ShowFlags } from './show-history.ts'

export async function exportBars(assets: readonly string[], flags: ShowFlags): Promise<void> {
  const { history } = await openInstallation(flags)
  const all = await history.series()
  const wanted = all.filter(
    (one) =>
      (assets.length === 0 || assets.includes(one.asset)) &&
      (flags.source === undefined || one.source === flags.source),
  )
  const interval = flags.interval ?? longest(wanted.map((one) => one.interval))
  // Without a source named, longer bars are also made of shorter ones.
  const isPart = (one: BarSeries) =>
    one.interval === interval ||
    (flags.source === undefined && interval !== undefined && barSeconds[one.interval] < barSeconds[interval])
  const names = [...new Set(wanted.filter(isPart).map(({ asset }) => asset))]
  const missing = assets.find((asset) => !names.includes(asset))
  if (interval === undefined || names.length === 0 || missing !== undefined) {
    throw new HomeostatError('no-history', {
      message: `No bars of ${missing ?? 'anything'}${interval === undefined ? '' : ` at ${interval}`} are stored.`,
      retry: 'later',
      hint: '`homeostat history show` lists what is stored.',
    })
  }
  const { source } = flags
  await printCsvHeader('USD')
  for (const asset of names) {
    const params = { asset, interval, ...range(flags) }
    await printCsvBars(
      await (source === undefined ? priceHistory({ history }, params) : history.bars({ ...params, source })),
    )
  }
}

function longest(intervals: readonly BarInterval[]): BarInterval | undefined {
  return [...barIntervals].reverse().find((one) => intervals.includes(one))
}

/** The currency stands in the names of the columns: a reader that wants dollars must not take another for them. */
export function printCsvHeader(quote: string): Promise<void> {
  const unit = quote.toLowerCase()
  return print(`date,asset,open_${unit},high_${unit},low_${unit},close_${unit},observations,source\n`)
}

export async function printCsvBars({
  asset,
  interval,
  bars,
}: Pick<PriceHistory, 'asset' | 'interval' | 'bars'>): Promise<void> {
  const { csvCell } = await import('../../lib/sources/history/csv-cells.ts')
  for (let from = 0; from < bars.length; from += 5_000) {
    const lines = bars
      .slice(from, from + 5_000)
      .map(({ start, open, high, low, close, observations, source }) =>
        [barTime(start, interval), asset, open, high, low, close, observations, source].map(csvCell).join(','),
      )
    await print(`${lines.join('\n')}\n`)
  }
}

let isListening = false

/** Waits for whoever reads; ends quietly when they have seen enough. */
async function print(text: string): Promise<void> {
  if (!isListening) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
    isListening = true
  }
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}
