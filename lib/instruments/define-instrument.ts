// The shape of an instrument: terms with a schema, a value, and closed-form Greeks where there are any.

import type * as z from '../base/schema.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'
import type { Greeks, PoolFigures, Theta } from './greeks/greeks.ts'
import type { Market } from './market/market.ts'
import type { Leg } from './revaluation/leg.ts'

/** A volatility that a value reads: of which asset, and under which expiry its vega is summed (absent: none, it is perpetual). */
export interface Optionality {
  readonly asset: string
  readonly expiry?: UnixSeconds
}

/** Where a value has a kink or its Greeks jump, as the spot of one underlying alone moves: strikes at expiry, barriers, the edges of a range. */
export type Edges = Readonly<Record<string, readonly Usd[]>>

export type InstrumentFamily = 'holding' | 'lending' | 'pool' | 'perpetual' | 'option' | 'fixed yield'

export interface Instrument<Kind extends string, Terms extends z.ZodMiniType> {
  readonly kind: Kind
  readonly family: InstrumentFamily
  /** One line for people and for the README's table. */
  readonly title: string
  /** How it is valued and by whom, for the README's table: `Black 1976 on the forward`. */
  readonly method: string
  readonly terms: Terms
  /** Terms that can be valued in `exampleMarket`, without a warning. */
  readonly example: z.input<Terms>
  /** The assets whose prices the value reads; none for an empty position, which is worth 0 in any market. */
  readonly assets: (terms: z.output<Terms>) => readonly string[]
  /** The same position, `factor` (any finite number that its terms allow) times as large. */
  readonly scaled: (terms: z.output<Terms>, factor: number) => z.output<Terms>
  /** The volatilities that the value reads; absent: none. */
  readonly optionality?: (terms: z.output<Terms>) => readonly Optionality[]
  readonly edges?: (terms: z.output<Terms>, market: Market) => Edges
  /** USD, linear in the size. @throws HomeostatError `no-price`, `no-volatility` and the like for what the market lacks */
  readonly value: (terms: z.output<Terms>, market: Market) => Usd
  /**
   * The value as a sum, in this market and in every one that differs from it in spots, volatilities and the dollar rate alone. With it a book revalues as
   * columns of numbers; without it the position is valued in each scenario's market, one by one.
   */
  readonly legs?: (terms: z.output<Terms>, market: Market) => readonly Leg[]
  /** All of them in closed form; without it they come by bump and revalue, with `flows` and `pool` added. */
  readonly greeks?: (terms: z.output<Terms>, market: Market) => Greeks
  /** Under which kind of theta the change of value by time alone stands: options decay, fixed yield pulls to par. Absent: decay. */
  readonly ageing?: 'decay' | 'interest'
  /** USD per year that are earned apart from the change of value in time; only without `greeks`. */
  readonly flows?: (terms: z.output<Terms>, market: Market) => Partial<Theta>
  /** Loss-versus-rebalancing and impermanent loss; only without `greeks`. */
  readonly pool?: (terms: z.output<Terms>, market: Market) => PoolFigures
  /** Further figures that people of the field look for, by a name that ends in its unit (`priceCoin`, `liquidationPriceUsd`); those that are not defined are absent. */
  readonly details?: (terms: z.output<Terms>, market: Market) => Readonly<Record<string, number>>
  /** What a reader of the value has to know: expired, extrapolated, stale. */
  readonly warnings?: (terms: z.output<Terms>, market: Market) => readonly string[]
}

export function defineInstrument<const Kind extends string, Terms extends z.ZodMiniType>(
  instrument: Instrument<Kind, Terms>,
): Instrument<Kind, Terms> {
  return instrument
}
