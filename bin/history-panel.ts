// Returns out of a file of prices, for every command that models them.

import { HomeostatError } from '../lib/base/homeostat-error.ts'
import type { BarInterval } from '../lib/model/history.ts'
import { barIntervals, barSeconds, barStartOf } from '../lib/model/history.ts'
import type { PanelSeries, ReturnPanel } from '../lib/risk/market/return-panel.ts'
import { readPriceFile } from './price-file.ts'

export interface FilePanel {
  readonly panel: ReturnPanel
  /** Closes as they were in the file, by asset. */
  readonly series: readonly PanelSeries[]
  /** What was refused and what else a person should know of the file, in sentences. */
  readonly notes: readonly string[]
}

/**
 * Reads `date, asset, price_usd` (long) or `date, BTC, ETH` (wide).
 * @param choice.only these assets, in this order; left out: all of the file
 * @param choice.from bars that begin here or later; `to`: that begin at this or before
 * @param choice.interval left out: told from the rows
 * @throws HomeostatError `no-input`, `input-failed`, those of `readPriceCsv`, `invalid-input` where the file lacks an asset or its rows have no regular interval
 */
export async function readPanel(
  file: string,
  choice: {
    readonly only?: readonly string[]
    readonly from?: number
    readonly to?: number
    readonly interval?: BarInterval
  } = {},
): Promise<FilePanel> {
  const [csv, { returnPanel }] = await Promise.all([readPriceFile(file), import('../lib/risk/market/return-panel.ts')])
  const known = new Map(csv.series.map((one) => [one.asset, one]))
  const missing = (choice.only ?? []).filter((asset) => !known.has(asset))
  if (missing.length > 0)
    throw new HomeostatError('invalid-input', {
      message: `${file} has no prices of ${missing.join(', ')}.`,
      retry: 'never',
      hint: `It has ${[...known.keys()].slice(0, 40).join(', ')}.`,
    })
  const interval = choice.interval ?? barIntervals.find((one) => barSeconds[one] === csv.spacingSeconds)
  if (interval === undefined)
    throw new HomeostatError('invalid-input', {
      message: `The rows of ${file} are ${csv.spacingSeconds ?? 0} seconds apart: they are no bars.`,
      retry: 'never',
      hint: `Bars are of ${barIntervals.join(', ')}: say which with --interval.`,
    })
  const chosen = choice.only ?? [...known.keys()]
  const series = chosen.map((asset): PanelSeries => {
    const one = known.get(asset)
    const closes = new Map<number, number>()
    for (const [index, at] of (one?.at ?? new Float64Array()).entries()) {
      const start = barStartOf(at, interval)
      if (start < (choice.from ?? Number.NEGATIVE_INFINITY) || start > (choice.to ?? Number.POSITIVE_INFINITY)) continue
      closes.set(start, one?.close[index] ?? Number.NaN)
    }
    return { asset, bars: [...closes].map(([start, close]) => ({ start, close })) }
  })
  const { refused } = csv
  const told = refused.first.slice(0, 3).map(({ line, reason }) => `line ${line}: ${reason}`)
  const notes = [
    ...csv.notes,
    ...(refused.count === 0 ? [] : [`${refused.count} rows were refused and are gaps now (${told.join('; ')})`]),
    ...(csv.unsorted === 0 ? [] : [`${csv.unsorted} rows were out of order and were sorted`]),
  ]
  return { panel: returnPanel({ series, interval }), series, notes }
}
