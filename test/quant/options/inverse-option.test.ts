import { describe, expect, it } from 'vitest'
import { blackScholes, type EuropeanOption } from '../../../lib/quant/options/black.ts'
import { inverseOption } from '../../../lib/quant/options/inverse-option.ts'

const base: EuropeanOption = {
  kind: 'call',
  spot: 60_000,
  strike: 65_000,
  time: 0.1,
  volatility: 0.6,
  rate: 0.04,
  carry: 0.04,
}
const cases: readonly EuropeanOption[] = [
  base,
  { ...base, kind: 'put' },
  { ...base, strike: 40_000 },
  { ...base, kind: 'put', strike: 90_000, time: 1 },
  { ...base, rate: 0, carry: 0, time: 0.003, strike: 60_500 },
]

describe('an inverse option', () => {
  it('is the currency option, paid in coin', () => {
    for (const p of cases) {
      const got = inverseOption(p)
      const black = blackScholes(p)
      expect(got.price).toBe(black.price)
      expect(got.deltaBlack).toBe(black.delta)
      expect(got.priceCoin * p.spot).toBeCloseTo(black.price, 9)
    }
  })

  it('has coin Greeks that are the derivatives of the coin price', () => {
    for (const p of cases) {
      const got = inverseOption(p)
      const dS = p.spot * 1e-4
      const up = inverseOption({ ...p, spot: p.spot + dS })
      const down = inverseOption({ ...p, spot: p.spot - dS })
      const slope = (up.priceCoin - down.priceCoin) / (2 * dS)
      expect((slope * p.spot) / got.deltaPremiumAdjusted).toBeCloseTo(1, 4)
      const slopes = (up.deltaPremiumAdjusted / (p.spot + dS) - down.deltaPremiumAdjusted / (p.spot - dS)) / (2 * dS)
      expect(slopes / got.gammaCoin).toBeCloseTo(1, 3)
      const more = inverseOption({ ...p, volatility: p.volatility + 1e-5 })
      const less = inverseOption({ ...p, volatility: p.volatility - 1e-5 })
      expect((more.priceCoin - less.priceCoin) / 2e-5 / got.vegaCoin).toBeCloseTo(1, 6)
      expect((more.deltaPremiumAdjusted - less.deltaPremiumAdjusted) / 2e-5).toBeCloseTo(got.vannaPremiumAdjusted, 5)
      const later = inverseOption({ ...p, time: p.time - 1e-7 })
      expect((later.priceCoin - got.priceCoin) / 1e-7 / got.thetaCoin).toBeCloseTo(1, 3)
    }
  })

  it('reconciles what it reports in currency and in coin after any move', () => {
    for (const p of cases)
      for (const move of [-0.02, 1e-4, 0.05]) {
        const before = inverseOption(p)
        const after = inverseOption({ ...p, spot: p.spot * (1 + move) })
        const currency = after.price - before.price
        const coin = after.priceCoin - before.priceCoin
        // The coin change at the new spot plus the revaluation of the coins first paid.
        expect(coin * p.spot * (1 + move) + before.priceCoin * p.spot * move).toBeCloseTo(currency, 8)
        expect(before.deltaBlack).toBeCloseTo(before.deltaPremiumAdjusted + before.priceCoin, 14)
        expect(before.gammaBlack).toBeCloseTo(
          before.gammaCoin * p.spot + (2 * before.deltaPremiumAdjusted) / p.spot,
          14,
        )
      }
  })

  it('leaves a deep call with the coin count of its strike: 1 - K / S coins, hedged by K / S', () => {
    const deep = inverseOption({ ...base, strike: 600, rate: 0, carry: 0 })
    expect(deep.priceCoin).toBeCloseTo(0.99, 12)
    expect(deep.deltaBlack).toBeCloseTo(1, 12)
    expect(deep.deltaPremiumAdjusted).toBeCloseTo(0.01, 12)
  })

  it('refuses what the currency option refuses', () => {
    expect(() => inverseOption({ ...base, spot: 0 })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
