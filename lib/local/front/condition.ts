// Decides the conditions of a policy statement by IAM's rules, including the ones that surprise.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Condition } from './policy.ts'

/**
 * Condition keys in lower case. A key that is present with `undefined` is known to be absent from the request;
 * a key that is missing here is one we cannot judge.
 */
export type RequestContext = Readonly<Record<string, readonly string[] | undefined>>

const compiled = new Map<string, RegExp>()

/** True if `text` matches a pattern in which `*` is any run of characters and `?` any one. */
export function matchesPattern(pattern: string, text: string): boolean {
  const known = compiled.get(pattern)
  if (known !== undefined) return known.test(text)
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's')
  compiled.set(pattern, expression)
  return expression.test(text)
}

function matchesArn(pattern: string, arn: string): boolean {
  const partsOf = (text: string) => {
    const parts = text.split(':')
    return [...parts.slice(0, 5), parts.slice(5).join(':')]
  }
  const actual = partsOf(arn)
  return partsOf(pattern).every((part, index) => matchesPattern(part, actual[index] ?? ''))
}

type Test = (written: string, actual: string) => boolean
const numeric =
  (test: (actual: number, written: number) => boolean): Test =>
  (written, actual) =>
    test(Number(actual), Number(written))

const tests: Readonly<Record<string, Test>> = {
  StringEquals: (written, actual) => written === actual,
  StringEqualsIgnoreCase: (written, actual) => written.toLowerCase() === actual.toLowerCase(),
  StringLike: matchesPattern,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: (written, actual) => written.toLowerCase() === actual.toLowerCase(),
  NumericEquals: numeric((actual, written) => actual === written),
  NumericLessThan: numeric((actual, written) => actual < written),
  NumericLessThanEquals: numeric((actual, written) => actual <= written),
  NumericGreaterThan: numeric((actual, written) => actual > written),
  NumericGreaterThanEquals: numeric((actual, written) => actual >= written),
}

function refuse(condition: Condition, why: string): never {
  throw new HomeostatError('policy-condition-unknown', {
    message: `The condition ${condition.operator} on ${condition.key} cannot be judged: ${why}.`,
    retry: 'never',
    facts: { operator: condition.operator, key: condition.key },
    hint: 'Teach lib/local/front about it, so that it is judged as AWS would.',
  })
}

/**
 * Does a condition hold for a request?
 * An absent key fails a positive operator and passes a negated one; `IfExists` passes it; `ForAllValues` passes it too, which is
 * why an Allow with it grants calls that carry no such key; `ForAnyValue` fails it.
 * @throws HomeostatError `policy-condition-unknown` for a key that the request's context does not cover
 */
export function conditionHolds(condition: Condition, context: RequestContext): boolean {
  const { operator, set, ifExists, key, values } = condition
  if (!Object.hasOwn(context, key)) refuse(condition, 'the key is not known for this call')
  const actual = context[key]
  if (operator === 'Null') return values.includes(String(actual === undefined))
  const negated = operator.includes('Not')
  const test = tests[operator.replace('Not', '')]
  if (test === undefined) return refuse(condition, 'the operator is not known')
  if (actual === undefined || actual.length === 0) return set === 'all' || ifExists || (negated && set === undefined)
  const passes = (one: string) => values.some((written) => test(written, one)) !== negated
  if (set === 'all') return actual.every(passes)
  if (set === 'any') return actual.some(passes)
  if (actual.length > 1) refuse(condition, 'the request has several values and the operator is not for sets')
  return actual.every(passes)
}
