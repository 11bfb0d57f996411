import fc from 'fast-check'
import type { Market } from '../../../lib/instruments/market/market.ts'
import { powerMark } from '../../../lib/instruments/perpetuals/power-perp.ts'
import { arbitraryMargin, marginGross, optionally, refusedMargins, signedUpTo } from '../arbitrary-margin.ts'
import { within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

function gross(terms: TermsOf<'power-perp'>, market: Market): number {
  const { quantity, entryPrice = 0, accruedFunding = 0 } = terms
  const contract = quantity === 0 ? 0 : Math.abs(quantity) * (powerMark(terms, market).markUsd + entryPrice)
  return contract + Math.abs(accruedFunding) + marginGross(terms, market) || 1
}

export const powerPerpCase: InstrumentCase<'power-perp'> = {
  terms: fc.record({
    asset: fc.constantFrom('ETH', 'WBTC', 'wstETH'),
    power: fc.constantFrom(-1, 0.5, 1, 2, 3),
    scale: optionally(within(1e-6, 1)),
    quantity: signedUpTo(1e3),
    entryPrice: optionally(within(1e-3, 1e6)),
    fundingConvention: fc.constantFrom('discrete', 'continuous'),
    fundingDays: within(0, 25),
    accruedFunding: optionally(signedUpTo(1e4)),
    ...arbitraryMargin(1e5),
  }),
  wild: fc.record({
    asset: fc.constantFrom('ETH', 'WBTC', 'wstETH'),
    power: fc.oneof(within(-10, 10), within(-1e18, 1e18)),
    scale: optionally(fc.oneof(within(1e-18, 1), within(1, 1e18))),
    quantity: within(-1e18, 1e18),
    entryPrice: optionally(fc.oneof(within(1e-18, 1), within(1, 1e18))),
    fundingConvention: fc.constantFrom('discrete', 'continuous'),
    fundingDays: fc.oneof(within(0, 100), within(0, 1e18)),
    ...arbitraryMargin(1e18),
  }),
  gross,
  /** Term structures of the random market bend at 7 and 30 days. */
  isSmooth: ({ fundingDays }) => [7, 30].every((bend) => Math.abs(fundingDays - bend) > 1) && fundingDays > 1,
  refused: [
    { change: { power: Number.NaN }, says: /power: must be a finite number/ },
    { change: { scale: 0 }, says: /scale: must be above 0/ },
    { change: { fundingConvention: 'hourly' }, says: /fundingConvention: must be discrete or continuous/ },
    { change: { fundingConvention: undefined }, says: /fundingConvention: must be discrete or continuous/ },
    { change: { fundingDays: -1 }, says: /fundingDays: must be 0 or more/ },
    { change: { entryPrice: 0 }, says: /entryPrice: must be above 0/ },
    ...refusedMargins,
  ],
}
