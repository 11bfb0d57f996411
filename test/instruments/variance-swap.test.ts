import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withTime } from '../../lib/instruments/market/bump.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { gaussLegendre } from '../../lib/quant/gauss-legendre.ts'
import { at, expiryIn, oneAssetMarket } from './one-asset-market.ts'

const flat = oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.03, volatility: 0.6 })
const svi = [
  { expiry: expiryIn(0.1), a: 0.01, b: 0.05, rho: -0.4, m: 0.01, sigma: 0.2 },
  { expiry: expiryIn(1), a: 0.1, b: 0.25, rho: -0.5, m: 0, sigma: 0.1 },
]
const skewed = (dynamics: 'sticky-strike' | 'sticky-delta') =>
  oneAssetMarket({ spot: 100, rate: 0.05, carry: 0.03, volatility: { svi, dynamics } })

const swap = (change: Readonly<Record<string, unknown>> = {}): PositionTerms =>
  parsePosition({
    kind: 'variance-swap',
    terms: {
      asset: 'ETH',
      varianceNotional: 1_000,
      strikeVolatility: 0.5,
      start: at,
      expiry: expiryIn(0.5),
      accruedVariance: 0,
      ...change,
    },
  })

describe('a variance swap', () => {
  it('at one volatility pays its square less the strike, discounted', () => {
    expect(value(swap(), flat)).toBeCloseTo(1_000 * Math.exp(-0.025) * (0.36 - 0.25), 9)
    expect(value(swap({ strikeVolatility: 0.6 }), flat)).toBeCloseTo(0, 10)
    const { vega, volga, delta, gamma } = greeksOf(swap(), flat)
    expect(Object.values(vega.ETH ?? {})[0]).toBeCloseTo(1_000 * Math.exp(-0.025) * 1.2, 6)
    expect(volga.ETH).toBeCloseTo(1_000 * Math.exp(-0.025) * 2, 5)
    expect(delta.ETH).toBeCloseTo(0, 9)
    expect(gamma.ETH).toBeCloseTo(0, 9)
  })

  it('has the fair variance of the options that replicate it, each valued as an option of its strike', () => {
    const market = skewed('sticky-strike')
    const forward = 100 * Math.exp(0.015)
    const { nodes, weights } = gaussLegendre(200)
    let strip = 0
    for (const side of [-1, 1])
      nodes.forEach((node, i) => {
        // k = u^3 runs through the wings, out to e^{-8} and e^{8} of the forward.
        const u = 1 + node
        const k = side * u ** 3
        const strike = forward * Math.exp(k)
        const type = side < 0 ? 'put' : 'call'
        const terms = { asset: 'ETH', type, strike, expiry: expiryIn(0.5), quantity: 1 } as const
        const price = value({ kind: 'vanilla-option', terms }, market) * Math.exp(0.025)
        strip += ((weights[i] ?? 0) * 3 * u * u * price) / strike
      })
    const { fairVariance = 0, fairVolatility = 0 } = detailsOf(swap(), market)
    expect((2 / 0.5) * strip).toBeCloseTo(fairVariance, 7)
    expect(fairVolatility).toBeCloseTo(Math.sqrt(fairVariance), 12)
    // A smile makes variance dearer than its level at the money.
    const atTheMoney = detailsOf(
      {
        kind: 'vanilla-option',
        terms: { asset: 'ETH', type: 'call', strike: forward, expiry: expiryIn(0.5), quantity: 1 },
      },
      market,
    ).volatility
    expect(fairVolatility).toBeGreaterThan((atTheMoney ?? 1) + 0.01)
  })

  it('under sticky delta does not move with the spot; under sticky strike it gains where the skew lies', () => {
    expect(greeksOf(swap(), skewed('sticky-delta')).delta.ETH).toBeCloseTo(0, 9)
    // Puts are dearer: as the spot rises, strikes at the money come with less volatility.
    expect(greeksOf(swap(), skewed('sticky-strike')).delta.ETH).toBeLessThan(-0.01)
  })

  it('adds what has accrued to what is expected, by time', () => {
    const running = swap({ start: at - (expiryIn(0.5) - at), accruedVariance: 0.3 })
    // Half a year realised a variance of 0.6 a year, the other half is expected to realise 0.36.
    expect(value(running, flat)).toBeCloseTo(1_000 * Math.exp(-0.025) * ((0.3 + 0.18) / 1 - 0.25), 9)
    const { realisedVolatility, breakEvenVolatility, vegaNotionalUsd } = detailsOf(running, flat)
    expect(realisedVolatility).toBeCloseTo(Math.sqrt(0.6), 12)
    expect(breakEvenVolatility).toBeCloseTo(Math.sqrt(0.48), 12)
    expect(vegaNotionalUsd).toBe(1_000)
  })

  it('loses by a quiet hour the variance that did not come', () => {
    // d/dt of e^{-r T} (sigma^2 T / L - K^2).
    const decay = 1_000 * Math.exp(-0.025) * (-0.36 / 0.5 + 0.05 * (0.36 - 0.25))
    expect(greeksOf(swap(), flat).theta.decay).toBeCloseTo(decay, 5)
  })

  it('that starts later takes the forward variance between both dates', () => {
    const term = [
      { expiry: expiryIn(0.25), volatility: 0.9 },
      { expiry: expiryIn(0.5), volatility: 0.7 },
    ]
    const market = oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { term } })
    const later = swap({ start: expiryIn(0.25), strikeVolatility: 0 })
    expect(value(later, market)).toBeCloseTo((1_000 * (0.49 * 0.5 - 0.81 * 0.25)) / 0.25, 8)
    expect(warningsOf(later, market)).toEqual([])
  })

  it('is worth what accrued once it has expired, and warns of what cannot be', () => {
    const { volatility: _none, ...blind } = withTime(flat, expiryIn(1))
    const expired = swap({ accruedVariance: 0.2 })
    expect(value(expired, blind)).toBeCloseTo(1_000 * (0.4 - 0.25), 10)
    expect(greeksOf(expired, blind).delta.ETH).toBe(0)
    expect(warningsOf(expired, blind)).toEqual(['expired: valued at the variance accrued'])
    expect(warningsOf(swap({ start: at - 1 }), flat)).toEqual([expect.stringContaining('no variance is stated')])
    const early = swap({ start: at + 60, accruedVariance: 0.1 })
    expect(warningsOf(early, flat)).toEqual([expect.stringContaining('before the start')])
  })

  it('refuses a smile whose wings leave no finite variance', () => {
    const steep = [{ expiry: expiryIn(0.5), a: 0.1, b: 3, rho: 0, m: 0, sigma: 0.1 }]
    const market = oneAssetMarket({ spot: 100, rate: 0, carry: 0, volatility: { svi: steep } })
    expect(() => value(swap(), market)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
