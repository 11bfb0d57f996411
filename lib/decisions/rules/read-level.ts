// A word whose values are words, compared with one of them: `regime == "crisis"`. Everything else that mixes text and numbers is refused here.

import { nearestWord } from '../../base/nearest-word.ts'
import type { LevelComparison } from './expression.ts'
import { compare, type Operator, type OperatorPair } from './operators.ts'
import { referenceOf } from './read-word.ts'
import { refusal } from './refusal.ts'
import type { Reading, SyntaxNode } from './syntax.ts'
import type { Term } from './term.ts'
import { termOf, vocabulary } from './vocabulary.ts'

/** The values of the word that a node is, if they are words. */
export function levelsOf(node: SyntaxNode): readonly string[] | undefined {
  return wordWithLevels(node)?.levels
}

/** `"calm", "tense" or "crisis"`. */
export function quoted(levels: readonly string[]): string {
  const all = levels.map((level) => `"${level}"`)
  return [all.slice(0, -1).join(', '), all.at(-1)].join(' or ')
}

/**
 * Reads the comparison if one of its sides is text, or a word whose values are words; two numbers are left to others.
 * @throws HomeostatError `rule-refused`: `wrong-type`, `unknown-value`, `always-the-same`
 */
export function levelComparison(
  reading: Reading,
  { operator, swapped }: OperatorPair,
  sides: readonly [SyntaxNode, SyntaxNode],
): LevelComparison | undefined {
  const [left, right] = sides.map(bare) as [SyntaxNode, SyntaxNode]
  const turned = wordWithLevels(left) === undefined
  const [word, other] = turned ? [right, left] : [left, right]
  const term = wordWithLevels(word)
  if (term === undefined) {
    refuseText(reading, [left, right])
    return undefined
  }
  const reference = referenceOf(reading, word)
  const level = levelIn(reading, { term, node: other })
  const read = turned ? swapped : operator
  refuseConstant(reading, { term, operator: read, level })
  return { kind: 'compare-level', operator: read, reference, level }
}

function wordWithLevels(node: SyntaxNode): (Term & { readonly levels: readonly string[] }) | undefined {
  const { type, name } = node.type === 'AccessorNode' && node.object !== undefined ? node.object : node
  const term = type === 'SymbolNode' ? termOf(name ?? '') : undefined
  return term?.levels === undefined ? undefined : { ...term, levels: term.levels }
}

function levelIn(
  { text }: Reading,
  { term, node }: { readonly term: Term & { readonly levels: readonly string[] }; readonly node: SyntaxNode },
): string {
  const { name, levels } = term
  const example = `write ${name} == "${levels.at(-1)}"`
  if (isText(node)) {
    if (levels.includes(node.value)) return node.value
    const nearest = nearestWord(node.value, levels)
    throw refusal(
      text,
      'unknown-value',
      `${name} is one of ${quoted(levels)}, never ${JSON.stringify(node.value)}.`,
      nearest === undefined ? undefined : `"${nearest}"`,
    )
  }
  if (node.type === 'SymbolNode' && levels.includes(node.name ?? ''))
    throw refusal(text, 'wrong-type', `A value of ${name} stands in quotes.`, `"${node.name}"`)
  if (wordWithLevels(node) !== undefined)
    throw refusal(text, 'always-the-same', `${name} is compared with itself: ${example}.`)
  throw refusal(
    text,
    'wrong-type',
    `${name} is one of ${quoted(levels)}, and is not compared with a number: ${example}.`,
  )
}

/** Text has no other place in a comparison. */
function refuseText(reading: Reading, sides: readonly SyntaxNode[]): void {
  const found = sides.find(isText)
  if (found === undefined) return
  // A word that there is not says more than the text beside it: `Regime`.
  for (const side of sides) if (isWord(side)) referenceOf(reading, side)
  const words = vocabulary.filter((one) => 'levels' in one).map(({ name }) => name)
  throw refusal(
    reading.text,
    'wrong-type',
    `Text is compared only with a word whose values are words (${words.join(', ')}); ${JSON.stringify(found.value)} stands against a number here.`,
  )
}

/** A comparison that every value passes, or none, says nothing: `regime > "crisis"`. */
function refuseConstant(
  { text }: Reading,
  params: {
    readonly term: Term & { readonly levels: readonly string[] }
    readonly operator: Operator
    readonly level: string
  },
): void {
  const { levels, name } = params.term
  const limit = levels.indexOf(params.level)
  const answers = new Set(levels.map((_, value) => compare(params.operator, value, limit)))
  if (answers.size > 1) return
  const how = answers.has(true) ? 'always true' : 'never true'
  throw refusal(text, 'always-the-same', `It would be ${how}: ${name} goes from "${levels[0]}" to "${levels.at(-1)}".`)
}

function isWord({ type }: SyntaxNode): boolean {
  return type === 'SymbolNode' || type === 'AccessorNode'
}

function isText(node: SyntaxNode): node is SyntaxNode & { readonly value: string } {
  return node.type === 'ConstantNode' && typeof node.value === 'string'
}

function bare(node: SyntaxNode): SyntaxNode {
  return node.type === 'ParenthesisNode' && node.content !== undefined ? bare(node.content) : node
}
