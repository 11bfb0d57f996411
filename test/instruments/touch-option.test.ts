import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { published } from '../quant/options/published.ts'
import { at, expiryIn, marketOf, oneAssetMarket, type PublishedRow, termsOf } from './one-asset-market.ts'

const market = oneAssetMarket({ spot: 100, rate: 0.06, carry: 0.02, volatility: 0.5 })
const expiry = expiryIn(0.5)
const terms = {
  asset: 'ETH',
  barrier: 120,
  direction: 'up',
  payoff: 'one-touch',
  paidAt: 'hit',
  cash: 50,
  expiry,
  quantity: 1,
}
const touch = (change: Readonly<Record<string, unknown>> = {}): PositionTerms =>
  parsePosition({ kind: 'touch-option', terms: { ...terms, ...change } })
const atExpiry = { paidAt: 'expiry' }
const never = { payoff: 'no-touch', paidAt: 'expiry' }
const inAsset = { cash: undefined }

describe('a touch option', () => {
  it('pays for sure with its opposite, in dollars and in the asset, and so do their Greeks', () => {
    for (const barrier of [80, 95, 120, 180])
      for (const direction of ['down', 'up']) {
        const sum = (change: object) =>
          value(touch({ barrier, direction, ...change, ...atExpiry }), market) +
          value(touch({ barrier, direction, ...change, ...never }), market)
        expect(sum({})).toBeCloseTo(50 * Math.exp(-0.06 * 0.5), 10)
        expect(sum(inAsset)).toBeCloseTo(100 * Math.exp(-0.04 * 0.5), 10)
        const [one, no] = [atExpiry, never].map((how) =>
          greeksOf(touch({ barrier, direction, ...inAsset, ...how }), market),
        )
        expect((one?.delta.ETH ?? 0) + (no?.delta.ETH ?? 0)).toBeCloseTo(Math.exp(-0.04 * 0.5), 9)
        expect((one?.gamma.ETH ?? 0) + (no?.gamma.ETH ?? 0)).toBeCloseTo(0, 8)
      }
  })

  it('is worth more paid at the touch than at expiry while interest is above 0, as much without interest', () => {
    expect(value(touch(), market)).toBeGreaterThan(value(touch(atExpiry), market))
    const free = oneAssetMarket({ spot: 100, rate: 0, carry: -0.03, volatility: 0.5 })
    expect(value(touch(), free)).toBeCloseTo(value(touch(atExpiry), free), 10)
  })

  it('meets its payment at the barrier, and is worth it beyond', () => {
    const near = (share: number) => withSpot(market, 'ETH', 120 * share)
    expect(value(touch(), near(1 - 1e-9))).toBeCloseTo(50, 5)
    expect(value(touch(), near(1.1))).toBe(50)
    expect(greeksOf(touch(), near(1.1)).delta.ETH).toBe(0)
    expect(value(touch(never), near(1))).toBe(0)
    expect(warningsOf(touch(), near(1.1))).toEqual([expect.stringContaining('its payment is due')])
    expect(warningsOf(touch(atExpiry), near(1.1))).toEqual([expect.stringContaining('pays for sure at expiry')])
    expect(warningsOf(touch(never), near(1.1))).toEqual([expect.stringContaining('nothing is left')])
  })

  it('remembers a touch that the spot of now cannot tell', () => {
    const breachedAt = at - 86_400
    expect(value(touch({ breachedAt }), market)).toBe(0)
    expect(warningsOf(touch({ breachedAt }), market)).toEqual([expect.stringContaining('was made at the touch')])
    expect(value(touch({ ...atExpiry, breachedAt }), market)).toBeCloseTo(50 * Math.exp(-0.03), 12)
    expect(value(touch({ ...atExpiry, ...inAsset, breachedAt }), market)).toBeCloseTo(100 * Math.exp(-0.02), 12)
    expect(value(touch({ ...never, breachedAt }), market)).toBe(0)
    expect(detailsOf(touch({ breachedAt }), market).touchProbability).toBe(1)
  })

  it('is touched less often if the barrier is watched once a day', () => {
    const daily = touch({ monitoringIntervalSeconds: 86_400 })
    expect(value(daily, market)).toBeLessThan(value(touch(), market))
    // Broadie, Glasserman & Kou (1997): the barrier is 0.5826 deviations of a day further away.
    const shifted = 120 * Math.exp(0.5826 * 0.5 * Math.sqrt(1 / 365))
    expect(detailsOf(daily, market).watchedBarrierUsd).toBeCloseTo(shifted, 3)
  })

  it('settles by the final price once it has expired', () => {
    const late = withTime(withSpot(market, 'ETH', 110), expiryIn(1))
    expect(value(touch(), late)).toBe(0)
    expect(value(touch({ ...never, quantity: -2 }), late)).toBe(-100)
    expect(value(touch({ ...never, ...inAsset, settlementPrice: 104 }), late)).toBe(104)
    expect(value(touch({ ...atExpiry, settlementPrice: 125 }), late)).toBe(50)
    expect(warningsOf(touch(), late)).toEqual([
      expect.stringContaining('for want of a settlement price'),
      'whether a barrier was touched before the expiry is not stated (breachedAt): taken as not touched, by the spot alone',
    ])
    expect(warningsOf(touch({ ...atExpiry, settlementPrice: 125 }), late)).toEqual([
      'expired: settled at its settlement price',
      'the settlement price is at a barrier or beyond: taken as touched',
    ])
  })

  it('warns that one volatility does not price the smile', () => {
    const svi = [{ expiry: expiryIn(1), a: 0.04, b: 0.1, rho: -0.5, m: 0, sigma: 0.1 }]
    const smile = oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { svi } })
    expect(warningsOf(touch({ expiry: expiryIn(1) }), smile)).toEqual([
      expect.stringContaining('the smile between spot'),
    ])
  })
})

describe('Haug (1998), p. 95, as positions in a market', () => {
  it('prints 9.7264 for 15 at the touch of 100 from 105', () => {
    const stock = oneAssetMarket({ spot: 105, rate: 0.1, carry: 0.1, volatility: 0.2 })
    expect(value(touch({ barrier: 100, direction: 'down', cash: 15 }), stock)).toBeCloseTo(9.7264, 4)
    expect(value(touch({ barrier: 100, direction: 'down', cash: 15, ...atExpiry }), stock)).toBeCloseTo(9.3604, 4)
  })

  const tables = [
    ['digital_cash_at_hit', { cash: 15, paidAt: 'hit' }],
    ['digital_asset_at_hit', { paidAt: 'hit' }],
    ['digital_cash_at_expiry', { cash: 15, paidAt: 'expiry' }],
    ['digital_asset_at_expiry', { paidAt: 'expiry' }],
  ] as const
  it.skipIf(published(tables[0][0]) === undefined).each(tables)('prints %s (../shared/tables)', (name, pays) => {
    for (const row of published<PublishedRow & { readonly knockin: boolean }>(name)?.rows ?? []) {
      const { type, strike, asset, expiry, quantity } = { ...termsOf(row) }
      const position = parsePosition({
        kind: 'touch-option',
        terms: {
          asset,
          expiry,
          quantity,
          barrier: strike,
          direction: type === 'call' ? 'up' : 'down',
          payoff: row.knockin ? 'one-touch' : 'no-touch',
          ...pays,
        },
      })
      expect(Math.abs(value(position, marketOf(row)) - row.value), JSON.stringify(row)).toBeLessThanOrEqual(
        row.tol || 0.5e-4,
      )
    }
  })
})
