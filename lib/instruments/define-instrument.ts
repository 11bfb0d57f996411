// The shape of an instrument: terms with a schema, a value, and closed-form Greeks where there are any.

import type * as z from '../base/schema.ts'
import type { Usd } from '../base/units.ts'
import type { Market } from './market.ts'

/** By underlying: delta in units of the underlying, gamma as the change of delta per 1 USD of spot. */
export interface Greeks {
  readonly delta: Readonly<Record<string, number>>
  readonly gamma: Readonly<Record<string, number>>
}

export interface Instrument<Kind extends string, Terms extends z.ZodMiniType> {
  readonly kind: Kind
  /** One line for people and for the README's table. */
  readonly title: string
  readonly terms: Terms
  /** The assets whose prices the value reads; none for an empty position, which is worth 0 in any market. */
  readonly assets: (terms: z.output<Terms>) => readonly string[]
  /** USD. @throws HomeostatError `no-price` */
  readonly value: (terms: z.output<Terms>, market: Market) => Usd
  /** Closed form; without it Greeks come by bump and revalue. */
  readonly greeks?: (terms: z.output<Terms>, market: Market) => Greeks
}

export function defineInstrument<const Kind extends string, Terms extends z.ZodMiniType>(
  instrument: Instrument<Kind, Terms>,
): Instrument<Kind, Terms> {
  return instrument
}
