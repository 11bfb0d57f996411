import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { secondsPerYear } from '../../lib/base/time.ts'
import type { Greeks } from '../../lib/instruments/greeks/greeks.ts'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { instruments, type PositionTerms } from '../../lib/instruments/index.ts'
import { correlationOf, type Market, pairKey, spotOf } from '../../lib/instruments/market/market.ts'
import { atTheMoneyVolatility } from '../../lib/instruments/market/volatility.ts'
import { value, warningsOf } from '../../lib/instruments/value.ts'
import { arbitraryMarket, within } from './arbitrary-market.ts'
import { instrumentCases } from './cases/index.ts'
import type { InstrumentCase } from './instrument-case.ts'

const names = ['ETH', 'BTC', 'USDC'] as const
const at = (market: Market, moves: readonly number[]): Market => ({
  ...market,
  spot: Object.fromEntries(names.map((name, i) => [name, spotOf(market, name) * (moves[i] ?? 1)])),
})
/** Of log returns over the next thirty days, per year. */
function covariance(market: Market): readonly (readonly number[])[] {
  const vols = names.map((name) => atTheMoneyVolatility(market, name, market.at + (30 / 365) * secondsPerYear))
  return names.map((one, i) =>
    names.map((other, j) => correlationOf(market, one, other) * (vols[i] ?? 0) * (vols[j] ?? 0)),
  )
}
/** Lower triangle L with L L' = C; undefined where no prices can have this covariance. */
function cholesky(C: readonly (readonly number[])[]): readonly (readonly number[])[] | undefined {
  const L = C.map((row) => row.map(() => 0))
  for (let i = 0; i < C.length; i += 1)
    for (let j = 0; j <= i; j += 1) {
      const row = L[i] as number[]
      const rest = (C[i]?.[j] ?? 0) - row.slice(0, j).reduce((sum, one, k) => sum + one * (L[j]?.[k] ?? 0), 0)
      if (i === j && rest < 0) return undefined
      row[j] = i === j ? Math.sqrt(rest) : rest / (L[j]?.[j] ?? Number.NaN)
    }
  return L
}
const second = ({ gamma, crossGamma }: Greeks, one: string, other: string) =>
  (one === other ? gamma[one] : crossGamma[pairKey(one, other)]) ?? 0

const kinds = instruments.filter(({ family }) => family === 'pool').map(({ kind }) => kind)

it('all five kinds of pools are under these laws', () => {
  expect(kinds.toSorted()).toEqual([
    'stable-pool',
    'uniswap-v2-pool',
    'uniswap-v3-range',
    'uniswap-v4-range',
    'weighted-pool',
  ])
})

describe.each(kinds)('a %s', (kind) => {
  const its = instrumentCases[kind] as unknown as InstrumentCase<never>
  const positions = its.terms.map((terms) => ({ kind, terms }) as PositionTerms)
  const grossOf = (position: PositionTerms, market: Market) => its.gross(position.terms as never, market)

  it('is worth what its deltas are worth, and no unit of account bends it', () => {
    fc.assert(
      fc.property(positions, arbitraryMarket, (position, market) => {
        const greeks = greeksOf(position, market)
        const gross = grossOf(position, market)
        const usd = names.reduce((sum, name) => sum + (greeks.delta[name] ?? 0) * spotOf(market, name), 0)
        expect(Math.abs(usd - value(position, market))).toBeLessThanOrEqual(1e-12 * gross)
        for (const one of names) {
          const parts = names.map((other) => second(greeks, one, other) * spotOf(market, other))
          const size = Math.max(...parts.map(Math.abs))
          expect(Math.abs(parts.reduce((sum, part) => sum + part, 0))).toBeLessThanOrEqual(1e-12 * size)
        }
      }),
    )
  })

  it('is never worth more elsewhere than what it holds here would be: impermanent loss is never a gain', () => {
    const moves = fc.tuple(within(0.05, 20), within(0.05, 20), within(0.5, 2))
    fc.assert(
      fc.property(positions, arbitraryMarket, moves, (position, market, move) => {
        const there = at(market, move)
        const { delta, pool } = greeksOf(position, market)
        const held = names.reduce((sum, name) => sum + (delta[name] ?? 0) * spotOf(there, name), 0)
        const gross = Math.max(grossOf(position, market), grossOf(position, there), held)
        expect(value(position, there)).toBeLessThanOrEqual(held + 1e-11 * gross)
        expect(pool.impermanentLoss).toBeLessThanOrEqual(0)
        expect(pool.lossVersusRebalancing).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('has an LVR of minus the gamma P&L that the market’s covariance makes one expect', () => {
    fc.assert(
      fc.property(positions, arbitraryMarket, (position, market) => {
        const C = covariance(market)
        fc.pre(cholesky(C) !== undefined)
        const greeks = greeksOf(position, market)
        const parts = names.flatMap((one, i) =>
          names.map(
            (other, j) => second(greeks, one, other) * spotOf(market, one) * spotOf(market, other) * (C[i]?.[j] ?? 0),
          ),
        )
        const expected = -parts.reduce((sum, part) => sum + part, 0) / 2
        const size = parts.reduce((sum, part) => sum + Math.abs(part), 0)
        expect(Math.abs(greeks.pool.lossVersusRebalancing - expected)).toBeLessThanOrEqual(1e-12 * size)
        expect(warningsOf(position, market).join()).not.toContain('not known')
      }),
    )
  })

  it('loses that to small moves of this covariance, its deltas hedged', () => {
    const dt = 1e-6
    fc.assert(
      fc.property(positions, arbitraryMarket, (position, market) => {
        const L = cholesky(covariance(market))
        fc.pre(L !== undefined && (its.isSmooth?.(position.terms as never, market) ?? true))
        const here = value(position, market)
        const moved = (column: number, sign: number) =>
          value(
            position,
            at(
              market,
              names.map((_, i) => 1 + sign * Math.sqrt(dt) * (L?.[i]?.[column] ?? 0)),
            ),
          ) - here
        // Both signs of each independent move: hedges cancel, and the mean has the covariance exactly.
        const gain = names.reduce((sum, _, k) => sum + (moved(k, 1) + moved(k, -1)) / 2, 0)
        const { lossVersusRebalancing } = greeksOf(position, market).pool
        const noise = (1e-15 * grossOf(position, market)) / dt
        expect(Math.abs(-gain / dt - lossVersusRebalancing)).toBeLessThanOrEqual(
          0.01 * lossVersusRebalancing + 30 * noise,
        )
      }),
    )
  })
})

describe('a market whose correlations no prices can have', () => {
  it('leaves LVR unknown where a pool would gain by moving, and says so', () => {
    const spot = { ETH: 3_000, BTC: 90_000, USDC: 1 }
    const flat = (volatility: number, anchor: number) => ({
      surface: { kind: 'flat', volatility } as const,
      dynamics: 'sticky-strike' as const,
      asOf: 1,
      anchor,
      shift: 0,
    })
    const market: Market = {
      at: 1,
      spot,
      exchangeRates: Object.fromEntries(names.map((name) => [name, { underlying: name, rate: 1 }])),
      volatility: { ETH: flat(0.5, 3_000), BTC: flat(0.5, 90_000), USDC: flat(0.5, 1) },
      // ETH with BTC and BTC with USDC, but ETH against USDC.
      correlation: { 'BTC/ETH': 1, 'BTC/USDC': 1, 'ETH/USDC': -1 },
    }
    // By the pool's rates ETH is dear and scarce, USDC cheap and plenty, BTC between them.
    const price = { ETH: 1.05, BTC: 1, USDC: 0.985 }
    const coins = names.map((asset) => ({ asset, balance: 1_000 / spot[asset], rate: spot[asset] / price[asset] }))
    const position = {
      kind: 'stable-pool',
      terms: { coins, amplification: 1_000, lpTokens: 1, totalSupply: 1 },
    } as const
    expect(greeksOf(position, market).pool.lossVersusRebalancing).toBe(0)
    expect(warningsOf(position, market)).toContain(
      'loss-versus-rebalancing is not known and stands as 0: the market lacks correlations that do not contradict each other',
    )
    const possible = { ...market, correlation: { 'BTC/ETH': 1, 'BTC/USDC': -1, 'ETH/USDC': -1 } }
    expect(greeksOf(position, possible).pool.lossVersusRebalancing).toBeGreaterThan(0)
    expect(warningsOf(position, possible).join()).not.toContain('not known')
  })
})
