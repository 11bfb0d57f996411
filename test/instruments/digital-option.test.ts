import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { published } from '../quant/options/published.ts'
import { at, expiryIn, marketOf, oneAssetMarket, type PublishedRow, termsOf } from './one-asset-market.ts'

type Pays =
  | { readonly payoff: 'cash-or-nothing'; readonly cash: number }
  | { readonly payoff: 'asset-or-nothing' }
  | { readonly payoff: 'gap'; readonly payoffStrike: number }

const cash = { payoff: 'cash-or-nothing', cash: 1 } as const
const asset = { payoff: 'asset-or-nothing' } as const
const both = ['call', 'put'] as const

const smile = [
  { expiry: expiryIn(0.1), a: 0.004, b: 0.02, rho: -0.4, m: 0.01, sigma: 0.2 },
  { expiry: expiryIn(1), a: 0.04, b: 0.1, rho: -0.5, m: 0, sigma: 0.1 },
]
const skewed = oneAssetMarket({
  spot: 100,
  rate: 0.05,
  carry: 0.03,
  volatility: { svi: smile, dynamics: 'sticky-delta' },
})
const flat = oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.03, volatility: 0.5 })

const digital = (type: 'call' | 'put', strike: number, pays: Pays, expiry = expiryIn(0.5)): PositionTerms =>
  parsePosition({ kind: 'digital-option', terms: { asset: 'ETH', type, strike, expiry, quantity: 1, ...pays } })
const vanilla = (type: 'call' | 'put', strike: number): PositionTerms => ({
  kind: 'vanilla-option',
  terms: { asset: 'ETH', type, strike, expiry: expiryIn(0.5), quantity: 1 },
})

describe('a digital option', () => {
  it('is the limit of a spread of vanilla options, smile included', () => {
    for (const market of [flat, skewed])
      for (const strike of [70, 100, 104, 140]) {
        const h = 1e-3 * strike
        const spread = (type: 'call' | 'put') =>
          (value(vanilla(type, strike - h), market) - value(vanilla(type, strike + h), market)) / (2 * h)
        expect(value(digital('call', strike, cash), market)).toBeCloseTo(spread('call'), 5)
        expect(value(digital('put', strike, cash), market)).toBeCloseTo(-spread('put'), 5)
      }
    // The slope of the smile is worth more than 4 cents in the dollar here.
    expect(detailsOf(digital('call', 100, cash), skewed).skewUsd).toBeGreaterThan(0.04)
    expect(detailsOf(digital('call', 100, cash), flat).skewUsd).toBe(0)
  })

  it('pays for sure with its opposite', () => {
    for (const market of [flat, skewed])
      for (const strike of [70, 100, 140]) {
        const sum = (pays: Pays) =>
          value(digital('call', strike, pays), market) + value(digital('put', strike, pays), market)
        expect(sum({ ...cash, cash: 250 })).toBeCloseTo(250 * Math.exp(-0.05 * 0.5), 10)
        expect(sum(asset)).toBeCloseTo(100 * Math.exp(-0.02 * 0.5), 10)
      }
  })

  it('makes up vanilla options: the asset less the strike in cash', () => {
    for (const market of [flat, skewed])
      for (const type of both)
        for (const strike of [70, 100, 140]) {
          const sign = type === 'call' ? 1 : -1
          const parts =
            value(digital(type, strike, asset), market) - strike * value(digital(type, strike, cash), market)
          expect(sign * parts).toBeCloseTo(value(vanilla(type, strike), market), 10)
          const gap = value(digital(type, strike, { payoff: 'gap', payoffStrike: strike }), market)
          expect(gap).toBeCloseTo(value(vanilla(type, strike), market), 10)
          const far = value(digital(type, strike, { payoff: 'gap', payoffStrike: 85 }), market)
          const made = value(digital(type, strike, asset), market) - 85 * value(digital(type, strike, cash), market)
          expect(far).toBeCloseTo(sign * made, 10)
        }
  })

  it('has the Greeks of the vanilla options that it is made of', () => {
    for (const market of [flat, skewed]) {
      const gap = greeksOf(digital('call', 100, { payoff: 'gap', payoffStrike: 100 }), market)
      const call = greeksOf(vanilla('call', 100), market)
      expect(gap.delta.ETH).toBeCloseTo(call.delta.ETH ?? Number.NaN, 9)
      expect(gap.gamma.ETH).toBeCloseTo(call.gamma.ETH ?? Number.NaN, 8)
      expect(gap.rho).toBeCloseTo(call.rho, 6)
      expect(gap.theta.decay).toBeCloseTo(call.theta.decay, 6)
    }
  })

  it('comes to what it pays as it expires, away from the strike', () => {
    const expiry = expiryIn(0.5)
    for (const spot of [60, 98, 103, 190]) {
      const close = withTime(withSpot(flat, 'ETH', spot), expiry - 60)
      const call = digital('call', 100, { ...cash, cash: 40 }, expiry)
      expect(value(call, close)).toBeCloseTo(spot > 100 ? 40 : 0, 3)
      expect(value(call, withTime(close, expiry))).toBe(spot > 100 ? 40 : 0)
    }
  })

  it('at the strike on the day pays nothing, and settles at a stated price', () => {
    const late = withTime(withSpot(flat, 'ETH', 100), expiryIn(1))
    const option = digital('call', 100, asset, at + 60)
    expect(value(option, late)).toBe(0)
    expect(warningsOf(option, late)).toEqual([expect.stringContaining('for want of a settlement price')])
    const terms = { asset: 'ETH', type: 'put', strike: 100, expiry: at + 60, quantity: 2, settlementPrice: 80 }
    const put = parsePosition({ kind: 'digital-option', terms: { ...terms, payoff: 'gap', payoffStrike: 90 } })
    expect(value(put, late)).toBe(20)
    expect(greeksOf(put, late).delta.ETH).toBe(0)
  })

  it('warns where the smile is so steep that the price is no probability', () => {
    const steep = [{ expiry: expiryIn(0.5), a: 0.001, b: 1.9, rho: 0, m: 0, sigma: 0.001 }]
    const market = oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { svi: steep } })
    const warnings = [80, 95, 105, 130].flatMap((strike) => warningsOf(digital('call', strike, cash), market))
    expect(warnings).toEqual(expect.arrayContaining([expect.stringContaining('admits arbitrage')]))
  })
})

describe('Haug (1998), p. 88-90, as positions in a market', () => {
  it('prints 2.6710 for cash or nothing and -0.0053 for a gap', () => {
    const future = oneAssetMarket({ spot: 100, rate: 0.06, carry: 0, volatility: 0.35 })
    expect(value(digital('put', 80, { ...cash, cash: 10 }, expiryIn(0.75)), future)).toBeCloseTo(2.671, 4)
    const stock = oneAssetMarket({ spot: 50, rate: 0.09, carry: 0.09, volatility: 0.2 })
    expect(value(digital('call', 50, { payoff: 'gap', payoffStrike: 57 }), stock)).toBeCloseTo(-0.0053, 4)
  })

  const tables = [
    ['digital_cash_european', { payoff: 'cash-or-nothing', cash: 10 }],
    ['digital_asset_european', asset],
    ['digital_gap_european', { payoff: 'gap', payoffStrike: 57 }],
  ] as const
  it.skipIf(published(tables[0][0]) === undefined).each(tables)('prints %s (../shared/tables)', (name, pays) => {
    for (const row of published<PublishedRow>(name)?.rows ?? []) {
      const position = parsePosition({ kind: 'digital-option', terms: { ...termsOf(row), ...pays } })
      expect(Math.abs(value(position, marketOf(row)) - row.value), JSON.stringify(row)).toBeLessThanOrEqual(row.tol)
    }
  })
})
