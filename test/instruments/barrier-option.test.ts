import { existsSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { monteCarloBarrierValue } from '../../lib/quant/options/monte-carlo.ts'
import { random } from '../../lib/quant/random.ts'
import { published } from '../quant/options/published.ts'
import { arbitraryMarket } from './arbitrary-market.ts'
import { barrierOptionCase } from './cases/barrier-option.ts'
import { at, expiryIn, marketOf, oneAssetMarket, type PublishedRow, termsOf } from './one-asset-market.ts'

interface Row extends PublishedRow {
  readonly barrierType: 'DownIn' | 'DownOut' | 'UpIn' | 'UpOut'
  readonly barrier: number
  readonly rebate: number
  readonly exercise: 'european' | 'american'
}

const sides = (barrierType: Row['barrierType']) => ({
  direction: barrierType.startsWith('Down') ? ('down' as const) : ('up' as const),
  knock: barrierType.endsWith('In') ? ('in' as const) : ('out' as const),
})
const option = (terms: object) => parsePosition({ kind: 'barrier-option', terms })

const market = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: 0.25 })
const terms = {
  asset: 'ETH',
  type: 'put',
  strike: 110,
  expiry: expiryIn(0.5),
  quantity: 1,
  barrier: 80,
  direction: 'down',
  knock: 'out',
  rebate: 3,
} as const
const worth = (change: object, where: Market = market) => value(option({ ...terms, ...change }), where)
const discount = Math.exp(-0.08 * 0.5)
const vanilla = (where: Market = market, change: object = {}) => {
  const { asset, type, strike, expiry, quantity } = { ...terms, ...change }
  return value(parsePosition({ kind: 'vanilla-option', terms: { asset, type, strike, expiry, quantity } }), where)
}

describe.skipIf(!existsSync('../shared/tables'))('published barrier options, as positions in a market', () => {
  const haug = published<Row>('barrier_haug')?.rows ?? []

  it.each([72, 24].map((count, i) => [i === 0 ? 'european' : 'american', count] as const))(
    'Haug (1998), p. 72: the %s rows to 1e-4 (../shared/tables)',
    (exercise, count) => {
      const rows = haug.filter((row) => row.exercise === exercise)
      expect(rows).toHaveLength(count)
      for (const row of rows) {
        const { barrier, rebate, barrierType } = row
        const early = exercise === 'american' ? { exercise, lattice: 'boyle-lau' } : {}
        const position = option({ ...termsOf(row), ...sides(barrierType), barrier, rebate, ...early })
        expect(Math.abs(value(position, marketOf(row)) - row.value), JSON.stringify(row)).toBeLessThan(row.tol)
      }
    },
  )

  it('the American rows are corrected by the accurate lattice: upwards where exercise at the barrier pays, else by 5e-3', () => {
    for (const row of haug.filter(({ exercise }) => exercise === 'american')) {
      const { barrier, rebate, barrierType, exercise } = row
      const position = option({ ...termsOf(row), ...sides(barrierType), barrier, rebate, exercise })
      const paid = row.type === 'Call' ? barrier - row.strike : row.strike - barrier
      const paysAtBarrier = barrierType.endsWith('Out') && paid > rebate
      const gap = value(position, marketOf(row)) - row.value
      if (paysAtBarrier) expect(gap, JSON.stringify(row)).toBeGreaterThanOrEqual(0)
      else expect(Math.abs(gap), JSON.stringify(row)).toBeLessThan(5e-3)
    }
  })

  it.each([
    ['barrier_babsiri', 10],
    ['barrier_beaglehole', 1],
  ] as const)('%s (../shared/tables)', (name, count) => {
    const table = published<Row & { readonly value_call: number }>(name)
    expect(table?.rows).toHaveLength(count)
    for (const row of table?.rows ?? []) {
      const whole = { ...row, ...(table?.common as object), type: 'Call' } as typeof row
      const { barrier, rebate, barrierType, tol } = whole
      const position = option({ ...termsOf(whole), ...sides(barrierType), barrier, rebate })
      expect(Math.abs(value(position, marketOf(whole)) - row.value_call), JSON.stringify(row)).toBeLessThan(tol)
    }
  })
})

describe('a barrier option', () => {
  it('is the vanilla option as in and out together, to 1e-10 of what it is written on', () => {
    fc.assert(
      fc.property(barrierOptionCase.terms, arbitraryMarket, (its, where) => {
        const { rebate: _, exercise: __, settlementPrice: ___, ...bare } = its
        const { asset, type, strike, expiry, quantity } = bare
        const both = value(option({ ...bare, knock: 'in' }), where) + value(option({ ...bare, knock: 'out' }), where)
        const whole = value(
          parsePosition({ kind: 'vanilla-option', terms: { asset, type, strike, expiry, quantity } }),
          where,
        )
        expect(Math.abs(both - whole)).toBeLessThanOrEqual(1e-10 * barrierOptionCase.gross(its, where))
      }),
    )
  })

  it('goes over into its rebate, or the vanilla option, at the barrier', () => {
    for (const type of ['call', 'put'] as const)
      for (const direction of ['down', 'up'] as const)
        for (const strike of [60, 80, 110]) {
          const change = { type, direction, strike }
          const alive = withSpot(market, 'ETH', 80 * (1 + (direction === 'down' ? 1e-9 : -1e-9)))
          const touched = withSpot(market, 'ETH', 80)
          expect(worth({ ...change, knock: 'out' }, touched)).toBe(3)
          expect(worth({ ...change, knock: 'out' }, alive)).toBeCloseTo(3, 6)
          expect(worth({ ...change, knock: 'in' }, touched)).toBe(vanilla(touched, change))
          expect(worth({ ...change, knock: 'in' }, alive)).toBeCloseTo(vanilla(touched, change), 6)
        }
  })

  it('has Greeks of its own side at any distance from the barrier: no bump crosses it', () => {
    for (const distance of [1e-1, 1e-2, 1e-3, 1e-4]) {
      const spot = 80 * (1 + distance)
      const step = (80 * distance) / 100
      const price = (moved: number) => worth({}, withSpot(market, 'ETH', moved))
      const { delta, gamma } = greeksOf(option(terms), withSpot(market, 'ETH', spot))
      const [down, up] = [price(spot - step), price(spot + step)]
      expect(delta.ETH, `${distance}`).toBeCloseTo((up - down) / (2 * step), 4)
      expect(gamma.ETH, `${distance}`).toBeCloseTo((up - 2 * price(spot) + down) / step / step, 3)
    }
  })

  it('of American style is exercised just short of the barrier where that pays, and jumps to the rebate at it', () => {
    const short = withSpot(market, 'ETH', 80 * (1 + 1e-9))
    expect(worth({ exercise: 'american' }, short)).toBeCloseTo(30, 6)
    expect(worth({ exercise: 'american' }, withSpot(market, 'ETH', 80))).toBe(3)
    expect(worth({ exercise: 'american', knock: 'in', rebate: 0 })).toBeLessThanOrEqual(vanilla() * 1.1)
  })

  it('of American style, once knocked in, is the American option', () => {
    const there = withSpot(market, 'ETH', 79)
    const { asset, type, strike, expiry, quantity } = terms
    const whole = value(
      parsePosition({ kind: 'american-option', terms: { asset, type, strike, expiry, quantity } }),
      there,
    )
    const [bySpot, before] = [{}, { breachedAt: at - 86_400 }].map((change) =>
      worth({ ...change, exercise: 'american', knock: 'in' }, there),
    )
    expect(before).toBe(whole)
    expect(bySpot).toBeCloseTo(whole, 3)
  })

  it('remembers a touch that the spot does not show: out is over and its rebate paid, in is the vanilla option', () => {
    const breachedAt = at - 86_400
    expect(worth({ breachedAt })).toBe(0)
    expect(worth({ breachedAt, knock: 'in' })).toBe(vanilla())
    expect(warningsOf(option({ ...terms, breachedAt }), market)).toEqual([
      'knocked out on 2026-11-23',
      'its rebate was paid at the touch and is no part of the value',
    ])
    const knockedIn = greeksOf(option({ ...terms, breachedAt, knock: 'in' }), market)
    const { barrier: _, direction: __, knock: ___, rebate: ____, ...plain } = terms
    expect(knockedIn).toEqual(greeksOf(parsePosition({ kind: 'vanilla-option', terms: plain }), market))
  })

  it('warns that a spot beyond the barrier has touched it', () => {
    const beyond = withSpot(market, 'ETH', 79)
    expect(worth({}, beyond)).toBe(3)
    expect(warningsOf(option(terms), beyond)).toEqual(['the spot is at a barrier or beyond: valued as knocked out'])
    expect(detailsOf(option(terms), beyond).touchProbability).toBe(1)
  })

  it('without volatility follows the forward, also its Greeks', () => {
    const sure = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: 0 })
    const paid = 110 * discount - 100 * Math.exp((0.04 - 0.08) * 0.5)
    expect(worth({}, sure)).toBeCloseTo(paid, 10)
    expect(greeksOf(option(terms), sure).delta.ETH).toBeCloseTo(-Math.exp(-0.02), 8)
    expect(worth({ exercise: 'american' }, sure)).toBe(10)
    expect(greeksOf(option({ ...terms, exercise: 'american' }), sure).delta.ETH).toBeCloseTo(-1, 8)
    expect(warningsOf(option(terms), sure)).toEqual(['volatility is 0: valued as if the price moved on its forward'])
  })

  it('settles once expired, by its settlement price or the spot, which may be the touch', () => {
    const late = withTime(market, expiryIn(0.6))
    expect(worth({}, late)).toBe(10)
    expect(worth({ settlementPrice: 85 }, late)).toBe(25)
    expect(worth({ settlementPrice: 79 }, late)).toBe(3)
    expect(worth({ settlementPrice: 79, knock: 'in' }, late)).toBe(31)
    expect(worth({ settlementPrice: 85, knock: 'in' }, late)).toBe(3)
    expect(worth({ settlementPrice: 85, breachedAt: at }, late)).toBe(0)
    const settled = 'expired: settled at its settlement price'
    const warnings = (change: object) => warningsOf(option({ ...terms, settlementPrice: 85, ...change }), late)
    expect(warnings({})).toEqual([
      settled,
      'whether a barrier was touched before the expiry is not stated (breachedAt): taken as not knocked out, by the settlement price alone',
    ])
    expect(warnings({ settlementPrice: 79, knock: 'in' })).toEqual([
      settled,
      'the settlement price is at a barrier or beyond: taken as knocked in',
    ])
    expect(warnings({ breachedAt: at, rebate: 0 })).toEqual([settled, 'knocked out on 2026-11-24'])
    const onTime = greeksOf(option(terms), withTime(market, terms.expiry))
    expect([onTime.delta.ETH, onTime.theta.decay]).toEqual([expect.closeTo(-1, 9), 0])
    const noVolatility = parseMarket({ at: expiryIn(0.6), spot: { ETH: 100 } })
    expect(greeksOf(option(terms), noVolatility).delta.ETH).toBeCloseTo(-1, 9)
  })

  it('watched at dates is worth more out than watched always, and less in; more dates bring it near', () => {
    const days = (interval: number) => ({ monitoringIntervalSeconds: interval * 86_400, rebate: 0 })
    const [weekly, daily, always] = [worth(days(7)), worth(days(1)), worth({ rebate: 0 })] as [number, number, number]
    expect(weekly).toBeGreaterThan(daily)
    expect(daily).toBeGreaterThan(always)
    expect(worth(days(1e-9))).toBeCloseTo(always, 4)
    const expiry = expiryIn(0.5)
    const dates = Array.from({ length: 183 }, (_, i) => expiry - (182 - i) * 86_400)
    expect(worth({ rebate: 0, monitoringDates: dates })).toBeCloseTo(daily, 12)
    expect(detailsOf(option({ ...terms, ...days(1) }), market).watchedBarrierUsd).toBeCloseTo(
      80 * Math.exp(-0.5825971579 * 0.25 * Math.sqrt(1 / 365)),
      9,
    )
  })

  it('watched at dates is what a simulation of those dates pays, to 2e-4 of the spot', () => {
    const dates = Array.from({ length: 50 }, (_, i) => ((i + 1) / 50) * 0.2)
    for (const [type, direction, knock, barrier] of [
      ['call', 'down', 'out', 90],
      ['put', 'up', 'in', 108],
    ] as const) {
      const monitoringDates = dates.map(expiryIn)
      const change = { type, direction, knock, barrier, strike: 100, expiry: monitoringDates.at(-1), rebate: 0 }
      const { value: simulated, standardError } = monteCarloBarrierValue({
        kind: type,
        direction,
        knock,
        barrier,
        strike: 100,
        rebate: 0,
        spot: 100,
        rate: 0.08,
        carry: 0.04,
        volatility: 0.25,
        time: 0.2,
        dates,
        watched: 'dates',
        paths: 10_000,
        uniform: random(7).uniform,
      })
      expect(standardError).toBeLessThan(0.02)
      const gap = Math.abs(worth({ ...change, monitoringDates }) - simulated)
      expect(gap, `${type} ${barrier}`).toBeLessThan(0.02 + 4 * standardError)
      expect(Math.abs(worth(change) - simulated)).toBeGreaterThan(5 * gap)
    }
  })

  it('warns where the correction for dates is rough, and where a smile is left out', () => {
    const weekly = { ...terms, monitoringIntervalSeconds: 7 * 86_400 }
    const near = withSpot(market, 'ETH', 80.5)
    expect(warningsOf(option(weekly), near)).toEqual([
      'the spot is within one monitoring step of a barrier: the correction for dates is rough there',
    ])
    const svi = [{ expiry: expiryIn(0.5), a: 0.03, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 }]
    const smiling = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: { svi } })
    expect(warningsOf(option(terms), smiling)).toEqual([
      'one volatility for a path-dependent payoff: the smile between strike and barrier is not priced',
    ])
    const { volatility, barrierVolatility } = detailsOf(option(terms), smiling)
    expect(barrierVolatility).toBeGreaterThan(volatility ?? Number.NaN)
  })
})
