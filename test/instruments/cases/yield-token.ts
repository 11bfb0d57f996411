import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { realisticFixedYield, refusedFixedYields, wildFixedYield } from '../arbitrary-fixed-yield.ts'
import { arbitraryQuantity, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

const withYield = (terms: fc.Arbitrary<TermsOf<'yield-token'>>, accrued: fc.Arbitrary<number>) =>
  fc
    .tuple(terms, fc.option(within(-1, 1), { nil: undefined }), fc.option(accrued, { nil: undefined }))
    .map(([one, variableYield, accruedYield]) => ({ ...one, variableYield, accruedYield }))

export const yieldTokenCase: InstrumentCase<'yield-token'> = {
  terms: withYield(realisticFixedYield, arbitraryQuantity),
  wild: withYield(wildFixedYield, within(0, 1e18)),
  gross: ({ asset, quantity, accruedYield = 0 }, market) =>
    (Math.abs(quantity) + accruedYield) * priceOf(market, asset) || 1,
  refused: [
    ...refusedFixedYields,
    { change: { accruedYield: -1 }, says: /accruedYield: must be 0 or more/ },
    { change: { variableYield: 290 }, says: /variableYield: must be a rate per year/ },
  ],
}
