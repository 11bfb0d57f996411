// The regime at each date of a history, as it would have been seen on that date.

import type { UnixSeconds, Usd } from '../../../base/units.ts'
import type { AssetSymbol, Underlying } from '../../../model/identity.ts'
import type { RegimeView } from '../../../model/regime.ts'
import type { ReturnPanel } from '../return-panel.ts'
import { settledDecision } from './decide-regime.ts'
import { fitHidden } from './hidden-state.ts'
import { type CoreStep, hiddenOf, monthOf, type RegimeCore, silentView, startCore, stepCore } from './regime-core.ts'
import { regimeSettings } from './regime-settings.ts'
import { leastAssets, reviewUniverse, type Universe } from './universe.ts'
import { type Votes, votesOf } from './votes.ts'

export interface RegimeDate {
  /** Begin of the bar whose close ends the date. */
  readonly start: UnixSeconds
  readonly view: RegimeView
  /** True on the first date of a changed universe. */
  readonly isReviewed: boolean
  /** There is no universe yet. */
  readonly isWarmUp: boolean
}

/** What a universe's indicators are computed again from, when it changes: the longest of their memories. */
const recomputed = 1_000
/** Of these, the last so many are looked at with everything: a year of absorption ratios, and longer than any spell of crisis. */
const watched = 300
/** As long as there is no universe it is looked for this often. */
const retry = 5
const nobody: Universe = { assets: [], excluded: [] }

/**
 * A fold of the online update: each date by itself and those before, with the universe and the hidden Markov model of the month's beginning.
 * @param params.pegs closes of stablecoins at a date
 */
export function regimeHistory(params: {
  readonly panel: ReturnPanel
  readonly pegsAt?: (start: UnixSeconds) => Readonly<Record<AssetSymbol, Usd | undefined>>
  readonly onDate?: (done: number, of: number) => void
}): { readonly dates: readonly RegimeDate[]; readonly core: RegimeCore | undefined; readonly universe: Universe } {
  const { panel, pegsAt, onDate } = params
  const { starts } = panel
  const dates: RegimeDate[] = []
  let core: RegimeCore | undefined
  let last: CoreStep | undefined
  let columns: readonly number[] = []
  for (const [t, start] of starts.entries()) {
    onDate?.(t, starts.length)
    let isReviewed = false
    if (core === undefined ? t % retry === 0 : core.month !== monthOf(start)) {
      const reviewed: RegimeCore | undefined = reviewedCore({ panel, t, start, core })
      isReviewed = reviewed !== undefined && reviewed.universe.assets !== core?.universe.assets
      core = reviewed
      columns = core === undefined ? [] : columnsOf(panel, core.universe.assets)
    }
    if (core === undefined) {
      dates.push({ start, view: silentView(nobody, panel.starts[0] ?? start), isReviewed: false, isWarmUp: true })
      continue
    }
    const row = panel.rows[t] ?? []
    last = stepCore(core, {
      start,
      returns: columns.map((column) => row[column]),
      ...(pegsAt === undefined ? {} : { pegs: pegsAt(start) }),
    })
    core = last.core
    dates.push({ start, view: last.view, isReviewed, isWarmUp: false })
  }
  return { dates, core, universe: core?.universe ?? reviewUniverse(panel) }
}

/** The review at the first bar of a month, by the dates before bar t. */
function reviewedCore(params: {
  readonly panel: ReturnPanel
  readonly t: number
  readonly start: UnixSeconds
  readonly core: RegimeCore | undefined
}): RegimeCore | undefined {
  const { panel, t, start, core } = params
  const universe = reviewUniverse({ ...panel, rows: panel.rows.slice(Math.max(0, t - 400), t) })
  const month = monthOf(start)
  const isSame = core !== undefined && universe.assets.join() === core.universe.assets.join()
  if (isSame) {
    const { excluded } = universe
    return { ...core, month, universe: { assets: core.universe.assets, excluded }, hidden: fitHidden(core.hidden) }
  }
  if (universe.assets.length < leastAssets) return core === undefined ? undefined : { ...core, month }
  const fresh = replayed({ panel, universe, from: Math.max(0, t - recomputed), to: t, start })
  if (core === undefined) return fresh.core
  const decision = fresh.votes === undefined ? core.decision : settledDecision(core.decision, fresh.votes)
  return { ...fresh.core, decision, pegs: core.pegs }
}

/** The core that a universe would have had all along. */
export function replayed(params: {
  readonly panel: ReturnPanel
  readonly universe: Universe
  readonly from: number
  readonly to: number
  readonly start: UnixSeconds
}): { readonly core: RegimeCore; readonly votes: Votes | undefined } {
  const { panel, universe, from, to, start } = params
  const columns = columnsOf(panel, universe.assets)
  let core = startCore({ interval: panel.interval, universe, at: panel.starts[from] ?? start })
  let last: CoreStep | undefined
  for (let t = from; t < to; t += 1) {
    const row = panel.rows[t] ?? []
    const observation = { start: panel.starts[t] ?? start, returns: columns.map((column) => row[column]) }
    const step = stepCore(core, observation, t < to - watched ? 'memory' : 'whole')
    core = step.core
    last = step
  }
  core = { ...core, month: monthOf(start), hidden: fitHidden(core.hidden) }
  const votes = last && votesOf(last.seen, hiddenOf(core.hidden), regimeSettings(panel.interval))
  return { core, votes }
}

export function columnsOf(panel: ReturnPanel, assets: readonly Underlying[]): readonly number[] {
  return assets.map((asset) => panel.assets.indexOf(asset))
}
