// The fields that terms are made of, each with its unit, its meaning and its rule in words, so that a refusal and a description name them.

import { instantOf } from '../base/calendar.ts'
import * as z from '../base/schema.ts'

/** What `homeostat price --describe` says of a field. */
export interface TermNote {
  readonly unit: string
  readonly meaning: string
}

/** Notes by schema: each term is its own schema object, so that one rule can have several meanings. */
export const termNotes = z.registry<TermNote>()

/** The schema with what is said of it. */
export function noted<S extends z.ZodMiniType>(schema: S, unit: string, meaning: string): S {
  termNotes.add(schema, { unit, meaning })
  return schema
}

const finite = 'must be a finite number'

export function assetTerm(meaning = 'what is held') {
  const schema = z.string('must be an asset symbol').check(z.minLength(1, 'must be an asset symbol, not empty'))
  return noted(schema, 'asset symbol', meaning)
}

/** Any finite number; below 0 is short. */
export function signedTerm(meaning = 'how much is held; below 0 is short', unit = 'units of the asset') {
  return noted(z.number(finite), unit, meaning)
}

export function quantityTerm(meaning: string, unit = 'units of the asset') {
  return noted(z.number(finite).check(z.gte(0, 'must be 0 or more')), unit, meaning)
}

export function priceTerm(meaning: string, unit = 'USD per unit of the asset') {
  return noted(z.number(finite).check(z.gt(0, 'must be above 0')), unit, meaning)
}

export function fractionTerm(meaning: string, unit = 'fraction, 0 to 1') {
  const schema = z
    .number(finite)
    .check(z.gte(0, 'must be a fraction, 0 or more'), z.lte(1, 'must be a fraction, at most 1'))
  return noted(schema, unit, meaning)
}

const rateRule = 'must be a rate per year within -10 and 10 (1,000 %): 0.05 is 5 %'

/** A rate per year, of either sign; beyond 10 (1,000 % a year) it is a mistake in units. */
export function rateTerm(meaning: string, unit = 'per year, continuous; 0.05 is 5 %') {
  const schema = z.number(finite).check(z.gte(-10, rateRule), z.lte(10, rateRule))
  return noted(schema, unit, meaning)
}

/** The year 9999: whatever is later was meant to be milliseconds. */
const latest = 253_402_300_800

/** An instant: Unix seconds, or ISO 8601 text with its zone (a date alone is midnight UTC). Becomes Unix seconds. */
export function instantTerm(meaning: string) {
  const message = 'must be an instant: Unix seconds, or ISO 8601 such as 2027-03-26T08:00:00Z'
  const schema = z.pipe(
    z.union([z.number(), z.string()], message),
    z.transform((given: number | string, context) => {
      const seconds = typeof given === 'number' ? given : instantOf(given)
      if (seconds !== undefined && seconds > 0 && seconds < latest) return seconds
      context.issues.push({ code: 'custom', message: `${message}${instantHint(given)}`, input: given })
      return z.NEVER
    }),
  )
  return noted(schema, 'Unix seconds or ISO 8601', meaning)
}

function instantHint(given: number | string): string {
  if (typeof given === 'number') return given >= latest ? '; this looks like milliseconds: divide by 1,000' : ''
  if (instantOf(`${given}Z`) !== undefined) return `; add its zone: ${given}Z`
  return /^\d{10,13}$/.test(given) ? '; write seconds as a number, without quotes' : ''
}

export function choiceTerm<const Choices extends readonly [string, ...string[]]>(choices: Choices, meaning: string) {
  return noted(z.enum(choices, `must be ${choices.join(' or ')}`), choices.join(' | '), meaning)
}

export function optionalTerm<S extends z.ZodMiniType>(schema: S) {
  const note = termNotes.get(schema)
  const optional = z.optional(schema)
  return note === undefined ? optional : noted(optional, `${note.unit}; optional`, note.meaning)
}

/** A list of parts of which there may be none. */
export function listTerm<Part extends z.ZodMiniType>(part: Part, meaning: string) {
  return noted(z.array(part, 'must be a list'), 'list', meaning)
}

/** Several fields that are given together, or not at all. */
export function groupTerm<Group extends z.ZodMiniType>(group: Group, meaning: string) {
  return noted(group, 'group', meaning)
}
