import fc from 'fast-check'
import { warningsOf } from '../../../lib/instruments/value.ts'
import { arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { optionAsset, optionGross, refusedOptions } from './vanilla-option.ts'

const perpetual = (
  strike: fc.Arbitrary<number>,
  quantity: fc.Arbitrary<number>,
): fc.Arbitrary<TermsOf<'perpetual-american-option'>> =>
  fc.record({ asset: optionAsset, type: fc.constantFrom('call', 'put'), strike, quantity })

export const perpetualAmericanOptionCase: InstrumentCase<'perpetual-american-option'> = {
  terms: perpetual(within(100, 200_000), arbitrarySigned),
  wild: perpetual(within(1e-18, 1e18), within(-1e18, 1e18)),
  gross: (terms, market) => optionGross({ ...terms, expiry: 0 }, market),
  // At the bounds beyond which waiting is worth more than any price, the value has a kink in the rates.
  isSmooth: (terms, market) =>
    (market.interest?.[0]?.rate ?? 0) > 0.01 &&
    warningsOf({ kind: 'perpetual-american-option', terms }, market).length === 0,
  refused: [
    ...refusedOptions.filter(({ change }) => !('expiry' in change)),
    { change: { expiry: '2027-03-26T08:00:00Z' }, says: /expiry: is not known here/ },
  ],
}
