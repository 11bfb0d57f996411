// What a position is worth, whatever it is: the one entry to every registered value function.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { Usd } from '../base/units.ts'
import { inWords } from './in-words.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'
import type { Market } from './market/market.ts'
import { unitWarnings } from './unit-warnings.ts'

/** USD, negative for a net debt. @throws HomeostatError `no-price` and the like for what the market lacks; `not-finite` where it overflows */
export function value(position: PositionTerms, market: Market): Usd {
  const usd = inWords(position, () => instrumentOf(position.kind).value(position.terms as never, market))
  if (Number.isFinite(usd)) return usd
  throw new HomeostatError('not-finite', {
    message: `The value of this ${position.kind} is beyond what a number can hold.`,
    retry: 'never',
    facts: { kind: position.kind, figure: 'value' },
    hint: 'Look for a mistake in units in its terms or in the market.',
  })
}

/** The assets whose prices the value reads. */
export function assetsOf(position: PositionTerms): readonly string[] {
  return instrumentOf(position.kind).assets(position.terms as never)
}

/** The same position, `factor` times as large. */
export function scaled(position: PositionTerms, factor: number): PositionTerms {
  const terms = instrumentOf(position.kind).scaled(position.terms as never, factor)
  return { kind: position.kind, terms } as PositionTerms
}

/** What a reader of the value has to know: expired, extrapolated, stale, probably meant in per cent. */
export function warningsOf(position: PositionTerms, market: Market): readonly string[] {
  const own = inWords(position, () => instrumentOf(position.kind).warnings?.(position.terms as never, market) ?? [])
  const units = unitWarnings(position, market)
  return units.length === 0 ? own : [...own, ...units]
}

/** Further figures that people of the field look for, by names that end in their unit. */
export function detailsOf(position: PositionTerms, market: Market): Readonly<Record<string, number>> {
  const found = inWords(position, () => instrumentOf(position.kind).details?.(position.terms as never, market) ?? {})
  // A ratio of the next to nothing is not defined: like the others that are not, it is absent.
  return Object.values(found).every(Number.isFinite)
    ? found
    : Object.fromEntries(Object.entries(found).filter(([, figure]) => Number.isFinite(figure)))
}
