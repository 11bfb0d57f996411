// The gate through which every unknown value enters: zod's small build, and one way to turn its complaints into our error.

import * as z from 'zod/mini'
import english from 'zod/v4/locales/en.js'
import { HomeostatError } from './homeostat-error.ts'

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
  const complaints = result.error.issues.map((issue) => `${issue.path.join('.') || '(whole)'}: ${issue.message}`)
  const [first] = result.error.issues
  throw new HomeostatError('invalid-input', {
    message: `Invalid ${what}: ${complaints.join('; ')}`,
    retry: 'never',
    facts: { what, fields: complaints.length, field: fieldOf(first), rule: first?.message ?? '' },
    hint: 'Correct the fields that are named.',
  })
}

/** The path of what an issue is about; of an unknown key, the key's own. */
function fieldOf(issue: z.core.$ZodIssue | undefined): string {
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
  return [...(issue?.path ?? []), ...unknown].join('.')
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
