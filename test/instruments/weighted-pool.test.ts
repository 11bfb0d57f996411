import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot } from '../../lib/instruments/market/bump.ts'
import { type Market, priceOf } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { weightedPool } from '../../lib/instruments/pools/weighted-pool.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { uniform } from '../quant/amm/big.ts'

const market = parseMarket(exampleMarket)
const pool = (terms: object) => parsePosition({ kind: 'weighted-pool', terms })
const example = weightedPool.example

describe('a share of a weighted pool', () => {
  it('at half and half is the constant-product pool of the same reserves, in every figure', () => {
    const share = { lpTokens: 3, totalSupply: 150, feeRate: 0.1 }
    const half = pool({
      ...share,
      coins: [
        { asset: 'WETH', balance: 4_000, weight: 0.5, entryAmount: 70 },
        { asset: 'USDC', balance: 11_990_000, weight: 0.5, entryAmount: 200_000 },
      ],
    })
    const v2 = parsePosition({
      kind: 'uniswap-v2-pool',
      terms: {
        ...share,
        asset0: 'WETH',
        asset1: 'USDC',
        reserve0: 4_000,
        reserve1: 11_990_000,
        entryAmount0: 70,
        entryAmount1: 200_000,
      },
    })
    for (const eth of [200, 3_000, 40_000]) {
      const at = withSpot(market, 'ETH', eth)
      expect(value(half, at) / value(v2, at)).toBeCloseTo(1, 12)
      const [one, other] = [greeksOf(half, at), greeksOf(v2, at)]
      for (const key of ['ETH', 'USDC']) {
        expect((one.delta[key] ?? 0) / (other.delta[key] ?? 0)).toBeCloseTo(1, 12)
        expect((one.gamma[key] ?? 0) / (other.gamma[key] ?? 0)).toBeCloseTo(1, 12)
      }
      expect((one.crossGamma['ETH/USDC'] ?? 0) / (other.crossGamma['ETH/USDC'] ?? 0)).toBeCloseTo(1, 12)
      expect(one.pool.lossVersusRebalancing / other.pool.lossVersusRebalancing).toBeCloseTo(1, 12)
      expect(one.pool.impermanentLoss / other.pool.impermanentLoss).toBeCloseTo(1, 10)
      const [told, expected] = [detailsOf(half, at), detailsOf(v2, at)]
      expect(Object.keys(told).toSorted()).toEqual(Object.keys(expected).toSorted())
      for (const [name, figure] of Object.entries(expected))
        expect(Math.abs((told[name] ?? Number.NaN) - figure), name).toBeLessThanOrEqual(1e-9 * Math.abs(figure) + 1e-9)
    }
  })

  it('has each coin at its weight of the value, and a loss to arbitrage of half the variance that weighting takes away', () => {
    const position = pool(example)
    const flat = parseMarket({ ...exampleMarket, volatility: { ETH: 0.8, BTC: 0.5, USDC: 0.02 } })
    const usd = value(position, flat)
    const { delta, pool: losses } = greeksOf(position, flat)
    expect(((delta.ETH ?? 0) * 3_000) / usd).toBeCloseTo(0.5, 13)
    expect(((delta.BTC ?? 0) * 90_000) / usd).toBeCloseTo(0.3, 13)
    expect((delta.USDC ?? 0) / usd).toBeCloseTo(0.2, 13)
    const mean = 0.5 * 0.8 ** 2 + 0.3 * 0.5 ** 2 + 0.2 * 0.02 ** 2
    const whole = (0.5 * 0.8) ** 2 + (0.3 * 0.5) ** 2 + (0.2 * 0.02) ** 2 + 2 * 0.82 * 0.5 * 0.8 * 0.3 * 0.5
    expect(losses.lossVersusRebalancing / usd).toBeCloseTo((mean - whole) / 2, 13)
  })

  it('has a delta equal to differences of value, and gammas equal to differences of delta, to 1e-6, on 10,000 positions of 2 to 5 coins', () => {
    const random = uniform(11)
    const worst = { delta: 0, gamma: 0 }
    const all = ['ETH', 'WETH', 'wstETH', 'WBTC', 'USDC']
    for (let i = 0; i < 10_000; i += 1) {
      const assets = all.toSorted(() => random() - 0.5).slice(0, 2 + Math.floor(random() * 4))
      const parts = assets.map(() => 0.02 + random())
      const total = parts.reduce((sum, one) => sum + one, 0)
      const coins = assets.map((asset, k) => ({
        asset,
        balance: 10 ** (random() * 8 - 2),
        weight: (parts[k] ?? 0) / total,
      }))
      const terms = { coins, lpTokens: random(), totalSupply: 1 }
      const at: Market = {
        ...market,
        spot: { ETH: 10 ** (2 + 2 * random()), BTC: 10 ** (3 + 2 * random()), USDC: 0.9 + 0.2 * random() },
      }
      const here = weightedPool.greeks?.(terms, at)
      const usd = weightedPool.value(terms, at)
      for (const moved of Object.keys(here?.delta ?? {})) {
        const spot = at.spot[moved] ?? 0
        const [up, down] = [1 + 1e-5, 1 - 1e-5].map((share) => withSpot(at, moved, spot * share)) as [Market, Market]
        const width = 2e-5 * spot
        const slope = (weightedPool.value(terms, up) - weightedPool.value(terms, down)) / width
        worst.delta = Math.max(worst.delta, (Math.abs(slope - (here?.delta[moved] ?? 0)) * spot) / usd)
        const [after, before] = [weightedPool.greeks?.(terms, up).delta, weightedPool.greeks?.(terms, down).delta]
        for (const other of Object.keys(here?.delta ?? {})) {
          const bend = ((after?.[other] ?? 0) - (before?.[other] ?? 0)) / width
          const key = moved < other ? `${moved}/${other}` : `${other}/${moved}`
          const closed = (moved === other ? here?.gamma[moved] : here?.crossGamma[key]) ?? 0
          const error = (Math.abs(bend - closed) * spot * (at.spot[other] ?? 0)) / usd
          worst.gamma = Math.max(worst.gamma, error)
        }
      }
    }
    expect(worst.delta).toBeLessThanOrEqual(1e-6)
    expect(worst.gamma).toBeLessThanOrEqual(1e-6)
  })

  it('coins of one underlying add up: a pool of ETH alone, in four coats, has no gamma and loses nothing', () => {
    const assets = ['ETH', 'WETH', 'wstETH']
    const alone = pool({
      lpTokens: 1,
      totalSupply: 2,
      coins: assets.map((asset) => ({ asset, balance: 9_000 / priceOf(market, asset), weight: 1 / 3, entryAmount: 1 })),
    })
    const { delta, gamma, crossGamma, pool: losses } = greeksOf(alone, market)
    expect((delta.ETH ?? 0) * 3_000).toBeCloseTo(13_500, 8)
    expect([gamma, crossGamma, losses.lossVersusRebalancing]).toEqual([{}, {}, 0])
  })

  it('tells value = held + impermanent loss + fees earned + what is owed', () => {
    const position = pool({ ...example, owed: [{ asset: 'BTC', quantity: 0.01 }] })
    for (const [eth, btc] of [
      [3_000, 90_000],
      [900, 30_000],
      [9_000, 60_000],
    ] as const) {
      const at = { ...market, spot: { ETH: eth, BTC: btc, USDC: 1 } }
      const { feesEarnedUsd = 0 } = detailsOf(position, at)
      const putIn = 20 * 1.23 * eth + 0.46 * btc + 29_000
      const { impermanentLoss } = greeksOf(position, at).pool
      expect(impermanentLoss).toBeLessThan(0)
      expect(putIn + impermanentLoss + feesEarnedUsd + 0.01 * btc).toBeCloseTo(value(position, at), 5)
    }
  })

  it('says how far the pool is from the market', () => {
    const [eth, ...others] = example.coins
    const uneven = pool({ ...example, coins: [{ ...eth, balance: 4_500 }, ...others] })
    expect(warningsOf(uneven, market)[0]).toMatch(/^the pool stands 11\.2 % from the market/)
    expect(detailsOf(uneven, market).arbitrageUsd).toBeGreaterThan(0)
  })
})
