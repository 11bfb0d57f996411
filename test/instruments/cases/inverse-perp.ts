import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryMargin, marginGross, optionally, refusedMargins, signedUpTo } from '../arbitrary-margin.ts'
import { arbitraryAsset, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

export const inversePerpCase: InstrumentCase<'inverse-perp'> = {
  terms: fc.record({
    asset: fc.constantFrom('ETH', 'WBTC', 'wstETH'),
    quantity: signedUpTo(1e9),
    entryPrice: within(50, 3e5),
    accruedFunding: optionally(signedUpTo(10)),
    ...arbitraryMargin(1e6),
  }),
  wild: fc.record({
    asset: arbitraryAsset,
    quantity: within(-1e18, 1e18),
    entryPrice: fc.oneof(within(1e-18, 1), within(1, 1e18)),
    accruedFunding: optionally(within(-1e18, 1e18)),
    ...arbitraryMargin(1e18),
  }),
  gross: (terms, market) => {
    const price = priceOf(market, terms.asset)
    const contract = Math.abs(terms.quantity) * (1 + price / terms.entryPrice)
    return contract + Math.abs(terms.accruedFunding ?? 0) * price + marginGross(terms, market) || 1
  },
  refused: [
    { change: { entryPrice: -1 }, says: /entryPrice: must be above 0/ },
    { change: { quantity: undefined }, says: /quantity: must be a finite number/ },
    { change: { settlement: 'USDC' }, says: /settlement: is not known here/ },
    ...refusedMargins,
  ],
}
