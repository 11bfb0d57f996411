// Whether a rule calls a health factor a breach, as far as its expression alone decides it: intervals stand for what is not known.

import { unreachable } from '../../base/unreachable.ts'
import type { BooleanExpression, Comparison, NumberExpression } from '../../decisions/rules/expression.ts'

interface Interval {
  readonly low: number
  readonly high: number
}

const anything: Interval = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

/**
 * True: a breach at this health factor; false: none; undefined: the health factor alone does not decide.
 * What does not depend on it is left out of `and` and `or`: it may well hold again after the plan, or not.
 * @param at.deadBand by which fraction of itself every limit has to be cleared, as in the rule language
 */
export function healthVerdict(
  expression: BooleanExpression,
  at: { readonly healthFactor: number; readonly deadBand: number },
): boolean | undefined {
  return verdict(expression, at, 1)
}

function verdict(
  expression: BooleanExpression,
  at: { readonly healthFactor: number; readonly deadBand: number },
  sense: 1 | -1,
): boolean | undefined {
  switch (expression.kind) {
    case 'compare':
      return compare(expression, at, sense)
    case 'compare-level':
      return undefined
    case 'not': {
      const of = verdict(expression.of, at, sense === 1 ? -1 : 1)
      return of === undefined ? undefined : !of
    }
    case 'and':
    case 'or': {
      const left = verdict(expression.left, at, sense)
      const right = verdict(expression.right, at, sense)
      if (left === undefined || right === undefined) return left ?? right
      return expression.kind === 'and' ? left && right : left || right
    }
    default:
      return unreachable(expression)
  }
}

function compare(
  { operator, left, right }: Comparison,
  at: { readonly healthFactor: number; readonly deadBand: number },
  sense: 1 | -1,
): boolean | undefined {
  const value = intervalOf(left, at.healthFactor)
  const limit = intervalOf(right, at.healthFactor)
  const shift = at.deadBand * sense
  const raised = (edge: number) => edge + shift * Math.abs(edge)
  const lowered = (edge: number) => edge - shift * Math.abs(edge)
  switch (operator) {
    case '<':
      return value.high < raised(limit.low) ? true : value.low >= raised(limit.high) ? false : undefined
    case '<=':
      return value.high <= raised(limit.low) ? true : value.low > raised(limit.high) ? false : undefined
    case '>':
      return value.low > lowered(limit.high) ? true : value.high <= lowered(limit.low) ? false : undefined
    case '>=':
      return value.low >= lowered(limit.high) ? true : value.high < lowered(limit.low) ? false : undefined
    // No desk asks for one exact health factor; nothing is decided.
    case '==':
    case '!=':
      return undefined
    default:
      return unreachable(operator)
  }
}

function intervalOf(expression: NumberExpression, healthFactor: number): Interval {
  switch (expression.kind) {
    case 'number':
      return point(expression.value)
    case 'read':
      return expression.reference.term === 'healthFactor' ? point(healthFactor) : anything
    case 'negate': {
      const of = intervalOf(expression.of, healthFactor)
      return { low: -of.high, high: -of.low }
    }
    case 'arithmetic':
      return calculate(
        expression.operator,
        intervalOf(expression.left, healthFactor),
        intervalOf(expression.right, healthFactor),
      )
    case 'call': {
      const of = expression.of.map((argument) => intervalOf(argument, healthFactor))
      return call(expression.name, of)
    }
    default:
      return unreachable(expression)
  }
}

function call(name: 'abs' | 'min' | 'max', of: readonly Interval[]): Interval {
  const lows = of.map(({ low }) => low)
  const highs = of.map(({ high }) => high)
  if (name === 'min') return { low: Math.min(...lows), high: Math.min(...highs) }
  if (name === 'max') return { low: Math.max(...lows), high: Math.max(...highs) }
  const { low, high } = of[0] ?? anything
  const farthest = Math.max(Math.abs(low), Math.abs(high))
  return { low: low <= 0 && high >= 0 ? 0 : Math.min(Math.abs(low), Math.abs(high)), high: farthest }
}

/** Of two known numbers exactly; of anything else only sums: a product with something unknown can be anything. */
function calculate(operator: '+' | '-' | '*' | '/', a: Interval, b: Interval): Interval {
  if (operator === '+') return { low: a.low + b.low, high: a.high + b.high }
  if (operator === '-') return { low: a.low - b.high, high: a.high - b.low }
  if (a.low !== a.high || b.low !== b.high) return anything
  return point(operator === '*' ? a.low * b.low : a.low / b.low)
}

function point(value: number): Interval {
  return Number.isFinite(value) ? { low: value, high: value } : anything
}
