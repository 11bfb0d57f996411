import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { errorOf, exactly, uniform } from '../quant/amm/big.ts'

const market = parseMarket(exampleMarket)
/** Mark is spot. */
const { perpetualPremium: _none, ...flatMarket } = market
const perp = (terms: object) =>
  parsePosition({ kind: 'linear-perp', terms: { asset: 'ETH', quantity: 1, entryPrice: 3_000, ...terms } })
const tiers = [
  { floor: 0, rate: 0.005 },
  { floor: 300_000, rate: 0.01 },
  { floor: 3_000_000, rate: 0.05 },
]

describe('the profit of a linear perpetual', () => {
  const random = uniform(7)
  const size = () => (random() - 0.5) * 10 ** (random() * 8 - 2)
  const price = () => 10 ** (random() * 7 - 2)

  it('is the exchange’s: quantity x (mark - entry), to 1e-12 against 64 digits, and so is the value beside the margin', () => {
    for (let i = 0; i < 500; i += 1) {
      const [quantity, entryPrice, spot] = [size(), price(), price()]
      const terms = { quantity, entryPrice, margin: [{ asset: 'USDC', quantity: 1_000 }] }
      const moved = withSpot(flatMarket, 'ETH', spot)
      const profit = exactly(quantity).times(exactly(spot).minus(exactly(entryPrice)))
      expect(errorOf(detailsOf(perp(terms), moved).unrealisedProfitUsd ?? Number.NaN, profit)).toBeLessThan(1e-12)
      const scale = profit.abs().plus(1_000)
      expect(errorOf(value(perp(terms), moved), profit.plus(1_000), scale)).toBeLessThan(1e-12)
    }
  })

  it('does not depend on the order of fills: realised against the average entry, the rest at the mark', () => {
    for (let i = 0; i < 200; i += 1) {
      const [one, two, close] = [random() * 50 + 1, random() * 50 + 1, random()]
      const [p1, p2, out, mark] = [1, 2, 3, 4].map(() => 1_000 + random() * 3_000) as [number, number, number, number]
      const entryPrice = (one * p1 + two * p2) / (one + two)
      const sold = close * (one + two)
      const realised = sold * (out - entryPrice)
      const rest = perp({ quantity: one + two - sold, entryPrice })
      const total = realised + value(rest, withSpot(flatMarket, 'ETH', mark))
      const cash = -one * p1 - two * p2 + sold * out + (one + two - sold) * mark
      expect(Math.abs(total - cash)).toBeLessThan(1e-12 * (one + two) * 8_000)
    }
  })

  it('is marked at spot x (1 + premium) and told in what settles it, whose own price then counts', () => {
    const terms = perp({ settlement: 'USDC', quantity: 10, entryPrice: 2_900 })
    const mark = 3_000 * 1.0004
    expect(value(terms, market)).toBeCloseTo(10 * (mark - 2_900), 8)
    const depegged = withSpot(market, 'USDC', 0.9)
    // 3,001.20 dollars are more of a dollar's substitute that is worth less.
    expect(value(terms, depegged)).toBeCloseTo(10 * (mark - 2_900 * 0.9), 8)
    expect(greeksOf(terms, depegged).delta).toEqual({ ETH: 10 * 1.0004, USDC: -29_000 })
  })
})

describe('a linear perpetual', () => {
  it('is charged funding above 0 when long, and told so by day', () => {
    const long = perp({ quantity: 10 })
    const yearly = 10 * 3_000 * 1.0004 * 0.11
    expect(greeksOf(long, market).theta.funding).toBeCloseTo(-yearly, 9)
    expect(greeksOf(perp({ quantity: -10 }), market).theta.funding).toBeCloseTo(yearly, 9)
    expect(detailsOf(long, market).fundingUsdPerDay).toBeCloseTo(-yearly / 365, 9)
  })

  it('has a value without a funding rate, and Greeks that leave it out and say so', () => {
    const { funding: _gone, ...unknown } = market
    const long = perp({ quantity: 10, entryPrice: 2_990 })
    expect(value(long, unknown)).toBe(value(long, market))
    expect(greeksOf(long, unknown).theta.funding).toBe(0)
    expect(detailsOf(long, unknown).fundingUsdPerDay).toBeUndefined()
    expect(warningsOf(long, unknown)).toEqual(['the funding rate of ETH is not known: theta.funding leaves it out'])
    expect(warningsOf(long, market)).toEqual([])
  })

  it('counts margin of several assets after their haircuts as equity, in full in value and delta, debts in full', () => {
    const margin = [
      { asset: 'USDC', quantity: -5_000, haircut: 0.5, rate: 0.1 },
      { asset: 'wstETH', quantity: 10, haircut: 0.1 },
    ]
    const hedge = perp({ quantity: -12.3, margin, maintenance: tiers })
    const profit = -12.3 * (3_000 * 1.0004 - 3_000)
    const details = detailsOf(hedge, market)
    expect(details.equityUsd).toBeCloseTo(0.9 * 36_900 - 5_000 + profit, 8)
    expect(details.leverage).toBeCloseTo((12.3 * 3_001.2) / (0.9 * 36_900 - 5_000 + profit), 10)
    expect(value(hedge, market)).toBeCloseTo(36_900 - 5_000 + profit, 8)
    // Hedged but for the premium on the mark.
    expect(greeksOf(hedge, market).delta.ETH).toBeCloseTo(-12.3 * 0.0004, 10)
    expect(greeksOf(hedge, market).theta.interest).toBeCloseTo(36_900 * 0.028 - 500, 8)
  })

  it('is liquidated where it says: there equity is the maintenance margin, for longs, shorts and every collateral', () => {
    const random = uniform(11)
    const depegged: Market = withSpot(market, 'USDC', 0.97)
    let seen = 0
    for (let i = 0; i < 300; i += 1) {
      const quantity = (random() < 0.5 ? -1 : 1) * 10 ** (random() * 4)
      const margin = [
        { asset: 'USDC', quantity: Math.abs(quantity) * 3_000 * random() * 0.5 },
        { asset: 'wstETH', quantity: Math.abs(quantity) * random() * 0.5, haircut: 0.1 },
        { asset: 'WBTC', quantity: -Math.abs(quantity) * random() * 0.003 },
      ]
      const terms = { settlement: 'USDC', quantity, entryPrice: 2_500 + random() * 1_000, accruedFunding: 40, margin }
      const position = perp({ ...terms, maintenance: tiers })
      const { liquidationPriceUsd, liquidationBelowUsd, liquidationAboveUsd, ...now } = detailsOf(position, depegged)
      if (liquidationPriceUsd === undefined) continue
      expect([liquidationBelowUsd, liquidationAboveUsd]).toContain(liquidationPriceUsd)
      for (const mark of [liquidationBelowUsd, liquidationAboveUsd]) {
        if (mark === undefined || mark < 1e-3) continue
        seen += 1
        const at = detailsOf(position, withSpot(depegged, 'ETH', mark / 1.0004))
        const scale = (now.notionalUsd ?? 0) + (at.notionalUsd ?? 0)
        expect(Math.abs((at.equityUsd ?? 0) - (at.maintenanceUsd ?? 0))).toBeLessThan(1e-11 * scale)
      }
    }
    expect(seen).toBeGreaterThan(200)
  })

  it('says when it can be liquidated already, and has no liquidation price without tiers or danger', () => {
    const lost = perp({ quantity: 10, entryPrice: 3_500, margin: [{ asset: 'USDC', quantity: 5_000 }] })
    expect(warningsOf(lost, market)).toEqual([])
    expect(detailsOf(lost, market).leverage).toBeCloseTo(30_012 / 12, 6)
    const tiered = parsePosition({ kind: 'linear-perp', terms: { ...lost.terms, maintenance: tiers } })
    expect(warningsOf(tiered, market)[0]).toContain('it can be liquidated')
    expect(detailsOf(lost, market).liquidationPriceUsd).toBeUndefined()
    const paid = perp({ margin: [{ asset: 'USDC', quantity: 3_000 }], maintenance: tiers })
    expect(detailsOf(paid, market).liquidationPriceUsd).toBeUndefined()
  })

  it('is worth its margin once it is closed, without reading the price of what it was on', () => {
    const closed = perp({ asset: 'GONE', quantity: 0, margin: [{ asset: 'USDC', quantity: 7 }], accruedFunding: 3 })
    expect(value(closed, market)).toBe(10)
    expect(greeksOf(closed, market).delta).toEqual({ USDC: 7 })
  })
})
