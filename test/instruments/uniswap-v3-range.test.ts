import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { uniswapV3Range } from '../../lib/instruments/pools/uniswap-v3-range.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'

/** Asset 1 is the unit of account, so that prices in the pool are prices in USD, as in the paper. */
const marketAt = (price: number, price1 = 1): Market => ({
  at: 0,
  spot: { ETH: price * price1, USDC: price1 },
  exchangeRates: { WETH: { underlying: 'ETH', rate: 1 }, USDC: { underlying: 'USDC', rate: 1 } },
})
const range = (liquidity: number, lowerPrice: number, upperPrice: number) => ({
  asset0: 'WETH',
  asset1: 'USDC',
  liquidity,
  lowerPrice,
  upperPrice,
  owed0: 0,
  owed1: 0,
})
const valueAt = (terms: ReturnType<typeof range>, price: number) => uniswapV3Range.value(terms, marketAt(price))
const greeksAt = (terms: ReturnType<typeof range>, price: number) => {
  const closed = uniswapV3Range.greeks?.(terms, marketAt(price))
  return { delta: closed?.delta.ETH ?? Number.NaN, gamma: closed?.gamma.ETH ?? 0 }
}

interface GoldenRow {
  readonly L: number
  readonly P: number
  readonly pa: number
  readonly pb: number
  readonly amount1: number
  readonly value: number
  readonly delta: number
  readonly gamma: number
}
const golden: { readonly source: string; readonly rows: readonly GoldenRow[] } = JSON.parse(
  readFileSync(new URL('../golden/uniswap-v3-range.json', import.meta.url), 'utf8'),
)

describe(`a Uniswap v3 range against ${golden.source.slice(0, 60)}`, () => {
  it.each(golden.rows)('at $P in $pa..$pb', ({ L, P, pa, pb, value, delta, gamma, amount1 }) => {
    const terms = range(L, pa, pb)
    const tolerance = (expected: number) => 1e-12 * Math.max(Math.abs(expected), L * 1e-3)
    expect(Math.abs(valueAt(terms, P) - value)).toBeLessThanOrEqual(tolerance(value))
    expect(Math.abs(greeksAt(terms, P).delta - delta)).toBeLessThanOrEqual(tolerance(delta))
    expect(Math.abs(greeksAt(terms, P).gamma - gamma)).toBeLessThanOrEqual(tolerance(gamma))
    const held1 = uniswapV3Range.greeks?.(terms, marketAt(P))?.delta.USDC ?? Number.NaN
    expect(Math.abs(held1 - amount1)).toBeLessThanOrEqual(tolerance(amount1))
  })
})

interface LossRow {
  readonly ratio: number
  readonly pa: number
  readonly pb: number
  readonly il_v3: number
}
const table = '../shared/tables/uniswap_v3_lp.json'

describe.skipIf(!existsSync(table))(`the published figures of ${table} (skipped where the folder is absent)`, () => {
  const { rows, il_v3: losses }: { readonly rows: readonly GoldenRow[]; readonly il_v3: readonly LossRow[] } =
    existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : { rows: [], il_v3: [] }

  it('are met by value, delta, gamma and what is held, to 1e-12', () => {
    for (const { L, P, pa, pb, value: worth, delta, gamma, amount1 } of rows) {
      const terms = range(L, pa, pb)
      const got = greeksAt(terms, P)
      expect(Math.abs(valueAt(terms, P) - worth)).toBeLessThanOrEqual(1e-12 * L * Math.sqrt(P))
      expect(Math.abs(got.delta - delta)).toBeLessThanOrEqual((1e-12 * L) / Math.sqrt(P))
      expect(Math.abs(got.gamma - gamma)).toBeLessThanOrEqual(1e-12 * Math.abs(gamma))
      expect(Math.abs((uniswapV3Range.greeks?.(terms, marketAt(P)).delta.USDC ?? 0) - amount1)).toBeLessThanOrEqual(
        1e-12 * L * Math.sqrt(P),
      )
    }
  })

  it('are met by impermanent loss, as a ratio and in dollars', () => {
    for (const { ratio, pa, pb, il_v3 } of losses) {
      const terms = { ...range(100, pa, pb), entryPrice: 1 }
      const [market, then] = [marketAt(ratio), uniswapV3Range.greeks?.(terms, marketAt(1)).delta]
      const held = (then?.ETH ?? 0) * ratio + (then?.USDC ?? 0)
      expect(uniswapV3Range.details?.(terms, market).impermanentLossRatio).toBeCloseTo(il_v3, 14)
      const loss = uniswapV3Range.greeks?.(terms, market).pool.impermanentLoss ?? 0
      expect(loss).toBeCloseTo(il_v3 * held, 11)
      expect(valueAt(terms, ratio) - held).toBeCloseTo(loss, 11)
    }
  })
})

/** Deterministic: the seed is part of the test (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

describe('10,000 random positions', () => {
  const random = uniform(20_260_811)
  const positions = Array.from({ length: 10_000 }, () => {
    const liquidity = 10 ** (random() * 9 - 2)
    const lowerPrice = 10 ** (random() * 9 - 4)
    const upperPrice = lowerPrice * 10 ** (0.001 + 2 * random() ** 2)
    // From well below to well above; a tenth of the way to the nearer edge and 1e-4 of the price at least.
    const price = lowerPrice * (upperPrice / lowerPrice) ** (random() * 2 - 0.5)
    return { terms: range(liquidity, lowerPrice, upperPrice), price }
  }).filter(({ terms, price }) => distanceToEdge(terms, price) > 1e-4 * price)

  it('are enough after those on an edge are left out', () => {
    expect(positions.length).toBeGreaterThan(9_900)
  })

  it('have a delta equal to differences of value, to 1e-6 of L / sqrt P', () => {
    const worst = positions.reduce((most, { terms, price }) => {
      const step = 1e-5 * Math.min(price, distanceToEdge(terms, price))
      const difference = (valueAt(terms, price + step) - valueAt(terms, price - step)) / (2 * step)
      return Math.max(most, Math.abs(difference - greeksAt(terms, price).delta) / (terms.liquidity / Math.sqrt(price)))
    }, 0)
    expect(worst).toBeLessThanOrEqual(1e-6)
  })

  it('have a gamma equal to differences of the closed-form delta, to 1e-6 of L / P^1.5', () => {
    const worst = positions.reduce((most, { terms, price }) => {
      const step = 1e-5 * Math.min(price, distanceToEdge(terms, price))
      const difference = (greeksAt(terms, price + step).delta - greeksAt(terms, price - step).delta) / (2 * step)
      return Math.max(most, Math.abs(difference - greeksAt(terms, price).gamma) / (terms.liquidity / price ** 1.5))
    }, 0)
    expect(worst).toBeLessThanOrEqual(1e-6)
  })

  it('have value and delta that are continuous at both edges', () => {
    for (const { terms } of positions.slice(0, 2_000)) {
      for (const edge of [terms.lowerPrice, terms.upperPrice]) {
        const [below, above] = [edge * (1 - 1e-9), edge * (1 + 1e-9)]
        const scale = terms.liquidity * Math.sqrt(edge)
        expect(Math.abs(valueAt(terms, above) - valueAt(terms, below))).toBeLessThanOrEqual(1e-8 * scale)
        const jump = Math.abs(greeksAt(terms, above).delta - greeksAt(terms, below).delta)
        expect(jump).toBeLessThanOrEqual((1e-8 * scale) / edge)
      }
    }
  })

  it('are worth no more than what they held anywhere else at the price of now: the loss against holding is never a gain', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...positions),
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        ({ terms, price }, move) => {
          const { delta: amount0 } = greeksAt(terms, price)
          const amount1 = valueAt(terms, price) - amount0 * price
          const held = amount0 * price * move + amount1
          expect(valueAt(terms, price * move)).toBeLessThanOrEqual(
            held * (1 + 1e-12) + 1e-9 * terms.liquidity * Math.sqrt(price),
          )
        },
      ),
    )
  })
})

it('in dollars the Greeks of both sides follow the price of the quote as well', () => {
  const terms = range(1_000, 2_500, 3_500)
  const at = (eth: number, usdc: number) =>
    uniswapV3Range.greeks?.(terms, { ...marketAt(1), spot: { ETH: eth, USDC: usdc } })
  const closed = at(3_000, 0.98)
  const eth = ((at(3_000.3, 0.98)?.delta.ETH ?? 0) - (at(2_999.7, 0.98)?.delta.ETH ?? 0)) / 0.6
  const usdc = ((at(3_000, 0.98001)?.delta.USDC ?? 0) - (at(3_000, 0.97999)?.delta.USDC ?? 0)) / 2e-5
  expect(closed?.gamma.ETH).toBeCloseTo(eth, 9)
  expect((closed?.gamma.USDC ?? 0) / usdc).toBeCloseTo(1, 6)
})

it('two assets of one underlying have no gamma: their ratio does not move', () => {
  const market: Market = {
    at: 0,
    spot: { ETH: 3_000 },
    exchangeRates: { wstETH: { underlying: 'ETH', rate: 1.2 }, WETH: { underlying: 'ETH', rate: 1 } },
  }
  const terms = { ...range(100, 1.1, 1.3), asset0: 'wstETH', asset1: 'WETH' }
  const closed = uniswapV3Range.greeks?.(terms, market)
  expect(closed?.gamma).toEqual({})
  expect((closed?.delta.ETH ?? 0) * 3_000).toBeCloseTo(uniswapV3Range.value(terms, market), 6)
})

describe('what is said beside value and Greeks', () => {
  const example = { kind: 'uniswap-v3-range', terms: uniswapV3Range.example }
  const market = parseMarket(exampleMarket)
  const changed = (change: object) => parsePosition({ ...example, terms: { ...example.terms, ...change } })

  it('fees, LVR and impermanent loss are apart: fees in theta, the others in pool', () => {
    const position = changed({})
    const curve = value(changed({ owed0: 0, owed1: 0 }), market)
    const { theta, pool } = greeksOf(position, market)
    expect(value(position, market) - curve).toBeCloseTo(0.2 * 3_000 + 640, 6)
    expect(theta).toEqual({ decay: 0, funding: 0, interest: 0, fees: 0.12 * curve })
    expect(pool.lossVersusRebalancing).toBeGreaterThan(0)
    expect(pool.impermanentLoss).toBeLessThan(0)
  })

  it('out of range it earns no fees and loses nothing to arbitrage, which is said', () => {
    const position = changed({ lowerPrice: 3_100 })
    expect(warningsOf(position, market)).toEqual(['out of range: it earns no fees'])
    const { theta, pool, gamma } = greeksOf(position, market)
    expect([theta.fees, pool.lossVersusRebalancing, gamma]).toEqual([0, 0, {}])
  })

  it('a market without a volatility or a correlation leaves LVR unknown, which is said with the field that lacks', () => {
    const { volatility: _v, correlation: _c, ...rest } = market
    const position = changed({})
    expect(greeksOf(position, rest).pool.lossVersusRebalancing).toBe(0)
    expect(warningsOf(position, rest)).toEqual([
      'loss-versus-rebalancing is not known and stands as 0: the market lacks correlation.ETH/USDC, volatility.ETH, volatility.USDC',
    ])
    expect(warningsOf(changed({ lowerPrice: 3_100 }), rest)).toEqual(['out of range: it earns no fees'])
  })

  it('the fee that just pays for LVR is told as a volatility', () => {
    const { ratioVolatility = 0, breakEvenVolatility = 0 } = detailsOf(changed({}), market)
    const { theta, pool } = greeksOf(changed({}), market)
    expect((breakEvenVolatility / ratioVolatility) ** 2).toBeCloseTo(theta.fees / pool.lossVersusRebalancing, 12)
    expect(detailsOf(changed({ feeRate: 0 }), market)).not.toHaveProperty('breakEvenVolatility')
  })

  it('what the pool holds at its own price stands beside what it holds at the market’s, which is the value', () => {
    const position = changed({ poolPrice: 2_940, owed0: 0, owed1: 0 })
    const told = detailsOf(position, market)
    const own = uniswapV3Range.greeks?.({ ...range(5_000, 2_500, 3_600) }, marketAt(2_940)).delta
    expect(told.amount0).toBeLessThan(told.poolAmount0 ?? 0)
    expect(told.poolAmount0).toBeCloseTo(own?.ETH ?? 0, 12)
    expect(told.poolAmount1).toBeCloseTo(own?.USDC ?? 0, 8)
    expect(told.price1Per0).toBe(3_000)
    expect(told.poolPrice1Per0).toBe(2_940)
    expect(told.arbitrageUsd).toBeCloseTo((told.poolValueUsd ?? 0) - value(position, market), 8)
    expect(told.arbitrageUsd).toBeGreaterThan(0)
    expect(warningsOf(position, market)).toEqual([
      'the pool stands 2.04 % from the market: it is valued as it will be once arbitrage has closed the gap',
    ])
  })

  it('a staking yield of what it holds is interest', () => {
    const staked = changed({ asset0: 'wstETH', asset1: 'WETH', lowerPrice: 1.2, upperPrice: 1.3, entryPrice: 1.22 })
    const { amount0 = 0 } = detailsOf(staked, market)
    expect(greeksOf(staked, market).theta.interest).toBeCloseTo((amount0 + 0.2) * 3_000 * 1.23 * 0.028, 6)
  })

  it('an empty position is worth 0 and says nothing in a market that knows none of it', () => {
    const empty = changed({ asset0: 'NONE', liquidity: 0, owed0: 0, owed1: 0 })
    expect([value(empty, market), warningsOf(empty, market), detailsOf(empty, market)]).toEqual([0, [], {}])
    expect(uniswapV3Range.edges?.(empty.terms as never, market)).toEqual({})
  })
})

function distanceToEdge(terms: ReturnType<typeof range>, price: number): number {
  return Math.min(Math.abs(price - terms.lowerPrice), Math.abs(price - terms.upperPrice))
}
