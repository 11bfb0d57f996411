// The regime online: made from history once a month, moved on with each bar, and asked in between what the day so far would mean.

import type { UnixSeconds, Usd } from '../../../base/units.ts'
import type { AssetSymbol, Underlying } from '../../../model/identity.ts'
import type { RegimeView } from '../../../model/regime.ts'
import type { ReturnPanel } from '../return-panel.ts'
import { settledDecision } from './decide-regime.ts'
import { monthOf, type RegimeCore, stepCore } from './regime-core.ts'
import { columnsOf, replayed } from './regime-history.ts'
import { resumedRegime, type StoredRegime, storedRegime } from './stored-regime.ts'
import { leastAssets, reviewUniverse, type Universe } from './universe.ts'

export interface RegimeObservation {
  /** Begin of the bar. */
  readonly start: UnixSeconds
  /** Log returns by asset; who is absent has a gap. */
  readonly returns: Readonly<Record<Underlying, number | undefined>>
  /** Prices of stablecoins. */
  readonly pegs?: Readonly<Record<AssetSymbol, Usd | undefined>>
}

export type Refit =
  | { readonly kind: 'made'; readonly state: StoredRegime; readonly view: RegimeView }
  /** Fewer than five assets can vote. */
  | { readonly kind: 'no-universe'; readonly universe: Universe }

/** As long as the longest memory. */
const refitDates = 1_000

/**
 * The regime from scratch, with the universe and the hidden Markov model of the last bar's month. Of `previous` the regime is kept and what it was entered by:
 * another universe does not move it.
 */
export function refitRegime(params: {
  readonly panel: ReturnPanel
  readonly previous?: unknown
  readonly pegs?: RegimeObservation['pegs']
}): Refit {
  const { panel, pegs } = params
  const previous = resumedRegime(params.previous)
  const { starts, rows } = panel
  const last = starts.at(-1)
  const to = last === undefined ? 0 : starts.findIndex((start) => monthOf(start) === monthOf(last))
  const universe = reviewUniverse({ ...panel, rows: rows.slice(Math.max(0, to - 400), to) })
  if (last === undefined || universe.assets.length < leastAssets) return { kind: 'no-universe', universe }
  const from = Math.max(0, to - refitDates)
  const fresh = replayed({ panel, universe, from, to, start: starts[to] ?? last })
  let core: RegimeCore = previous === undefined ? fresh.core : { ...fresh.core, pegs: previous.pegs }
  if (previous?.at !== undefined && fresh.votes !== undefined && previous.at < (starts[to] ?? last))
    core = { ...core, decision: settledDecision(previous.decision, fresh.votes) }
  const columns = columnsOf(panel, universe.assets)
  let view: RegimeView | undefined
  for (let t = to; t < starts.length; t += 1) {
    const start = starts[t] ?? last
    const returns = columns.map((column) => rows[t]?.[column])
    const step = stepCore(core, { start, returns, ...(t === starts.length - 1 && pegs !== undefined ? { pegs } : {}) })
    core = step.core
    view = step.view
    if (start !== previous?.at) continue
    const isSame = previous.universe.assets.join() === universe.assets.join()
    core = { ...core, decision: isSame ? previous.decision : settledDecision(previous.decision, step.votes) }
  }
  return view === undefined ? { kind: 'no-universe', universe } : { kind: 'made', state: storedRegime(core), view }
}

/**
 * One bar further; less than a millisecond for forty assets.
 * @returns undefined for a state that is none, which has to be refitted, and for a bar that is not after its last one
 */
export function updateRegime(
  state: unknown,
  observation: RegimeObservation,
): { readonly state: StoredRegime; readonly view: RegimeView } | undefined {
  const step = stepped(state, observation)
  return step === undefined ? undefined : { state: storedRegime(step.core), view: step.view }
}

/** What the regime would be if the bar ended now; nothing is kept of it. Undefined likewise. */
export function provisionalRegime(state: unknown, observation: RegimeObservation): RegimeView | undefined {
  const step = stepped(state, observation)
  return step === undefined ? undefined : { ...step.view, isProvisional: true }
}

function stepped(state: unknown, { start, returns, pegs }: RegimeObservation) {
  const core = resumedRegime(state)
  if (core === undefined || (core.at !== undefined && start <= core.at)) return undefined
  return stepCore(core, {
    start,
    returns: core.universe.assets.map((asset) => {
      const value = returns[asset]
      return value === undefined || !Number.isFinite(value) ? undefined : value
    }),
    ...(pegs === undefined ? {} : { pegs }),
  })
}
