import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'everlasting-option'>

const funding = fc.constantFrom(
  { fundingConvention: 'continuous' } as const,
  { fundingConvention: 'discrete' } as const,
  { fundingConvention: 'discrete', paymentsPerPeriod: 3 } as const,
)

const everlasting = (price: fc.Arbitrary<number>, quantity: fc.Arbitrary<number>, days: fc.Arbitrary<number>) =>
  fc
    .tuple(
      fc.record({
        asset: optionAsset,
        type: fc.constantFrom('call', 'put'),
        strike: price,
        quantity,
        fundingDays: days,
      }),
      funding,
      fc.option(price, { nil: undefined }),
    )
    .map(
      ([option, how, entryPrice]): Terms => ({
        ...option,
        ...how,
        ...(entryPrice === undefined ? {} : { entryPrice }),
      }),
    )

export const everlastingOptionCase: InstrumentCase<'everlasting-option'> = {
  terms: everlasting(within(100, 200_000), arbitrarySigned, within(20, 90)),
  wild: everlasting(within(1e-18, 1e18), within(-1e18, 1e18), within(1e-18, 1e18)),
  gross: (terms, market) =>
    optionGross({ ...terms, expiry: 0 }, market) + Math.abs(terms.quantity) * (terms.entryPrice ?? 0),
  // The third derivative jumps at the strike, which differences for gamma notice.
  isSmooth: ({ asset, strike }, market) => Math.abs(priceOf(market, asset) / strike - 1) > 0.03,
  refused: [
    ...refusedOptions.filter(({ change }) => !('expiry' in change)),
    { change: { fundingDays: 0 }, says: /fundingDays: must be above 0/ },
    { change: { fundingConvention: 'hourly' }, says: /fundingConvention: must be discrete or continuous/ },
    { change: { paymentsPerPeriod: 24 }, says: /paymentsPerPeriod: must not be stated for continuous funding/ },
    {
      change: { fundingConvention: 'discrete', paymentsPerPeriod: 2.5 },
      says: /paymentsPerPeriod: must be a whole number, 1 to 100/,
    },
    {
      change: { fundingConvention: 'discrete', paymentsPerPeriod: 8_760 },
      says: /paymentsPerPeriod: must be a whole number, 1 to 100/,
    },
    { change: { expiry: '2027-03-26T08:00:00Z' }, says: /expiry: is not known here/ },
  ],
}
