import fc from 'fast-check'
import { arbitraryExpiry, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { isWideEnough, optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'digital-option'>

/** The figure that each payoff asks for. */
const payoff = (price: fc.Arbitrary<number>) =>
  fc.oneof(
    price.map((cash) => ({ payoff: 'cash-or-nothing' as const, cash })),
    fc.constant({ payoff: 'asset-or-nothing' as const }),
    price.map((payoffStrike) => ({ payoff: 'gap' as const, payoffStrike })),
  )

const type = fc.constantFrom('call', 'put')

export const digitalOptionCase: InstrumentCase<'digital-option'> = {
  terms: fc
    .tuple(
      fc.record({
        asset: optionAsset,
        type,
        strike: within(100, 200_000),
        expiry: arbitraryExpiry,
        quantity: arbitrarySigned,
      }),
      payoff(within(10, 200_000)),
    )
    .map(([option, pays]): Terms => ({ ...option, ...pays })),
  wild: fc
    .tuple(
      fc.record({
        asset: optionAsset,
        type,
        strike: within(1e-18, 1e18),
        expiry: within(1, 2e11),
        quantity: within(-1e18, 1e18),
        settlementPrice: fc.option(within(1e-18, 1e18), { nil: undefined }),
      }),
      payoff(within(1e-18, 1e18)),
    )
    .map(([option, pays]): Terms => ({ ...option, ...pays })),
  gross: (terms, market) =>
    Math.abs(terms.quantity) * ((terms.cash ?? 0) + (terms.payoffStrike ?? 0)) + optionGross(terms, market),
  isSmooth: isWideEnough,
  jumps:
    'at expiry it pays all or nothing; before, value is smooth and test/instruments/digital-option.test.ts holds it to that',
  refused: [
    ...refusedOptions,
    { change: { payoff: 'all-or-nothing' }, says: /payoff: must be cash-or-nothing or asset-or-nothing or gap/ },
    { change: { cash: undefined }, says: /cash: must be stated for cash-or-nothing/ },
    { change: { cash: -1 }, says: /cash: must be above 0/ },
    { change: { payoff: 'asset-or-nothing' }, says: /cash: must be stated for cash-or-nothing, and for nothing else/ },
    { change: { payoff: 'gap', cash: undefined }, says: /payoffStrike: must be stated for gap/ },
    { change: { payoffStrike: 3_000 }, says: /payoffStrike: must be stated for gap, and for nothing else/ },
  ],
}
