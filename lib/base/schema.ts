// The gate through which every unknown value enters: zod's small build, and one way to turn its complaints into our error.

import * as z from 'zod/mini'
import english from 'zod/v4/locales/en.js'
import { HomeostatError } from './homeostat-error.ts'
import { nearestWord } from './nearest-word.ts'

/** Everything of zod's small build: `import * as z from '.../base/schema.ts'` keeps bundles to what is used. */
export * from 'zod/mini'

const address = /^0x[0-9a-fA-F]{40}$/
const hex = /^0x(?:[0-9a-fA-F]{2})*$/
const hash = /^0x[0-9a-fA-F]{64}$/

/** An EVM address, normalised to lower case where it enters. Checksums are checked where people type them: in the configuration. */
export const addressSchema = z.pipe(
  z.string().check(z.regex(address, 'must be an address: 0x and 40 hexadecimal digits')),
  z.transform((text: string) => text.toLowerCase() as `0x${string}`),
)
export const hexSchema = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && hex.test(value),
  'must be 0x and whole bytes in hexadecimal',
)
export const hashSchema = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && hash.test(value),
  'must be 0x and 64 hexadecimal digits',
)

/**
 * Parses an unknown value or throws `invalid-input`, whose message names each field and its rule.
 * @param what names the value for the reader of the error, e.g. `message on queue snapshots`
 */
export function parse<S extends z.ZodMiniType>(schema: S, value: unknown, what: string): z.output<S> {
  // The small build knows no language by itself and would say "Invalid input" of everything. Here, where a bundler cannot drop it.
  z.config(english())
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  const complaints = complaintsOf(value, result.error.issues)
  const { field, rule } = complaints[0] ?? { field: '', rule: '' }
  throw new HomeostatError('invalid-input', {
    message: `Invalid ${what}: ${complaints.map((one) => `${one.field || '(whole)'}: ${one.rule}`).join('; ')}`,
    retry: 'never',
    facts: { what, fields: complaints.length, field, rule },
    hint: 'Correct the fields that are named.',
  })
}

interface Complaint {
  /** `terms.strike`; empty for the whole value. */
  readonly field: string
  readonly rule: string
}

/** What is wrong where, in words: a field that is missing is called so, a word that is not known gets the nearest that is missed. */
function complaintsOf(value: unknown, issues: readonly z.core.$ZodIssue[]): readonly Complaint[] {
  const missing = issues.flatMap(({ path }) =>
    path.length > 0 && valueAt(value, path) === undefined ? [String(path.at(-1))] : [],
  )
  return issues.flatMap((issue): readonly Complaint[] => {
    const field = issue.path.join('.')
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => {
        const nearest = nearestWord(key.slice(0, 60), missing)
        const rule = `is not known here${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
        return { field: [...issue.path, key].join('.'), rule }
      })
    const found = valueAt(value, issue.path)
    if (found === undefined && issue.code !== 'custom' && field !== '')
      return [{ field, rule: `${issue.message}, and is missing` }]
    if (typeof found === 'string' && issue.code === 'invalid_type' && issue.expected === 'number')
      return [{ field, rule: `${issue.message}, not the text "${found.slice(0, 40)}"${decimalHint(found)}` }]
    return [{ field, rule: issue.message }]
  })
}

function decimalHint(text: string): string {
  if (/^-?\d+,\d+$/.test(text)) return ': decimals have a point, and no quotes'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? ': write it without quotes' : ''
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null && Object.hasOwn(found, key)
        ? (found as Readonly<Record<PropertyKey, unknown>>)[key]
        : undefined,
    value,
  )
}

/** An `invalid-input` error for a rule that a schema cannot state. */
export function refused(what: string, field: string, rule: string): HomeostatError {
  return new HomeostatError('invalid-input', {
    message: `Invalid ${what}: ${field}: ${rule}`,
    retry: 'never',
    facts: { what, fields: 1, field, rule },
    hint: 'Correct the fields that are named.',
  })
}
