import { describe, expect, it } from 'vitest'
import { bumpedGreeks, greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { published } from '../quant/options/published.ts'
import { at, expiryIn, oneAssetMarket } from './one-asset-market.ts'

interface Terms {
  readonly type: 'call' | 'put'
  readonly strike: number
  readonly expiry: number
}

const american = (terms: Terms): PositionTerms => ({
  kind: 'american-option',
  terms: { asset: 'ETH', quantity: 1, ...terms },
})
const european = (terms: Terms): PositionTerms => ({
  kind: 'vanilla-option',
  terms: { asset: 'ETH', quantity: 1, ...terms },
})
const both = ['call', 'put'] as const
const strikes = [60, 90, 100, 115, 170]

describe('an American option', () => {
  it('has the premium over the European one that Andersen, Lake & Offengenden (2016) print', () => {
    const put = american({ type: 'put', strike: 100, expiry: expiryIn(1) })
    for (const [rate, premium] of [
      [0.05, 0.106952702747],
      [0.075, 0.36711118],
    ] as const) {
      const market = oneAssetMarket({ spot: 100, rate, carry: rate - 0.05, volatility: 0.25 })
      expect(detailsOf(put, market).earlyExercisePremiumUsd).toBeCloseTo(premium, 5)
    }
  })

  const table = published<{ readonly l: number; readonly r: number; readonly premium_FPA: number }>(
    'american_andersen_lake',
  )
  it.skipIf(table === undefined)('has the converged premiums of the table (../shared/tables)', () => {
    const put = american({ type: 'put', strike: 100, expiry: expiryIn(1) })
    const converged = (table?.rows ?? []).filter(({ l }) => l === 65)
    expect(converged).toHaveLength(2)
    for (const { r, premium_FPA } of converged) {
      const market = oneAssetMarket({ spot: 100, rate: r, carry: r - 0.05, volatility: 0.25 })
      expect(detailsOf(put, market).earlyExercisePremiumUsd).toBeCloseTo(premium_FPA, 5)
    }
  })

  it('is never worth less than the European one, nor than its intrinsic value', () => {
    for (const [rate, carry] of [
      [0.05, 0.05],
      [0.08, 0.02],
      [0.02, 0.06],
      [0, 0],
      [-0.02, 0.03],
    ] as const)
      for (const type of both)
        for (const strike of strikes) {
          const market = oneAssetMarket({ spot: 100, rate, carry, volatility: 0.5 })
          const terms = { type, strike, expiry: expiryIn(0.7) }
          const price = value(american(terms), market)
          expect(price).toBeGreaterThanOrEqual(value(european(terms), market) - 1e-7 * strike)
          expect(price).toBeGreaterThanOrEqual(Math.max(0, type === 'call' ? 100 - strike : strike - 100) - 1e-12)
        }
  })

  it('without yield is the European one as a call, and without interest as a put', () => {
    for (const strike of strikes) {
      const terms = { strike, expiry: expiryIn(0.7) }
      const noYield = oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.05, volatility: 0.5 })
      const call = value(american({ ...terms, type: 'call' }), noYield)
      expect(call).toBeCloseTo(value(european({ ...terms, type: 'call' }), noYield), 10)
      const noInterest = oneAssetMarket({ spot: 100, rate: 0, carry: -0.05, volatility: 0.5 })
      const put = value(american({ ...terms, type: 'put' }), noInterest)
      expect(put).toBeCloseTo(value(european({ ...terms, type: 'put' }), noInterest), 10)
    }
  })

  it('joins its intrinsic value smoothly at the exercise boundary', () => {
    const put = american({ type: 'put', strike: 3_000, expiry: expiryIn(0.4) })
    const market = oneAssetMarket({ spot: 2_000, rate: 0.06, carry: 0.02, volatility: 0.6 })
    const boundary = detailsOf(put, market).exerciseBoundaryUsd ?? Number.NaN
    const [below, above] = [0.999, 1.001].map((share) => withSpot(market, 'ETH', boundary * share)) as [Market, Market]
    expect(value(put, below)).toBe(3_000 - boundary * 0.999)
    expect(greeksOf(put, below).delta.ETH).toBe(-1)
    expect(value(put, above) - (3_000 - boundary * 1.001)).toBeGreaterThan(0)
    expect(greeksOf(put, above).delta.ETH).toBeCloseTo(-1, 2)
    expect(warningsOf(put, below)).toEqual(['exercise is worth more than waiting: valued at intrinsic value'])
    expect(warningsOf(put, above)).toEqual([])
  })

  it('has Greeks that equal differences of its value under a smile and either dynamics', () => {
    const smile = [
      { expiry: expiryIn(0.1), a: 0.004, b: 0.02, rho: -0.4, m: 0.01, sigma: 0.2 },
      { expiry: expiryIn(1), a: 0.04, b: 0.1, rho: -0.5, m: 0, sigma: 0.1 },
    ]
    for (const dynamics of ['sticky-strike', 'sticky-delta'] as const)
      for (const type of both)
        for (const strike of [90, 100, 112]) {
          const market = oneAssetMarket({ spot: 100, rate: 0.07, carry: 0.02, volatility: { svi: smile, dynamics } })
          const option = american({ type, strike, expiry: expiryIn(0.6) })
          const [closed, bumped] = [greeksOf(option, market), bumpedGreeks(option, market)]
          expect(closed.delta.ETH).toBeCloseTo(bumped.delta.ETH ?? Number.NaN, 8)
          expect(closed.gamma.ETH).toBeCloseTo(bumped.gamma.ETH ?? Number.NaN, 7)
          expect(closed.vanna.ETH).toBeCloseTo(bumped.vanna.ETH ?? Number.NaN, 5)
          expect(closed.rho).toBeCloseTo(bumped.rho, 5)
          expect(closed.theta.decay).toBeCloseTo(bumped.theta.decay, 4)
        }
  })

  it('says that it is valued on a lattice where rates give it two exercise boundaries', () => {
    const market = oneAssetMarket({ spot: 90, rate: -0.02, carry: 0.06, volatility: 0.15 })
    const put = american({ type: 'put', strike: 100, expiry: expiryIn(1) })
    expect(warningsOf(put, market)).toEqual([expect.stringContaining('two exercise boundaries')])
    const greeks = greeksOf(put, market)
    expect(value(put, market)).toBeGreaterThan(
      value(european({ type: 'put', strike: 100, expiry: expiryIn(1) }), market),
    )
    expect(greeks.delta.ETH).toBeLessThan(-0.5)
    expect(greeks.gamma.ETH).toBeGreaterThan(0)
  })

  it('settles once it has expired', () => {
    const market = oneAssetMarket({ spot: 80, rate: 0.05, carry: 0.05, volatility: 0.6 })
    const terms = { asset: 'ETH', type: 'put', strike: 100, expiry: at - 1, quantity: 3, settlementPrice: 99 }
    const put = parsePosition({ kind: 'american-option', terms })
    expect(value(put, market)).toBe(3)
    expect(warningsOf(put, market)).toEqual(['expired: valued at its settlement price'])
    expect(detailsOf(put, market).exerciseBoundaryUsd).toBeUndefined()
  })
})
