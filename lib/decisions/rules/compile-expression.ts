// From a rule's tree to closures that evaluate it on a report: total, without loops, and NaN never passes for "not breached".

import type { Ratio } from '../../base/units.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Report } from '../../model/report.ts'
import { inWords } from '../number-in-words.ts'
import {
  type BooleanExpression,
  type LevelComparison,
  type NumberExpression,
  nameOf,
  type Reference,
  readsOf,
} from './expression.ts'
import { compare, worseSide } from './operators.ts'
import type { Found } from './term.ts'
import { termOf } from './vocabulary.ts'

export type Evaluation =
  | {
      readonly kind: 'holds' | 'not'
      /** The two sides, where the rule is one comparison. */
      readonly value?: number
      readonly limit?: number
      /** Where a breach gets worse. */
      readonly worse?: 'lower' | 'higher'
      /** Both are places in this list of words, from the least severe on. */
      readonly levels?: readonly string[]
      /** Every limit is cleared by the dead band too. */
      readonly calm: boolean
    }
  /** Something that the rule reads does not exist for this portfolio, e.g. a health factor without debt: not breached, and calm. */
  | { readonly kind: 'not-applicable'; readonly reason: string }
  | { readonly kind: 'error'; readonly code: string; readonly reason: string }

interface Frame {
  readonly values: readonly number[]
  /** Moves every limit by this fraction of itself towards the good side. */
  readonly deadBand: Ratio
  /** The first thing that was no number. */
  fault: string | undefined
}

type NumberOf = (frame: Frame) => number
/** Kleene's logic: `unknown` stands for what is not applicable. */
type Truth = 'yes' | 'no' | 'unknown'
type TruthOf = (frame: Frame) => Truth
type Slots = ReadonlyMap<string, number>

/** A function of report and dead band. Both sides of `and` and `or` are always evaluated, so that an error is never skipped. */
export function compileExpression(expression: BooleanExpression): (report: Report, deadBand: Ratio) => Evaluation {
  const reads = readsOf(expression)
  const slots: Slots = new Map(reads.map((reference, slot) => [nameOf(reference), slot]))
  const truth = compileTruth(expression, 'forward', slots)
  const sides = sidesOf(expression, slots)

  return (report, deadBand) => {
    const inputs = readAll(reads, report)
    if (inputs.kind === 'error') return inputs
    const frame: Frame = { values: inputs.values, deadBand: 0, fault: undefined }
    const verdict = truth(frame)
    const relaxed: Frame = { values: inputs.values, deadBand, fault: undefined }
    const calm = truth(relaxed) !== 'yes'
    const fault = frame.fault ?? relaxed.fault
    if (fault !== undefined) return { kind: 'error', code: 'not-a-number', reason: fault }
    const { bound } = inputs
    if (bound !== undefined && !(verdict === 'yes' && bound.decides === sides?.decidedBy)) return bound.error
    if (verdict === 'unknown') return { kind: 'not-applicable', reason: inputs.notApplicable ?? 'nothing to compare' }
    return {
      kind: verdict === 'yes' ? 'holds' : 'not',
      calm: verdict === 'no' && calm,
      ...(sides === undefined ? {} : { value: sides.value(frame), limit: sides.limit(frame), ...sides.meaning }),
    }
  }
}

interface Sides {
  readonly value: NumberOf
  readonly limit: NumberOf
  readonly meaning: { readonly worse?: 'lower' | 'higher'; readonly levels?: readonly string[] }
  /** The one shape in which a value of which only a bound is known can decide: it alone stands against a constant that the bound is beyond already. */
  readonly decidedBy: 'lower' | 'higher' | undefined
}

/** Of a rule that is one comparison. */
function sidesOf(expression: BooleanExpression, slots: Slots): Sides | undefined {
  if (expression.kind !== 'compare' && expression.kind !== 'compare-level') return undefined
  const worse = worseSide(expression.operator)
  const meaning = worse === undefined ? {} : { worse }
  if (expression.kind === 'compare-level') {
    const { value, limit, levels } = levelSides(expression, slots)
    return { value, limit: () => limit, meaning: { ...meaning, levels }, decidedBy: worse }
  }
  const { left, right } = expression
  const stands = left.kind === 'read' && readsOf(right).length === 0
  return {
    value: compileNumber(left, slots),
    limit: compileNumber(right, slots),
    meaning,
    decidedBy: stands ? worse : undefined,
  }
}

function levelSides({ reference, level }: LevelComparison, slots: Slots) {
  const levels = termOf(reference.term)?.levels ?? []
  return { levels, value: compileNumber({ kind: 'read', reference }, slots), limit: levels.indexOf(level) }
}

type Inputs =
  | {
      readonly kind: 'read'
      readonly values: readonly number[]
      readonly notApplicable: string | undefined
      /** Of a value only a bound is known: what to say unless it decides. */
      readonly bound: Bound | undefined
    }
  | Failure

type Failure = Extract<Evaluation, { readonly kind: 'error' }>

interface Bound {
  /** A rule for which this side is the worse one. */
  readonly decides: 'lower' | 'higher'
  readonly error: Failure
}

/** NaN stands for "not applicable" from here on; a NaN that was read is an error. */
function readAll(reads: readonly Reference[], report: Report): Inputs {
  const values: number[] = []
  let notApplicable: string | undefined
  let bound: Bound | undefined
  for (const reference of reads) {
    const name = nameOf(reference)
    const found = termOf(reference.term)?.read(report, reference.key ?? '')
    if (found === undefined) return { kind: 'error', code: 'unknown-name', reason: `${name}: no such word` }
    if (found.kind === 'missing') return { kind: 'error', code: found.code, reason: `${name}: ${found.reason}` }
    if (found.kind === 'not-applicable') {
      notApplicable ??= `${name}: ${found.reason}`
      values.push(Number.NaN)
    } else if (Number.isFinite(found.value)) {
      values.push(found.value)
      if (found.kind !== 'value') bound ??= boundOf(name, found)
    } else return { kind: 'error', code: 'not-a-number', reason: `${name} is ${found.value}` }
  }
  return { kind: 'read', values, notApplicable, bound }
}

function boundOf(name: string, found: Extract<Found, { readonly kind: 'at-most' | 'at-least' }>): Bound {
  const { kind, value, code, reason } = found
  const said = kind === 'at-most' ? 'at most' : 'at least'
  return {
    decides: kind === 'at-most' ? 'lower' : 'higher',
    error: { kind: 'error', code, reason: `${name} is ${said} ${inWords(value)}: ${reason}` },
  }
}

function compileNumber(expression: NumberExpression, slots: Slots): NumberOf {
  switch (expression.kind) {
    case 'number':
      return () => expression.value
    case 'read': {
      const slot = slots.get(nameOf(expression.reference)) ?? -1
      return (frame) => frame.values[slot] ?? Number.NaN
    }
    case 'negate': {
      const of = compileNumber(expression.of, slots)
      return (frame) => -of(frame)
    }
    case 'arithmetic':
      return compileArithmetic(expression, slots)
    case 'call': {
      const of = expression.of.map((argument) => compileNumber(argument, slots))
      const apply = functions[expression.name]
      return (frame) => apply(of.map((argument) => argument(frame)))
    }
    default:
      return unreachable(expression)
  }
}

const functions = {
  abs: ([x = Number.NaN]: readonly number[]) => Math.abs(x),
  min: (xs: readonly number[]) => Math.min(...xs),
  max: (xs: readonly number[]) => Math.max(...xs),
} as const

function compileArithmetic(expression: Extract<NumberExpression, { kind: 'arithmetic' }>, slots: Slots): NumberOf {
  const { operator } = expression
  const left = compileNumber(expression.left, slots)
  const right = compileNumber(expression.right, slots)
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    const result = calculate(operator, a, b)
    if (!Number.isFinite(result) && !Number.isNaN(a) && !Number.isNaN(b))
      frame.fault ??= `${a} ${operator} ${b} is not a finite number`
    return result
  }
}

function calculate(operator: '+' | '-' | '*' | '/', a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b
    case '-':
      return a - b
    case '*':
      return a * b
    case '/':
      return a / b
    default:
      return unreachable(operator)
  }
}

/** `backward` under a `not`: there the good side of a limit is the other one. */
type Sense = 'forward' | 'backward'

function compileTruth(expression: BooleanExpression, sense: Sense, slots: Slots): TruthOf {
  switch (expression.kind) {
    case 'compare': {
      const left = compileNumber(expression.left, slots)
      const right = compileNumber(expression.right, slots)
      const shift = { lower: 1, higher: -1, none: 0 }[worseSide(expression.operator) ?? 'none']
      const sign = sense === 'forward' ? shift : -shift
      return (frame) => {
        const value = left(frame)
        const limit = right(frame)
        if (Number.isNaN(value) || Number.isNaN(limit)) return 'unknown'
        return compare(expression.operator, value, limit + sign * frame.deadBand * Math.abs(limit)) ? 'yes' : 'no'
      }
    }
    case 'compare-level': {
      const { value, limit } = levelSides(expression, slots)
      // Between two levels there is nothing that a dead band could move.
      return (frame) => {
        const level = value(frame)
        if (Number.isNaN(level)) return 'unknown'
        return compare(expression.operator, level, limit) ? 'yes' : 'no'
      }
    }
    case 'not': {
      const of = compileTruth(expression.of, sense === 'forward' ? 'backward' : 'forward', slots)
      return (frame) => opposite(of(frame))
    }
    case 'and':
    case 'or': {
      const left = compileTruth(expression.left, sense, slots)
      const right = compileTruth(expression.right, sense, slots)
      const decisive = expression.kind === 'or' ? 'yes' : 'no'
      return (frame) => {
        const a = left(frame)
        const b = right(frame)
        if (a === decisive || b === decisive) return decisive
        // What does not apply leaves an `or` to its other side; it keeps an `and` from holding.
        if (a === 'unknown' || b === 'unknown') return expression.kind === 'or' ? (a === 'unknown' ? b : a) : 'unknown'
        return a
      }
    }
    default:
      return unreachable(expression)
  }
}

function opposite(truth: Truth): Truth {
  if (truth === 'unknown') return truth
  return truth === 'yes' ? 'no' : 'yes'
}
