// Evaluates CloudFormation's intrinsic functions as a deployment would, and refuses those that it does not know.

import { HomeostatError } from '../../base/homeostat-error.ts'

/** What names mean: pseudo parameters, parameters, resources and conditions. Each throws on a name it does not know. */
export interface Scope {
  ref(name: string, path: string): unknown
  attribute(logicalId: string, attribute: string, path: string): string
  condition(name: string, path: string): boolean
}

/** The value of `AWS::NoValue`: whatever holds it is left out. */
export const noValue: unique symbol = Symbol('AWS::NoValue')

function refuse(code: string, path: string, message: string): never {
  throw new HomeostatError(code, {
    message: `${message} (at ${path})`,
    retry: 'never',
    facts: { path },
    hint: 'Teach lib/local/template about it, or write the template without it.',
  })
}

function text(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return refuse('template-value-not-text', path, `Text was needed, not ${JSON.stringify(value)}`)
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : refuse('template-value-not-list', path, 'A list was needed')
}

function attributeOf(scope: Scope, argument: unknown, path: string): string {
  const parts =
    typeof argument === 'string' ? argument.split('.') : list(argument, path).map((part) => text(part, path))
  const [logicalId, ...attribute] = parts
  if (logicalId === undefined || attribute.length === 0)
    refuse('template-intrinsic-malformed', path, 'Fn::GetAtt of what?')
  return scope.attribute(logicalId, attribute.join('.'), path)
}

function substitute(scope: Scope, argument: unknown, path: string): string {
  const [pattern, own] = Array.isArray(argument) ? argument : [argument, {}]
  const values = resolveIntrinsics(scope, own, path) as Record<string, unknown>
  return text(pattern, path).replace(/\$\{([^}]+)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    if (Object.hasOwn(values, name)) return text(values[name], path)
    return name.includes('.') ? attributeOf(scope, name, path) : text(scope.ref(name, path), path)
  })
}

function join(scope: Scope, argument: unknown, path: string): string {
  const [separator, parts] = list(argument, path)
  const resolved = list(resolveIntrinsics(scope, parts, path), path)
  return resolved.map((part) => text(part, path)).join(text(separator, path))
}

function select(scope: Scope, argument: unknown, path: string): unknown {
  const [index, from] = list(resolveIntrinsics(scope, argument, path), path)
  const chosen = list(from, path)[Number(index)]
  return chosen === undefined
    ? refuse('template-intrinsic-malformed', path, `Fn::Select has no element ${index}`)
    : chosen
}

function split(scope: Scope, argument: unknown, path: string): readonly string[] {
  const [separator, whole] = list(resolveIntrinsics(scope, argument, path), path)
  return text(whole, path).split(text(separator, path))
}

function choose(scope: Scope, argument: unknown, path: string): unknown {
  const [name, whenTrue, whenFalse] = list(argument, path)
  return resolveIntrinsics(scope, scope.condition(text(name, path), path) ? whenTrue : whenFalse, path)
}

function toBase64(scope: Scope, argument: unknown, path: string): string {
  return Buffer.from(text(resolveIntrinsics(scope, argument, path), path)).toString('base64')
}

type Intrinsic = (scope: Scope, argument: unknown, path: string) => unknown

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (scope, argument, path) => scope.ref(text(argument, path), path),
  'Fn::GetAtt': attributeOf,
  'Fn::Join': join,
  'Fn::Sub': substitute,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': choose,
  'Fn::Base64': toBase64,
}

/**
 * A value of the template with every intrinsic replaced by its result. Objects and lists are walked; `AWS::NoValue` vanishes.
 * @param path where the value stands, for the reader of an error
 * @throws HomeostatError `template-intrinsic-unknown` for any other `Fn::...` and for dynamic references
 */
export function resolveIntrinsics(scope: Scope, value: unknown, path: string): unknown {
  if (typeof value === 'string') {
    if (value.includes('{{resolve:')) refuse('template-intrinsic-unknown', path, 'Dynamic references are not known')
    return value
  }
  if (Array.isArray(value)) {
    return value
      .map((each, index) => resolveIntrinsics(scope, each, `${path}[${index}]`))
      .filter((each) => each !== noValue)
  }
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const intrinsic = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::'))
  if (intrinsic !== undefined) {
    const [key, argument] = intrinsic
    const evaluate = intrinsics[key]
    if (evaluate === undefined || entries.length > 1)
      refuse('template-intrinsic-unknown', path, `${key} is not known here`)
    return evaluate(scope, argument, `${path}.${key}`)
  }
  const resolved = entries.map(([key, each]) => [key, resolveIntrinsics(scope, each, `${path}.${key}`)] as const)
  return Object.fromEntries(resolved.filter(([, each]) => each !== noValue))
}

/**
 * The truth of an entry of the template's `Conditions`.
 * @throws HomeostatError `template-intrinsic-unknown` for functions other than Equals, Not, And, Or and Condition
 */
export function evaluateCondition(scope: Scope, condition: unknown, path: string): boolean {
  const entries = typeof condition === 'object' && condition !== null ? Object.entries(condition) : []
  const [key, argument] = entries[0] ?? ['(nothing)', undefined]
  const inner = (each: unknown) => evaluateCondition(scope, each, `${path}.${key}`)
  switch (key) {
    case 'Condition':
      return scope.condition(text(argument, path), path)
    case 'Fn::Equals': {
      const [left, right] = list(resolveIntrinsics(scope, argument, path), path)
      return left === right
    }
    case 'Fn::Not':
      return !inner(list(argument, path)[0])
    case 'Fn::And':
      return list(argument, path).every(inner)
    case 'Fn::Or':
      return list(argument, path).some(inner)
    default:
      return refuse('template-intrinsic-unknown', path, `${key} is not known in a condition`)
  }
}
