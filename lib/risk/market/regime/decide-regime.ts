// One regime out of the votes, slow to relax: worse at once, milder only after a while.

import type { UnixSeconds } from '../../../base/units.ts'
import type { Regime } from '../../../model/regime.ts'
import type { RegimeSettings } from './regime-settings.ts'
import type { Votes } from './votes.ts'

/** Plain data. */
export interface Decision {
  readonly regime: Regime
  readonly since: UnixSeconds
  /** Observations in it, the one in which it was entered included. */
  readonly observations: number
  /** Of the observation before; absent at the first. */
  readonly probability?: number
  readonly isContextTense?: boolean
  /** Observations left in which only a crossing moves the regime, because the universe has changed. */
  readonly settling: number
}

/** After a change of universe its indicators stand elsewhere; for so long a level that was not crossed means nothing. */
const settlingObservations = 10

export function startDecision(at: UnixSeconds): Decision {
  return { regime: 'calm', since: at, observations: 0, settling: 0 }
}

/** The decision goes on with the figures that another universe has for the same observation: they do not move it, and are what the next is compared with. */
export function settledDecision(decision: Decision, { probability, isContextTense }: Votes): Decision {
  return { ...decision, probability, isContextTense, settling: settlingObservations }
}

/**
 * Crisis from `enter` on, left below `leave` and not before `stay` observations; tense while a crisis is possible or a slow vote asks for it, left likewise.
 */
export function decideRegime(before: Decision, votes: Votes, at: UnixSeconds, settings: RegimeSettings): Decision {
  const regime = nextRegime(before, votes, settings)
  const isSame = regime === before.regime
  return {
    regime,
    since: isSame && before.observations > 0 ? before.since : at,
    observations: isSame ? before.observations + 1 : 1,
    probability: votes.probability,
    isContextTense: votes.isContextTense,
    settling: Math.max(0, before.settling - 1),
  }
}

function nextRegime(before: Decision, votes: Votes, settings: RegimeSettings): Regime {
  const { probability, isContextTense } = votes
  const { enter, leave, tense, stay } = settings
  const mayRelax = before.observations >= stay
  const isSettling = before.settling > 0
  const was = before.probability ?? 0
  const rises = (level: number) => probability >= level && !(isSettling && was >= level)
  const falls = (level: number) => probability < level && !(isSettling && was < level)
  if (before.regime === 'crisis') {
    if (!(falls(leave) && mayRelax)) return 'crisis'
    return isContextTense ? 'tense' : 'calm'
  }
  if (rises(enter)) return 'crisis'
  const contextRises = isContextTense && !(isSettling && before.isContextTense === true)
  if (before.regime === 'calm') return rises(tense) || contextRises ? 'tense' : 'calm'
  return !isContextTense && falls(leave) && mayRelax ? 'calm' : 'tense'
}
