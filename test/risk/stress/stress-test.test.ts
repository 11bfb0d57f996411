import { describe, expect, it } from 'vitest'
import type { PositionTerms } from '../../../lib/instruments/index.ts'
import { withSpot } from '../../../lib/instruments/market/bump.ts'
import type { Market } from '../../../lib/instruments/market/market.ts'
import { assetVolatility, atTheMoneyVolatility } from '../../../lib/instruments/market/volatility.ts'
import { value } from '../../../lib/instruments/value.ts'
import type { Crisis } from '../../../lib/model/stress.ts'
import { healthFactorOf } from '../../../lib/risk/solvency/health.ts'
import { crises } from '../../../lib/risk/stress/crises.ts'
import { movedMarket } from '../../../lib/risk/stress/market-move.ts'
import { stressTest } from '../../../lib/risk/stress/stress-test.ts'
import { aBook, aMarket, at, day, loan, option, pair, position, spot, wideBook } from './a-book.ts'

const navIn = (positions: readonly { readonly instrument: PositionTerms }[], market: Market) =>
  positions.reduce((sum, { instrument }) => sum + value(instrument, market), 0)
const sum = (parts: readonly { readonly changeUsd: number }[]) =>
  parts.reduce((total, { changeUsd }) => total + changeUsd, 0)

/** A market moved by hand: smiles become levels by expiry, each with its own scaled volatility. */
function byHand(moved: readonly string[], factor: number, volatility: number): Market {
  const scaled = (days: number) => Math.max(1 + (volatility - 1) * (30 / Math.max(days, 1)) ** 0.3, 0)
  const spots = moved.reduce((market, one) => withSpot(market, one, (aMarket.spot[one] ?? 0) * factor), aMarket)
  const surfaces = Object.fromEntries(
    ['ETH', 'BTC'].map((one) => {
      const held = assetVolatility(aMarket, one)
      if (!moved.includes(one) || held.surface.kind === 'svi') return [one, held]
      const points = [10, 45].map((days) => ({ expiry: at + days * day, volatility: 0.5 * scaled(days) }))
      return [one, { ...held, surface: { kind: 'term' as const, points } }]
    }),
  )
  return { ...spots, volatility: surfaces }
}

describe('the stress grid', () => {
  const book = wideBook()
  const { grid } = stressTest(book).test

  it('has eleven prices by three volatilities, for all risky together and for each alone; dollars stay', () => {
    expect(grid.spots).toEqual([0.34, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 2, 6])
    expect(grid.volatilities).toEqual([0.7, 1, 1.45])
    expect(grid.groups.map(({ name }) => name)).toEqual(['all', 'BTC', 'ETH', 'LINK'])
    expect(grid.accounts).toEqual(['aave-v3'])
    for (const { changeUsd, healthFactor } of grid.groups) {
      expect(changeUsd).toHaveLength(33)
      expect(healthFactor).toHaveLength(11)
      expect(changeUsd[5 * 3 + 1]).toBe(0)
    }
  })

  it('is the full revaluation of every position in every cell, and of each account through its lens', () => {
    for (const { name, changeUsd, healthFactor } of grid.groups) {
      const moved = name === 'all' ? ['BTC', 'ETH', 'LINK'] : [name]
      for (const [i, factor] of grid.spots.entries()) {
        for (const [k, volatility] of grid.volatilities.entries()) {
          const there = movedMarket(aMarket, {
            spot: Object.fromEntries(moved.map((one) => [one, factor])),
            volatility: Object.fromEntries(moved.map((one) => [one, volatility])),
          })
          const change = navIn(book.positions, there) - navIn(book.positions, aMarket)
          expect(changeUsd[i * 3 + k]).toBeCloseTo(change, 5)
        }
        const lens = movedMarket(aMarket, { spot: Object.fromEntries(moved.map((one) => [one, factor])) })
        expect(healthFactor[i]).toBeCloseTo(healthFactorOf(book.accounts[0]?.terms as never, lens) ?? Number.NaN, 12)
      }
    }
  })

  it('shocks a volatility by (30 / days)^0.3 of the shock at 30 days', () => {
    const call = option('call', 'BTC', { type: 'call', strike: 95_000, quantity: 1, days: 10 })
    const found = stressTest(aBook([call])).test.grid
    for (const [i, factor] of found.spots.entries())
      for (const [k, volatility] of found.volatilities.entries())
        expect(found.groups[0]?.changeUsd[i * 3 + k]).toBeCloseTo(
          value(call.instrument, byHand(['BTC'], factor, volatility)) - value(call.instrument, aMarket),
          6,
        )
  })

  it('names who cannot be valued somewhere, and leaves that one out of both sides there', () => {
    const huge = position('huge', { kind: 'spot', terms: { asset: 'ETH', quantity: 5e304 } })
    const { grid: found } = stressTest(aBook([spot('WBTC', 1), huge])).test
    expect(found.groups[0]?.leftOut).toEqual(['my huge'])
    expect(found.groups.every(({ changeUsd }) => changeUsd.every(Number.isFinite))).toBe(true)
  })

  it('of nothing, of dollars alone and of a book without debt is quiet', () => {
    expect(stressTest(aBook([])).test).toMatchObject({
      grid: { groups: [] },
      crises: [],
      lags: [],
      reverse: { breaches: [] },
    })
    const dollars = stressTest(aBook([spot('USDC', 10)])).test
    expect(dollars.grid.groups).toEqual([])
    expect(dollars.crises.map(({ id }) => id)).toEqual(['usdc-2023'])
    const free = stressTest(aBook([spot('WBTC', 1)])).test
    expect(free.worstHealth).toBeUndefined()
    expect(free.grid.groups.map(({ name }) => name)).toEqual(['BTC'])
    expect(free.lags[0]).toEqual({ spot: 0.5, oracleLags: { navUsd: 45_000 }, oracleLeads: { navUsd: 90_000 } })
  })

  it('is plain JSON', () => {
    const { test } = stressTest(book)
    expect(JSON.parse(JSON.stringify(test))).toEqual(test)
  })
})

describe('a volatility that is scaled', () => {
  it.each([
    [30, 1.45],
    [7, 1 + 0.45 * (30 / 7) ** 0.3],
    [365, 1 + 0.45 * (30 / 365) ** 0.3],
  ])('to %i days is %f times as high, on a smile as on a level', (days, factor) => {
    const expiry = at + days * day
    for (const underlying of ['ETH', 'BTC'])
      expect(
        atTheMoneyVolatility(
          movedMarket(aMarket, { spot: {}, volatility: { [underlying]: 1.45 } }),
          underlying,
          expiry,
        ) / atTheMoneyVolatility(aMarket, underlying, expiry),
      ).toBeCloseTo(factor, 12)
  })

  it('counts less than a day as a day, and is never below 0', () => {
    const down = movedMarket(aMarket, { spot: {}, volatility: { BTC: 0.7 } })
    expect(atTheMoneyVolatility(down, 'BTC', at + 60)).toBeCloseTo(0.5 * (1 - 0.3 * 30 ** 0.3), 12)
    expect(atTheMoneyVolatility(movedMarket(aMarket, { spot: {}, volatility: { BTC: 0.1 } }), 'BTC', at + 60)).toBe(0)
  })
})

describe('named crises', () => {
  const rowOf = (id: string, params = aBook([spot('WETH', 10), spot('WBTC', 1), loan()])) =>
    stressTest(params).test.crises.find((one) => one.id === id)

  it('each have an id of their own, a date, a source, and moves between -100 % and some per cent up', () => {
    expect(new Set(crises.map(({ id }) => id)).size).toBe(crises.length)
    for (const crisis of crises as readonly Crisis[]) {
      expect(crisis.date).toMatch(/^20\d\d-\d\d-\d\d$/)
      expect(crisis.source.length).toBeGreaterThan(10)
      for (const move of [
        ...Object.values(crisis.spot),
        ...Object.values(crisis.rates ?? {}),
        ...Object.values(crisis.oracle ?? {}),
      ])
        expect(move > -1 && move <= 0.1).toBe(true)
    }
  })

  it('move what they name as it moved then', () => {
    const row = rowOf('2020-03-12')
    expect(row?.changeUsd).toBeCloseTo(-0.431 * 3_000 * (10 + 120) - 0.352 * 90_000, 4)
    expect(row?.healthFactor).toBeCloseTo((100 * 1.2 * 3_000 * 0.8 * (1 - 0.431)) / 180_000, 10)
    expect(row?.assumed).toEqual([])
  })

  it('read the oracle of then for health and the market of then for value', () => {
    const row = rowOf('2020-03-12-26h')
    expect(row?.healthFactor).toBeCloseTo((100 * 1.2 * 3_000 * 0.8 * (1 - 0.354)) / 180_000, 10)
    expect(row?.assumed).toEqual(['BTC -43 %: beta 0.80 to ETH of its class'])
  })

  it('take staked assets at their discount, on top of their underlying', () => {
    const row = rowOf('2022-06-13-run', aBook([spot('wstETH', 1)]))
    expect(row?.changeUsd).toBeCloseTo(3_600 * ((1 - 0.395) * (1 - 0.063) - 1), 6)
  })

  it('by the market model where it knows a beta, and say so', () => {
    const covariance = { assets: ['ETH', 'LINK'], volatility: [0.6, 0.9], correlation: [1, 0.8, 0.8, 1], shrinkage: 0 }
    const model = { id: 'm', at, madeAt: at, assets: [], covariance, volatility: [], macro: [], notes: [] }
    const row = rowOf('2024-08-05', aBook([spot('LINK', 100)], { model }))
    expect(row?.assumed).toEqual([
      `LINK -${(100 * (1 - 0.79 ** 1.2)).toFixed(0)} %: beta 1.20 to ETH of the market model`,
    ])
    expect(row?.changeUsd).toBeCloseTo(2_000 * (0.79 ** 1.2 - 1), 6)
  })

  it('of the caller stand beside them, and those that touch nothing have no row', () => {
    const mine: Crisis = {
      id: 'mine',
      name: 'mine',
      date: '2026-01-01',
      source: 'a thought of my own',
      spot: { LINK: -0.9 },
      isolated: true,
    }
    const rows = stressTest(aBook([spot('LINK', 100)], { crises: [mine] })).test.crises
    expect(rows.find(({ id }) => id === 'mine')).toMatchObject({ changeUsd: -1_800, assumed: [] })
    expect(rows.some(({ id }) => id === 'xusd-2025')).toBe(false)
  })
})

describe('the worst case', () => {
  it('is explained by position and by factor, each to the last cent', () => {
    const { worst, worstHealth, grid, crises: rows } = stressTest(wideBook()).test
    const lowest = Math.min(
      ...grid.groups.flatMap(({ changeUsd }) => changeUsd),
      ...rows.map(({ changeUsd }) => changeUsd),
    )
    expect(worst?.changeUsd).toBeCloseTo(lowest, 5)
    expect(sum(worst?.byPosition ?? [])).toBeCloseTo(lowest, 5)
    expect(sum(worst?.byFactor ?? [])).toBeCloseTo(lowest, 5)
    const off = (worstHealth?.byFactor ?? []).reduce((total, { change }) => total + change, 0)
    expect(off).toBeCloseTo((worstHealth?.to ?? 0) - (worstHealth?.from ?? 0), 12)
    expect(worstHealth?.to).toBeCloseTo(
      Math.min(
        ...grid.groups.flatMap(({ healthFactor }) => healthFactor),
        ...rows.flatMap(({ healthFactor }) => healthFactor ?? []),
      ),
      12,
    )
  })

  it('blames what written options lose on their volatility and their price', () => {
    const { worst } = stressTest(
      aBook([option('straddle', 'BTC', { type: 'call', strike: 90_000, quantity: -10 })]),
    ).test
    expect(worst?.scenario).toBe('BTC +500 %, implied volatility +45 %')
    expect(worst?.byFactor.map(({ cause }) => cause).toSorted()).toEqual(['spot of BTC', 'volatility of BTC'])
  })

  it('puts those beyond the twenty largest into one line', () => {
    const many = Array.from({ length: 30 }, (_, i) =>
      position(`p${i}`, { kind: 'spot', terms: { asset: 'ETH', quantity: 1 + i } }),
    )
    const { worst } = stressTest(aBook(many)).test
    expect(worst?.byPosition).toHaveLength(21)
    expect(worst?.byPosition.at(-1)?.cause).toBe('10 others')
    expect(sum(worst?.byPosition ?? [])).toBeCloseTo(worst?.changeUsd ?? 0, 6)
  })
})

describe('mark against oracle', () => {
  it('holds health where the oracle stands still, and value where the market does', () => {
    const { lags } = stressTest(aBook([loan(), pair()])).test
    const row = lags.find(({ spot: factor }) => factor === 0.5)
    const now = (100 * 1.2 * 3_000 * 0.8) / 180_000
    expect(row?.oracleLags.healthFactor).toBeCloseTo(now, 12)
    expect(row?.oracleLags.marketHealthFactor).toBeCloseTo(now / 2, 12)
    expect(row?.oracleLeads.healthFactor).toBeCloseTo(now / 2, 12)
    const nav = navIn([loan(), pair()], aMarket)
    expect(row?.oracleLeads.navUsd).toBeCloseTo(nav, 6)
    expect(row?.oracleLags.navUsd).toBeLessThan(nav)
  })
})
