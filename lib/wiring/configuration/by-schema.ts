// Reads a place by a schema that something else defines, an instrument or a protocol, and tells each issue where it is.

import { nearestWord } from '../../base/nearest-word.ts'
import * as z from '../../base/schema.ts'
import { isPlaceholder } from './placeholders.ts'
import { nameOf, type Reader } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

/** What stands at a place, as plain data; of a map without the keys that are somebody else's. */
function dataAt(sheet: Sheet, place: Place, except: readonly string[] = []): unknown {
  const entries = sheet.entries(place)?.filter(({ key }) => !except.includes(key))
  if (entries !== undefined) return Object.fromEntries(entries.map(({ key, value }) => [key, dataAt(sheet, value)]))
  const items = sheet.items(place)
  if (items !== undefined) return items.map((item) => dataAt(sheet, item))
  const scalar = sheet.scalar(place)
  // To YAML an address without quotes is a number.
  return scalar !== undefined && /^0x[0-9a-fA-F]+$/.test(scalar.source) ? scalar.source : scalar?.value
}

/** Reads a place by a schema; each issue is told where it is. @param except keys of the map that the schema does not know */
export function bySchema<S extends z.ZodMiniType>(schema: S, except: readonly string[] = []): Reader<z.output<S>> {
  return (sheet, place) => {
    const result = z.safeParse(schema, dataAt(sheet, place, except))
    if (result.success) {
      warnOfPlaceholders(sheet, place)
      return result.data
    }
    for (const issue of result.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
      const path = [...issue.path, ...unknown].map(String)
      const name = path.length === 0 ? nameOf(place) : `\`${path.join('.')}\``
      const word = issue.path.length === 0 ? unknown[0] : undefined
      sheet.report(placeOf(sheet, place, path), {
        reason: unknown.length > 0 ? `${name} is not known here` : `${name} ${issue.message}`,
        suggestion: word === undefined ? undefined : nearestWord(word, keysOf(schema)),
      })
    }
    return undefined
  }
}

function warnOfPlaceholders(sheet: Sheet, place: Place): void {
  for (const { value } of sheet.entries(place) ?? []) warnOfPlaceholders(sheet, value)
  for (const item of sheet.items(place) ?? []) warnOfPlaceholders(sheet, item)
  if (!isPlaceholder(sheet.scalar(place)?.source.toLowerCase() ?? '')) return
  sheet.warn(place, { reason: `${nameOf(place)} holds a placeholder: put the address there`, isPlaceholder: true })
}

/** The keys of a map's schema. */
function keysOf(schema: z.ZodMiniType): readonly string[] {
  return schema instanceof z.ZodMiniObject ? Object.keys(schema.shape) : []
}

/** The deepest place on a path that exists. */
export function placeOf(sheet: Sheet, place: Place, path: readonly string[]): Place {
  const [step, ...rest] = path
  if (step === undefined) return place
  const next = sheet.entries(place)?.find(({ key }) => key === step)?.value ?? sheet.items(place)?.[Number(step)]
  return next === undefined ? place : placeOf(sheet, next, rest)
}
