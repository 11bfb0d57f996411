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
  readonly example: object
  /** What comes out for the example. */
  readonly result: object
}

/** Fields of an object schema with their notes, also those of the parts of its lists. */
function fieldNotes(schema: z.ZodMiniType, within = ''): readonly FieldNote[] {
  const { shape } = schema as unknown as { readonly shape: Readonly<Record<string, z.ZodMiniType>> }
  return Object.entries(shape).flatMap(([name, field]) => {
    const note = termNotes.get(field)
    const part = partOf(field)
    const path = `${within}${name}`
    return [
      {
        field: path,
        isOptional: field.def.type === 'optional',
        unit: (note?.unit ?? '').replace(/; optional$/, ''),
        meaning: note?.meaning ?? '',
      },
      ...(part === undefined ? [] : fieldNotes(part, `${path}[].`)),
    ]
  })
}

function partOf(field: z.ZodMiniType): z.ZodMiniType | undefined {
  return field.def.type === 'array' ? (field.def as unknown as { readonly element: z.ZodMiniType }).element : undefined
}

export function printDescription({ title, schema, example, result }: Described, json: true | undefined): void {
  const fields = fieldNotes(schema)
  if (json === true) {
    console.log(JSON.stringify({ title, fields, example, result }, null, 2))
    return
  }
  console.log(`${title}\n`)
  printTable(
    [
      { title: 'field', align: 'left' },
      { title: '', align: 'left' },
      { title: 'unit', align: 'left' },
      { title: 'meaning', align: 'left' },
    ],
    fields.map(({ field, isOptional, unit, meaning }) => [field, isOptional ? 'optional' : '', unit, meaning]),
  )
  console.log(`\n${pc.bold('example')}\n${JSON.stringify(example)}`)
  console.log(`\n${pc.bold('result')}\n${JSON.stringify(result, null, 2)}`)
}
