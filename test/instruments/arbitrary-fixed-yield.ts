// Random terms of principal and yield tokens, valid in `arbitraryMarket`.

import fc from 'fast-check'
import { arbitraryAsset, arbitraryExpiry, arbitrarySigned, day, now, within, year } from './arbitrary-market.ts'

/** A yield, or a price of at most a year ago and of a day before maturity at the latest; one in five has matured. */
const realisticYield = fc
  .record({
    maturity: fc.oneof({ weight: 4, arbitrary: arbitraryExpiry }, { weight: 1, arbitrary: within(now - year, now) }),
    impliedYield: within(-0.05, 0.6),
    price: fc.option(within(0.5, 1.05), { nil: undefined }),
    ageDays: within(0, 365),
  })
  .map(({ maturity, impliedYield, price, ageDays }) => {
    if (price === undefined) return { maturity, impliedYield }
    const priceAt = Math.min(now, maturity - day) - ageDays * day
    return { maturity, principalPrice: price, priceAt }
  })

export const realisticFixedYield = fc
  .tuple(fc.record({ asset: arbitraryAsset, quantity: arbitrarySigned }), realisticYield)
  .map(([held, yielding]) => ({ ...held, ...yielding }))

export const wildFixedYield = fc
  .record({
    asset: arbitraryAsset,
    quantity: within(-1e18, 1e18),
    maturity: within(2, 2e11),
    impliedYield: within(-100, 100),
    price: fc.option(fc.oneof(within(1e-18, 1), within(1, 1e18)), { nil: undefined }),
    age: within(1e-6, 1),
  })
  .map(({ price, impliedYield, age, ...terms }) =>
    price === undefined
      ? { ...terms, impliedYield }
      : { ...terms, principalPrice: price, priceAt: terms.maturity * (1 - age) || 1 },
  )

/** Over the example of either token. */
export const refusedFixedYields = [
  { change: { impliedYield: undefined }, says: /impliedYield: must be given, or a principalPrice instead of it/ },
  { change: { principalPrice: 0.98, priceAt: '2026-11-24' }, says: /impliedYield: must be given, or a principalPrice/ },
  {
    change: { impliedYield: undefined, principalPrice: 0.98 },
    says: /priceAt: must stand beside a principalPrice, and be before maturity/,
  },
  {
    change: { impliedYield: undefined, principalPrice: 0.98, priceAt: '2027-07-01' },
    says: /priceAt: must stand beside a principalPrice, and be before maturity/,
  },
  { change: { impliedYield: undefined, principalPrice: 0 }, says: /principalPrice: must be above 0/ },
  { change: { priceAt: '2026-11-24' }, says: /priceAt: must stand beside a principalPrice/ },
  { change: { impliedYield: 340 }, says: /impliedYield: must be a rate per year within -10 and 10/ },
  { change: { maturity: 'June' }, says: /maturity: must be an instant/ },
  { change: { quantity: Number.NaN }, says: /quantity: must be a finite number/ },
] as const
