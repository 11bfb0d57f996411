// What the conformance suite needs to know of an instrument beyond its definition.

import type fc from 'fast-check'
import type { InstrumentKind, PositionTerms } from '../../lib/instruments/index.ts'
import type { Market } from '../../lib/instruments/market/market.ts'

export type TermsOf<K extends InstrumentKind> = Extract<PositionTerms, { readonly kind: K }>['terms']

export interface InstrumentCase<K extends InstrumentKind> {
  /** Terms as people hold them, valid in `arbitraryMarket`. */
  readonly terms: fc.Arbitrary<TermsOf<K>>
  /** Any terms that the schema accepts, however strange: sizes, prices and dates from 1e-18 to 1e18. */
  readonly wild: fc.Arbitrary<TermsOf<K>>
  /** USD, above 0: the size that errors are relative to. Gross, not net, which may cancel; 1 for an empty position. */
  readonly gross: (terms: TermsOf<K>, market: Market) => number
  /** Away from kinks by more than a bump's step and from the extremes where differences lose their digits: there closed Greeks must equal differences. */
  readonly isSmooth?: (terms: TermsOf<K>, market: Market) => boolean
  /** Value jumps at its edges by the nature of the payoff; the reason stands here. */
  readonly jumps?: string
  /** Bad terms, and what the refusal has to say (field and rule). `change` is laid over the example. */
  readonly refused: readonly { readonly change: Readonly<Record<string, unknown>>; readonly says: RegExp }[]
}
