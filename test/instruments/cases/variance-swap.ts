import fc from 'fast-check'
import { secondsPerYear } from '../../../lib/base/time.ts'
import { arbitraryExpiry, arbitrarySigned, day, now, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { optionAsset, refusedOptions } from './vanilla-option.ts'

type Terms = TermsOf<'variance-swap'>

export const varianceSwapCase: InstrumentCase<'variance-swap'> = {
  terms: fc
    .record({
      asset: optionAsset,
      varianceNotional: arbitrarySigned,
      strikeVolatility: within(0, 3),
      expiry: arbitraryExpiry,
      // From a swap that has run for two years to one that starts half-way to its expiry.
      share: fc.oneof(fc.constant(0), within(-1, -0.001), within(0.05, 0.5)),
      accrued: within(0, 2),
    })
    .map(({ share, accrued, expiry, ...rest }): Terms => {
      const start = share < 0 ? now + share * 730 * day : now + share * (expiry - now)
      const years = (now - start) / secondsPerYear
      return { ...rest, expiry, start: Math.floor(start), accruedVariance: years > 0 ? accrued * years : 0 }
    }),
  wild: fc
    .record({
      asset: optionAsset,
      varianceNotional: within(-1e18, 1e18),
      strikeVolatility: within(0, 1e18),
      expiry: within(2, 2e11),
      share: within(0.01, 0.99),
      accruedVariance: within(0, 1e18),
    })
    .map(({ share, ...rest }): Terms => ({ ...rest, start: rest.expiry * share })),
  // Both legs; volatilities are at most 150 %.
  gross: ({ varianceNotional, strikeVolatility, accruedVariance, start, expiry }) =>
    Math.abs(varianceNotional) *
      (strikeVolatility ** 2 + 1.5 ** 2 + (accruedVariance * secondsPerYear) / (expiry - start)) || 1,
  // Before the start time alone takes nothing; closed Greeks know on which side they are, bumps across it do not.
  isSmooth: ({ start }) => start !== now,
  refused: [
    ...refusedOptions.filter(({ change }) => 'expiry' in change),
    { change: { varianceNotional: Number.NaN }, says: /varianceNotional: must be a finite number/ },
    { change: { strikeVolatility: -0.5 }, says: /strikeVolatility: must be 0 or more/ },
    { change: { accruedVariance: -0.01 }, says: /accruedVariance: must be 0 or more/ },
    { change: { start: '2027-03-26T08:00:00Z' }, says: /start: must be before the expiry/ },
    { change: { strike: 3_000 }, says: /strike: is not known here/ },
  ],
}
