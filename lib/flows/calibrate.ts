// Once an hour: everything that is stored of prices becomes one market model, and the pointer moves to it.

import type { UnixSeconds } from '../base/units.ts'
import { type BarInterval, type BarStore, barStartOf } from '../model/history.ts'
import type { MarketModel } from '../model/market-model.ts'
import type { MacroSources, MacroStore, MarketModelStore, PastPrices } from '../model/market-ports.ts'
import type { Clock, ConfigStore, Log, WatchStore } from '../model/ports.ts'
import { buildMarketModel, type ModelSeries, marketModelId } from '../risk/market/build-market-model.ts'
import { calibrationScope, inTurns } from './calibration-scope.ts'
import { fetchRecentBars, lookbackDays } from './fetch-recent-bars.ts'
import { gatherMacro } from './gather-macro.ts'
import { priceHistory } from './price-history.ts'

export interface CalibrateDeps {
  readonly config: ConfigStore
  readonly watch: WatchStore
  readonly history: BarStore
  readonly models: MarketModelStore
  readonly prices: PastPrices
  readonly macroStore: MacroStore
  readonly macroSources: MacroSources
  readonly clock: Clock
  readonly log: Log
}

/** More are noise to a correlation and weight to a report. */
const maxAssets = 60
/** Of the random draws that fill gaps; stored with the model. */
const seed = 1

/**
 * Idempotent: the same bars, prices and surfaces are the same model, which is confirmed and not made again. Two runs at once make the same model or the pointer
 * goes to the later. A death between model and pointer leaves the model of before in force.
 */
export async function calibrate(deps: CalibrateDeps): Promise<void> {
  const madeAt = deps.clock.now()
  const pointer = await deps.config.pointer()
  if (pointer === undefined) {
    deps.log.line('calibrate.no-configuration', {})
    return
  }
  const history = await deps.config.history(pointer.version)
  const [fetched, gathered] = await Promise.all([
    fetchRecentBars(deps, { config: history, at: madeAt }),
    gatherMacro(deps, { configured: await deps.config.macro(pointer.version), at: madeAt }),
  ])
  const stored = await deps.history.series()
  const scope = await calibrationScope(deps, { version: pointer.version, history, series: stored })
  const chosen = scope.assets.slice(0, maxAssets)
  const leftOut = scope.assets.slice(maxAssets)
  const [daily, hourly] = await Promise.all([
    readSeries(deps, { assets: chosen, interval: '1d', at: madeAt }),
    readSeries(deps, { assets: chosen, interval: '1h', at: madeAt }),
  ])
  const before = await deps.models.latest()
  const inputs = {
    daily,
    hourly,
    macro: gathered.macro,
    snapshots: scope.snapshots,
    seed,
    notes: [
      ...fetched.notes,
      ...gathered.notes,
      ...(leftOut.length === 0 ? [] : [`a model holds ${maxAssets} assets; left out: ${leftOut.join(', ')}`]),
    ],
  }
  const id = marketModelId(inputs)
  const facts = { assets: chosen.length, fetched: fetched.added, requests: fetched.requests }
  if (id === undefined) {
    deps.log.line('calibrate.no-history', { ...facts, notes: inputs.notes })
    return
  }
  if (before?.id === id) {
    await deps.models.confirm(id, madeAt)
    deps.log.line('calibrate.unchanged', { ...facts, marketModelId: id })
    return
  }
  const model = buildMarketModel({ ...inputs, id, madeAt, ...previousOf(before) })
  const outcome = await deps.models.put(model)
  deps.log.line('calibrate', {
    ...facts,
    marketModelId: id,
    outcome,
    regime: model.regime?.regime,
    daily: model.daily?.starts.length ?? 0,
    hourly: model.hourly?.starts.length ?? 0,
    notes: model.notes.length,
  })
}

function previousOf(before: MarketModel | undefined) {
  return before?.regimeState === undefined ? {} : { previousRegimeState: before.regimeState }
}

/** Whole bars only: the day, or hour, that is not over has none. */
async function readSeries(
  deps: CalibrateDeps,
  {
    assets,
    interval,
    at,
  }: { readonly assets: readonly string[]; readonly interval: '1d' | '1h'; readonly at: UnixSeconds },
): Promise<readonly ModelSeries[]> {
  const to = barStartOf(at, interval satisfies BarInterval)
  const from = to - lookbackDays[interval] * 86_400
  const series = await inTurns(assets, (asset) => priceHistory(deps, { asset, interval, from, to }))
  return series.filter(({ bars }) => bars.length > 0)
}
