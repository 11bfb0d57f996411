// `homeostat history import`: a file of prices becomes stored bars, and everything that is odd about it is told first.

import { basename } from 'node:path'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import {
  type BarInterval,
  type BarStore,
  type BarsPut,
  type JumpedBar,
  jumpedBars,
  type MissingBars,
  missingBars,
  ownSource,
} from '../../lib/model/history.ts'
import type { PriceCsv } from '../../lib/sources/history/price-csv.ts'
import type { Connection } from '../../lib/wiring/connect.ts'
import { colours as pc } from '../colours.ts'
import { type InstallationFlags, openInstallation } from '../installation.ts'
import { readPriceFile } from '../price-file.ts'
import { printTable } from '../print-table.ts'
import { progress } from '../progress.ts'
import { barTime, gapCells } from './bar-cells.ts'
import { knownAssets } from './known-assets.ts'

export interface ImportFlags extends InstallationFlags {
  readonly asset?: string
  readonly only?: readonly string[]
  readonly interval?: BarInterval
  readonly stamp: 'open' | 'close'
  readonly source?: string
  readonly dryRun?: true
  readonly skipRefused?: true
}

/** What became of one asset; its bars themselves are not kept. */
interface AssetSummary {
  readonly asset: string
  readonly count: number
  readonly first: number
  readonly last: number
  readonly gaps: readonly MissingBars[]
  readonly jumps: readonly JumpedBar[]
  readonly stored?: BarsPut
}

export async function importPrices(file: string, flags: ImportFlags): Promise<void> {
  const { intervalOf } = await import('../../lib/sources/history/bars-of-series.ts')
  const source = sourceName(file, flags.source)
  const csv = await readPriceFile(file, flags.asset)
  const interval = intervalOf(csv, flags.interval)
  const series = chosen(csv, flags.only)
  const isRefused = csv.refused.count > 0 && flags.skipRefused !== true
  const isStored = flags.dryRun !== true && !isRefused
  const connection = isStored ? await openInstallation(flags) : undefined
  const unknown = await unknownAssets({ flags, connection, assets: series.map(({ asset }) => asset) })
  const params = { interval, stamp: flags.stamp, spacingSeconds: csv.spacingSeconds, source }
  const assets = await summaries({ series, params, history: connection?.history, flags })
  const told = { file, source, interval, stamp: flags.stamp, csv, assets, unknown, isStored }
  if (flags.json === true) console.log(JSON.stringify(asJson(told), null, 2))
  else print(told)
  if (isRefused) {
    throw new HomeostatError('rows-refused', {
      message: `${csv.refused.count} rows of ${file} were refused: nothing was stored.`,
      retry: 'never',
      facts: { file, refused: csv.refused.count },
      hint: 'Correct them, or import the others with --skip-refused: a refused row is a gap.',
    })
  }
}

/** Makes bars of one asset after the other, and stores them where there is a store. */
async function summaries(given: {
  readonly series: PriceCsv['series']
  readonly params: Parameters<typeof import('../../lib/sources/history/bars-of-series.ts').barsOfSeries>[1]
  readonly history: BarStore | undefined
  readonly flags: ImportFlags
}): Promise<readonly AssetSummary[]> {
  const { barsOfSeries } = await import('../../lib/sources/history/bars-of-series.ts')
  const { series, params, history, flags } = given
  const { interval, source } = params
  const say = progress()
  const what = `store bars of ${series.length} ${series.length === 1 ? 'asset' : 'assets'}`
  const isTold = history !== undefined && flags.json !== true
  if (isTold) say.begin(what)
  const began = performance.now()
  const made: AssetSummary[] = []
  for (const one of series) {
    const { asset } = one
    const bars = barsOfSeries(one, params)
    const stored = await history?.putBars({ asset, interval, source }, bars)
    made.push({
      asset,
      count: bars.length,
      first: bars[0]?.start ?? 0,
      last: bars.at(-1)?.start ?? 0,
      gaps: missingBars(bars, interval),
      jumps: jumpedBars(bars),
      ...(stored === undefined ? {} : { stored }),
    })
  }
  if (isTold) say.done(what, performance.now() - began)
  return made
}

/** As the user names it; else the file's name without its ending. */
function sourceName(file: string, asked: string | undefined): string {
  const given = asked ?? (file === '-' ? 'import' : basename(file).replace(/\.[^.]*$/, ''))
  const name = given
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .slice(0, 60)
  if (name !== '' && name !== ownSource) return name
  throw new HomeostatError('bad-source-name', {
    message: `"${given}" cannot name what is imported.`,
    retry: 'never',
    hint: `Say --source NAME; ${ownSource} is the name of what this installation saw itself.`,
  })
}

function chosen({ series }: PriceCsv, only: readonly string[] | undefined): PriceCsv['series'] {
  const missing = only?.find((asset) => !series.some((one) => one.asset === asset))
  if (missing !== undefined) {
    throw new HomeostatError('asset-not-in-file', {
      message: `The file has no ${missing}.`,
      retry: 'never',
      facts: { asset: missing },
      hint: `It has ${series
        .slice(0, 30)
        .map(({ asset }) => asset)
        .join(', ')}.`,
    })
  }
  return series.filter(({ asset, at }) => at.length > 0 && (only === undefined || only.includes(asset)))
}

/** Assets that no portfolio knows. A trial needs no installation, and asks one only if it is named. */
async function unknownAssets(params: {
  readonly flags: ImportFlags
  readonly connection: Connection | undefined
  readonly assets: readonly string[]
}): Promise<readonly string[] | undefined> {
  const { flags, assets } = params
  const connection = params.connection ?? (flags.outputs === undefined ? undefined : await openInstallation(flags))
  const known = connection === undefined ? undefined : await knownAssets(connection)
  return known === undefined ? undefined : assets.filter((asset) => !known.has(asset))
}

interface Told {
  readonly file: string
  readonly source: string
  readonly interval: BarInterval
  readonly stamp: 'open' | 'close'
  readonly csv: PriceCsv
  readonly assets: readonly AssetSummary[]
  readonly unknown: readonly string[] | undefined
  readonly isStored: boolean
}

function asJson({ file, source, interval, stamp, csv, assets, unknown, isStored }: Told) {
  const { shape, rows, unsorted, refused, jumps, jumpCount, notes } = csv
  return {
    file,
    source,
    shape,
    rows,
    interval,
    stamp,
    isStored,
    assets: assets.map((one) => ({
      asset: one.asset,
      bars: one.count,
      from: barTime(one.first, interval),
      to: barTime(one.last, interval),
      gaps: one.gaps,
      jumped: one.jumps,
      ...one.stored,
    })),
    unsorted,
    refused,
    jumps,
    jumpCount,
    ...(unknown === undefined ? {} : { unknown }),
    notes,
  }
}

function print({ file, source, interval, stamp, csv, assets, unknown, isStored }: Told): void {
  const stamped = stamp === 'open' ? 'a row tells what begins at its time' : 'a row tells what ends at its time'
  console.log(`${pc.bold(file)}  ${csv.rows} rows, ${csv.shape}; bars of ${interval} as source ${source}; ${stamped}`)
  if (csv.unsorted > 0) console.log(`${pc.yellow('!')} ${csv.unsorted} rows were out of order and have been sorted.`)
  for (const note of csv.notes) console.log(`${pc.yellow('!')} ${note}`)
  printTable(
    [
      { title: 'asset', align: 'left' },
      { title: 'bars', align: 'right' },
      { title: 'from', align: 'left' },
      { title: 'to', align: 'left' },
      { title: 'missing', align: 'right' },
      { title: 'longest gap', align: 'right' },
      { title: 'jumps', align: 'right' },
      { title: isStored ? 'new' : 'stored', align: 'right' },
      ...(isStored ? ([{ title: 'changed', align: 'right' }] as const) : []),
    ],
    assets.map(({ asset, count, first, last, gaps, jumps, stored }) => [
      asset,
      String(count),
      barTime(first, interval),
      barTime(last, interval),
      ...gapCells(gaps, interval),
      String(jumps.length || ''),
      ...(stored === undefined ? ['no'] : [String(stored.added), String(stored.changed)]),
    ]),
  )
  for (const { line, asset, from, to } of csv.jumps.slice(0, 5))
    console.log(
      `${pc.yellow('!')} line ${line}: ${asset} goes from ${from} to ${to}: is that a unit or a digit? It is kept.`,
    )
  if (csv.jumpCount > 5) console.log(`${pc.yellow('!')} ${csv.jumpCount - 5} more jumps (--json lists 100)`)
  if (unknown !== undefined && unknown.length > 0)
    console.log(`${pc.yellow('!')} in no portfolio of the configuration: ${unknown.join(', ')}`)
  for (const { line, reason } of csv.refused.first.slice(0, 10))
    console.log(`${pc.red('refused')} line ${line} ${reason}`)
  if (csv.refused.count > 10) console.log(`${pc.red('refused')} ${csv.refused.count - 10} more rows (--json lists 100)`)
}
