// The whitelist: reads a parsed tree into a typed expression, and refuses everything that is not a rule by name.

import { nearestWord } from '../../base/nearest-word.ts'
import { type BooleanExpression, type Comparison, type NumberExpression, readsOf } from './expression.ts'
import { refusal } from './refusal.ts'
import type { Term } from './term.ts'
import { termOf, vocabulary } from './vocabulary.ts'

/** What keys a portfolio knows. */
export interface KnownKeys {
  readonly underlyings: readonly string[]
  readonly assets: readonly string[]
}

/** As much of a parser's node as is looked at; which fields there are depends on `type`. */
export interface SyntaxNode {
  readonly type: string
  readonly op?: string
  readonly fn?: string | SyntaxNode
  readonly args?: readonly SyntaxNode[]
  readonly implicit?: boolean
  readonly name?: string
  readonly value?: unknown
  readonly content?: SyntaxNode
  readonly object?: SyntaxNode
  readonly index?: SyntaxNode
  readonly dimensions?: readonly SyntaxNode[]
  readonly optionalChaining?: boolean
}

interface Reading {
  readonly text: string
  readonly known: KnownKeys | undefined
  readonly maxDepth: number
}

type Operator = Comparison['operator']

const comparisons: Readonly<Record<string, { readonly operator: Operator; readonly swapped: Operator }>> = {
  smaller: { operator: '<', swapped: '>' },
  smallerEq: { operator: '<=', swapped: '>=' },
  larger: { operator: '>', swapped: '<' },
  largerEq: { operator: '>=', swapped: '<=' },
  equal: { operator: '==', swapped: '==' },
  unequal: { operator: '!=', swapped: '!=' },
}
const arithmetic: Readonly<Record<string, '+' | '-' | '*' | '/'>> = {
  add: '+',
  subtract: '-',
  multiply: '*',
  divide: '/',
}
const functions = { abs: { least: 1, most: 1 }, min: { least: 2, most: 20 }, max: { least: 2, most: 20 } } as const

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
      return comparisonOf(comparison, numberOf(reading, left, depth + 1), numberOf(reading, right, depth + 1))
    if ((node.fn === 'and' || node.fn === 'or') && left !== undefined && right !== undefined)
      // A chain of `or` leans left; it is long, not deep.
      return { kind: node.fn, left: booleanOf(reading, left, depth), right: booleanOf(reading, right, depth + 1) }
    if (node.fn === 'not' && left !== undefined) return { kind: 'not', of: booleanOf(reading, left, depth + 1) }
  }
  if (isNumber(node))
    throw refusal(reading.text, 'not-boolean', 'A number stands where something true or false is needed: compare it.')
  throw refuseNode(reading, node)
}

/** The side that reads the portfolio is watched; a bare number is the limit, on whichever side it was written. */
function comparisonOf(
  { operator, swapped }: { readonly operator: Operator; readonly swapped: Operator },
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
      return plainWord(reading, node.name ?? '')
    case 'AccessorNode':
      return keyedWord(reading, node)
    case 'FunctionNode':
      return callOf(reading, node, depth)
    case 'OperatorNode':
      return operationOf(reading, node, depth)
  }
  throw refuseNode(reading, node)
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

function plainWord(reading: Reading, name: string): NumberExpression {
  const term = wordOf(reading, name)
  if (term.keys === 'none') return { kind: 'read', reference: { term: name } }
  throw refusal(reading.text, 'unknown-key', `${name} needs a key, e.g. ${name}.${exampleKey(term, reading.known)}.`)
}

function keyedWord(reading: Reading, node: SyntaxNode): NumberExpression {
  const key = node.index?.dimensions?.length === 1 ? node.index.dimensions[0]?.value : undefined
  if (node.object?.type !== 'SymbolNode' || node.optionalChaining === true || typeof key !== 'string')
    throw refusal(reading.text, 'not-allowed', 'A key is one literal name: netDelta.ETH or netDelta["ETH"].')
  const name = node.object.name ?? ''
  const term = wordOf(reading, name)
  if (term.keys === 'none') throw refusal(reading.text, 'unknown-key', `${name} takes no key.`)
  // Names that every object inherits are never data.
  if (!/^[A-Za-z0-9][A-Za-z0-9._+@-]{0,63}$/.test(key) || key in Object.prototype)
    throw refusal(reading.text, 'unknown-key', `${JSON.stringify(key)} cannot be the name of an asset.`)
  const keys = knownKeys(term, reading.known)
  if (keys !== undefined && !keys.includes(key))
    throw refusal(reading.text, 'unknown-key', `${name} knows no ${key}.`, nearestWord(key, keys))
  return { kind: 'read', reference: { term: name, key } }
}

function wordOf(reading: Reading, name: string): Term {
  const term = termOf(name)
  if (term !== undefined) return term
  if (own(functions, name) !== undefined)
    throw refusal(reading.text, 'not-allowed', `${name} is a function: write ${name}(...).`)
  const words = [...vocabulary.map((one) => one.name), ...Object.keys(functions)]
  throw refusal(reading.text, 'unknown-name', `There is no ${name}.`, nearestWord(name, words))
}

function knownKeys(term: Term, known: KnownKeys | undefined): readonly string[] | undefined {
  if (term.keys === 'none') return []
  if (term.keys === 'underlying') return known?.underlyings
  if (term.keys === 'asset') return known?.assets
  return term.keys
}

function exampleKey(term: Term, known: KnownKeys | undefined): string {
  return knownKeys(term, known)?.[0] ?? (term.keys === 'asset' ? 'WETH' : 'ETH')
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
      return refusal(text, 'not-allowed', 'Text has no place in a rule, except as a key.')
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
