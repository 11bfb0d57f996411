// `homeostat history import`: a file of prices becomes stored bars, and everything that is odd about it is told first.

import { basename } from 'node:path'
import { HomeostatError, isHomeostatError } from '../../lib/base/homeostat-error.ts'
import {
  type Bar,
  type BarInterval,
  type BarsPut,
  jumpedBars,
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

interface AssetBars {
  readonly asset: string
  readonly bars: readonly Bar[]
  readonly stored?: BarsPut
}

export async function importPrices(file: string, flags: ImportFlags): Promise<void> {
  const { barsOfSeries, intervalOf } = await import('../../lib/sources/history/bars-of-series.ts')
  const source = sourceName(file, flags.source)
  const csv = await readPriceFile(file, flags.asset)
  const interval = intervalOf(csv, flags.interval)
  const series = chosen(csv, flags.only)
  const params = { interval, stamp: flags.stamp, spacingSeconds: csv.spacingSeconds, source }
  const assets = series.map((one) => ({ asset: one.asset, bars: barsOfSeries(one, params) }))
  const isRefused = csv.refused.count > 0 && flags.skipRefused !== true
  const isStored = flags.dryRun !== true && !isRefused
  const connection = isStored ? await openInstallation(flags) : await ifThereIsOne(flags)
  const unknown = connection === undefined ? undefined : await unknownAssets(connection, assets)
  const stored =
    isStored && connection !== undefined ? await store(connection, { assets, interval, source, flags }) : assets
  const told = { file, source, interval, stamp: flags.stamp, csv, assets: stored, unknown, isStored }
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

/** A trial needs no installation; where there is one, it says which assets are known. */
async function ifThereIsOne(flags: ImportFlags): Promise<Connection | undefined> {
  try {
    return await openInstallation(flags)
  } catch (error) {
    if (flags.outputs === undefined && isHomeostatError(error) && error.code === 'no-installation') return undefined
    throw error
  }
}

async function unknownAssets(
  connection: Connection,
  assets: readonly AssetBars[],
): Promise<readonly string[] | undefined> {
  const known = await knownAssets(connection)
  return known === undefined ? undefined : assets.flatMap(({ asset }) => (known.has(asset) ? [] : [asset]))
}

async function store(
  { history }: Connection,
  params: {
    readonly assets: readonly AssetBars[]
    readonly interval: BarInterval
    readonly source: string
    readonly flags: ImportFlags
  },
): Promise<readonly AssetBars[]> {
  const { assets, interval, source, flags } = params
  const say = progress()
  const what = `store bars of ${assets.length} ${assets.length === 1 ? 'asset' : 'assets'}`
  if (flags.json !== true) say.begin(what)
  const began = performance.now()
  const stored: AssetBars[] = []
  for (const one of assets) {
    stored.push({ ...one, stored: await history.putBars({ asset: one.asset, interval, source }, one.bars) })
  }
  if (flags.json !== true) say.done(what, performance.now() - began)
  return stored
}

interface Told {
  readonly file: string
  readonly source: string
  readonly interval: BarInterval
  readonly stamp: 'open' | 'close'
  readonly csv: PriceCsv
  readonly assets: readonly AssetBars[]
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
    assets: assets.map(({ asset, bars, stored }) => ({
      asset,
      bars: bars.length,
      from: barTime(bars[0]?.start ?? 0, interval),
      to: barTime(bars.at(-1)?.start ?? 0, interval),
      gaps: missingBars(bars, interval),
      jumped: jumpedBars(bars),
      ...stored,
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
    assets.map(({ asset, bars, stored }) => [
      asset,
      String(bars.length),
      barTime(bars[0]?.start ?? 0, interval),
      barTime(bars.at(-1)?.start ?? 0, interval),
      ...gapCells(bars, interval),
      String(jumpedBars(bars).length || ''),
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
