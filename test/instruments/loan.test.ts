import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value } from '../../lib/instruments/value.ts'

const market = parseMarket(exampleMarket)
const loan = (terms: object) => parsePosition({ kind: 'loan', terms })
const wsteth = { asset: 'wstETH', quantity: 400, liquidationThreshold: 0.8, rate: 0.001 }

describe('a lending account', () => {
  it('earns on collateral and owes on debt, and a wrapper grows by itself on either side', () => {
    const looped = loan({ collateral: [wsteth], debt: [{ asset: 'WETH', quantity: 300, rate: 0.025 }] })
    const collateralUsd = 400 * 1.23 * 3_000
    expect(greeksOf(looped, market).theta.interest).toBeCloseTo(collateralUsd * 0.029 - 900_000 * 0.025, 6)
    // Who owes wstETH owes what it grows, too.
    const short = loan({ collateral: [], debt: [{ asset: 'wstETH', quantity: 10, rate: 0.01 }] })
    expect(greeksOf(short, market).theta.interest).toBeCloseTo(-36_900 * (0.01 + 0.028), 8)
    expect(greeksOf(looped, market).theta).toMatchObject({ decay: 0, funding: 0, fees: 0 })
  })

  it('nets the underlying over collateral and debt, each by its own rate', () => {
    const looped = loan({
      collateral: [wsteth, { asset: 'WETH', quantity: 8, liquidationThreshold: 0 }],
      debt: [{ asset: 'WETH', quantity: 300 }],
    })
    expect(greeksOf(looped, market).delta.ETH).toBeCloseTo(400 * 1.23 + 8 - 300, 10)
    expect(value(looped, market)).toBeCloseTo((400 * 1.23 + 8 - 300) * 3_000, 6)
  })

  it('tells its health factor at market prices, and none without debt', () => {
    const debt = [{ asset: 'USDC', quantity: 600_000 }]
    expect(detailsOf(loan({ collateral: [wsteth], debt }), market)).toEqual({
      collateralUsd: expect.closeTo(1_476_000, 6),
      debtUsd: 600_000,
      healthFactor: expect.closeTo((1_476_000 * 0.8) / 600_000, 12),
      loanToValueRatio: expect.closeTo(600_000 / 1_476_000, 12),
    })
    expect(detailsOf(loan({ collateral: [wsteth], debt: [] }), market).healthFactor).toBeUndefined()
    expect(detailsOf(loan({ collateral: [], debt }), market)).toMatchObject({ healthFactor: 0 })
    expect(detailsOf(loan({ collateral: [], debt: [] }), market)).toEqual({ collateralUsd: 0, debtUsd: 0 })
  })
})
