// The whitelist: reads a parsed tree into a typed expression, and refuses everything that is not a rule by name.

import { nearestWord } from '../../base/nearest-word.ts'
import { type BooleanExpression, type Comparison, type NumberExpression, readsOf } from './expression.ts'
import { comparisons, type OperatorPair } from './operators.ts'
import { levelComparison, levelsOf, quoted } from './read-level.ts'
import { functions, referenceOf } from './read-word.ts'
import { refusal } from './refusal.ts'
import type { Reading, SyntaxNode } from './syntax.ts'
import { termOf } from './vocabulary.ts'

const arithmetic: Readonly<Record<string, '+' | '-' | '*' | '/'>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}

/** @throws HomeostatError `rule-refused` */
export function readExpression(reading: Reading, node: SyntaxNode): BooleanExpression {
  return booleanOf(reading, node, 0)
}

function booleanOf(reading: Reading, node: SyntaxNode, depth: number): BooleanExpression {
  refuseTooDeep(reading, depth)
  if (node.type === 'ParenthesisNode' && node.content !== undefined) return booleanOf(reading, node.content, depth)
  if (node.type === 'OperatorNode' && typeof node.fn === 'string') {
    const [left, right] = node.args ?? []
    const comparison = own(comparisons, node.fn)
    if (comparison !== undefined && left !== undefined && right !== undefined)
      return (
        levelComparison(reading, comparison, [left, right]) ??
        comparisonOf(comparison, numberOf(reading, left, depth + 1), numberOf(reading, right, depth + 1))
      )
    if ((node.fn === 'and' || node.fn === 'or') && left !== undefined && right !== undefined)
      // A chain of `or` leans left; it is long, not deep.
      return { kind: node.fn, left: booleanOf(reading, left, depth), right: booleanOf(reading, right, depth + 1) }
    if (node.fn === 'not' && left !== undefined) return { kind: 'not', of: booleanOf(reading, left, depth + 1) }
  }
  const levels = levelsOf(node)
  if (levels !== undefined)
    throw refusal(reading.text, 'not-boolean', `${node.name} is one of ${quoted(levels)}: compare it with one of them.`)
  if (isNumber(node))
    throw refusal(reading.text, 'not-boolean', 'A number stands where something true or false is needed: compare it.')
  throw refuseNode(reading, node)
}

/** The side that reads the portfolio is watched; a bare number is the limit, on whichever side it was written. */
function comparisonOf(
  { operator, swapped }: OperatorPair,
  left: NumberExpression,
  right: NumberExpression,
): Comparison {
  const turned = readsOf(left).length === 0 && readsOf(right).length > 0
  return turned
    ? { kind: 'compare', operator: swapped, left: right, right: left }
    : { kind: 'compare', operator, left, right }
}

function numberOf(reading: Reading, node: SyntaxNode, depth: number): NumberExpression {
  refuseTooDeep(reading, depth)
  switch (node.type) {
    case 'ParenthesisNode':
      if (node.content !== undefined) return numberOf(reading, node.content, depth)
      break
    case 'ConstantNode':
      if (typeof node.value === 'number' && Number.isFinite(node.value)) return { kind: 'number', value: node.value }
      break
    case 'SymbolNode':
    case 'AccessorNode':
      return { kind: 'read', reference: numberReference(reading, node) }
    case 'FunctionNode':
      return callOf(reading, node, depth)
    case 'OperatorNode':
      return operationOf(reading, node, depth)
  }
  throw refuseNode(reading, node)
}

function numberReference(reading: Reading, node: SyntaxNode) {
  const levels = levelsOf(node)
  if (levels === undefined) return referenceOf(reading, node)
  throw refusal(
    reading.text,
    'wrong-type',
    `${node.name} is one of ${quoted(levels)}, not a number: write ${node.name} == "${levels.at(-1)}".`,
  )
}

function operationOf(reading: Reading, node: SyntaxNode, depth: number): NumberExpression {
  const [left, right] = node.args ?? []
  const name = typeof node.fn === 'string' ? node.fn : ''
  if (node.implicit === true)
    throw refusal(reading.text, 'not-allowed', 'An operator is missing between two values: write 2 * nav, not 2 nav.')
  if (name === 'unaryMinus' && left !== undefined) return { kind: 'negate', of: numberOf(reading, left, depth + 1) }
  const operator = own(arithmetic, name)
  if (operator !== undefined && left !== undefined && right !== undefined)
    return {
      kind: 'arithmetic',
      operator,
      left: numberOf(reading, left, depth),
      right: numberOf(reading, right, depth + 1),
    }
  if (own(comparisons, name) !== undefined || ['and', 'or', 'not'].includes(name))
    throw refusal(reading.text, 'not-a-number', `What ${node.op} gives is true or false; a number is needed there.`)
  throw refuseNode(reading, node)
}

function callOf(reading: Reading, node: SyntaxNode, depth: number): NumberExpression {
  const name = typeof node.fn === 'object' && node.fn.type === 'SymbolNode' ? (node.fn.name ?? '') : undefined
  if (name === undefined) throw refusal(reading.text, 'not-allowed', 'Only abs, min and max can be called.')
  const rule = own(functions, name)
  if (rule === undefined) {
    if (termOf(name) !== undefined) throw refusal(reading.text, 'not-allowed', `${name} is a value, not a function.`)
    throw refusal(
      reading.text,
      'unknown-name',
      `There is no function ${name}.`,
      nearestWord(name, Object.keys(functions)),
    )
  }
  const args = node.args ?? []
  if (args.length < rule.least || args.length > rule.most) {
    const wanted = rule.most === 1 ? 'one value' : `${rule.least} to ${rule.most} values`
    throw refusal(reading.text, 'not-allowed', `${name} takes ${wanted}, not ${args.length}.`)
  }
  return {
    kind: 'call',
    name: name as keyof typeof functions,
    of: args.map((one) => numberOf(reading, one, depth + 1)),
  }
}

function isNumber(node: SyntaxNode): boolean {
  const operator = typeof node.fn === 'string' ? node.fn : ''
  return (
    (node.type === 'ConstantNode' && typeof node.value === 'number') ||
    ['SymbolNode', 'AccessorNode', 'FunctionNode'].includes(node.type) ||
    (node.type === 'OperatorNode' && (own(arithmetic, operator) !== undefined || operator === 'unaryMinus'))
  )
}

const explanations: Readonly<Record<string, string>> = {
  AssignmentNode: 'A single = assigns, and a rule changes nothing: write == or, better, <= or >=.',
  FunctionAssignmentNode: 'A rule defines no functions.',
  ArrayNode: 'A rule has no lists or matrices.',
  ObjectNode: 'A rule has no objects.',
  RangeNode: 'A rule has no ranges.',
  BlockNode: 'A rule is one expression, without ;.',
  ConditionalNode: 'A rule has no ? : condition: use and, or.',
  IndexNode: 'A key is one literal name.',
}

function refuseNode(reading: Reading, node: SyntaxNode) {
  const { text } = reading
  if (node.type === 'RelationalNode')
    return refusal(text, 'chained-comparison', 'Comparisons cannot be chained: write a < b and b < c.')
  if (node.type === 'ConstantNode') {
    if (typeof node.value === 'string')
      return refusal(
        text,
        'not-allowed',
        'Text has no place in a rule, except as a key or as the value of a word such as regime.',
      )
    if (typeof node.value === 'number') return refusal(text, 'not-a-number', `${node.value} is not a finite number.`)
    return refusal(text, 'not-allowed', `${String(node.value)} is not a value of the portfolio.`)
  }
  if (node.type === 'OperatorNode')
    return refusal(text, 'not-allowed', `The operator ${node.op} is not part of the language.`)
  return refusal(text, 'not-allowed', own(explanations, node.type) ?? `${node.type} is not part of the language.`)
}

/** Brackets were counted before parsing; this counts operators within operators. */
function refuseTooDeep(reading: Reading, depth: number): void {
  if (depth > reading.maxDepth)
    throw refusal(reading.text, 'too-deep', `It is nested more than ${reading.maxDepth} deep.`)
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
