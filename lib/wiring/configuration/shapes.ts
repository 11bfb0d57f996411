// Readers for maps and lists: each reads a place as one type or says what is wrong there, and goes on to the next.

import { nearestWord } from '../../base/nearest-word.ts'
import type { Place, Sheet } from './sheet.ts'

/** Reads a place; undefined after it has reported why it cannot. */
export type Reader<T> = (sheet: Sheet, place: Place) => T | undefined

/** A key of a map, and what its absence means. */
export type Field<T> =
  | { readonly kind: 'required'; readonly read: Reader<T> }
  | { readonly kind: 'optional'; readonly read: Reader<T> }
  /** The fallback may look at the other keys; undefined if they were wrong themselves. */
  | { readonly kind: 'fallback'; readonly read: Reader<T>; readonly fallback: (draft: Draft) => T | undefined }

type Draft = Readonly<Record<string, unknown>>

/** One field for each key of the type: a key that the model gains is missed here by the compiler. */
export type FieldsOf<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> }

export const required = <T>(read: Reader<T>): Field<T> => ({ kind: 'required', read })
export const optional = <T>(read: Reader<T>): Field<T> => ({ kind: 'optional', read })
export const withDefault = <T>(read: Reader<T>, value: T): Field<T> => ({
  kind: 'fallback',
  read,
  fallback: () => value,
})
export const derived = <T>(read: Reader<T>, fallback: (draft: Draft) => T | undefined): Field<T> => ({
  kind: 'fallback',
  read,
  fallback,
})

/** What a check across the keys of one map gets: what could be read, and the place of each key (else of the map). */
export interface CheckParams<T> {
  readonly sheet: Sheet
  readonly place: Place
  readonly draft: Partial<T>
  readonly at: (key: keyof T & string) => Place
}

/** A map with exactly these keys. */
export function mapOf<T extends object>(fields: FieldsOf<T>, check?: (params: CheckParams<T>) => void): Reader<T> {
  return (sheet, place) => {
    const entries = sheet.entries(place)
    if (entries === undefined) {
      sheet.report(place, { reason: `${nameOf(place)} must be a map with ${listed(Object.keys(fields))}` })
      return undefined
    }
    const before = sheet.reports()
    const known = Object.entries<Field<unknown>>(fields)
    const given = new Map(entries.map((entry) => [entry.key, entry]))
    const free = known.map(([name]) => name).filter((name) => !given.has(name))
    for (const { key, keyPlace } of entries) {
      if (Object.hasOwn(fields, key)) continue
      const suggestion = nearestWord(key.slice(0, 60), free)
      const reason = `unknown key \`${key.slice(0, 60)}\`${suggestion === undefined ? `; known here: ${listed(Object.keys(fields))}` : ''}`
      sheet.report(keyPlace, { reason, suggestion })
    }
    const draft: Record<string, unknown> = {}
    for (const [key, field] of known) {
      const entry = given.get(key)
      const value = entry && field.read(sheet, entry.value)
      if (value !== undefined) draft[key] = value
      if (entry === undefined && field.kind === 'required')
        sheet.report({ ...place, path: pathOf(place, key) }, { reason: `\`${key}\` is missing` })
    }
    for (const [key, field] of known) {
      if (given.has(key) || field.kind !== 'fallback') continue
      const value = field.fallback(draft)
      if (value !== undefined) draft[key] = value
    }
    check?.({ sheet, place, draft: draft as Partial<T>, at: (key) => given.get(key)?.value ?? place })
    // Complete because nothing was reported: every required key was read.
    return sheet.reports() === before ? (draft as T) : undefined
  }
}

/** A list; `unique` names keys whose values may not come twice. */
export function listOf<T>(
  read: Reader<T>,
  rules: { readonly min?: number; readonly unique?: readonly string[]; readonly uniqueItems?: string } = {},
): Reader<readonly T[]> {
  return (sheet, place) => {
    const items = sheet.items(place)
    if (items === undefined) {
      sheet.report(place, { reason: `${nameOf(place)} must be a list` })
      return undefined
    }
    const { min = 0, unique = [], uniqueItems } = rules
    if (items.length < min) sheet.report(place, { reason: `${nameOf(place)} needs at least ${min}` })
    for (const key of unique) {
      const values = items.flatMap((item) => sheet.entries(item)?.find((entry) => entry.key === key)?.value ?? [])
      reportRepeats(sheet, values, `${key} of ${nameOf(place)}`)
    }
    if (uniqueItems !== undefined) reportRepeats(sheet, items, uniqueItems)
    const before = sheet.reports()
    const values = items.flatMap((item) => read(sheet, item) ?? [])
    return items.length < min || sheet.reports() > before ? undefined : values
  }
}

function reportRepeats(sheet: Sheet, places: readonly Place[], what: string): void {
  const first = new Map<string, Place>()
  for (const place of places) {
    const source = sheet.scalar(place)?.source
    if (source === undefined) continue
    // Addresses are the same in any case; ids are lower case anyway.
    const value = source.startsWith('0x') ? source.toLowerCase() : source
    const earlier = first.get(value)
    if (earlier === undefined) first.set(value, place)
    else sheet.report(place, { reason: `${source} stands twice: each ${what} is used once (first at ${earlier.path})` })
  }
}

/** The last word of a path, for messages. */
export function nameOf(place: Place): string {
  return place.path === '' ? 'the file' : `\`${place.path.split('.').at(-1)}\``
}

function pathOf(place: Place, key: string): string {
  return place.path === '' ? key : `${place.path}.${key}`
}

export function listed(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ')
}
