import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { perpetualAmerican } from '../../lib/quant/options/perpetual-american.ts'
import { published } from '../quant/options/published.ts'
import { expiryIn, marketOf, oneAssetMarket, type PublishedRow } from './one-asset-market.ts'

const perpetual = (type: string, strike: number, quantity = 1): PositionTerms =>
  parsePosition({ kind: 'perpetual-american-option', terms: { asset: 'ETH', type, strike, quantity } })

describe('a perpetual American option', () => {
  it('has the figures of the closed form (Merton 1973)', () => {
    const call = oneAssetMarket({ spot: 90, rate: 0.1, carry: 0.02, volatility: 0.25 })
    expect(value(perpetual('call', 100), call)).toBeCloseTo(20.613274961388704, 10)
    const put = oneAssetMarket({ spot: 110, rate: 0.05, carry: 0.05, volatility: 0.2 })
    expect(value(perpetual('put', 100), put)).toBeCloseTo(9.70800862618823, 10)
  })

  const table = published<PublishedRow>('perpetual_american')
  it.skipIf(table === undefined)('has those of the table (../shared/tables)', () => {
    for (const row of table?.rows ?? []) {
      const position = perpetual(row.type.toLowerCase(), row.strike)
      expect(value(position, marketOf(row)) / row.value, JSON.stringify(row)).toBeCloseTo(1, 12)
    }
  })

  it('has delta and gamma of the closed form', () => {
    for (const [type, spot] of [
      ['put', 110],
      ['put', 85],
      ['call', 90],
    ] as const) {
      const market = oneAssetMarket({ spot, rate: 0.06, carry: 0.01, volatility: 0.35 })
      const exact = perpetualAmerican({ kind: type, spot, strike: 100, rate: 0.06, carry: 0.01, volatility: 0.35 })
      const { delta, gamma, theta } = greeksOf(perpetual(type, 100), market)
      expect(delta.ETH).toBeCloseTo(exact.delta, 9)
      expect(gamma.ETH).toBeCloseTo(exact.gamma, 8)
      expect(theta.decay).toBe(0)
    }
  })

  it('is what American options approach as their expiry recedes', () => {
    const market = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.02, volatility: 0.3 })
    const dated = (years: number) =>
      value(
        {
          kind: 'american-option',
          terms: { asset: 'ETH', type: 'put', strike: 100, expiry: expiryIn(years), quantity: 1 },
        },
        market,
      )
    const limit = value(perpetual('put', 100), market)
    const gaps = [5, 20, 60].map((years) => limit - dated(years)) as [number, number, number]
    expect(gaps[0]).toBeGreaterThan(gaps[1])
    expect(gaps[1]).toBeGreaterThan(gaps[2])
    expect(gaps[2]).toBeGreaterThan(-1e-5)
    expect(gaps[2]).toBeLessThan(0.05)
  })

  it('is exercised at its boundary, which it says', () => {
    const market = oneAssetMarket({ spot: 100, rate: 0.06, carry: 0.01, volatility: 0.35 })
    const put = perpetual('put', 100)
    const boundary = detailsOf(put, market).exerciseBoundaryUsd ?? Number.NaN
    const below = withSpot(market, 'ETH', boundary * 0.99)
    expect(value(put, below)).toBeCloseTo(100 - boundary * 0.99, 12)
    expect(greeksOf(put, below).delta.ETH).toBeCloseTo(-1, 9)
    expect(warningsOf(put, below)).toEqual([expect.stringContaining('exercise is worth more than waiting')])
    expect(warningsOf(put, market)).toEqual([])
  })

  it('is never worth more than the asset or the strike where waiting has no bound, and says so', () => {
    const growing = oneAssetMarket({ spot: 100, rate: 0.03, carry: 0.2, volatility: 0.5 })
    expect(value(perpetual('call', 80), growing)).toBe(100)
    expect(warningsOf(perpetual('call', 80), growing)).toEqual([expect.stringContaining('faster than the dollar rate')])
    const negative = oneAssetMarket({ spot: 100, rate: -0.01, carry: 0.1, volatility: 0.5 })
    expect(value(perpetual('put', 80), negative)).toBeLessThanOrEqual(80)
    expect(warningsOf(perpetual('put', 80), negative)).toEqual([expect.stringContaining('rate is below 0')])
  })

  it('takes the longest quoted volatility and rates, and says so', () => {
    const term = [
      { expiry: expiryIn(0.1), volatility: 0.9 },
      { expiry: expiryIn(1), volatility: 0.35 },
    ]
    const [quoted, flat] = [{ term }, 0.35].map((volatility) =>
      oneAssetMarket({ spot: 100, rate: 0.06, carry: 0.01, volatility }),
    )
    if (quoted === undefined || flat === undefined) throw new Error('two markets')
    expect(value(perpetual('put', 90), quoted)).toBeCloseTo(value(perpetual('put', 90), flat), 12)
    expect(warningsOf(perpetual('put', 90), quoted)).toEqual([expect.stringContaining('longest quoted expiry')])
  })
})
