// `homeostat history show`: which bars are stored, and what one asset's look like.

import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import { secondsPerYear } from '../../lib/base/time.ts'
import {
  type BarInterval,
  type BarSeries,
  barIntervals,
  barSeconds,
  jumpedBars,
  missingBars,
  type PriceHistory,
} from '../../lib/model/history.ts'
import { returnPanel } from '../../lib/risk/market/return-panel.ts'
import type { Connection } from '../../lib/wiring/connect.ts'
import { colours as pc } from '../colours.ts'
import { type InstallationFlags, openInstallation } from '../installation.ts'
import { printTable } from '../print-table.ts'
import { sparkline } from '../sparkline.ts'
import { barTime, closesWithGaps, gapCells, priceText } from './bar-cells.ts'

export interface ShowFlags extends InstallationFlags {
  readonly interval?: BarInterval
  readonly source?: string
  readonly from?: number
  readonly to?: number
}

/** Bars of one asset that are printed below its course. */
const lastBars = 12

export async function showHistory(asset: string | undefined, flags: ShowFlags): Promise<void> {
  const connection = await openInstallation(flags)
  const series = await seriesOf(connection, { asset, flags })
  const histories = await Promise.all(
    series.map(async (one) => ({ ...one, history: await connection.history.bars({ ...one, ...range(flags) }) })),
  )
  if (flags.json === true) {
    console.log(
      JSON.stringify(
        histories.map(({ source, history }) => ({ source, ...asJson(history, asset !== undefined) })),
        null,
        2,
      ),
    )
    return
  }
  printTable(
    [
      { title: 'asset', align: 'left' },
      { title: 'bars of', align: 'left' },
      { title: 'source', align: 'left' },
      { title: 'bars', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'missing', align: 'right' },
      { title: 'longest gap', align: 'right' },
      { title: 'close USD', align: 'right' },
      { title: 'course', align: 'left' },
    ],
    histories.map(({ source, history }) => rowOf(source, history)),
  )
  if (asset !== undefined) for (const { source, history } of histories) printBars(source, history)
}

/** @throws HomeostatError `no-history` */
async function seriesOf(
  connection: Connection,
  { asset, flags }: { readonly asset: string | undefined; readonly flags: ShowFlags },
): Promise<readonly BarSeries[]> {
  const all = await connection.history.series()
  const found = all.filter(
    (one) =>
      (asset === undefined || one.asset === asset) &&
      (flags.interval === undefined || one.interval === flags.interval) &&
      (flags.source === undefined || one.source === flags.source),
  )
  if (found.length > 0) {
    const rank = ({ interval }: BarSeries) => barIntervals.indexOf(interval)
    return [...found].sort((a, b) => (a.asset === b.asset ? rank(a) - rank(b) : 0))
  }
  const assets = [...new Set(all.map((one) => one.asset))]
  throw new HomeostatError('no-history', {
    message: asset === undefined ? 'No bars are stored.' : `No such bars of ${asset} are stored.`,
    retry: 'later',
    hint:
      assets.length === 0
        ? 'Import a file with `homeostat history import CSV`; prices that are read from now on are kept by themselves.'
        : `There are bars of ${assets.slice(0, 40).join(', ')}.`,
  })
}

export function range({ from, to }: ShowFlags) {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
}

function asJson(history: PriceHistory, isWhole: boolean) {
  const { asset, interval, quote, bars } = history
  const [first, last] = [bars[0], bars.at(-1)]
  return {
    asset,
    interval,
    quote,
    count: bars.length,
    ...(first === undefined ? {} : { from: barTime(first.start, interval) }),
    ...(last === undefined ? {} : { to: barTime(last.start, interval), close: last.close }),
    gaps: missingBars(bars, interval),
    jumped: jumpedBars(bars),
    ...(isWhole ? { bars } : {}),
  }
}

function rowOf(source: string, { asset, interval, bars }: PriceHistory): readonly string[] {
  const [first, last] = [bars[0], bars.at(-1)]
  if (first === undefined || last === undefined) return [asset, interval, source, '0', '', '', '', '', '', '']
  return [
    asset,
    interval,
    source,
    String(bars.length),
    barTime(first.start, interval),
    barTime(last.start, interval),
    ...gapCells(missingBars(bars, interval), interval),
    priceText(last.close),
    sparkline(closesWithGaps(bars, interval), 24),
  ]
}

function printBars(source: string, history: PriceHistory): void {
  const { asset, interval, bars } = history
  if (bars.length === 0) return
  console.log(`\n${pc.bold(`${asset}, ${interval}, ${source}`)}  ${sparkline(closesWithGaps(bars, interval), 60)}`)
  for (const { from, to, count } of missingBars(bars, interval).slice(-5))
    console.log(`${pc.yellow('!')} ${count} missing from ${barTime(from, interval)} up to ${barTime(to, interval)}`)
  for (const { start, before, close } of jumpedBars(bars).slice(-5))
    console.log(`${pc.yellow('!')} ${barTime(start, interval)} jumps from ${priceText(before)} to ${priceText(close)}`)
  console.log(volatilityLine(history))
  printTable(
    [
      { title: 'bar', align: 'left' },
      { title: 'open', align: 'right' },
      { title: 'high', align: 'right' },
      { title: 'low', align: 'right' },
      { title: 'close', align: 'right' },
      { title: 'seen', align: 'right' },
    ],
    bars
      .slice(-lastBars)
      .map(({ start, open, high, low, close, observations }) => [
        barTime(start, interval),
        ...[open, high, low, close].map(priceText),
        String(observations),
      ]),
  )
}

/** Root mean square of the returns between neighbouring bars, a year of them. */
function volatilityLine({ asset, interval, bars }: PriceHistory): string {
  const { rows, remarks } = returnPanel({ series: [{ asset, bars }], interval })
  const returns = rows.flatMap(([value]) => value ?? [])
  if (returns.length < 2) return 'too few neighbouring bars for a volatility'
  const meanSquare = returns.reduce((sum, value) => sum + value * value, 0) / returns.length
  const yearly = Math.sqrt((meanSquare * secondsPerYear) / barSeconds[interval])
  const leftOut = remarks.filter(({ kind }) => kind === 'wick' || kind === 'new-unit')
  const jumps = leftOut.reduce((sum, { count }) => sum + count, 0)
  const without = jumps === 0 ? '' : `, without ${jumps} ${jumps === 1 ? 'jump' : 'jumps'} that no price makes`
  return `volatility ${(100 * yearly).toFixed(1)} % a year from ${returns.length} returns${without}`
}
