import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withExchangeRate } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const staked = (terms: object = {}) =>
  parsePosition({ kind: 'liquid-staking', terms: { asset: 'wstETH', quantity: 10, ...terms } })

/** The example market with a rate that was true so many days ago. */
function aged(days: number): Market {
  const wstETH = { underlying: 'ETH', rate: 1.23, growth: 0.028, asOf: market.at - days * 86_400 }
  return { ...market, exchangeRates: { ...market.exchangeRates, wstETH } }
}

describe('a liquid staking token', () => {
  it('shows the delta of what is staked times its rate, whatever that rate is', () => {
    for (const rate of [1, 1.23, 1.7]) {
      const moved = withExchangeRate(market, 'wstETH', rate)
      expect(greeksOf(staked(), moved).delta).toEqual({ ETH: 10 * rate })
      expect(value(staked(), moved)).toBe(10 * (rate * 3_000))
    }
  })

  it('earns its growth as interest, and nothing else with time', () => {
    const { theta } = greeksOf(staked(), market)
    expect(theta.interest).toBeCloseTo(10 * 1.23 * 3_000 * 0.028, 9)
    expect({ ...theta, interest: 0 }).toEqual({ decay: 0, funding: 0, interest: 0, fees: 0 })
  })

  it('is worth less by the discount at which it trades, delta alike', () => {
    const discounted = staked({ marketDiscount: 0.02 })
    expect(value(discounted, market)).toBeCloseTo(0.98 * 36_900, 9)
    expect(greeksOf(discounted, market).delta.ETH).toBeCloseTo(0.98 * 12.3, 12)
    expect(detailsOf(discounted, market)).toMatchObject({ redemptionUsd: 36_900, discountUsd: 738 })
  })

  it('tells a haircut that grows with the age of the rate once the next one is due, up to its cap', () => {
    const haircuts = [0, 1, 1.5, 2, 5, 30, 365].map((days) => detailsOf(staked(), aged(days)).stalenessHaircutRatio)
    const expected = [0, 0, 0, 0.001, 0.007, 0.057, 0.1]
    expected.forEach((haircut, index) => {
      expect(haircuts[index]).toBeCloseTo(haircut, 12)
    })
    expect(value(staked(), aged(30))).toBe(value(staked(), market))
    expect(detailsOf(staked(), aged(30)).afterHaircutUsd).toBeCloseTo(36_900 * (1 - 0.057), 8)
    expect(warningsOf(staked(), aged(1))).toEqual([])
    expect(warningsOf(staked(), aged(5))).toEqual([
      'the exchange rate is 5.0 days old: a haircut of 0.70 % is due, which the value does not contain',
    ])
  })

  it('takes a rate of an unknown age as one of now, and says when the yield is not known', () => {
    expect(detailsOf(staked(), market).stalenessHaircutRatio).toBeUndefined()
    expect(warningsOf(staked({ asset: 'WETH' }), market)).toEqual([
      'the staking yield is not known: theta.interest leaves it out',
    ])
  })
})
