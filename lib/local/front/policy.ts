// IAM policy documents as values, parsed once and strictly: a form that we would misjudge is refused before anything runs.

import { HomeostatError } from '../../base/homeostat-error.ts'

export interface Matcher {
  readonly patterns: readonly string[]
  /** `but`: everything except the patterns, as in NotAction and NotResource. */
  readonly kind: 'these' | 'but'
}

export interface Condition {
  /** Without set prefix and `IfExists`, e.g. `StringEquals`. */
  readonly operator: string
  readonly set: 'all' | 'any' | undefined
  readonly ifExists: boolean
  readonly key: string
  readonly values: readonly string[]
}

/** `AWS:arn...`, `Service:lambda.amazonaws.com`, or `*` for everybody. */
type Principals = readonly string[]

export interface Statement {
  readonly effect: 'Allow' | 'Deny'
  readonly actions: Matcher
  /** Undefined only in a role's trust policy. */
  readonly resources: Matcher | undefined
  /** Undefined in identity policies. */
  readonly principals: Principals | undefined
  readonly conditions: readonly Condition[]
}

const operators = new Set([
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Bool',
  'Null',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
])

function refuse(where: string, message: string): never {
  throw new HomeostatError('policy-form-unknown', {
    message: `${message} (in ${where})`,
    retry: 'never',
    facts: { where },
    hint: 'Teach lib/local/front about this form, so that it is judged as AWS would.',
  })
}

function texts(value: unknown, where: string): readonly string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.map((each) => {
    if (typeof each !== 'string' && typeof each !== 'boolean' && typeof each !== 'number') {
      return refuse(where, `${JSON.stringify(each)} is not text`)
    }
    const text = String(each)
    return text.includes('${') ? refuse(where, `The policy variable in ${text} is not known`) : text
  })
}

function matcher(these: unknown, but: unknown, where: string): Matcher | undefined {
  if (these !== undefined && but !== undefined) refuse(where, 'Both a list and its negation')
  if (these !== undefined) return { kind: 'these', patterns: texts(these, where) }
  return but === undefined ? undefined : { kind: 'but', patterns: texts(but, where) }
}

function parsePrincipals(value: unknown, where: string): Principals | undefined {
  if (value === undefined) return undefined
  if (value === '*') return ['*']
  if (typeof value !== 'object' || value === null)
    return refuse(where, `The principal ${JSON.stringify(value)} is not known`)
  return Object.entries(value).flatMap(([kind, names]) => {
    if (kind !== 'AWS' && kind !== 'Service') refuse(where, `Principals of kind ${kind} are not known`)
    return texts(names, where).map((name) => (kind === 'AWS' && name === '*' ? '*' : `${kind}:${name}`))
  })
}

function parseConditions(value: unknown, where: string): readonly Condition[] {
  if (value === undefined) return []
  return Object.entries(value as Record<string, unknown>).flatMap(([written, keys]) => {
    const [, prefix, operator = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(written) ?? []
    if (!operators.has(operator)) refuse(where, `The condition operator ${written} is not known`)
    const set = prefix === undefined ? undefined : prefix === 'ForAllValues' ? ('all' as const) : ('any' as const)
    return Object.entries(keys as Record<string, unknown>).map(([key, values]) => ({
      operator,
      set,
      ifExists: ifExists !== undefined,
      key: key.toLowerCase(),
      values: texts(values, where),
    }))
  })
}

const statementKeys = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Principal',
  'Condition',
])

function parseStatement(raw: unknown, where: string): Statement {
  if (typeof raw !== 'object' || raw === null) return refuse(where, 'A statement must be an object')
  const statement = raw as Readonly<Record<string, unknown>>
  const unknown = Object.keys(statement).find((key) => !statementKeys.has(key))
  if (unknown !== undefined) refuse(where, `${unknown} is not known`)
  const { Effect: effect } = statement
  if (effect !== 'Allow' && effect !== 'Deny') return refuse(where, `The effect ${String(effect)} is not known`)
  return {
    effect,
    actions: matcher(statement.Action, statement.NotAction, where) ?? refuse(where, 'A statement without actions'),
    resources: matcher(statement.Resource, statement.NotResource, where),
    principals: parsePrincipals(statement.Principal, where),
    conditions: parseConditions(statement.Condition, where),
  }
}

/**
 * The statements of a policy document without intrinsics.
 * @param where names the policy for the reader of an error
 * @throws HomeostatError `policy-form-unknown` for operators, principals, variables and keys that are not known
 */
export function parsePolicy(document: unknown, where: string): readonly Statement[] {
  if (typeof document !== 'object' || document === null || !('Statement' in document))
    refuse(where, 'A policy needs statements')
  const { Statement: statements } = document
  return (Array.isArray(statements) ? statements : [statements]).map((each, index) =>
    parseStatement(each, `${where}[${index}]`),
  )
}
