// Which assets a market model is about: what portfolios hold first, then what is configured, then all that has a past, as far as there is room.

import { assetsOf } from '../instruments/value.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { BarSeries, HistoryConfig } from '../model/history.ts'
import type { ConfigStore, WatchStore } from '../model/ports.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { observationsOf } from './record-bars.ts'

export interface CalibrationScope {
  /** Names of bars, the most important first, each once. */
  readonly assets: readonly string[]
  /** The last snapshot of each portfolio. */
  readonly snapshots: readonly Snapshot[]
}

/** Reads under way at a time. */
const together = 16

/** A portfolio without settings or without a snapshot adds nothing. Bars lie under an underlying's name, and under that of a token whose price is another. */
export async function calibrationScope(
  deps: { readonly config: ConfigStore; readonly watch: WatchStore },
  params: { readonly version: string; readonly history: HistoryConfig; readonly series: readonly BarSeries[] },
): Promise<CalibrationScope> {
  const ids = (await deps.config.portfolios(params.version)).map(({ id }) => id)
  const seen = await inTurns(ids, async (id) => ({
    settings: await deps.config.settings(params.version, id),
    snapshot: await lastSnapshot(deps.watch, id),
  }))
  const snapshots = seen.flatMap(({ snapshot }) => snapshot ?? [])
  const settings = seen.flatMap((one) => one.settings ?? [])
  const stored = params.series.map(({ asset }) => asset)
  const known = new Set([...stored, ...params.history.sources.flatMap(({ products }) => Object.keys(products))])
  const ranked = [
    ...snapshots.flatMap(heldUnderlyings),
    ...settings.flatMap(configuredUnderlyings),
    ...params.history.sources.flatMap(({ products }) => Object.keys(products)),
    ...stored,
    ...snapshots.flatMap((snapshot) => observationsOf(snapshot).map(({ asset }) => asset)),
  ]
  return { assets: [...new Set(ranked)].filter((asset) => known.has(asset)), snapshots }
}

/** `work` for each, some at a time, results in order. */
export async function inTurns<T, Result>(items: readonly T[], work: (item: T) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += together)
    results.push(...(await Promise.all(items.slice(from, from + together).map(work))))
  return results
}

async function lastSnapshot(watch: WatchStore, portfolioId: string): Promise<Snapshot | undefined> {
  const id = (await watch.memory(portfolioId))?.lastSnapshotId
  return id === undefined ? undefined : watch.snapshot(portfolioId, id)
}

/** In the order of positions. */
function heldUnderlyings({ positions, prices }: Snapshot): readonly string[] {
  const underlyings = new Map(prices.map(({ asset, underlying }) => [asset, underlying]))
  return positions.flatMap(({ instrument }) => assetsOf(instrument)).map((asset) => underlyings.get(asset) ?? asset)
}

function configuredUnderlyings({ chain, elsewhere = [] }: PortfolioSettings): readonly string[] {
  return [chain, ...elsewhere.map((one) => one.chain)].flatMap(({ assets }) =>
    assets.map(({ underlying }) => underlying),
  )
}
