import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryAsset, arbitrarySigned, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

const optionally = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })

const termsOf = (quantity: fc.Arbitrary<number>, perToken: fc.Arbitrary<number>) =>
  fc.record({
    quantity,
    target: optionally(arbitraryAsset),
    backing: fc.array(fc.record({ asset: arbitraryAsset, quantity: perToken, haircut: optionally(within(0, 1)) }), {
      maxLength: 3,
    }),
  })

function sides({ target, backing }: TermsOf<'synthetic'>, market: Market) {
  return {
    targetUsd: target === undefined ? 1 : priceOf(market, target),
    backingUsd: backing.reduce(
      (sum, one) => sum + one.quantity * (1 - (one.haircut ?? 0)) * priceOf(market, one.asset),
      0,
    ),
  }
}

export const syntheticCase: InstrumentCase<'synthetic'> = {
  terms: termsOf(arbitrarySigned, fc.oneof(fc.constant(0), within(1e-5, 1), within(1, 1e5))),
  wild: termsOf(within(-1e18, 1e18), within(0, 1e18)),
  gross: (terms, market) => {
    const { targetUsd, backingUsd } = sides(terms, market)
    return Math.abs(terms.quantity) * Math.max(targetUsd, Math.min(backingUsd, 2 * targetUsd)) || 1
  },
  isSmooth: (terms, market) => {
    const { targetUsd, backingUsd } = sides(terms, market)
    return Math.abs(backingUsd / targetUsd - 1) > 1e-3
  },
  refused: [
    { change: { target: '' }, says: /target: must be an asset symbol/ },
    { change: { backing: undefined }, says: /backing: must be a list/ },
    { change: { backing: [{ asset: 'USDC', quantity: -1 }] }, says: /backing\.0\.quantity: must be 0 or more/ },
    {
      change: { backing: [{ asset: 'USDC', quantity: 1, haircut: 2 }] },
      says: /backing\.0\.haircut: must be a fraction/,
    },
    { change: { quantity: '50' }, says: /quantity: must be a finite number/ },
  ],
}
