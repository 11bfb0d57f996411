import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

const optionally = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })

const termsOf = (quantity: fc.Arbitrary<number>, nav: fc.Arbitrary<number>, navAsOf: fc.Arbitrary<number>) =>
  fc.record({
    currency: fc.constantFrom('USDC', 'WETH'),
    quantity,
    nav,
    navAsOf,
    rate: optionally(within(-0.2, 0.3)),
    staleness: optionally(fc.record({ expectedDays: within(0, 40), perDay: within(0, 0.05), cap: within(0, 1) })),
    redemption: optionally(
      fc.record({
        fee: optionally(within(0, 1)),
        noticeDays: optionally(within(0, 400)),
        gate: optionally(within(0, 1)),
        periodDays: optionally(within(0, 100)),
        minimum: optionally(within(0, 1e7)),
      }),
    ),
  })

/** Days from the nearest kink in time: when the NAV is due, and when the cap is reached. */
function daysToKink({ navAsOf, staleness }: TermsOf<'rwa'>): number {
  const { expectedDays, perDay, cap } = staleness ?? { expectedDays: 4, perDay: 0.005, cap: 0.5 }
  const ageDays = (now - navAsOf) / day
  return Math.min(...[0, expectedDays, expectedDays + cap / perDay].map((kink) => Math.abs(ageDays - kink)))
}

export const rwaCase: InstrumentCase<'rwa'> = {
  terms: termsOf(arbitrarySigned, within(0.5, 2_000), within(now - 200 * day, now + day)),
  wild: termsOf(within(-1e18, 1e18), fc.oneof(within(1e-18, 1), within(1, 1e18)), within(1, 2e11)),
  gross: ({ currency, quantity, nav }, market) => Math.abs(quantity) * nav * priceOf(market, currency) || 1,
  isSmooth: (terms) => daysToKink(terms) > 1,
  refused: [
    { change: { nav: 0 }, says: /nav: must be above 0/ },
    { change: { navAsOf: 'last week' }, says: /navAsOf: must be an instant/ },
    { change: { redemption: { gate: 25 } }, says: /redemption\.gate: must be a fraction, at most 1/ },
    { change: { redemption: { minimum: -1 } }, says: /redemption\.minimum: must be 0 or more/ },
    { change: { redemption: { notice: 3 } }, says: /redemption\.notice: is not known here/ },
    { change: { staleness: { expectedDays: -1, perDay: 0, cap: 0 } }, says: /staleness\.expectedDays: must be 0 or/ },
    { change: { currency: '' }, says: /currency: must be an asset symbol/ },
  ],
}
