// One rule's life from report to report: quiet, in breach, or unable to be evaluated; says which edge was crossed, if any.

import type { UnixSeconds } from '../base/units.ts'
import { unreachable } from '../base/unreachable.ts'
import type { RuleConfig } from '../model/configuration.ts'
import type { RuleMemory } from '../model/verdict.ts'
import type { Evaluation } from './rules/compile-expression.ts'

export type Edge = 'raised' | 'worsened' | 'recovered' | 'error'

export interface Tracked {
  readonly memory: RuleMemory
  /** What is news; most reports cross nothing. */
  readonly edge?: Edge
  /** The rule holds right now, not only in its dead band. */
  readonly holds: boolean
}

/** A value has to get worse by this fraction of its limit, beyond what was told, to be told again. */
const worseningStep = 0.05

/** What is told of a breach that has no two sides to compare; only its presence matters. */
const toldWithoutValue = 1

/**
 * Enters at once. Leaves after `calmSamples` evaluations in a row that clear every limit by the dead band; what does not apply any more is calm.
 * An episode begins when the rule leaves quiet and ends when it returns; it tells an error once, and a breach that an error interrupts goes on after it.
 * `toldValue` is there exactly while the episode has told a breach.
 */
export function trackRule(params: {
  readonly rule: Pick<RuleConfig, 'calmSamples' | 'when'>
  readonly memory: RuleMemory | undefined
  /** Episodes told before a rule of this name was taken out of the configuration. */
  readonly retiredEpisode?: number
  readonly evaluation: Evaluation
  readonly at: UnixSeconds
}): Tracked {
  const { rule, evaluation, at } = params
  const memory = remembered(params)
  switch (evaluation.kind) {
    case 'error':
      return interrupted(memory, at)
    case 'holds':
      return memory.toldValue === undefined ? raised(memory, evaluation, at) : stillHolds(memory, evaluation)
    case 'not':
      return cleared({ rule, memory, at, isCalm: evaluation.calm, value: evaluation.value })
    case 'not-applicable':
      return cleared({ rule, memory, at, isCalm: true, value: undefined })
    default:
      return unreachable(evaluation)
  }
}

/** What is known of this very text. What another text of the same name did is not this rule's, but for the count of episodes, which ids are made of. */
function remembered(params: {
  readonly rule: Pick<RuleConfig, 'when'>
  readonly memory: RuleMemory | undefined
  readonly retiredEpisode?: number
  readonly at: UnixSeconds
}): RuleMemory {
  const { memory, at } = params
  const { when } = params.rule
  if (memory !== undefined && (memory.when ?? when) === when) return { ...memory, when }
  const episode = Math.max(memory?.episode ?? 0, params.retiredEpisode ?? 0)
  return { when, state: 'quiet', episode, since: at, worsenedCount: 0, calmSamples: 0, planCount: 0 }
}

/** A new episode: counts start again, values and plans of the last one are forgotten. */
function opened(memory: RuleMemory, state: 'breached' | 'error', at: UnixSeconds): RuleMemory {
  const episode = memory.state === 'quiet' ? memory.episode + 1 : memory.episode
  const text = memory.when === undefined ? {} : { when: memory.when }
  return { ...text, state, episode, since: at, worsenedCount: 0, calmSamples: 0, planCount: 0 }
}

function interrupted(memory: RuleMemory, at: UnixSeconds): Tracked {
  if (memory.state === 'error') return { memory: { ...memory, calmSamples: 0 }, holds: false }
  const next: RuleMemory =
    memory.state === 'quiet' ? opened(memory, 'error', at) : { ...memory, state: 'error', calmSamples: 0 }
  return { memory: next, edge: 'error', holds: false }
}

type Compared = Extract<Evaluation, { readonly kind: 'holds' | 'not' }>

function raised(memory: RuleMemory, { value }: Compared, at: UnixSeconds): Tracked {
  const next = {
    ...opened(memory, 'breached', at),
    ...(value === undefined ? {} : { value }),
    toldValue: value ?? toldWithoutValue,
  }
  return { memory: next, edge: 'raised', holds: true }
}

function stillHolds(memory: RuleMemory, evaluation: Compared): Tracked {
  const { value } = evaluation
  const next: RuleMemory = {
    ...memory,
    state: 'breached',
    calmSamples: 0,
    ...(value === undefined ? {} : { value }),
  }
  if (value === undefined || !isWorse(evaluation, memory.toldValue)) return { memory: next, holds: true }
  return {
    memory: { ...next, toldValue: value, worsenedCount: memory.worsenedCount + 1 },
    edge: 'worsened',
    holds: true,
  }
}

function isWorse({ value, limit, worse }: Compared, told: number | undefined): boolean {
  if (value === undefined || limit === undefined || worse === undefined || told === undefined) return false
  const step = worseningStep * Math.abs(limit === 0 ? told : limit)
  const beyond = worse === 'lower' ? told - value : value - told
  return beyond > 0 && beyond >= step
}

function cleared(params: {
  readonly rule: Pick<RuleConfig, 'calmSamples'>
  readonly memory: RuleMemory
  readonly at: UnixSeconds
  readonly isCalm: boolean
  readonly value: number | undefined
}): Tracked {
  const { rule, isCalm, value } = params
  const { value: _previous, ...rest } = params.memory
  const memory: RuleMemory = { ...rest, ...(value === undefined ? {} : { value }) }
  if (memory.state === 'quiet') return { memory, holds: false }
  // An error that never was a breach needs no dead band: that the rule can be evaluated is what was missing.
  const told = memory.toldValue !== undefined
  const calmSamples = isCalm || !told ? memory.calmSamples + 1 : 0
  if (calmSamples < Math.max(1, rule.calmSamples))
    return { memory: { ...memory, state: told ? 'breached' : 'error', calmSamples }, holds: false }
  const { toldValue: _told, lastPlanAt: _plan, ...quiet } = memory
  return {
    memory: { ...quiet, state: 'quiet', since: params.at, worsenedCount: 0, calmSamples: 0, planCount: 0 },
    edge: 'recovered',
    holds: false,
  }
}
