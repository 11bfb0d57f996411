// Limits that the language allows and nobody means: percentages against fractions, cents of loss, a loss above 0 where losses are below it.

import { type BooleanExpression, type Comparison, type NumberExpression, nameOf, type Reference } from './expression.ts'
import { termOf } from './vocabulary.ts'

export interface UnmeantLimit {
  readonly reason: string
  /** What was probably meant by the limit. */
  readonly suggestion?: string
}

/** From which limit on a number is a percentage, by the unit of the word. A price can fall by its whole at most. */
const percentFrom: Readonly<Record<string, number>> = { fraction: 1, ratio: 50 }

/** A loss of less than a dollar was meant as a part of the value. */
const lossUnit = 'USD of loss'

/** Amounts that a limit takes parts of; a portfolio in which they are below 0 has other worries. */
const amounts = ['nav', 'debt', 'collateral']

/** `liquidationDistance < 20`: of a fraction, 20 is 2000 %. `es99d1 > 0.08`: eight cents. `stress.worst > 0.2 * nav`: the worst change is a loss, below 0. */
export function unmeantLimits(expression: BooleanExpression): readonly UnmeantLimit[] {
  return comparisonsOf(expression).flatMap(({ left, right }) => [
    ...unmeantLimit(left, right),
    ...unmeantLimit(right, left),
  ])
}

function unmeantLimit(side: NumberExpression, other: NumberExpression): readonly UnmeantLimit[] {
  const reference = readOf(side)
  if (reference === undefined) return []
  const { term, key = '' } = reference
  if (side.kind === 'read' && term === 'stress' && !key.endsWith('HealthFactor')) return aboveZero(reference, other)
  const limit = constantOf(other)
  if (limit === undefined) return []
  const unit = unitOf(reference)
  const from = percentFrom[unit]
  if (from !== undefined && Math.abs(limit) >= from) {
    const reason = `${nameOf(reference)} is a ${unit}, and ${limit} would be ${rounded(limit * 100)} %`
    return [{ reason, suggestion: String(rounded(limit / 100)) }]
  }
  if (unit !== lossUnit || limit === 0 || Math.abs(limit) >= 1) return []
  const reason = `${nameOf(reference)} is in USD, and ${limit} would be less than a dollar`
  return [{ reason, suggestion: `${limit} * nav` }]
}

function aboveZero(reference: Reference, limit: NumberExpression): readonly UnmeantLimit[] {
  if (!isAbove(limit)) return []
  const text = textOf(limit)
  const reason = `${nameOf(reference)} is a change, below 0 where something is lost, and ${text ?? 'its limit'} is above 0`
  return [{ reason, ...(text === undefined ? {} : { suggestion: `-${text}` }) }]
}

/** Surely above 0. */
function isAbove(expression: NumberExpression): boolean {
  switch (expression.kind) {
    case 'number':
      return expression.value > 0
    case 'read':
      return amounts.includes(expression.reference.term)
    case 'arithmetic':
      return expression.operator !== '-' && isAbove(expression.left) && isAbove(expression.right)
    case 'call':
      return expression.of.every(isAbove)
    default:
      return false
  }
}

/** Of numbers and words times or over one another; others are not written again. */
function textOf(expression: NumberExpression): string | undefined {
  if (expression.kind === 'number') return String(expression.value)
  if (expression.kind === 'read') return nameOf(expression.reference)
  if (expression.kind !== 'arithmetic' || !['*', '/'].includes(expression.operator)) return undefined
  const [left, right] = [textOf(expression.left), textOf(expression.right)]
  const isFlat = expression.right.kind !== 'arithmetic'
  return left === undefined || right === undefined || !isFlat ? undefined : `${left} ${expression.operator} ${right}`
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

function rounded(value: number): number {
  return Number(value.toPrecision(6))
}
