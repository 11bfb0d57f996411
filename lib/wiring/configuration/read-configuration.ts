// A configuration file from disk, checked with the real rule language: what apply-config and the CLI put in force.

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import { compileRule } from '../../decisions/rules/language.ts'
import type { Configuration } from '../../model/configuration.ts'
import { formatProblems } from './format-problems.ts'
import { parseConfiguration } from './parse-configuration.ts'
import type { Problem } from './problem.ts'
import type { CompileRule } from './read-portfolio.ts'

/**
 * Reads and checks a configuration file.
 * @throws HomeostatError `configuration-refused`, whose message shows every problem with its line; `configuration-is-example`, `configuration-unreadable`
 */
export async function readConfiguration(
  file: string | URL,
): Promise<{ readonly configuration: Configuration; readonly version: string; readonly fileHash: string }> {
  const path = file instanceof URL ? fileURLToPath(file) : file
  const text = await readText(path)
  const name = file instanceof URL ? basename(path) : path
  const parsed = parseConfiguration({ compileRule: ruleCompiler }, { text, file: name })
  if (parsed.configuration === undefined) {
    throw new HomeostatError('configuration-refused', {
      message: formatProblems({ text, problems: parsed.problems }),
      retry: 'never',
      facts: { file: name, problems: parsed.problems.length },
      hint: 'Correct each line that is named; docs/configuration.md lists every key.',
    })
  }
  refusePlaceholders({ text, file: name, warnings: parsed.warnings })
  return parsed
}

/**
 * What is put in force must not hold the example's addresses any more; a file that is only checked may.
 * @throws HomeostatError `configuration-is-example`
 */
export function refusePlaceholders(params: {
  readonly text: string
  readonly file: string
  readonly warnings: readonly Problem[]
}): void {
  const { text, file, warnings } = params
  const problems = warnings.filter(({ isPlaceholder }) => isPlaceholder)
  if (problems.length === 0) return
  throw new HomeostatError('configuration-is-example', {
    message: formatProblems({ text, problems }),
    retry: 'never',
    facts: { file, problems: problems.length },
    hint: "Lines marked CHANGE in the example hold nobody's addresses: put your own there.",
  })
}

/** The real rule language as the configuration asks it. */
export const ruleCompiler: CompileRule = (text, known) => {
  try {
    return { ok: true, expression: compileRule(text, known).expression }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    const column = typeof error.facts.column === 'number' ? error.facts.column : undefined
    return { ok: false, reason: error.message, column }
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (cause) {
    const isBroken = cause instanceof TypeError
    throw new HomeostatError('configuration-unreadable', {
      message: `${path} ${isBroken ? 'is not UTF-8 text' : 'cannot be read'}.`,
      retry: 'never',
      facts: { file: path },
      hint: isBroken ? 'Save it as UTF-8.' : 'Look at the path and at the permissions.',
      cause,
    })
  }
}
