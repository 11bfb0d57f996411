// The fields that option quotes share on the command line, and how an option's time is stated.

import * as z from '../../lib/base/schema.ts'
import { toYears } from '../../lib/base/time.ts'
import type { UnixSeconds, Years } from '../../lib/base/units.ts'
import { instantTerm, optionalTerm, termNotes } from '../../lib/instruments/term-schemas.ts'
import { refusal } from '../json-record.ts'

/** A schema with what --describe says of it. */
export function field<S extends z.ZodMiniType>(schema: S, unit: string, meaning: string): S {
  termNotes.add(schema, { unit, meaning })
  return schema
}

/** The caller's name for a line; json-record.ts checks it. */
export function idField() {
  return optionalTerm(field(z.unknown(), 'text or number', 'a name for the line, given back with the result'))
}

export function surfaceField(meaning: string) {
  return optionalTerm(field(z.string('must be text').check(z.minLength(1, 'must not be empty')), 'text', meaning))
}

/** The same as a market may hold: beyond 1,000 % it is a mistake in units. */
export const highestVolatility = 10

export function volatilityField(meaning: string) {
  const schema = z
    .number('must be a finite number')
    .check(z.gt(0, 'must be above 0'), z.lte(highestVolatility, 'must be at most 10 (1,000 %): 0.6 is 60 %'))
  return field(schema, 'per square root of a year; 0.6 is 60 %', meaning)
}

export function timeFields() {
  return {
    time: optionalTerm(
      field(z.number('must be a finite number'), 'years of 365 days', 'time to expiry; or else expiry and at'),
    ),
    expiry: optionalTerm(instantTerm('when it expires')),
    at: optionalTerm(instantTerm('when it was quoted')),
  }
}

/**
 * Years to expiry, above 0. Throws `invalid-input` unless there is either `time`, or `expiry` and `at`, and `expired`.
 */
export function timeOf(stated: {
  readonly time?: Years | undefined
  readonly expiry?: UnixSeconds | undefined
  readonly at?: UnixSeconds | undefined
}): Years {
  const { time, expiry, at } = stated
  if ((time === undefined) === (expiry === undefined))
    throw ruled('time', 'must be given, or expiry and at in its place: one of the two')
  if (time !== undefined) {
    if (time > 0) return time
    throw expired('time', 'must be above 0')
  }
  if (expiry === undefined || at === undefined) throw ruled('at', 'must be given with expiry: when it was quoted')
  if (expiry > at) return toYears(expiry - at)
  throw expired('expiry', 'must be later than at')
}

/** An `invalid-input` error for a rule between fields. */
export function ruled(name: string, rule: string): Error {
  return refusal('invalid-input', { message: `${name} ${rule}`, field: name, rule })
}

function expired(name: string, rule: string): Error {
  return refusal('expired', { message: 'An expired option has no volatility.', field: name, rule })
}
