// What is checked of a rule before it is written into a file: as much of the file's own checks as needs no file.

import { nearestWord } from '../../base/nearest-word.ts'
import { lendingProtocols } from '../../model/telemetry.ts'
import { protocolOf, protocolsNamed } from './accounts-named.ts'
import { nameOf } from './expression.ts'
import type { CompiledRule } from './language.ts'
import { refusal } from './refusal.ts'
import { unmeantLimits } from './unmeant-limits.ts'
import { termOf } from './vocabulary.ts'

/**
 * @returns what only a file can decide, in words: accounts that are at no protocol by name, series that `macro` has to tell
 * @throws HomeostatError `rule-refused` (`unmeant-limit`) for a limit that a file with this rule is refused for
 */
export function reviewRule({ text, expression, reads }: Pick<CompiledRule, 'text' | 'expression' | 'reads'>) {
  const [unmeant] = unmeantLimits(expression)
  if (unmeant !== undefined) throw refusal(text, 'unmeant-limit', `${unmeant.reason}.`, unmeant.suggestion)
  return reads.flatMap((reference): readonly string[] => {
    const { term, key } = reference
    const keys = termOf(term)?.keys
    if (key === undefined) return []
    if (keys === 'series') return [`${nameOf(reference)} needs a line for ${key} under \`macro\` of the configuration`]
    if (keys !== 'account' || protocolsNamed(lendingProtocols, protocolOf(key)).length > 0) return []
    const nearest = nearestWord(key, [...lendingProtocols, ...lendingProtocols.map((one) => one.split('-')[0] ?? one)])
    const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`
    return [`${key} is no lending protocol: a configuration must declare a position of that id${meant}`]
  })
}
