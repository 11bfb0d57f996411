import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryAsset, arbitraryQuantity, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

const legs = (quantity: fc.Arbitrary<number>) =>
  fc.record({
    collateral: fc.array(
      fc.record({ asset: arbitraryAsset, quantity, liquidationThreshold: within(0, 1), rate: within(0, 0.2) }),
      { maxLength: 4 },
    ),
    debt: fc.array(fc.record({ asset: arbitraryAsset, quantity, rate: within(0, 0.5) }), { maxLength: 3 }),
  })

export const loanCase: InstrumentCase<'loan'> = {
  terms: legs(arbitraryQuantity),
  wild: legs(within(0, 1e18)),
  gross: ({ collateral, debt }, market) =>
    [...collateral, ...debt].reduce((sum, leg) => sum + leg.quantity * priceOf(market, leg.asset), 0) || 1,
  refused: [
    {
      change: { collateral: [{ asset: 'WETH', quantity: -1, liquidationThreshold: 0.8 }] },
      says: /collateral\.0\.quantity: must be 0 or more/,
    },
    {
      change: { collateral: [{ asset: 'WETH', quantity: 1, liquidationThreshold: 82.5 }] },
      says: /collateral\.0\.liquidationThreshold: must be a fraction, at most 1/,
    },
    { change: { debt: undefined }, says: /debt: must be a list/ },
    { change: { debt: [{ asset: 'USDC', quantity: 1, rate: 500 }] }, says: /debt\.0\.rate: must be a rate per year/ },
  ],
}
