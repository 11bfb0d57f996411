// How the rule language says no: one error code, with the literal reason, the rule, and the word that was probably meant.

import { HomeostatError } from '../../base/homeostat-error.ts'

export type Because =
  | 'too-long'
  | 'too-deep'
  | 'syntax'
  /** Assignment, string, matrix, range, function definition, implicit multiplication, condition, ... */
  | 'not-allowed'
  | 'unknown-name'
  | 'unknown-key'
  | 'chained-comparison'
  | 'not-boolean'
  | 'not-a-number'
  /** Text against a number, or a word whose values are words against a number. */
  | 'wrong-type'
  | 'unknown-value'
  | 'always-the-same'
  /** See `unmeantLimits`: for people who check a rule, never where one is evaluated. */
  | 'unmeant-limit'
  | 'reads-nothing'

/** `rule-refused`, never to be retried. */
export function refusal(rule: string, because: Because, message: string, nearest?: string): HomeostatError {
  const shown = rule.length <= 80 ? rule : `${rule.slice(0, 79)}…`
  return new HomeostatError('rule-refused', {
    message: `The rule "${shown}" is refused. ${message}${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`,
    retry: 'never',
    facts: { because, rule: shown, ...(nearest === undefined ? {} : { nearest }) },
    hint: 'A rule compares values of the portfolio with numbers, e.g. healthFactor < 1.3 or abs(netDelta.ETH) * price.ETH > 0.25 * nav.',
  })
}
