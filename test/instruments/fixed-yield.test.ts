import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { bumpedGreeks, greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withTime } from '../../lib/instruments/market/bump.ts'
import { priceOf } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { realisticFixedYield } from './arbitrary-fixed-yield.ts'
import { arbitraryMarket, now, year } from './arbitrary-market.ts'

const market = parseMarket(exampleMarket)
const maturity = market.at + year / 2
const split = { asset: 'ETH', quantity: 10, maturity, impliedYield: 0.05 }
const principal = (terms: object = {}) => parsePosition({ kind: 'principal-token', terms: { ...split, ...terms } })
const yielding = (terms: object = {}) => parsePosition({ kind: 'yield-token', terms: { ...split, ...terms } })

describe('a principal and a yield token', () => {
  it('are together the asset, to 1e-12, before and after maturity, in value, delta and interest', () => {
    fc.assert(
      fc.property(realisticFixedYield, arbitraryMarket, (drawn, random) => {
        const terms = { impliedYield: undefined, ...drawn }
        const [pt, yt] = [principal(terms), yielding({ ...terms, variableYield: 0.04 })]
        // The yield token is worth nothing once matured, the principal token all.
        const whole = terms.quantity * priceOf(random, terms.asset)
        const scale = Math.abs(value(pt, random)) + Math.abs(whole)
        expect(Math.abs(value(pt, random) + value(yt, random) - whole)).toBeLessThanOrEqual(1e-12 * scale)
        if (terms.quantity === 0) return
        const spot = parsePosition({ kind: 'spot', terms: { asset: terms.asset, quantity: terms.quantity } })
        const [one, other, asset] = [pt, yt, spot].map((position) => greeksOf(position, random))
        const sum = (pick: (greeks: ReturnType<typeof greeksOf>) => number) =>
          [one, other].reduce((total, greeks) => total + (greeks === undefined ? Number.NaN : pick(greeks)), 0)
        for (const [name, delta] of Object.entries(asset?.delta ?? {}))
          expect(Math.abs(sum((greeks) => greeks.delta[name] ?? 0) - delta)).toBeLessThanOrEqual(
            1e-11 * Math.abs(delta),
          )
        const earned = terms.maturity > now ? 0.04 * whole : 0
        const interest = (asset?.theta.interest ?? 0) + earned
        expect(Math.abs(sum((greeks) => greeks.theta.interest) - interest)).toBeLessThanOrEqual(
          1e-9 * (scale + Math.abs(one?.theta.interest ?? 0)),
        )
      }),
    )
  })
})

describe('a principal token', () => {
  it('is discounted at its implied yield and grows at it to par, which is interest and no decay', () => {
    const usd = 30_000 * Math.exp(-0.025)
    expect(value(principal(), market)).toBeCloseTo(usd, 8)
    const { delta, theta } = greeksOf(principal(), market)
    expect(delta.ETH).toBeCloseTo(10 * Math.exp(-0.025), 12)
    expect(theta).toEqual({ decay: 0, funding: 0, interest: expect.closeTo(usd * 0.05, 8), fees: 0 })
    const bumped = bumpedGreeks(principal(), market).theta
    expect(bumped.decay).toBe(0)
    expect(bumped.interest / theta.interest).toBeCloseTo(1, 8)
  })

  it('is worth par at maturity and ever after, and earns no more', () => {
    for (const at of [maturity, maturity + 1, maturity + 10 * year]) {
      const matured = withTime(market, at)
      expect(value(principal(), matured)).toBe(30_000)
      expect(greeksOf(principal(), matured).theta.interest).toBe(0)
      expect(warningsOf(principal(), matured)).toEqual(['matured: redeemable at par, and it earns no more'])
    }
    expect(value(principal(), withTime(market, maturity - 1))).toBeCloseTo(30_000, 3)
  })

  it('takes its yield from a dated price, and keeps that yield as time passes', () => {
    const priced = principal({ impliedYield: undefined, principalPrice: 0.98, priceAt: market.at })
    expect(value(priced, market)).toBeCloseTo(29_400, 8)
    expect(detailsOf(priced, market).impliedYieldPerYear).toBeCloseTo(-Math.log(0.98) / 0.5, 12)
    expect(value(priced, withTime(market, market.at + year / 4))).toBeCloseTo(30_000 * Math.sqrt(0.98), 8)
  })

  it('tells what a move of its yield does: dV/dy', () => {
    const moved = (y: number) => value(principal({ impliedYield: y }), market)
    const { impliedYieldRhoUsd } = detailsOf(principal(), market)
    expect((moved(0.0501) - moved(0.0499)) / 2e-4 / (impliedYieldRhoUsd ?? 0)).toBeCloseTo(1, 6)
  })

  it('says when it is priced above par', () => {
    expect(warningsOf(principal({ impliedYield: -0.01 }), market)).toEqual([
      'its price is above par: held to maturity it loses',
    ])
  })
})

describe('a yield token', () => {
  it('receives the variable yield and loses what is left to receive', () => {
    const { theta } = greeksOf(yielding({ variableYield: 0.07 }), market)
    expect(theta.interest).toBeCloseTo(30_000 * (0.07 - 0.05 * Math.exp(-0.025)), 8)
    expect(theta.decay).toBe(0)
    const drift = bumpedGreeks(yielding({ variableYield: 0.07 }), market).theta.interest
    expect(drift + 30_000 * 0.07).toBeCloseTo(theta.interest, 4)
  })

  it('is worth what it has accrued once it has expired, and says so', () => {
    const expired = withTime(market, maturity)
    expect(value(yielding(), expired)).toBe(0)
    expect(value(yielding({ accruedYield: 0.2 }), expired)).toBeCloseTo(600, 12)
    expect(greeksOf(yielding({ variableYield: 0.07 }), expired).theta.interest).toBe(0)
    expect(warningsOf(yielding(), expired)).toEqual([
      'expired: it earns no more yield, and only what is not yet claimed has a value',
    ])
  })

  it('says when the variable yield is not known', () => {
    expect(warningsOf(yielding(), market)).toEqual([
      'the variable yield is not known: theta.interest has only the decline of what is left to receive',
    ])
    expect(detailsOf(yielding(), market).yieldExposureRatio).toBeCloseTo(1 / (1 - Math.exp(-0.025)), 9)
  })
})
