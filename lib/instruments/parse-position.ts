// From what people and files state to a position: the one gate for terms.

import * as z from '../base/schema.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'

/** @throws HomeostatError `invalid-input` naming each field and its rule; `unknown-instrument` */
export function parsePosition(value: unknown, what = 'instrument'): PositionTerms {
  const { kind, terms } = z.parse(z.strictObject({ kind: z.string(), terms: z.unknown() }), value, what)
  return { kind, terms: z.parse(instrumentOf(kind).terms as never, terms, `${kind} terms`) } as PositionTerms
}
