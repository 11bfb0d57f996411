// Returns out of a file of prices, for every command that models them.

import { HomeostatError } from '../lib/base/homeostat-error.ts'
import { describeSpan } from '../lib/base/time.ts'
import type { BarInterval } from '../lib/model/history.ts'
import { barIntervals, barSeconds, barStartOf } from '../lib/model/history.ts'
import type { PanelSeries, ReturnPanel } from '../lib/risk/market/return-panel.ts'
import type { PriceCsv } from '../lib/sources/history/price-csv.ts'
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
  if (interval === undefined) throw noBars(file, csv)
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
  const notes = [
    ...csv.notes,
    ...(refused.count === 0 ? [] : [`${refused.count} rows were refused and are gaps now (${refusals(csv)})`]),
    ...(csv.unsorted === 0 ? [] : [`${csv.unsorted} rows were out of order and were sorted`]),
  ]
  return { panel: returnPanel({ series, interval }), series, notes }
}

const refusals = ({ refused }: PriceCsv) =>
  refused.first
    .slice(0, 3)
    .map(({ line, reason }) => `line ${line} ${reason}`)
    .join('; ')

/** Why the rows are no bars, and what they could be made into. */
function noBars(file: string, csv: PriceCsv): HomeostatError {
  const { spacingSeconds, refused, rows } = csv
  if (spacingSeconds === undefined)
    return new HomeostatError('invalid-input', {
      message:
        refused.count === 0
          ? `No asset of ${file} has two prices: there is no return.`
          : `${refused.count} of the ${rows} rows of ${file} were refused, and no asset has two prices left: ${refusals(csv)}.`,
      retry: 'never',
      hint: `\`homeostat history import ${file} --dry-run\` lists what is refused.`,
    })
  const coarser = barIntervals.filter((one) => barSeconds[one] % spacingSeconds === 0)
  return new HomeostatError('invalid-input', {
    message: `The rows of ${file} are ${describeSpan(spacingSeconds)} apart, which is no length of a bar (${barIntervals.join(', ')}).`,
    retry: 'never',
    hint:
      coarser.length === 0
        ? 'Give closes of days, or of hours.'
        : `The last price of each longer bar can be taken as its close: say which with --interval ${coarser.join(' or ')}.`,
  })
}
