// Whatever a venue quotes, what comes out is a market or nothing, never an error and never a number that a market refuses.

import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { withMarketData } from '../../../lib/instruments/market/parse-market.ts'
import { surfaceVolatility } from '../../../lib/instruments/market/volatility-surface.ts'
import { fitSurface } from '../../../lib/sources/venues/fit-surface.ts'

const at = 1_722_816_000
const quote = fc.record({
  strike: fc.double({ min: 1, max: 1e6, noNaN: true }),
  volatility: fc.double({ min: 1e-4, max: 10, noNaN: true }),
})
const expiry = fc.record({
  expiry: fc.integer({ min: at + 1_800, max: at + 5 * 365 * 86_400 }),
  forward: fc.double({ min: 500, max: 1_500, noNaN: true }),
  quotes: fc.uniqueArray(quote, { maxLength: 12, selector: ({ strike }) => strike }),
})

it('any quotes are a surface that a market takes, or none', () => {
  fc.assert(
    fc.property(fc.uniqueArray(expiry, { maxLength: 4, selector: (one) => one.expiry }), (expiries) => {
      const sorted = expiries.toSorted((one, other) => one.expiry - other.expiry)
      const { volatility } = fitSurface({ at, anchor: 1_000, expiries: sorted })
      expect(volatility === undefined).toBe(sorted.every(({ quotes }) => quotes.length === 0))
      if (volatility === undefined) return
      const prices = { at, spot: { X: 1_000 }, exchangeRates: { X: { underlying: 'X', rate: 1 } } }
      const surface = withMarketData(prices, { volatility: { X: volatility }, asOf: at }).volatility?.X
      if (surface === undefined) throw new Error('there is no surface')
      for (const { expiry: date } of sorted)
        for (const k of [-1, 0, 1]) expect(surfaceVolatility(surface, k, date).volatility).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 60 },
  )
})
