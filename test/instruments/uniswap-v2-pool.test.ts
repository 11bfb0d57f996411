import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { uniswapV2Pool } from '../../lib/instruments/pools/uniswap-v2-pool.ts'
import { uniswapV3Range } from '../../lib/instruments/pools/uniswap-v3-range.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { uniform } from '../quant/amm/big.ts'

const market = parseMarket(exampleMarket)
const marketAt = (eth: number, usdc = 1): Market => ({ ...market, spot: { ...market.spot, ETH: eth, USDC: usdc } })
const pool = {
  asset0: 'WETH',
  asset1: 'USDC',
  reserve0: 4_000,
  reserve1: 11_000_000,
  lpTokens: 3,
  totalSupply: 150,
}
const held = (change: object = {}) => parsePosition({ kind: 'uniswap-v2-pool', terms: { ...pool, ...change } })
const liquidity = (3 / 150) * Math.sqrt(4_000 * 11_000_000)

describe('a share of a constant-product pool', () => {
  it('is the v3 range of all prices: value, Greeks, LVR and losses', () => {
    const [reserve0, reserve1] = [100, 100 * 2_500]
    const v3 = {
      asset0: 'WETH',
      asset1: 'USDC',
      liquidity,
      lowerPrice: 0,
      upperPrice: Number.POSITIVE_INFINITY,
      owed0: 0,
      owed1: 0,
      entryPrice: 2_500,
      feeRate: 0.1,
    }
    // What the same liquidity was at the entry price.
    const entry = { entryAmount0: liquidity / Math.sqrt(2_500), entryAmount1: liquidity * Math.sqrt(2_500) }
    expect(entry.entryAmount1 / entry.entryAmount0).toBeCloseTo(reserve1 / reserve0, 9)
    for (const [eth, usdc] of [
      [2_500, 1],
      [3_000, 0.98],
      [90, 1.01],
      [80_000, 1],
    ] as const) {
      const at = marketAt(eth, usdc)
      const whole = greeksOf(held({ ...entry, feeRate: 0.1 }), at)
      const range = uniswapV3Range.greeks?.(v3, at)
      expect(value(held(), at) / uniswapV3Range.value(v3, at)).toBeCloseTo(1, 13)
      for (const key of ['ETH', 'USDC']) {
        expect((whole.delta[key] ?? 0) / (range?.delta[key] ?? 0)).toBeCloseTo(1, 13)
        expect((whole.gamma[key] ?? 0) / (range?.gamma[key] ?? 0)).toBeCloseTo(1, 13)
      }
      expect((whole.crossGamma['ETH/USDC'] ?? 0) / (range?.crossGamma['ETH/USDC'] ?? 0)).toBeCloseTo(1, 13)
      expect(whole.theta.fees / (range?.theta.fees ?? 0)).toBeCloseTo(1, 13)
      expect(whole.pool.lossVersusRebalancing / (range?.pool.lossVersusRebalancing ?? 0)).toBeCloseTo(1, 13)
      expect(whole.pool.impermanentLoss).toBeCloseTo(range?.pool.impermanentLoss ?? 0, 6)
    }
  })

  it('loses sigma^2 / 8 of its value a year to arbitrage (Milionis et al. 2022)', () => {
    const { ratioVolatility = 0 } = detailsOf(held(), market)
    const { lossVersusRebalancing } = greeksOf(held(), market).pool
    expect(lossVersusRebalancing / value(held(), market)).toBeCloseTo(ratioVolatility ** 2 / 8, 13)
  })

  it('has a delta equal to differences of value and a gamma equal to differences of delta, to 1e-6, on 10,000 positions', () => {
    const random = uniform(4)
    const worst = { delta: 0, gamma: 0 }
    for (let i = 0; i < 10_000; i += 1) {
      const [reserve0, reserve1] = [10 ** (random() * 9 - 2), 10 ** (random() * 9 - 2)]
      const terms = { ...pool, reserve0, reserve1, lpTokens: random(), totalSupply: 1 }
      const L = terms.lpTokens * Math.sqrt(reserve0 * reserve1)
      const P = 10 ** (random() * 8 - 3)
      const step = 1e-5 * P
      const at = (price: number) => {
        const there = marketAt(price)
        return { usd: uniswapV2Pool.value(terms, there), greeks: uniswapV2Pool.greeks?.(terms, there) }
      }
      const [up, down, here] = [at(P + step), at(P - step), at(P)]
      const delta = (up.usd - down.usd) / (2 * step) - (here.greeks?.delta.ETH ?? Number.NaN)
      const slope = ((up.greeks?.delta.ETH ?? Number.NaN) - (down.greeks?.delta.ETH ?? Number.NaN)) / (2 * step)
      const gamma = slope - (here.greeks?.gamma.ETH ?? Number.NaN)
      worst.delta = Math.max(worst.delta, Math.abs(delta) / (L / Math.sqrt(P)))
      worst.gamma = Math.max(worst.gamma, Math.abs(gamma) / (L / P ** 1.5))
    }
    expect(worst.delta).toBeLessThanOrEqual(1e-6)
    expect(worst.gamma).toBeLessThanOrEqual(1e-6)
  })

  it('holds at the market’s price what arbitrage leaves, and tells beside it what it holds now', () => {
    const told = detailsOf(held(), market)
    expect(told.poolAmount0).toBeCloseTo(80, 12)
    expect(told.poolAmount1).toBeCloseTo(220_000, 8)
    expect(told.poolPrice1Per0).toBeCloseTo(2_750, 10)
    expect(told.amount0).toBeCloseTo(liquidity / Math.sqrt(3_000), 10)
    expect(told.amount1).toBeCloseTo(liquidity * Math.sqrt(3_000), 6)
    expect(told.invariant).toBeCloseTo(liquidity, 9)
    expect(told.poolPriceGapRatio).toBeCloseTo(3_000 / 2_750 - 1, 12)
    expect(told.arbitrageUsd).toBeCloseTo(80 * 3_000 + 220_000 - value(held(), market), 6)
    expect(warningsOf(held(), market)).toEqual([
      'the pool stands 9.09 % from the market: it is valued as it will be once arbitrage has closed the gap',
    ])
    expect(warningsOf(held(), marketAt(2_750))).toEqual([])
  })

  it('value = held + impermanent loss + fees that stayed in the pool + what is owed', () => {
    const position = held({ entryAmount0: 79, entryAmount1: 170_000, owed0: 0.3, owed1: 50 })
    for (const eth of [500, 2_151.9, 3_000, 20_000]) {
      const at = marketAt(eth)
      const { feesEarnedUsd = 0 } = detailsOf(position, at)
      const { impermanentLoss } = greeksOf(position, at).pool
      const putIn = 79 * eth + 170_000
      expect(impermanentLoss).toBeLessThanOrEqual(0)
      expect(feesEarnedUsd).toBeGreaterThan(0)
      expect(putIn + impermanentLoss + feesEarnedUsd + 0.3 * eth + 50).toBeCloseTo(value(position, at), 5)
    }
  })

  it('what is owed is worth its price, and needs no other', () => {
    const owed = held({ lpTokens: 0, owed1: 250, asset0: 'NONE' })
    expect(value(owed, market)).toBe(250)
    expect(greeksOf(owed, market).delta).toEqual({ USDC: 250 })
    expect(value(held({ lpTokens: 0, asset0: 'NONE', asset1: 'NO' }), market)).toBe(0)
  })

  it('is a sum of legs in any market', () => {
    const position = held({ owed0: 0.5 })
    expect(uniswapV2Pool.legs?.(position.terms as never, market)).toEqual([
      {
        kind: 'range',
        asset0: 'WETH',
        asset1: 'USDC',
        liquidity: expect.closeTo(liquidity, 9),
        lowerPrice: 0,
        upperPrice: Number.POSITIVE_INFINITY,
      },
      { kind: 'holding', asset: 'WETH', quantity: 0.5 },
    ])
  })
})

const table = '../shared/tables/uniswap_v3_lp.json'

describe.skipIf(!existsSync(table))(`the published losses of ${table} (skipped where the folder is absent)`, () => {
  const { il_v2: losses }: { readonly il_v2: readonly { readonly ratio: number; readonly il_v2: number }[] } =
    existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : { il_v2: [] }

  it('are met by a position put in at 2,000 USDC per WETH', () => {
    expect(losses.length).toBeGreaterThan(0)
    for (const { ratio, il_v2 } of losses) {
      const position = held({ entryAmount0: 10, entryAmount1: 20_000 })
      const at = marketAt(2_000 * ratio)
      expect(detailsOf(position, at).impermanentLossRatio).toBeCloseTo(il_v2, 14)
      expect(greeksOf(position, at).pool.impermanentLoss).toBeCloseTo(il_v2 * (20_000 * ratio + 20_000), 9)
    }
  })
})
