// The configured series of the wider world: as stored where that is young enough, else fetched, and as stored again where that fails.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import type { MacroSeries, MacroSeriesConfig } from '../model/macro.ts'
import type { MacroSources, MacroStore } from '../model/market-ports.ts'

/** Closes come once a day: an hour's delay costs a beta nothing. */
const goodForSeconds = 6 * 3_600
const lookbackSeconds = 1_461 * 86_400

export async function gatherMacro(
  deps: { readonly macroStore: MacroStore; readonly macroSources: MacroSources },
  { configured, at }: { readonly configured: readonly MacroSeriesConfig[]; readonly at: UnixSeconds },
): Promise<{ readonly macro: readonly MacroSeries[]; readonly notes: readonly string[] }> {
  const gathered = await Promise.all(configured.map((config) => gather(deps, { config, at })))
  return { macro: gathered.flatMap(({ macro }) => macro ?? []), notes: gathered.flatMap(({ notes }) => notes) }
}

async function gather(
  { macroStore, macroSources }: Parameters<typeof gatherMacro>[0],
  { config, at }: { readonly config: MacroSeriesConfig; readonly at: UnixSeconds },
): Promise<{ readonly macro?: MacroSeries; readonly notes: readonly string[] }> {
  const stored = await macroStore.series(config.series)
  // Another source, id or kind under the same name is another series.
  const isSame =
    stored?.config.source === config.source && stored.config.id === config.id && stored.config.kind === config.kind
  const own = isSame ? stored : undefined
  if (own !== undefined && at - own.fetchedAt < goodForSeconds) return { macro: own.macro, notes: [] }
  const read = await macroSources.read({ config, from: at - lookbackSeconds, to: at })
  if (read.macro !== undefined && read.macro.observations.length > 0) {
    await macroStore.put({ config, macro: read.macro, fetchedAt: at })
    return { macro: read.macro, notes: read.notes }
  }
  if (own === undefined)
    return { notes: [...read.notes, `there is no ${config.series}: nothing was ever fetched of it`] }
  const age = describeSpan(at - own.fetchedAt)
  return { macro: own.macro, notes: [...read.notes, `${config.series} is as it was fetched ${age} ago`] }
}
