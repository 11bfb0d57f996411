// Problems as a person wants to see them: the place, the line, a caret under it, and what was probably meant.

import type { Problem } from './problem.ts'
import { coverSecrets } from './secret-look.ts'

const widestLine = 120
/** A longer line is not drawn: nobody wrote it by hand, and secrets in it would take long to find. */
const longestLine = 2_000

/**
 * All problems as text, one block each, with a count at the end; secrets in a shown line are covered.
 * @param params.what `problem` unless told otherwise
 */
export function formatProblems(params: {
  readonly text: string
  readonly problems: readonly Problem[]
  readonly what?: 'problem' | 'warning'
}): string {
  const { what = 'problem' } = params
  const lines = params.text.split(/\r?\n/)
  const blocks = params.problems.map((problem) => block(problem, lines[problem.line - 1]))
  const count = params.problems.length
  return [...blocks, `${count} ${count === 1 ? what : `${what}s`}`].join('\n\n')
}

function block(problem: Problem, line: string | undefined): string {
  const { file, column, path, reason, suggestion } = problem
  const where = path === '' || reason.includes(path) ? '' : ` (${path})`
  const head = `${file}:${problem.line}:${column} ${reason}${where}`
  const meant = suggestion === undefined ? '' : ` did you mean ${suggestion}?`
  if (line === undefined || line.length > longestLine) return `${head}${meant === '' ? '' : `\n ${meant}`}`
  const { shown, caret } = window(coverSecrets(line), column)
  const margin = String(problem.line)
  const blank = ' '.repeat(margin.length)
  return [head, `  ${margin} | ${shown}`, `  ${blank} | ${caret}^${meant}`].join('\n')
}

/** The part of a long line around the column, and what stands before the caret: tabs stay tabs, so that it lines up. */
function window(line: string, column: number): { readonly shown: string; readonly caret: string } {
  const start = column > widestLine ? column - widestLine / 2 : 0
  const shown = line.slice(start, start + widestLine)
  const caret = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ')
  return { shown, caret }
}
