// What a command reads, field by field with units, and one line to start from: for people, or as JSON.

import type * as z from '../lib/base/schema.ts'
import { termNotes } from '../lib/instruments/term-schemas.ts'
import { colours as pc } from './colours.ts'
import { printTable } from './print-table.ts'

interface FieldNote {
  /** A path; `quotes[]` is each of a list. */
  readonly field: string
  readonly isOptional: boolean
  readonly unit: string
  readonly meaning: string
}

interface Described {
  /** What the fields are those of, in a sentence. */
  readonly title: string
  readonly schema: z.ZodMiniType
  /** What else a line holds, by name. */
  readonly others?: Readonly<Record<string, z.ZodMiniType>>
  readonly example: object
  /** What comes out for the example. */
  readonly result: object
}

/** Fields of an object schema with their notes, also those of its groups and of the parts of its lists. */
function fieldNotes(schema: z.ZodMiniType, within = ''): readonly FieldNote[] {
  return Object.entries(shapeOf(schema) ?? {}).flatMap(([name, field]) => {
    const note = termNotes.get(field)
    const path = `${within}${name}`
    const isOptional = field.def.type === 'optional'
    const inner = isOptional ? innerOf(field) : field
    const part = inner.def.type === 'array' ? elementOf(inner) : inner
    return [
      { field: path, isOptional, unit: (note?.unit ?? '').replace(/; optional$/, ''), meaning: note?.meaning ?? '' },
      ...fieldNotes(part, inner.def.type === 'array' ? `${path}[].` : `${path}.`),
    ]
  })
}

function shapeOf(schema: z.ZodMiniType): Readonly<Record<string, z.ZodMiniType>> | undefined {
  return (schema as { readonly shape?: Readonly<Record<string, z.ZodMiniType>> }).shape
}

function innerOf(optional: z.ZodMiniType): z.ZodMiniType {
  return (optional.def as unknown as { readonly innerType: z.ZodMiniType }).innerType
}

function elementOf(list: z.ZodMiniType): z.ZodMiniType {
  return (list.def as unknown as { readonly element: z.ZodMiniType }).element
}

export function printDescription(described: Described, json: true | undefined): void {
  const { title, schema, others = {}, example, result } = described
  const fields = fieldNotes(schema)
  const more = Object.entries(others).map(([name, other]) => [name, fieldNotes(other)] as const)
  if (json === true) {
    console.log(JSON.stringify({ title, fields, ...Object.fromEntries(more), example, result }, null, 2))
    return
  }
  console.log(`${title}\n`)
  printFields(fields)
  for (const [name, notes] of more) {
    console.log(`\n${pc.bold(name)}`)
    printFields(notes)
  }
  console.log(`\n${pc.bold('example')}\n${JSON.stringify(example)}`)
  console.log(`\n${pc.bold('result')}\n${JSON.stringify(result, null, 2)}`)
}

function printFields(fields: readonly FieldNote[]): void {
  printTable(
    [
      { title: 'field', align: 'left' },
      { title: '', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'meaning', align: 'left' },
    ],
    fields.map(({ field, isOptional, unit, meaning }) => [field, isOptional ? 'optional' : '', unit, meaning]),
  )
}
