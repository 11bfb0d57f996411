import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import {
  assessHealth,
  disagreementWithProtocol,
  healthFactorOf,
  type LoanTerms,
} from '../../lib/risk/solvency/health.ts'

const market = (eth: number, btc = 60_000, usdc = 1): Market => ({
  at: 0,
  spot: { ETH: eth, BTC: btc, USDC: usdc },
  exchangeRates: {
    WETH: { underlying: 'ETH', rate: 1 },
    wstETH: { underlying: 'ETH', rate: 1.2 },
    WBTC: { underlying: 'BTC', rate: 1 },
    USDC: { underlying: 'USDC', rate: 1 },
  },
})
const health = (terms: LoanTerms, lens: Market) =>
  assessHealth({ positionId: 'aave-v3', terms, lens, reading: undefined })
const looped: LoanTerms = {
  collateral: [{ asset: 'WETH', quantity: 100, liquidationThreshold: 0.8 }],
  debt: [{ asset: 'USDC', quantity: 120_000 }],
}

describe('the health factor', () => {
  it('is collateral times threshold over debt', () => {
    expect(health(looped, market(3_000))).toMatchObject({
      collateralUsd: 300_000,
      debtUsd: 120_000,
      borrowingPowerUsd: 240_000,
      healthFactor: 2,
    })
  })

  it('is absent without debt', () => {
    const account = health({ ...looped, debt: [] }, market(3_000))
    expect(account).not.toHaveProperty('healthFactor')
    expect(account.liquidationPrices).toEqual([])
  })

  it('leaves out what is supplied but not used as collateral', () => {
    const idle = { asset: 'WBTC', quantity: 5, liquidationThreshold: 0 }
    const account = health({ ...looped, collateral: [...looped.collateral, idle] }, market(3_000))
    expect(account).toMatchObject({ collateralUsd: 300_000, healthFactor: 2 })
    expect(account.legs.map((leg) => leg.asset)).toEqual(['WETH', 'WBTC', 'USDC'])
  })
})

describe('the liquidation price', () => {
  it('of the collateral lies below, of the debt above', () => {
    const { liquidationPrices } = health(looped, market(3_000))
    expect(liquidationPrices).toEqual([
      { underlying: 'ETH', usd: expect.closeTo(1_500, 9), side: 'below', distance: expect.closeTo(-0.5, 12) },
      { underlying: 'USDC', usd: expect.closeTo(2, 12), side: 'above', distance: expect.closeTo(1, 12) },
    ])
  })

  it('is absent where no price of it can do harm', () => {
    const covered: LoanTerms = {
      collateral: [...looped.collateral, { asset: 'WBTC', quantity: 10, liquidationThreshold: 0.7 }],
      debt: looped.debt,
    }
    // BTC alone carries the debt: ETH at zero does not liquidate; the other way it does not either.
    const underlyings = health(covered, market(3_000)).liquidationPrices.map((price) => price.underlying)
    expect(underlyings).toEqual(['USDC'])
  })

  it('of a short lies above: debt in ETH against dollars', () => {
    const short: LoanTerms = {
      collateral: [{ asset: 'USDC', quantity: 500_000, liquidationThreshold: 0.78 }],
      debt: [{ asset: 'WETH', quantity: 100 }],
    }
    expect(health(short, market(3_000)).liquidationPrices).toContainEqual({
      underlying: 'ETH',
      usd: expect.closeTo(3_900, 9),
      side: 'above',
      distance: expect.closeTo(0.3, 12),
    })
  })

  it('of an account that can be liquidated already is the price to come back to', () => {
    const eth = health(looped, market(1_400)).liquidationPrices.find((one) => one.underlying === 'ETH')
    expect(eth).toMatchObject({ usd: expect.closeTo(1_500, 9), side: 'below' })
    expect(eth?.distance).toBeGreaterThan(0)
  })

  it('is absent where it would lie beyond all numbers', () => {
    const dust: LoanTerms = {
      collateral: [{ asset: 'WETH', quantity: 1.9e-302, liquidationThreshold: 0.825 }],
      debt: [{ asset: 'USDC', quantity: 5_571_015 }],
    }
    const prices = health(dust, market(3_000)).liquidationPrices
    expect(prices.every((price) => Number.isFinite(price.usd) && Number.isFinite(price.distance))).toBe(true)
  })

  it('of collateral and debt in one underlying is absent when nothing moves', () => {
    const staked: LoanTerms = {
      collateral: [{ asset: 'wstETH', quantity: 100, liquidationThreshold: 0.9 }],
      debt: [{ asset: 'WETH', quantity: 80 }],
    }
    expect(health(staked, market(3_000)).liquidationPrices).toEqual([])
  })
})

const quantity = fc.double({ min: 0.01, max: 1_000, noNaN: true })
const assets = ['WETH', 'wstETH', 'WBTC', 'USDC'] as const
const arbitraryLoan: fc.Arbitrary<LoanTerms> = fc.record({
  collateral: fc.array(
    fc.record({
      asset: fc.constantFrom(...assets),
      quantity,
      liquidationThreshold: fc.constantFrom(0, 0.6, 0.78, 0.825, 0.95),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  debt: fc.array(fc.record({ asset: fc.constantFrom(...assets), quantity }), { minLength: 1, maxLength: 3 }),
})

it('at every liquidation price the health factor is 1, safe on the stated side and not beyond it', () => {
  fc.assert(
    fc.property(arbitraryLoan, fc.double({ min: 500, max: 9_000, noNaN: true }), (terms, eth) => {
      const lens = market(eth)
      for (const price of health(terms, lens).liquidationPrices) {
        const at = (factor: number) =>
          healthFactorOf(terms, withSpot(lens, price.underlying, price.usd * factor)) ?? Number.NaN
        expect(Math.abs(at(1) - 1)).toBeLessThanOrEqual(1e-9)
        const [below, above] = [at(0.9), at(1.1)]
        if (price.side === 'below') expect(below).toBeLessThan(above)
        else expect(above).toBeLessThan(below)
        const ratio = price.usd / (lens.spot[price.underlying] ?? Number.NaN)
        expect(Math.abs(price.distance - (ratio - 1))).toBeLessThanOrEqual(1e-12 * Math.max(1, ratio))
      }
    }),
    { numRuns: 1_000 },
  )
})

it('an underlying without a liquidation price cannot cross HF = 1 at any price', () => {
  fc.assert(
    fc.property(arbitraryLoan, fc.double({ min: -3, max: 3, noNaN: true }), (terms, exponent) => {
      const lens = market(3_000)
      const account = health(terms, lens)
      const now = account.healthFactor ?? 1
      fc.pre(Math.abs(now - 1) > 1e-9)
      const named = new Set(account.liquidationPrices.map((price) => price.underlying))
      for (const underlying of ['ETH', 'BTC', 'USDC'].filter((one) => !named.has(one))) {
        const moved = withSpot(lens, underlying, (lens.spot[underlying] ?? 1) * 10 ** exponent)
        const then = healthFactorOf(terms, moved) ?? now
        expect(then < 1 - 1e-9).toBe(now < 1)
      }
    }),
  )
})

describe('agreement with the protocol', () => {
  it('allows for the truncation of a weighted threshold to basis points, and no more', () => {
    const terms: LoanTerms = {
      collateral: [
        { asset: 'WETH', quantity: 11, liquidationThreshold: 0.825 },
        { asset: 'WBTC', quantity: 1, liquidationThreshold: 0.78 },
      ],
      debt: [{ asset: 'USDC', quantity: 40_000 }],
    }
    const account = health(terms, market(3_000))
    const truncated = Math.floor((account.borrowingPowerUsd / account.collateralUsd) * 1e4) / 1e4
    const stated = (account.collateralUsd * truncated) / account.debtUsd
    expect(stated).not.toBe(account.healthFactor)
    expect(disagreementWithProtocol({ ...account, protocolHealthFactor: stated })).toBeUndefined()
    expect(disagreementWithProtocol({ ...account, protocolHealthFactor: stated * 0.999 })).toMatch(/protocol states/)
  })
})
