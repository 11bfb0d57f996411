// What the rule language cannot refuse, and a desk did not mean: percentages against fractions, and targets inside the breach.

import {
  type BooleanExpression,
  type Comparison,
  type NumberExpression,
  nameOf,
  type Reference,
} from '../../decisions/rules/expression.ts'
import { termOf } from '../../decisions/rules/vocabulary.ts'
import { defaults } from './defaults.ts'
import { healthVerdict } from './health-verdict.ts'
import type { Place, Sheet } from './sheet.ts'

/** From which limit on a number is a percentage, by the unit of the word. A price can fall by its whole at most. */
const percentFrom: Readonly<Record<string, number>> = { fraction: 1, ratio: 50 }

/** A loss of less than a dollar was meant as a part of the value. */
const lossUnit = 'USD of loss'

/** `liquidationDistance < 20`: of a word that is a fraction, 20 is 2000 per cent. `es99d1 > 0.08`: of a loss in USD, 0.08 is eight cents. */
export function refusePercentages(sheet: Sheet, when: Place, expression: BooleanExpression): void {
  for (const { left, right } of comparisonsOf(expression)) {
    for (const [side, other] of [
      [left, right],
      [right, left],
    ] as const) {
      const reference = readOf(side)
      const limit = constantOf(other)
      if (reference === undefined || limit === undefined) continue
      const unit = unitOf(reference)
      const from = percentFrom[unit]
      if (from !== undefined && Math.abs(limit) >= from) {
        const reason = `${nameOf(reference)} is a ${unit}, and ${limit} would be ${rounded(limit * 100)} %`
        sheet.report(when, { reason, suggestion: String(rounded(limit / 100)) })
      } else if (unit === lossUnit && limit !== 0 && Math.abs(limit) < 1) {
        const reason = `${nameOf(reference)} is in USD, and ${limit} would be less than a dollar`
        sheet.report(when, { reason, suggestion: `${limit} * nav` })
      }
    }
  }
}

/** Back at its target the account must be out of the breach, dead band included; else the rule would never be calm again. */
export function requireUsefulTarget(sheet: Sheet, rulePlace: Place, expression: BooleanExpression): void {
  const plan = valueAt(sheet, rulePlace, 'plan')
  const place = plan && valueAt(sheet, plan, 'target')
  const target = place && sheet.scalar(place)?.value
  if (place === undefined || typeof target !== 'number' || target <= 1) return
  const given = valueAt(sheet, rulePlace, 'deadBand')
  const band = given === undefined ? defaults.rule.deadBand : sheet.scalar(given)?.value
  const deadBand = typeof band === 'number' && band >= 0 && band < 1 ? band : 0
  const breachAt = (healthFactor: number, by: number) =>
    healthVerdict(expression, { healthFactor, deadBand: by }) === true
  if (breachAt(target * (1 - hair), 0)) {
    const limit = endOfBreach(target, (at) => breachAt(at, 0))
    const reason =
      limit === undefined
        ? `\`target\` ${target} is itself a breach of the rule`
        : `\`target\` ${target} is not above the rule's own limit ${limit}: the plan would end in the breach that it answers`
    sheet.report(place, { reason })
  } else if (breachAt(target * (1 + hair), deadBand)) {
    const calm = endOfBreach(target, (at) => breachAt(at, deadBand))
    const reason = `\`target\` ${target} is within the dead band of ${deadBand}${calm === undefined ? '' : `: the rule is calm from ${calm}`}`
    sheet.report(place, { reason, suggestion: calm === undefined ? undefined : String(calm) })
  }
}

/** Two numbers that differ by less were meant to be the same. */
const hair = 1e-9
const highest = 1_000

/** Where the breach that holds just below `from` ends, to six digits; undefined if it has no end. */
function endOfBreach(from: number, isBreach: (healthFactor: number) => boolean): number | undefined {
  let low = from * (1 - hair)
  let high = highest
  if (isBreach(high)) return undefined
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (isBreach(middle)) low = middle
    else high = middle
  }
  return rounded(high)
}

function comparisonsOf(expression: BooleanExpression): readonly Comparison[] {
  if (expression.kind === 'compare') return [expression]
  if (expression.kind === 'compare-level') return []
  if (expression.kind === 'not') return comparisonsOf(expression.of)
  return [...comparisonsOf(expression.left), ...comparisonsOf(expression.right)]
}

/** The word that a side is, up to its sign. */
function readOf(expression: NumberExpression): Reference | undefined {
  if (expression.kind === 'read') return expression.reference
  if (expression.kind === 'negate') return readOf(expression.of)
  const [only] = expression.kind === 'call' && expression.name === 'abs' ? expression.of : []
  return only && readOf(only)
}

function unitOf(reference: Reference): string {
  const { term, key = '' } = reference
  return term === 'stress' && key.endsWith('HealthFactor') ? 'ratio' : (termOf(term)?.unit ?? '')
}

function constantOf(expression: NumberExpression): number | undefined {
  if (expression.kind === 'number') return expression.value
  if (expression.kind !== 'negate') return undefined
  const of = constantOf(expression.of)
  return of === undefined ? undefined : -of
}

function valueAt(sheet: Sheet, place: Place, key: string): Place | undefined {
  return sheet.entries(place)?.find((entry) => entry.key === key)?.value
}

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
