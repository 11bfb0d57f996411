// What a rule says, and how it stands now, in words: for people who write rules and people who were woken by one.

import { unreachable } from '../../base/unreachable.ts'
import type { Report } from '../../model/report.ts'
import { inWords, levelOr, percentInWords } from '../number-in-words.ts'
import type { Evaluation } from './compile-expression.ts'
import { type BooleanExpression, type Comparison, type NumberExpression, nameOf } from './expression.ts'
import type { CompiledRule } from './language.ts'
import type { Found } from './term.ts'
import { termOf } from './vocabulary.ts'

export interface RuleExplanation {
  /** `in breach when the health factor is below 1.3`. */
  readonly says: string
  /** One line for each word that it reads: meaning, unit and, with a report, its present value. */
  readonly reads: readonly string[]
  /** How it stands on the report. */
  readonly now?: string
  readonly evaluation?: Evaluation
}

/** @param params.deadBand shown if above 0: where the breach would end */
export function explainRule(params: {
  readonly rule: CompiledRule
  readonly report?: Report
  readonly deadBand?: number
}): RuleExplanation {
  const { rule, report, deadBand = 0 } = params
  const evaluation = report === undefined ? undefined : rule.evaluate(report, deadBand)
  return {
    says: `in breach when ${truthInWords(rule.expression)}${endOf(rule.expression, deadBand)}`,
    reads: rule.reads.map((reference) => {
      const term = termOf(reference.term)
      const found = report === undefined ? undefined : term?.read(report, reference.key ?? '')
      const value = found === undefined ? '' : `; now ${foundInWords(found, term?.levels)}`
      return `${nameOf(reference)}: ${term?.meaning ?? 'unknown'} [${term?.unit ?? ''}]${value}`
    }),
    ...(evaluation === undefined ? {} : { evaluation, now: evaluationInWords(evaluation) }),
  }
}

function foundInWords(found: Found, levels: readonly string[] | undefined): string {
  switch (found.kind) {
    case 'value':
      return levelOr(found.value, levels)
    case 'at-most':
    case 'at-least':
      return `${found.kind.replace('-', ' ')} ${inWords(found.value)}: ${found.reason}`
    default:
      return `none: ${found.reason}`
  }
}

/** `healthFactor is 1.42, 9.2 % clear of 1.3: not in breach`. */
function evaluationInWords(evaluation: Evaluation): string {
  switch (evaluation.kind) {
    case 'error':
      return `cannot be evaluated (${evaluation.code}): ${evaluation.reason}`
    case 'not-applicable':
      return `does not apply: ${evaluation.reason}`
    case 'holds':
    case 'not': {
      const state = evaluation.kind === 'holds' ? 'in breach' : 'not in breach'
      const { value, limit, levels } = evaluation
      if (value === undefined || limit === undefined) return state
      if (levels !== undefined) return `${state}: ${levelOr(value, levels)} against ${levelOr(limit, levels)}`
      return `${state}: ${inWords(value)} against ${inWords(limit)}${distanceInWords(value, limit)}`
    }
    default:
      return unreachable(evaluation)
  }
}

function distanceInWords(value: number, limit: number): string {
  if (limit === 0 || value === limit) return ''
  return ` (${percentInWords(Math.abs(value - limit) / Math.abs(limit))} ${value > limit ? 'above' : 'below'})`
}

function endOf(expression: BooleanExpression, deadBand: number): string {
  if (deadBand <= 0 || expression.kind === 'compare-level') return ''
  if (expression.kind !== 'compare' || expression.right.kind !== 'number')
    return `; it ends once every limit is cleared by ${percentInWords(deadBand)}`
  const limit = expression.right.value
  const towards = expression.operator.startsWith('<') ? 1 : -1
  return `; it ends at ${inWords(limit + towards * deadBand * Math.abs(limit))}`
}

const comparisonWords: Readonly<Record<Comparison['operator'], string>> = {
  '<': 'is below',
  '<=': 'is at most',
  '>': 'is above',
  '>=': 'is at least',
  '==': 'equals',
  '!=': 'differs from',
}

const levelWords: Readonly<Record<Comparison['operator'], string>> = {
  '<': 'is below',
  '<=': 'is at most',
  '>': 'is beyond',
  '>=': 'is at least',
  '==': 'is',
  '!=': 'is not',
}

function truthInWords(expression: BooleanExpression): string {
  switch (expression.kind) {
    case 'compare':
      return `${numberInWords(expression.left)} ${comparisonWords[expression.operator]} ${numberInWords(expression.right)}`
    case 'compare-level':
      return `${nameOf(expression.reference)} ${levelWords[expression.operator]} ${expression.level}`
    case 'not':
      return `it is not so that (${truthInWords(expression.of)})`
    case 'and':
    case 'or':
      return `(${truthInWords(expression.left)}) ${expression.kind} (${truthInWords(expression.right)})`
    default:
      return unreachable(expression)
  }
}

function numberInWords(expression: NumberExpression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value)
    case 'read':
      return nameOf(expression.reference)
    case 'negate':
      return `-${grouped(expression.of)}`
    case 'arithmetic':
      return `${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)}`
    case 'call':
      return `${callWords[expression.name]} ${expression.of.map(numberInWords).join(' and ')}`
    default:
      return unreachable(expression)
  }
}

const callWords = { abs: 'the size of', min: 'the least of', max: 'the most of' } as const

function grouped(expression: NumberExpression): string {
  const words = numberInWords(expression)
  return expression.kind === 'arithmetic' || expression.kind === 'call' ? `(${words})` : words
}
