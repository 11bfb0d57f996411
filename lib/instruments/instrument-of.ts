// From a position's kind to its instrument, with the types untied once, here.

import { HomeostatError } from '../base/homeostat-error.ts'
import { nearestWord } from '../base/nearest-word.ts'
import type * as z from '../base/schema.ts'
import type { Instrument } from './define-instrument.ts'
import { instruments } from './index.ts'

/** Any instrument: its terms are `never`, so that only a holder of matching terms can use it. */
type AnyInstrument = Instrument<string, z.ZodMiniType<never>>

const byKind: ReadonlyMap<string, AnyInstrument> = new Map(
  instruments.map((instrument) => [instrument.kind, instrument as unknown as AnyInstrument]),
)

/** @throws HomeostatError `unknown-instrument` for a kind that is not registered, e.g. from a newer store */
export function instrumentOf(kind: string): AnyInstrument {
  const instrument = byKind.get(kind)
  if (instrument !== undefined) return instrument
  throw new HomeostatError('unknown-instrument', {
    message: `There is no instrument of kind ${kind}.`,
    retry: 'never',
    facts: { kind, field: 'kind', rule: 'must be a registered kind' },
    hint: hintFor(kind),
  })
}

function hintFor(kind: string): string {
  const known = [...byKind.keys()]
  const nearest = nearestWord(kind.slice(0, 60), known)
  return `${nearest === undefined ? '' : `Did you mean ${nearest}? `}Known kinds: ${known.join(', ')}.`
}
