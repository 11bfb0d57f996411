// Reads a place by a schema that something else defines, an instrument or a protocol, and tells each issue where it is.

import * as z from '../../base/schema.ts'
import { isPlaceholder } from './placeholders.ts'
import { nameOf, type Reader } from './shapes.ts'
import type { Place, Sheet } from './sheet.ts'

/** What stands at a place, as plain data. */
function dataAt(sheet: Sheet, place: Place): unknown {
  const entries = sheet.entries(place)
  if (entries !== undefined) return Object.fromEntries(entries.map(({ key, value }) => [key, dataAt(sheet, value)]))
  const items = sheet.items(place)
  if (items !== undefined) return items.map((item) => dataAt(sheet, item))
  const scalar = sheet.scalar(place)
  // To YAML an address without quotes is a number.
  return scalar !== undefined && /^0x[0-9a-fA-F]+$/.test(scalar.source) ? scalar.source : scalar?.value
}

/** Reads a place by a schema; each issue is told where it is. */
export function bySchema<S extends z.ZodMiniType>(schema: S): Reader<z.output<S>> {
  return (sheet, place) => {
    const result = z.safeParse(schema, dataAt(sheet, place))
    if (result.success) {
      warnOfPlaceholders(sheet, place)
      return result.data
    }
    for (const issue of result.error.issues) {
      const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : []
      const path = [...issue.path, ...unknown].map(String)
      const name = path.length === 0 ? nameOf(place) : `\`${path.join('.')}\``
      sheet.report(placeOf(sheet, place, path), {
        reason: unknown.length > 0 ? `${name} is not known here` : `${name} ${issue.message}`,
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

/** The deepest place on a path that exists. */
export function placeOf(sheet: Sheet, place: Place, path: readonly string[]): Place {
  const [step, ...rest] = path
  if (step === undefined) return place
  const next = sheet.entries(place)?.find(({ key }) => key === step)?.value ?? sheet.items(place)?.[Number(step)]
  return next === undefined ? place : placeOf(sheet, next, rest)
}
