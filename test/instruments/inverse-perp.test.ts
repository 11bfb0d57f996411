import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { big, errorOf, exactly, uniform } from '../quant/amm/big.ts'

const market = parseMarket({ ...exampleMarket, perpetualPremium: { ETH: 0.0004, BTC: -0.001 } })
const { perpetualPremium: _none, ...flatMarket } = market
const perp = (terms: object) =>
  parsePosition({ kind: 'inverse-perp', terms: { asset: 'BTC', quantity: 1_000, entryPrice: 90_000, ...terms } })
/** In coins. */
const tiers = [
  { floor: 0, rate: 0.005 },
  { floor: 2, rate: 0.01 },
  { floor: 50, rate: 0.02 },
]

describe('the profit of an inverse perpetual', () => {
  const random = uniform(19)

  it('is the exchange’s: quantity x (1/entry - 1/mark) coins, to 1e-12 against 64 digits, and so is the value in dollars', () => {
    const one = big.bignumber(1)
    for (let i = 0; i < 500; i += 1) {
      const quantity = (random() - 0.5) * 10 ** (random() * 8)
      const entryPrice = 10 ** (random() * 6)
      const spot = random() < 0.3 ? entryPrice * (1 + 1e-6 * random()) : 10 ** (random() * 6)
      const moved = withSpot(flatMarket, 'BTC', spot)
      const coins = exactly(quantity).times(one.div(exactly(entryPrice)).minus(one.div(exactly(spot))))
      const details = detailsOf(perp({ quantity, entryPrice }), moved)
      expect(errorOf(details.unrealisedProfitCoin ?? Number.NaN, coins)).toBeLessThan(1e-12)
      expect(errorOf(value(perp({ quantity, entryPrice }), moved), coins.times(exactly(spot)))).toBeLessThan(1e-12)
    }
  })

  it('does not depend on the order of fills: the entry is their harmonic mean', () => {
    for (let i = 0; i < 200; i += 1) {
      const [one, two] = [random() * 5e4 + 1, random() * 5e4 + 1]
      const [p1, p2, mark] = [1, 2, 3].map(() => 50_000 + random() * 50_000) as [number, number, number]
      const moved = withSpot(flatMarket, 'BTC', mark)
      const entryPrice = (one + two) / (one / p1 + two / p2)
      const apart =
        value(perp({ quantity: one, entryPrice: p1 }), moved) + value(perp({ quantity: two, entryPrice: p2 }), moved)
      const joint = value(perp({ quantity: one + two, entryPrice }), moved)
      expect(Math.abs(joint - apart)).toBeLessThan(1e-12 * (one + two) * 2)
    }
  })
})

describe('an inverse perpetual', () => {
  it('has the delta of its coin margin beside its own: a short of all coins is a dollar', () => {
    const dollar = perp({ quantity: -90_000, margin: [{ asset: 'BTC', quantity: 1 }] })
    expect(greeksOf(dollar, market).delta.BTC).toBeCloseTo(0, 12)
    for (const spot of [30_000, 90_000, 300_000])
      expect(value(dollar, withSpot(flatMarket, 'BTC', spot))).toBeCloseTo(90_000, 8)
    expect(greeksOf(perp({ quantity: 90_000 }), market).delta.BTC).toBeCloseTo(1, 12)
  })

  it('is charged funding on its notional in coins at the mark when long', () => {
    const yearly = (1_000 / 0.999) * 0.09
    expect(greeksOf(perp({}), market).theta.funding).toBeCloseTo(-yearly, 9)
    expect(detailsOf(perp({ quantity: -1_000 }), market).fundingUsdPerDay).toBeCloseTo(yearly / 365, 9)
    const { funding: _gone, ...unknown } = market
    expect(value(perp({}), unknown)).toBe(value(perp({}), market))
    expect(greeksOf(perp({}), unknown).theta.funding).toBe(0)
    expect(warningsOf(perp({}), unknown)).toEqual(['the funding rate of BTC is not known: theta.funding leaves it out'])
  })

  it('is liquidated where it says: there equity is the maintenance margin, with dollars beside the coins too', () => {
    const random = uniform(23)
    let seen = 0
    for (let i = 0; i < 300; i += 1) {
      const quantity = (random() < 0.5 ? -1 : 1) * 10 ** (3 + random() * 4)
      const coins = Math.abs(quantity) / 90_000
      const margin = [
        { asset: 'WBTC', quantity: coins * random(), haircut: 0.05 },
        { asset: 'USDC', quantity: (random() - 0.3) * Math.abs(quantity) * 0.2 },
      ]
      const terms = { quantity, entryPrice: 70_000 + random() * 40_000, accruedFunding: 0.001, margin }
      const position = perp({ ...terms, maintenance: tiers })
      const details = detailsOf(position, market)
      for (const mark of [details.liquidationBelowUsd, details.liquidationAboveUsd]) {
        if (mark === undefined || mark > 1e8) continue
        seen += 1
        const at = detailsOf(position, withSpot(market, 'BTC', mark / 0.999))
        const scale = Math.abs(quantity) * (1 + mark / 70_000)
        expect(Math.abs((at.equityUsd ?? 0) - (at.maintenanceUsd ?? 0))).toBeLessThan(1e-11 * scale)
      }
    }
    expect(seen).toBeGreaterThan(200)
  })
})
