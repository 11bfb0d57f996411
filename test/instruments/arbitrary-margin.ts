// Random margin accounts for perpetuals, valid in `arbitraryMarket`.

import fc from 'fast-check'
import { type Market, priceOf } from '../../lib/instruments/market/market.ts'
import type { MarginTerms } from '../../lib/instruments/perpetuals/margin.ts'
import { arbitraryAsset, within } from './arbitrary-market.ts'

export const optionally = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })

/** 0, or of a size from 1e-6 to `size`, of either sign. */
export const signedUpTo = (size: number) => fc.oneof(fc.constant(0), within(1e-6, size), within(-size, -1e-6))

/** One to four tiers, with floors and rates that rise. */
const arbitraryTiers = fc
  .array(fc.record({ width: within(1e3, 1e7), step: within(0.001, 0.1) }), { minLength: 1, maxLength: 4 })
  .map((steps) =>
    steps.map((_, index) => ({
      floor: steps.slice(0, index).reduce((sum, { width }) => sum + width, 0),
      rate: steps.slice(0, index + 1).reduce((sum, { step }) => sum + step, 0),
    })),
  )

/** Quantities within -size and size. */
export const arbitraryMargin = (size: number) => ({
  margin: optionally(
    fc.array(
      fc.record({
        asset: arbitraryAsset,
        quantity: signedUpTo(size),
        haircut: optionally(within(0, 1)),
        rate: optionally(within(0, 0.2)),
      }),
      { maxLength: 3 },
    ),
  ),
  maintenance: optionally(arbitraryTiers),
})

/** USD of everything posted or owed, none of it netted. */
export function marginGross({ margin = [] }: MarginTerms, market: Market): number {
  return margin.reduce((sum, { asset, quantity }) => sum + Math.abs(quantity) * priceOf(market, asset), 0)
}

/** Over the example of any perpetual. */
export const refusedMargins = [
  { change: { margin: [{ asset: '', quantity: 1 }] }, says: /margin\.0\.asset: must be an asset symbol/ },
  { change: { margin: [{ asset: 'BTC', quantity: 1, haircut: 5 }] }, says: /margin\.0\.haircut: must be a fraction/ },
  { change: { maintenance: [] }, says: /maintenance: must start at floor 0/ },
  { change: { maintenance: [{ floor: 1, rate: 0.1 }] }, says: /maintenance: must start at floor 0/ },
  { change: { maintenance: [{ floor: 0, rate: 1 }] }, says: /maintenance: must start at floor 0/ },
  {
    change: {
      maintenance: [
        { floor: 0, rate: 0.1 },
        { floor: 5, rate: 0.05 },
      ],
    },
    says: /maintenance: must start at floor 0, with floors that rise and rates that do not fall, below 1/,
  },
] as const
