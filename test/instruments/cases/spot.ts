import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryAsset, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

export const spotCase: InstrumentCase<'spot'> = {
  terms: fc.record({ asset: arbitraryAsset, quantity: arbitrarySigned }),
  wild: fc.record({ asset: arbitraryAsset, quantity: within(-1e18, 1e18) }),
  gross: ({ asset, quantity }, market) => Math.abs(quantity) * priceOf(market, asset) || 1,
  refused: [
    { change: { asset: '' }, says: /asset: must be an asset symbol/ },
    { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
    { change: { quantity: Number.POSITIVE_INFINITY }, says: /quantity: must be a finite number/ },
    { change: { quantity: undefined }, says: /quantity: must be a finite number/ },
    { change: { quantitty: 1 }, says: /quantitty: is not known here/ },
  ],
}
