import { describe, expect, it } from 'vitest'
import { bumpedGreeks, greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../lib/instruments/index.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import { forwardOf } from '../../lib/instruments/market/forwards.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { at, expiryIn } from './one-asset-market.ts'

const expiry = expiryIn(0.25)
const market = parseMarket({
  at,
  spot: { ETH: 3_000, USDC: 1 },
  exchangeRates: { wstETH: { underlying: 'ETH', rate: 1.2 } },
  interest: 0.04,
  forward: { ETH: [{ expiry, price: 3_090 }] },
})
const terms = { asset: 'ETH', expiry, quantity: -200, entryPrice: 3_110 }
const future = (change: Readonly<Record<string, unknown>> = {}): PositionTerms =>
  parsePosition({ kind: 'future', terms: { ...terms, ...change } })

describe('a dated future', () => {
  it('is its size times forward less entry, not discounted', () => {
    expect(value(future(), market)).toBeCloseTo(-200 * (3_090 - 3_110), 8)
    expect(value(future({ quantity: 50, entryPrice: 3_000 }), market)).toBeCloseTo(50 * 90, 8)
  })

  it('keeps the profit identity: two trades make the sum, and closing at the mark leaves what was earned', () => {
    const entered = [3_110, 3_020, 2_975.5].map((entryPrice, i) => future({ entryPrice, quantity: 7 * (i - 1) + 3 }))
    const whole = entered.reduce((sum, one) => sum + value(one, market), 0)
    const net = -4 * (3_090 - 3_110) + 3 * (3_090 - 3_020) + 10 * (3_090 - 2_975.5)
    expect(Math.abs(whole - net)).toBeLessThan(1e-12 * 17 * 3_110)
    expect(value(future({ entryPrice: forwardOf(market, 'ETH', expiry) }), market)).toBe(0)
  })

  it('moves with the spot by the forward over it, through the rate of a wrapper', () => {
    expect(greeksOf(future(), market).delta.ETH).toBeCloseTo(-200 * 1.03, 9)
    expect(greeksOf(future({ asset: 'wstETH' }), market).delta.ETH).toBeCloseTo(-200 * 1.2 * 1.03, 9)
    const up = value(future(), withSpot(market, 'ETH', 3_300)) - value(future(), market)
    expect(up).toBeCloseTo(-200 * 1.03 * 300, 6)
  })

  it('rolls to the spot as time passes, which is interest and not decay', () => {
    const [closed, bumped] = [greeksOf(future(), market), bumpedGreeks(future(), market)]
    const carry = Math.log(1.03) / 0.25
    expect(closed.theta.interest).toBeCloseTo(200 * 3_090 * carry, 6)
    expect(closed.theta.interest / bumped.theta.interest).toBeCloseTo(1, 8)
    expect(closed.theta.decay).toBe(0)
    expect(closed.carryRho.ETH).toBeCloseTo(-200 * 3_090 * 0.25, 6)
    expect(detailsOf(future(), market).basisPerYear).toBeCloseTo(carry, 12)
  })

  it('moves with the dollar rate only where the market states no forward', () => {
    expect(greeksOf(future(), market).rho).toBe(0)
    const { carry: _stated, ...implied } = market
    const forward = 3_000 * Math.exp(0.01)
    expect(value(future(), implied)).toBeCloseTo(-200 * (forward - 3_110), 8)
    expect(greeksOf(future(), implied).rho).toBeCloseTo(-200 * forward * 0.25, 6)
  })

  it('covers the spot that is held against it: cash and carry earns the basis, whatever the spot', () => {
    const held: PositionTerms = { kind: 'spot', terms: { asset: 'ETH', quantity: 200 } }
    const late = (spot: number) => withTime(withSpot(market, 'ETH', spot), expiry)
    for (const spot of [1_000, 3_000, 9_000])
      expect(value(future(), late(spot)) + value(held, late(spot))).toBeCloseTo(200 * 3_110, 6)
  })

  it('counts its margin, and is liquidated where the margin no longer covers the tiers', () => {
    const margined = future({
      margin: [{ asset: 'USDC', quantity: 100_000 }],
      maintenance: [{ floor: 0, rate: 0.02 }],
    })
    expect(value(margined, market)).toBeCloseTo(104_000, 6)
    const { liquidationPriceUsd = 0, equityUsd, markUsd } = detailsOf(margined, market)
    expect(markUsd).toBeCloseTo(3_090, 9)
    expect(equityUsd).toBeCloseTo(104_000, 6)
    // 100000 - 200 (F - 3110) = 0.02 x 200 F.
    expect(liquidationPriceUsd).toBeCloseTo((100_000 + 200 * 3_110) / (200 * 1.02), 6)
    const there = (share: number) => withSpot(market, 'ETH', (liquidationPriceUsd / 1.03) * share)
    expect(warningsOf(margined, there(0.999))).toEqual([])
    expect(warningsOf(margined, there(1.001))).toEqual([expect.stringContaining('it can be liquidated')])
  })

  it('settles once it has expired, and says at what', () => {
    const late = withTime(market, expiry + 60)
    expect(value(future(), late)).toBeCloseTo(-200 * (3_000 - 3_110), 9)
    expect(greeksOf(future(), late)).toMatchObject({ delta: { ETH: -200 }, theta: { interest: 0 } })
    expect(warningsOf(future(), late)).toEqual([expect.stringContaining('for want of a settlement price')])
    expect(value(future({ settlementPrice: 3_050 }), late)).toBe(-200 * (3_050 - 3_110))
    expect(greeksOf(future({ settlementPrice: 3_050 }), late).delta.ETH).toBe(0)
  })
})
