// From what people and files state to a position: the one gate for terms.

import * as z from '../base/schema.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'

const anyKind = z.strictObject({ kind: z.string('must be the kind of an instrument'), terms: z.unknown() })
const schemas = new Map<string, z.ZodMiniType>()

/** @throws HomeostatError `invalid-input` naming each field (`terms.strike`) and its rule; `unknown-instrument` */
export function parsePosition(value: unknown, what = 'instrument'): PositionTerms {
  const { kind } = z.parse(anyKind, value, what)
  let schema = schemas.get(kind)
  if (schema === undefined) {
    schema = z.strictObject({ kind: z.string(), terms: instrumentOf(kind).terms })
    schemas.set(kind, schema)
  }
  return z.parse(schema, value, what) as PositionTerms
}
