// One position that has no value in one scenario: who, where and why, so that a book of hundreds can be mended.

import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import type { PositionTerms } from '../index.ts'
import { value } from '../value.ts'
import { type Stage, scenarioMarket } from './stage.ts'

/** Absent `scenario`: in the market as it is. */
export function revaluationFailed(params: {
  readonly position: PositionTerms
  readonly index: number
  readonly scenario?: number
  readonly cause: unknown
}): HomeostatError {
  const { position, index, scenario, cause } = params
  const where = scenario === undefined ? 'in the market as it is' : `in scenario ${scenario}`
  const why = cause instanceof Error ? cause.message : String(cause)
  const known = isHomeostatError(cause) ? cause : undefined
  return new HomeostatError('revaluation-failed', {
    message: `Position ${index} (${position.kind}) has no value ${where}: ${why}`,
    retry: known?.retry ?? 'never',
    facts: {
      ...known?.facts,
      position: index,
      kind: position.kind,
      ...(scenario === undefined ? {} : { scenario }),
      ...(known === undefined ? {} : { why: known.code }),
    },
    hint: known?.hint ?? 'Value this position alone in that market to see more.',
    cause,
  })
}

/** Values positions one by one in a scenario to find the one that has no value there; if each has one, it is their sum that is too large. */
export function explained(params: {
  readonly positions: readonly PositionTerms[]
  readonly indices: Iterable<number>
  readonly staged: Stage
  readonly scenario: number
}): HomeostatError {
  const { positions, indices, staged, scenario } = params
  const market = scenarioMarket(staged, scenario)
  for (const index of indices) {
    const position = positions[index]
    if (position === undefined) continue
    try {
      value(position, market)
    } catch (cause) {
      return revaluationFailed({ position, index, scenario, cause })
    }
  }
  return tooLarge(scenario)
}

/** Of a sum whose parts are finite. Absent `scenario`: in the market as it is. */
export function tooLarge(scenario?: number): HomeostatError {
  const where = scenario === undefined ? 'in the market as it is' : `in scenario ${scenario}`
  return new HomeostatError('not-finite', {
    message: `The value of the book ${where} is beyond what a number can hold.`,
    retry: 'never',
    facts: { figure: 'value', ...(scenario === undefined ? {} : { scenario }) },
    hint: 'Look for a mistake in units in the terms of its positions or in the scenario.',
  })
}
