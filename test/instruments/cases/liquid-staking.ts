import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

const optionally = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const staleness = fc.record({ expectedDays: within(0, 100), perDay: within(0, 1), cap: within(0, 1) })

const termsOf = (quantity: fc.Arbitrary<number>) =>
  fc.record({
    asset: fc.constantFrom('wstETH', 'WETH', 'WBTC'),
    quantity,
    marketDiscount: optionally(within(0, 1)),
    withdrawalDays: optionally(within(0, 1e3)),
    staleness: optionally(staleness),
  })

export const liquidStakingCase: InstrumentCase<'liquid-staking'> = {
  terms: termsOf(arbitrarySigned),
  wild: termsOf(within(-1e18, 1e18)),
  gross: ({ asset, quantity }, market) => Math.abs(quantity) * priceOf(market, asset) || 1,
  refused: [
    { change: { asset: '' }, says: /asset: must be an asset symbol/ },
    { change: { marketDiscount: -0.01 }, says: /marketDiscount: must be a fraction, 0 or more/ },
    { change: { marketDiscount: 5 }, says: /marketDiscount: must be a fraction, at most 1/ },
    { change: { withdrawalDays: -1 }, says: /withdrawalDays: must be 0 or more/ },
    { change: { staleness: { expectedDays: 1, perDay: 2, cap: 1 } }, says: /staleness\.perDay: must be a fraction/ },
    { change: { staleness: { expectedDays: 1, perDay: 0.1 } }, says: /staleness\.cap: must be a finite number/ },
    { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
  ],
}
