import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryMargin, marginGross, optionally, refusedMargins } from '../arbitrary-margin.ts'
import { arbitraryAsset, arbitraryExpiry, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

/** Growth to five years off is at most e^2. */
function gross(terms: TermsOf<'future'>, market: Market): number {
  const { asset, quantity, entryPrice } = terms
  return Math.abs(quantity) * (8 * priceOf(market, asset) + entryPrice) + marginGross(terms, market) || 1
}

export const futureCase: InstrumentCase<'future'> = {
  terms: fc.record({
    asset: arbitraryAsset,
    expiry: arbitraryExpiry,
    quantity: arbitrarySigned,
    entryPrice: within(0.5, 3e5),
    ...arbitraryMargin(1e6),
  }),
  wild: fc.record({
    asset: arbitraryAsset,
    expiry: within(1, 2e11),
    quantity: within(-1e18, 1e18),
    entryPrice: fc.oneof(within(1e-18, 1), within(1, 1e18)),
    settlementPrice: optionally(within(1e-18, 1e18)),
    ...arbitraryMargin(1e18),
  }),
  gross,
  refused: [
    { change: { entryPrice: 0 }, says: /entryPrice: must be above 0/ },
    { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
    { change: { expiry: 'next quarter' }, says: /expiry: must be an instant/ },
    { change: { settlementPrice: -1 }, says: /settlementPrice: must be above 0/ },
    { change: { size: 1 }, says: /size: is not known here/ },
    ...refusedMargins,
  ],
}
