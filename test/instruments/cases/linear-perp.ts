import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryMargin, marginGross, optionally, refusedMargins, signedUpTo } from '../arbitrary-margin.ts'
import { arbitraryAsset, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

function gross(terms: TermsOf<'linear-perp'>, market: Market): number {
  const { asset, settlement, quantity, entryPrice, accruedFunding = 0 } = terms
  const settlementUsd = settlement === undefined ? 1 : priceOf(market, settlement)
  const contract = Math.abs(quantity) * (priceOf(market, asset) + entryPrice * settlementUsd)
  return contract + Math.abs(accruedFunding) * settlementUsd + marginGross(terms, market) || 1
}

export const linearPerpCase: InstrumentCase<'linear-perp'> = {
  terms: fc.record({
    asset: arbitraryAsset,
    settlement: optionally(fc.constantFrom('USDC', 'WETH')),
    quantity: arbitrarySigned,
    entryPrice: within(0.5, 3e5),
    accruedFunding: optionally(signedUpTo(1e5)),
    ...arbitraryMargin(1e6),
  }),
  wild: fc.record({
    asset: arbitraryAsset,
    settlement: optionally(arbitraryAsset),
    quantity: within(-1e18, 1e18),
    entryPrice: fc.oneof(within(1e-18, 1), within(1, 1e18)),
    accruedFunding: optionally(within(-1e18, 1e18)),
    ...arbitraryMargin(1e18),
  }),
  gross,
  refused: [
    { change: { entryPrice: 0 }, says: /entryPrice: must be above 0/ },
    { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
    { change: { accruedFunding: 'none' }, says: /accruedFunding: must be a finite number/ },
    { change: { size: 1 }, says: /size: is not known here/ },
    ...refusedMargins,
  ],
}
