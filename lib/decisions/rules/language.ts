// The language in which desks write rules: mathjs parses, a whitelist reads the tree, closures evaluate; mathjs itself evaluates nothing.

import { create, parseDependencies } from 'mathjs/number'
import type { Ratio } from '../../base/units.ts'
import type { Report } from '../../model/report.ts'
import { compileExpression, type Evaluation } from './compile-expression.ts'
import { type BooleanExpression, type Reference, readsOf } from './expression.ts'
import { readExpression } from './read-expression.ts'
import { refusal } from './refusal.ts'
import type { KnownKeys, SyntaxNode } from './syntax.ts'

export interface CompiledRule {
  readonly text: string
  readonly expression: BooleanExpression
  /** What it reads, each once. */
  readonly reads: readonly Reference[]
  /** @param deadBand by which fraction of itself every limit has to be cleared to be `calm`; 0 by default */
  readonly evaluate: (report: Report, deadBand?: Ratio) => Evaluation
}

const maxLength = 500
const maxDepth = 20

/** Only the parser and its nodes: no functions, so that even an evaluation would find nothing to call. */
const { parse } = create(parseDependencies ?? {}, {})

/**
 * Grammar: numbers; words of the vocabulary, with a literal key where they take one (`netDelta.ETH`, `netDelta["ETH"]`); + - * / and unary minus;
 * < <= > >= == !=; and, or, not; parentheses; abs, min, max; a word whose values are words against one of them in quotes (`regime == "crisis"`). The whole must be true or false. At most 500 characters, 20 deep.
 * @param known given, a key that the portfolio does not know is refused here, with the nearest right word, instead of when the rule is evaluated
 * @throws HomeostatError `rule-refused`; its fact `because` is the literal reason, see `Because` in refusal.ts
 */
export function compileRule(text: string, known?: KnownKeys): CompiledRule {
  refuseBeforeParsing(text)
  const expression = readExpression({ text, known, maxDepth }, parsed(text))
  const reads = readsOf(expression)
  if (reads.length === 0)
    throw refusal(text, 'reads-nothing', 'It reads nothing of the portfolio: it would always say the same.')
  const evaluate = compileExpression(expression)
  return { text, expression, reads, evaluate: (report, deadBand = 0) => evaluate(report, deadBand) }
}

/** The parser is recursive: what could exhaust it never reaches it. */
function refuseBeforeParsing(text: string): void {
  if (text.length > maxLength)
    throw refusal(text, 'too-long', `It has ${text.length} characters; at most ${maxLength} are read.`)
  if (text.trim() === '') throw refusal(text, 'syntax', 'It is empty.')
  let depth = 0
  for (const character of text) {
    if ('([{'.includes(character)) depth++
    if (')]}'.includes(character)) depth--
    if (depth > maxDepth) throw refusal(text, 'too-deep', `It is nested more than ${maxDepth} deep.`)
  }
  const other = /[^\x20-\x7e]/.exec(text)
  if (other !== null)
    throw refusal(text, 'syntax', `Character ${other.index + 1} is not a plain printable one; a rule is a single line.`)
  // The parser would make 0.05 of 5%, but 10.5 of 10 + 5%.
  if (text.includes('%')) throw refusal(text, 'not-allowed', 'There is no %: write 0.05 for 5 %.')
  if (text.includes('#')) throw refusal(text, 'not-allowed', 'A rule holds no comments; use its message instead.')
}

function parsed(text: string): SyntaxNode {
  try {
    return parse(text) as unknown as SyntaxNode
  } catch (error) {
    throw refusal(text, 'syntax', `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`)
  }
}
