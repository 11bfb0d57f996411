// The regime's whole memory and one date's step of it; in this form it is quick, in that of stored-regime.ts it is kept.

import { isoDate } from '../../../base/calendar.ts'
import type { UnixSeconds, Usd } from '../../../base/units.ts'
import type { BarInterval } from '../../../model/history.ts'
import type { AssetSymbol } from '../../../model/identity.ts'
import type { RegimeView } from '../../../model/regime.ts'
import { type Decision, decideRegime, startDecision } from './decide-regime.ts'
import { type HiddenState, startHidden, updateHidden, violentProbability } from './hidden-state.ts'
import {
  type Depth,
  type IndicatorState,
  type Indicators,
  type ReturnRow,
  startIndicators,
  updateIndicators,
} from './indicators.ts'
import { type PegState, updatePegs } from './peg-watch.ts'
import { postureOf } from './posture.ts'
import { regimeSettings } from './regime-settings.ts'
import { fullPower, type Universe } from './universe.ts'
import { type Votes, votesOf } from './votes.ts'

export interface RegimeCore {
  readonly interval: BarInterval
  readonly universe: Universe
  /** `2020-03`: its universe and its hidden Markov model are of the dates before that month. */
  readonly month: string
  /** Begin of the last bar taken in; absent before the first. */
  readonly at?: UnixSeconds
  readonly indicators: IndicatorState
  readonly hidden: HiddenState
  readonly decision: Decision
  readonly pegs: PegState
}

export interface CoreStep {
  readonly core: RegimeCore
  readonly seen: Indicators
  readonly votes: Votes
  readonly view: RegimeView
}

export const monthOf = (at: UnixSeconds) => isoDate(at).slice(0, 7)

export function startCore(params: {
  readonly interval: BarInterval
  readonly universe: Universe
  readonly at: UnixSeconds
}): RegimeCore {
  const { interval, universe, at } = params
  return {
    interval,
    universe,
    month: monthOf(at),
    indicators: startIndicators(universe.assets.length),
    hidden: startHidden,
    decision: startDecision(at),
    pegs: {},
  }
}

export function stepCore(
  core: RegimeCore,
  observation: {
    readonly start: UnixSeconds
    /** In the order of the universe. */
    readonly returns: ReturnRow
    readonly pegs?: Readonly<Record<AssetSymbol, Usd | undefined>>
  },
  depth: Depth = 'whole',
): CoreStep {
  const { start, returns, pegs: prices } = observation
  const settings = regimeSettings(core.interval)
  const { state: indicators, seen } = updateIndicators(core.indicators, returns, settings, depth)
  const hidden = updateHidden(core.hidden, seen.features, settings)
  const votes = votesOf(seen, hiddenOf(hidden), settings)
  const decision = decideRegime(core.decision, votes, start, settings)
  const pegs = updatePegs(core.pegs, prices ?? {})
  const next: RegimeCore = { ...core, at: start, indicators, hidden, decision, pegs: pegs.state }
  return { core: next, seen, votes, view: viewOf(next, votes, pegs.pegs) }
}

export function hiddenOf(hidden: HiddenState) {
  const probability = violentProbability(hidden)
  return probability === undefined ? undefined : { probability, isViolent: hidden.isViolent }
}

/** What is said of a date before there is a universe: nothing, and so it is calm. */
export function silentView(universe: Universe, at: UnixSeconds): RegimeView {
  return viewOf({ decision: startDecision(at), universe }, votesOf({}, undefined, regimeSettings('1d')), [])
}

function viewOf(
  { decision, universe }: Pick<RegimeCore, 'decision' | 'universe'>,
  votes: Votes,
  pegs: RegimeView['pegs'],
): RegimeView {
  return {
    regime: decision.regime,
    since: decision.since,
    probability: votes.probability,
    votes: votes.votes,
    posture: postureOf(decision, votes.votes),
    pegs,
    universe: universe.assets,
    excluded: universe.excluded,
    isLowPower: universe.assets.length < fullPower,
  }
}
