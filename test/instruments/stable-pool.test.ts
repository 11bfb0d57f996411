import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withExchangeRate, withSpot } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { stablePool } from '../../lib/instruments/pools/stable-pool.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { uniform } from '../quant/amm/big.ts'

const market = parseMarket({
  at: '2026-11-24T12:00:00Z',
  spot: { ETH: 3_000, USDC: 1, USDT: 1, DAI: 1, FRAX: 1, LUSD: 1 },
  exchangeRates: {
    WETH: { underlying: 'ETH', rate: 1 },
    wstETH: { underlying: 'ETH', rate: 1.23, growth: 0.028 },
  },
})
const stables = ['USDC', 'USDT', 'DAI', 'FRAX', 'LUSD']
const pool = (terms: object) => parsePosition({ kind: 'stable-pool', terms })
const evenly = (n: number, balance = 1_000_000) => stables.slice(0, n).map((asset) => ({ asset, balance }))
const share = { amplification: 200, lpTokens: 10, totalSupply: 1_000 }

describe.each([2, 3, 4, 5])('a share of a StableSwap pool of %i coins', (n) => {
  it('is worth its part of what is in it while all coins stand at their peg', () => {
    const position = pool({ ...share, coins: evenly(n) })
    expect(value(position, market) / (n * 10_000)).toBeCloseTo(1, 13)
    for (const asset of stables.slice(0, n)) expect(greeksOf(position, market).delta[asset]).toBeCloseTo(10_000, 6)
    expect(warningsOf(position, market)).toEqual([expect.stringMatching(/^loss-versus-rebalancing is not known/)])
  })

  it('shows the loss when a coin falls to a millionth of its peg: the pool is filled with it', () => {
    const position = pool({ ...share, coins: evenly(n) })
    const atPrice = (price: number) => withSpot(market, 'USDT', price)
    const worth = [1, 0.99, 0.9, 0.5, 0.1, 1e-2, 1e-4, 1e-6].map((price) => value(position, atPrice(price)))
    for (const [i, usd] of worth.entries()) if (i > 0) expect(usd).toBeLessThan(worth[i - 1] ?? 0)
    // Far below what the other coins that it began with are worth: those are gone.
    expect(worth.at(-1)).toBeLessThan((n - 1) * 10_000 * 0.1)
    expect(worth.at(-1)).toBeGreaterThan(0)
    const { delta, pool: losses } = greeksOf(position, atPrice(1e-6))
    expect(delta.USDT).toBeGreaterThan(n * 10_000 * 0.9)
    expect(losses.impermanentLoss).toBe(0)
    expect(warningsOf(position, atPrice(1e-6))[0]).toBe(
      "USDT stands at 0.0001 % of USDC by the pool's rates: arbitrage fills the pool with it",
    )
    const entered = pool({ ...share, coins: evenly(n).map((coin) => ({ ...coin, entryAmount: 10_000 })) })
    const { impermanentLoss } = greeksOf(entered, atPrice(1e-6)).pool
    expect(impermanentLoss).toBeCloseTo((worth.at(-1) ?? 0) - (n - 1 + 1e-6) * 10_000, 6)
  })

  it('with a huge amplification is worth its invariant at the lowest price (constant sum)', () => {
    const position = pool({ ...share, amplification: 1e12, coins: evenly(n) })
    const at = { ...market, spot: { ...market.spot, USDC: 1.02, USDT: 0.97 } }
    expect(value(position, at) / (n * 10_000 * 0.97)).toBeCloseTo(1, 3)
  })

  it('with next to no amplification is the pool of equal weights (constant product)', () => {
    const coins = evenly(n).map((coin, i) => ({ ...coin, balance: coin.balance * (1 + i) }))
    const at = { ...market, spot: { ...market.spot, USDC: 1.4, USDT: 0.3 } }
    const stable = pool({ ...share, amplification: 1e-10, coins })
    const product = parsePosition({
      kind: 'weighted-pool',
      terms: { lpTokens: 10, totalSupply: 1_000, coins: coins.map((coin) => ({ ...coin, weight: 1 / n })) },
    })
    expect(value(stable, at) / value(product, at)).toBeCloseTo(1, 8)
    const [one, other] = [greeksOf(stable, at), greeksOf(product, at)]
    for (const asset of stables.slice(0, n)) {
      expect((one.delta[asset] ?? 0) / (other.delta[asset] ?? 1)).toBeCloseTo(1, 8)
      expect((one.gamma[asset] ?? 0) / (other.gamma[asset] ?? 1)).toBeCloseTo(1, 8)
    }
    for (const [key, second] of Object.entries(other.crossGamma))
      expect((one.crossGamma[key] ?? 0) / second).toBeCloseTo(1, 8)
  })
})

describe('a pool of staked and plain ether', () => {
  const terms = stablePool.example
  const example = parseMarket(exampleMarket)

  it('counts wstETH by its rate, and is all ETH: no gamma, nothing for arbitrage', () => {
    const { delta, gamma, crossGamma, pool: losses } = greeksOf(pool(terms), example)
    expect((delta.ETH ?? 0) * 3_000).toBeCloseTo(value(pool(terms), example), 6)
    expect([gamma, crossGamma, losses.lossVersusRebalancing]).toEqual([{}, {}, 0])
    const { poolValueUsd = 0, arbitrageUsd = 0 } = detailsOf(pool(terms), example)
    expect(poolValueUsd).toBeCloseTo(((10_400 + 7_900 * 1.23) * 3_000 * 130) / 19_500, 6)
    expect(arbitrageUsd).toBeGreaterThan(0)
    expect(arbitrageUsd / poolValueUsd).toBeLessThan(1e-5)
  })

  it('as the rate grows in market and pool alike it earns the yield of the staked part, told as interest', () => {
    const years = 1e-4
    const rate = 1.23 * Math.exp(0.028 * years)
    const later = pool({
      ...terms,
      coins: terms.coins.map((coin) => ('rate' in coin ? { ...coin, rate } : coin)),
    })
    // Balances where arbitrage has brought them, so that the invariant grows by what is held at the market's price.
    const { amount0 = 0, amount1 = 0 } = detailsOf(pool(terms), example)
    const settled = (one: ReturnType<typeof pool>) => {
      const { coins, ...rest } = one.terms as typeof terms
      const balances = [amount0, amount1]
      return pool({
        ...rest,
        lpTokens: rest.totalSupply,
        coins: coins.map((coin, i) => ({ ...coin, balance: balances[i] ?? 0 })),
      })
    }
    const gain = value(settled(later), withExchangeRate(example, 'wstETH', rate)) - value(settled(pool(terms)), example)
    const { interest } = greeksOf(settled(pool(terms)), example).theta
    expect(gain / years / interest).toBeCloseTo(1, 5)
    expect(interest).toBeCloseTo(amount1 * 1.23 * 3_000 * 0.028, 4)
  })

  it('loses more than holding where the market leaves the rate and the pool does not', () => {
    const depegged = withExchangeRate(example, 'wstETH', 1.23 * 0.95)
    const held = parsePosition({
      kind: 'loan',
      terms: {
        debt: [],
        collateral: [
          { asset: 'WETH', quantity: (10_400 * 130) / 19_500, liquidationThreshold: 0 },
          { asset: 'wstETH', quantity: (7_900 * 130) / 19_500, liquidationThreshold: 0 },
        ],
      },
    })
    const [before, after] = [value(pool(terms), example), value(pool(terms), depegged)]
    expect(after).toBeLessThan(value(held, depegged) * 0.99)
    // Nothing is lost twice: it is worth at least as many of the fallen coin as the invariant counts.
    expect(after).toBeGreaterThan(before * 0.95)
    expect(detailsOf(pool(terms), depegged).amount1).toBeGreaterThan(1.5 * ((7_900 * 130) / 19_500))
    expect(warningsOf(pool(terms), depegged)).toEqual([
      "wstETH stands at 95 % of WETH by the pool's rates: arbitrage fills the pool with it",
      expect.stringMatching(/^the pool stands 5\.3 % from the market/),
    ])
  })

  it('tells value = held + impermanent loss + fees earned + what is owed', () => {
    const position = pool({ ...terms, owed: [{ asset: 'USDC', quantity: 40 }] })
    for (const rate of [1.23, 1.1, 0.6]) {
      const at = withExchangeRate(example, 'wstETH', rate)
      const { impermanentLoss } = greeksOf(position, at).pool
      const { feesEarnedUsd = 0, impermanentLossRatio = 1 } = detailsOf(position, at)
      const putIn = (61 + 55 * rate) * 3_000
      expect(impermanentLoss).toBeLessThanOrEqual(0)
      expect(impermanentLoss).toBeCloseTo(putIn * impermanentLossRatio, 6)
      expect(putIn + impermanentLoss + feesEarnedUsd + 40).toBeCloseTo(value(position, at), 5)
    }
  })
})

it('the pool’s own story stands beside the market’s: what it holds, at which price, and what arbitrage will take', () => {
  const coins = [
    { asset: 'USDC', balance: 1_000_000 },
    { asset: 'USDT', balance: 9_000_000 },
  ]
  const position = pool({ ...share, coins })
  const told = detailsOf(position, market)
  expect([told.poolAmount0, told.poolAmount1, told.poolValueUsd]).toEqual([10_000, 90_000, 100_000])
  expect(told.amount0).toBeCloseTo(told.amount1 ?? 0, 6)
  expect(told.invariant).toBeCloseTo(value(position, market), 6)
  // USDC is scarce in it: one USDC buys more than one USDT, and who brings USDC takes the difference.
  expect(told.poolPrice1Per0).toBeGreaterThan(1)
  expect(told.arbitrageUsd).toBeCloseTo(100_000 - (told.invariant ?? 0), 6)
})

/** n coins of up to n underlyings, with exchange rates and pool rates, near their peg and far from it. */
function randomPool(random: () => number) {
  const n = 2 + Math.floor(random() * 4)
  const names = Array.from({ length: n }, (_, i) => `coin${i}`)
  const underlyings = names.map(() => `u${Math.floor(random() * n)}`)
  const rates = names.map(() => 0.5 + random())
  const spot = Object.fromEntries(
    underlyings.map((name) => [name, Math.exp((random() < 0.5 ? -1 : 1) * 10 ** (3 * random() - 3))]),
  )
  const at: Market = {
    at: 1,
    spot,
    exchangeRates: Object.fromEntries(
      names.map((name, i) => [name, { underlying: underlyings[i] ?? '', rate: rates[i] ?? 1 }]),
    ),
  }
  const coins = names.map((asset, i) => ({ asset, balance: 10 ** (2 + 4 * random()), rate: rates[i] ?? 1 }))
  const terms = { coins, amplification: 10 ** (4 * random() - 0.5), lpTokens: 1 + random(), totalSupply: 1_000 }
  return { terms, at }
}

it('delta equals differences of value, and gammas differences of delta, to 1e-6, on 10,000 positions of 2 to 5 coins', () => {
  const random = uniform(2_026)
  const worst = { delta: 0, gamma: 0 }
  for (let i = 0; i < 10_000; i += 1) {
    const { terms, at } = randomPool(random)
    const here = stablePool.greeks?.(terms, at)
    const usd = stablePool.value(terms, at)
    // The curve bends within 1/A of the peg: there a step has to be small, and gamma S^2 is up to A times the value.
    const bend = 1 + terms.amplification
    const step = 1e-5 / bend
    const names = Object.keys(here?.delta ?? {})
    const moved = names[i % names.length] ?? ''
    const spot = at.spot[moved] ?? 0
    const [up, down] = [1 + step, 1 - step].map((part) => withSpot(at, moved, spot * part)) as [Market, Market]
    const width = 2 * step * spot
    const wide = [1 + 1e-5 / Math.sqrt(bend), 1 - 1e-5 / Math.sqrt(bend)].map((part) =>
      stablePool.value(terms, withSpot(at, moved, spot * part)),
    ) as [number, number]
    const slope = (wide[0] - wide[1]) / ((2e-5 / Math.sqrt(bend)) * spot)
    worst.delta = Math.max(worst.delta, (Math.abs(slope - (here?.delta[moved] ?? 0)) * spot) / usd)
    const [after, before] = [stablePool.greeks?.(terms, up).delta, stablePool.greeks?.(terms, down).delta]
    for (const other of names) {
      const second = ((after?.[other] ?? 0) - (before?.[other] ?? 0)) / width
      const key = moved < other ? `${moved}/${other}` : `${other}/${moved}`
      const closed = (moved === other ? here?.gamma[moved] : here?.crossGamma[key]) ?? 0
      const error = (Math.abs(second - closed) * spot * (at.spot[other] ?? 0)) / usd / bend
      worst.gamma = Math.max(worst.gamma, error)
    }
  }
  expect(worst.delta).toBeLessThanOrEqual(1e-6)
  expect(worst.gamma).toBeLessThanOrEqual(1e-6)
})
