import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot, withTime, withVolatilityShift } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { at, expiryIn, oneAssetMarket } from './one-asset-market.ts'

const market = oneAssetMarket({ spot: 3_000, rate: 0.04, carry: 0.06, volatility: 0.7 })
const terms = [1_500, 2_800, 3_000, 3_500, 9_000].flatMap((strike) =>
  (['call', 'put'] as const).map(
    (type) => ({ asset: 'ETH', type, strike, expiry: expiryIn(0.3), quantity: 1 }) as const,
  ),
)
const inverse = (its: (typeof terms)[number]): PositionTerms => ({ kind: 'inverse-option', terms: its })
const coin = (position: PositionTerms, at = market) => detailsOf(position, at).priceCoin ?? Number.NaN

describe('an inverse option', () => {
  it('has the dollar value and Greeks of the option that is settled in dollars', () => {
    for (const its of terms) {
      expect(value(inverse(its), market)).toBe(value({ kind: 'vanilla-option', terms: its }, market))
      expect(greeksOf(inverse(its), market)).toEqual(greeksOf({ kind: 'vanilla-option', terms: its }, market))
    }
  })

  it('reconciles what it reports in dollars and in coin after any move of the spot', () => {
    for (const its of terms)
      for (const move of [-0.3, -0.02, 1e-4, 0.05, 1]) {
        const spot = 3_000 * (1 + move)
        const moved = withSpot(market, 'ETH', spot)
        const [before, after] = [coin(inverse(its)), coin(inverse(its), moved)]
        const usd = value(inverse(its), moved) - value(inverse(its), market)
        // The change in coin at the new spot, and what the coins first paid have become.
        expect(Math.abs((after - before) * spot + before * (spot - 3_000) - usd)).toBeLessThan(1e-10 * 3_000)
      }
  })

  it("has a premium-adjusted delta of Black's less the price in coin: the derivative of the coin price", () => {
    for (const its of terms) {
      const { deltaBlack = 0, deltaPremiumAdjusted = 0, gammaCoin = 0 } = detailsOf(inverse(its), market)
      expect(deltaBlack).toBeCloseTo(greeksOf(inverse(its), market).delta.ETH ?? 0, 14)
      expect(deltaPremiumAdjusted).toBeCloseTo(deltaBlack - coin(inverse(its)), 14)
      const [up, down] = [3, -3].map((dS) => coin(inverse(its), withSpot(market, 'ETH', 3_000 + dS))) as [
        number,
        number,
      ]
      expect(((up - down) / 6) * 3_000).toBeCloseTo(deltaPremiumAdjusted, 5)
      expect(((up - 2 * coin(inverse(its)) + down) / 9) * 3_000 * 3_000).toBeCloseTo(gammaCoin * 3_000 * 3_000, 3)
    }
  })

  it('has coin figures that are the dollar figures over the spot', () => {
    const position = inverse({ asset: 'ETH', type: 'put', strike: 2_800, expiry: expiryIn(0.3), quantity: 1 })
    const { vega = 0, vegaCoin = 0, gamma = 0 } = detailsOf(position, market)
    expect(vegaCoin * 3_000).toBeCloseTo(vega, 9)
    expect(gamma).toBeCloseTo(greeksOf(position, market).gamma.ETH ?? 0, 14)
    const bumped =
      coin(position, withVolatilityShift(market, 'ETH', 1e-4)) -
      coin(position, withVolatilityShift(market, 'ETH', -1e-4))
    expect(bumped / 2e-4).toBeCloseTo(vegaCoin, 6)
  })

  it('once settled is so many coins, whose dollar value follows the spot', () => {
    const expired = { ...terms[1], settlementPrice: 2_000 } as const
    const late = withTime(withSpot(market, 'ETH', 2_500), expiryIn(0.4))
    const put = parsePosition({
      kind: 'inverse-option',
      terms: { ...expired, type: 'put', strike: 2_800, quantity: 10 },
    })
    // (2800 - 2000) / 2000 = 0.4 coins an option.
    expect(value(put, late)).toBeCloseTo(10 * 0.4 * 2_500, 9)
    expect(greeksOf(put, late).delta).toEqual({ ETH: 4 })
    expect(detailsOf(put, late)).toEqual({ priceCoin: 0.4 })
    expect(warningsOf(put, late)).toEqual(['expired: valued at its settlement price'])
  })

  it('expired without a settlement price is valued at the spot, and says so', () => {
    const late = withTime(market, expiryIn(0.4))
    const call = parsePosition({
      kind: 'inverse-option',
      terms: { asset: 'ETH', type: 'call', strike: 2_000, expiry: at + 60, quantity: 1 },
    })
    expect(value(call, late)).toBe(1_000)
    expect(detailsOf(call, late).priceCoin).toBeCloseTo(1 / 3, 14)
    expect(warningsOf(call, late)).toEqual([expect.stringContaining('for want of a settlement price')])
  })
})
