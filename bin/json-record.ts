// One line of JSON as a record: what JSON.parse lets pass without a word is refused here.

import { HomeostatError } from '../lib/base/homeostat-error.ts'
import * as z from '../lib/base/schema.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

/** An error about a line, that names the field and the rule that it breaks. */
export function refusal(
  code: string,
  details: { readonly message: string; readonly field?: string; readonly rule?: string; readonly hint?: string },
): HomeostatError {
  const { message, field, rule, hint } = details
  return new HomeostatError(code, {
    message,
    retry: 'never',
    facts: { ...(field === undefined ? {} : { field }), ...(rule === undefined ? {} : { rule }) },
    ...(hint === undefined ? {} : { hint }),
  })
}

/**
 * The object that a line holds. Throws `not-json`, `not-an-object`, or `duplicate-field` where a field is given twice
 * in one object (JSON.parse would take the last without a word).
 */
export function parseRecord(text: string): JsonRecord {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw refusal('not-json', {
      message: error instanceof Error ? error.message : String(error),
      hint: 'Each line is one whole JSON object; `jq -c .` writes a file that way.',
    })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refusal('not-an-object', {
      message: `The line holds ${Array.isArray(value) ? 'an array' : value === null ? 'null' : `a ${typeof value}`}, not an object.`,
      hint: "Each line is one JSON object; `jq -c '.[]'` splits an array.",
    })
  if (colonsOf(text) !== fieldsOf(value)) refuseDuplicates(text)
  return value as JsonRecord
}

/**
 * A record by its schema. Throws `invalid-input`, whose message names all that is wrong and whose facts `field` and
 * `rule` the first of it.
 */
export function readRecord<S extends z.ZodMiniType>(schema: S, record: JsonRecord): z.output<S> {
  const result = z.safeParse(schema, record)
  if (result.success) return result.data
  const complaints = result.error.issues.map(({ path, message, ...issue }) => {
    const within = path.map((part) => `${String(part)}.`).join('')
    return issue.code === 'unrecognized_keys'
      ? { field: `${within}${issue.keys[0]}`, rule: 'is not known here: see --describe' }
      : { field: within.slice(0, -1), rule: message }
  })
  throw refusal('invalid-input', {
    message: complaints.map(({ field, rule }) => `${field} ${rule}`).join('; '),
    ...complaints[0],
  })
}

/** The id to answer with, if there is one. Throws `invalid-input` for one that could not be given back as it came. */
export function idOf(record: JsonRecord): string | number | undefined {
  const { id } = record
  if (id === undefined || typeof id === 'string') return id
  if (typeof id === 'number' && Math.abs(id) <= Number.MAX_SAFE_INTEGER) return id
  throw refusal('invalid-input', {
    message: 'The id cannot be given back as it came.',
    field: 'id',
    rule: 'must be text, or a number up to 2^53',
    hint: 'Write long numbers as text: JSON numbers keep 16 digits.',
  })
}

const quote = 0x22
const backslash = 0x5c

/** The position of the quote that ends the string begun at `from`. */
function endOfString(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes += 1
    if (slashes % 2 === 0) return end
  }
  return text.length
}

/** How many fields the text of valid JSON writes: its colons outside of strings. */
function colonsOf(text: string): number {
  let colons = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0x3a) colons += 1
    else if (code === quote) i = endOfString(text, i)
  }
  return colons
}

/** No record of ours is nested so deeply. */
const deepest = 100

/** How many fields a parsed value has, at any depth. */
function fieldsOf(value: object, depth = 1): number {
  if (depth > deepest)
    throw refusal('too-deep', { message: `The line is nested more than ${deepest} deep.`, rule: 'must be flatter' })
  let fields = 0
  const isArray = Array.isArray(value)
  for (const key in value) {
    if (!isArray) fields += 1
    const item = (value as JsonRecord)[key]
    if (typeof item === 'object' && item !== null) fields += fieldsOf(item, depth + 1)
  }
  return fields
}

function refuseDuplicates(text: string): void {
  const open: Set<string>[] = []
  for (let i = 0; i < text.length; i += 1) {
    const sign = text[i]
    if (sign === '{' || sign === '[') open.push(new Set())
    else if (sign === '}' || sign === ']') open.pop()
    else if (sign === '"') {
      const end = endOfString(text, i)
      const isName = /^\s*:/.test(text.slice(end + 1, end + 1_000))
      const name = isName ? String(JSON.parse(text.slice(i, end + 1))) : ''
      const names = open.at(-1)
      if (isName && names?.has(name) === true)
        throw refusal('duplicate-field', {
          message: `${name} is given twice in one object.`,
          field: name,
          rule: 'must be given once',
          hint: 'Remove the one that is not meant.',
        })
      if (isName) names?.add(name)
      i = end
    }
  }
}
