import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withTime } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { gaussLegendre } from '../../lib/quant/gauss-legendre.ts'
import { at, expiryIn, oneAssetMarket } from './one-asset-market.ts'

const market = oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.02, volatility: 0.8 })
const both = ['call', 'put'] as const
const days = 30
const f = days / 365

const everlasting = (change: Readonly<Record<string, unknown>> = {}): PositionTerms =>
  parsePosition({
    kind: 'everlasting-option',
    terms: {
      asset: 'ETH',
      type: 'call',
      strike: 105,
      quantity: 1,
      fundingConvention: 'continuous',
      fundingDays: days,
      ...change,
    },
  })
const european = (type: 'call' | 'put', strike: number, years: number): PositionTerms => ({
  kind: 'vanilla-option',
  terms: { asset: 'ETH', type, strike, expiry: expiryIn(years), quantity: 1 },
})

describe('an everlasting option', () => {
  it('paid once a period is half of a European option of one period, a quarter of one of two, and so on', () => {
    for (const type of both)
      for (const strike of [80, 105]) {
        let sum = 0
        for (let i = 1; i <= 60; i += 1) sum += 2 ** -i * value(european(type, strike, i * f), market)
        const option = everlasting({ type, strike, fundingConvention: 'discrete' })
        expect(value(option, market)).toBeCloseTo(sum, 10)
      }
  })

  it('paid continuously is a European option at an exponential time', () => {
    const { nodes, weights } = gaussLegendre(100)
    for (const type of both)
      for (const strike of [80, 105]) {
        let sum = 0
        // t = f u^2 makes the square root at t = 0 smooth; beyond 40 f nothing is left.
        const most = Math.sqrt(40)
        nodes.forEach((node, i) => {
          const u = (most * (1 + node)) / 2
          const density = Math.exp(-u * u) * 2 * u * (most / 2)
          sum += (weights[i] ?? 0) * density * value(european(type, strike, f * u * u), market)
        })
        expect(value(everlasting({ type, strike }), market)).toBeCloseTo(sum, 8)
      }
  })

  it('comes from the discrete to the continuous mark as payments become frequent', () => {
    const mark = (change: Readonly<Record<string, unknown>>) => value(everlasting(change), market)
    const often = [1, 10, 100].map((paymentsPerPeriod) => mark({ fundingConvention: 'discrete', paymentsPerPeriod }))
    const continuous = mark({})
    const [once = 0, ten = 0, hundred = 0] = often.map((one) => one - continuous)
    expect(once / ten).toBeGreaterThan(8)
    expect(ten / hundred).toBeGreaterThan(8)
    // At the money the time value goes with the root of time: sum 2^-i sqrt(i) over Gamma(3/2) as the period shrinks.
    const short = (change: object) => mark({ strike: 100, fundingDays: 0.01, ...change })
    const roots = Array.from({ length: 60 }, (_, i) => 2 ** -(i + 1) * Math.sqrt(i + 1)).reduce(
      (sum, one) => sum + one,
      0,
    )
    const gamma = Math.sqrt(Math.PI) / 2
    expect(short({ fundingConvention: 'discrete' }) / short({})).toBeCloseTo(roots / gamma, 3)
  })

  it('keeps put-call parity: the forward at the same dates', () => {
    for (const strike of [60, 100, 170]) {
      const [call, put] = both.map((type) => everlasting({ type, strike })) as [PositionTerms, PositionTerms]
      const forward = 100 / (1 + f * (0.05 - 0.02)) - strike / (1 + f * 0.05)
      expect(value(call, market) - value(put, market)).toBeCloseTo(forward, 10)
      const [one, other] = [greeksOf(call, market), greeksOf(put, market)]
      expect((one.delta.ETH ?? 0) - (other.delta.ETH ?? 0)).toBeCloseTo(1 / (1 + f * 0.03), 10)
      expect(one.gamma.ETH).toBeCloseTo(other.gamma.ETH ?? Number.NaN, 12)
    }
  })

  it('pays funding of mark less payoff over the period, and does not decay', () => {
    const option = everlasting({ type: 'put', strike: 120, quantity: 3 })
    const { theta } = greeksOf(option, market)
    const { markUsd = 0, payoffUsd, fundingPerDayUsd } = detailsOf(option, market)
    expect(payoffUsd).toBe(20)
    expect(theta.decay).toBe(0)
    expect(theta.funding).toBeCloseTo((-3 * (markUsd - 20)) / f, 9)
    expect(fundingPerDayUsd).toBeCloseTo(theta.funding / 365, 12)
    expect(value(option, withTime(market, at + 1e6))).toBe(value(option, market))
  })

  it('rolls along a term structure of volatility, which is all that it decays by', () => {
    const term = [
      { expiry: expiryIn(0.02), volatility: 0.5 },
      { expiry: expiryIn(1), volatility: 0.9 },
    ]
    const rising = oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.02, volatility: { term } })
    const option = everlasting()
    const later = value(option, withTime(rising, at + 3_600)) - value(option, withTime(rising, at - 3_600))
    expect(greeksOf(option, rising).theta.decay).toBeCloseTo((later / 7_200) * 365 * 86_400, 3)
    expect(greeksOf(option, rising).theta.decay).toBeGreaterThan(0)
  })

  it('is marked against its entry if it has one', () => {
    const option = everlasting({ entryPrice: 4, quantity: -2 })
    const { markUsd = 0, unrealisedProfitUsd } = detailsOf(option, market)
    expect(value(option, market)).toBeCloseTo(-2 * (markUsd - 4), 12)
    expect(unrealisedProfitUsd).toBe(value(option, market))
  })

  it('without volatility is the payoff along the forward, and says so', () => {
    const still = oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: 0 })
    const option = everlasting({ strike: 90 })
    expect(value(option, still)).toBeCloseTo(10, 10)
    expect(greeksOf(option, still).volga.ETH).toBe(0)
    expect(warningsOf(option, still)).toEqual([expect.stringContaining('volatility is 0')])
  })

  it('refuses rates at which its mark is infinite', () => {
    const wild = oneAssetMarket({ spot: 100, rate: 0, carry: 9, volatility: 0.8 })
    expect(() => value(everlasting({ fundingDays: 120 }), wild)).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
