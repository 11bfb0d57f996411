import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryAsset, arbitrarySigned, now, within, year } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'

const optionally = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })

const termsOf = (shares: fc.Arbitrary<number>, sharePrice: fc.Arbitrary<number>) =>
  fc
    .record({
      asset: arbitraryAsset,
      shares,
      sharePrice: optionally(sharePrice),
      sharePriceAsOf: optionally(within(now - year, now + year)),
      rate: optionally(within(-1, 1)),
      entryFee: optionally(within(0, 1)),
      exitFee: optionally(within(0, 1)),
      maxRedeem: optionally(within(0, 1e9)),
    })
    .map(({ sharePriceAsOf, ...terms }) => (terms.sharePrice === undefined ? terms : { ...terms, sharePriceAsOf }))

export const vaultShareCase: InstrumentCase<'vault-share'> = {
  terms: termsOf(arbitrarySigned, within(0.5, 3)),
  wild: termsOf(within(-1e18, 1e18), fc.oneof(within(1e-18, 1), within(1, 1e18))),
  gross: ({ asset, shares, sharePrice = 1 }, market) => Math.abs(shares) * sharePrice * priceOf(market, asset) || 1,
  refused: [
    { change: { sharePrice: 0 }, says: /sharePrice: must be above 0/ },
    {
      change: { sharePrice: undefined, sharePriceAsOf: '2026-11-24' },
      says: /sharePriceAsOf: must stand beside a sharePrice/,
    },
    { change: { exitFee: 1.5 }, says: /exitFee: must be a fraction, at most 1/ },
    { change: { maxRedeem: -1 }, says: /maxRedeem: must be 0 or more/ },
    { change: { rate: 600 }, says: /rate: must be a rate per year/ },
    { change: { shares: undefined }, says: /shares: must be a finite number/ },
  ],
}
