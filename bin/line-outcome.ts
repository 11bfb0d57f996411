// What becomes of one line of a batch: a result, or an error that names what is wrong with it.

import { isHomeostatError } from '../lib/base/homeostat-error.ts'
import { idOf, type JsonRecord, parseRecord, refusal } from './json-record.ts'
import { type Line, longestLine, type Unreadable } from './whole-lines.ts'

/** The error of a line as its reader sees it; `field` is a path such as `quotes[3].strike`. */
export interface LineError {
  readonly code: string
  readonly message: string
  readonly field?: string
  readonly rule?: string
  readonly hint?: string
}

export type Outcome<Result extends object> = {
  /** Of the record, where it has one. */
  readonly id?: string | number
  /** Its number in the input, from 1; none for what is added after the last line. */
  readonly line?: number
  /** The line to write, without its line feed. */
  readonly text: string
} & ({ readonly result: Result; readonly error?: undefined } | { readonly error: LineError })

/** Where outcomes go, in order. */
export interface OutcomeSink<Result extends object> {
  /** True if it is time to flush. */
  readonly take: (outcome: Outcome<Result>) => boolean
  /** Resolves when what was taken is written and there is room for more. */
  readonly flush: () => Promise<void>
  /** The last flush. */
  readonly end: () => Promise<void>
  /** True if nobody reads any more. */
  readonly isClosed: () => boolean
}

/** The outcome of a line; undefined if it is blank. Never throws. */
export function outcomeOf<Result extends object>(
  source: Line,
  line: number,
  answer: (record: JsonRecord, line: number) => Result,
): Outcome<Result> | undefined {
  let id: string | number | undefined
  try {
    if ('unreadable' in source) throw unreadable(source.unreadable)
    // Files written on Windows often begin with a byte order mark.
    const text = line === 1 && source.text.startsWith('\ufeff') ? source.text.slice(1) : source.text
    if (text.trim() === '') return undefined
    const record = parseRecord(text)
    id = idOf(record)
    const result = answer(record, line)
    const head = id === undefined ? `"line":${line}` : `"id":${JSON.stringify(id)}`
    return { ...(id === undefined ? {} : { id }), line, text: withHead(head, jsonOf(result)), result }
  } catch (thrown) {
    const error = lineError(thrown)
    const named = { ...(id === undefined ? {} : { id }), line }
    return { ...named, text: JSON.stringify({ ...named, error }), error }
  }
}

/** The outcome of what a command adds after the last line; refused if it has an `error`. */
export function closingOutcome<Result extends object>(result: Result): Outcome<Result> {
  try {
    const text = jsonOf(result)
    return 'error' in result ? { text, error: result.error as LineError } : { text, result }
  } catch (thrown) {
    const error = lineError(thrown)
    return { text: JSON.stringify({ error }), error }
  }
}

/** An error as the output shows it: ours with the facts `field` and `rule`, any other as a defect. */
export function lineError(thrown: unknown): LineError {
  if (!isHomeostatError(thrown))
    return {
      code: 'unexpected',
      message: thrown instanceof Error ? thrown.message : String(thrown),
      hint: 'This is a defect of homeostat: please report it with the line.',
    }
  const { code, message, facts, hint } = thrown
  return {
    code,
    message,
    ...(typeof facts.field === 'string' ? { field: facts.field } : {}),
    ...(typeof facts.rule === 'string' ? { rule: facts.rule } : {}),
    ...(hint === undefined ? {} : { hint }),
  }
}

function withHead(head: string, json: string): string {
  return json === '{}' ? `{${head}}` : `{${head},${json.slice(1)}`
}

function unreadable(why: Unreadable): Error {
  return why === 'line-too-long'
    ? refusal(why, {
        message: `The line is longer than ${longestLine / 2 ** 20} MiB.`,
        hint: 'Each line is one JSON object; is this file one without line breaks?',
      })
    : refusal(why, { message: 'The line is not UTF-8 text.', hint: 'Save the file as UTF-8.' })
}

/** JSON text of a result. Throws `not-finite` where a number in it is NaN or infinite, which JSON would write as null. */
function jsonOf(result: object): string {
  const text = JSON.stringify(result)
  const field = text.includes('null') ? notFiniteAt(result) : undefined
  if (field === undefined) return text
  throw refusal('not-finite', {
    message: `${field.path} came out as ${field.value}.`,
    field: field.path,
    rule: 'must be a finite number',
    hint: 'The inputs are beyond what the computation holds.',
  })
}

function notFiniteAt(value: unknown, path = ''): { readonly path: string; readonly value: number } | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { path, value }
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const inside = Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`
    const found = notFiniteAt(item, inside)
    if (found !== undefined) return found
  }
  return undefined
}
