import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { published } from '../quant/options/published.ts'
import { arbitraryMarket } from './arbitrary-market.ts'
import { doubleBarrierOptionCase } from './cases/double-barrier-option.ts'
import { at, expiryIn, marketOf, oneAssetMarket, type PublishedRow, termsOf } from './one-asset-market.ts'

interface Row extends PublishedRow {
  readonly barrierType: 'KnockIn' | 'KnockOut'
  readonly barrierLo: number
  readonly barrierHi: number
}

const option = (terms: object) => parsePosition({ kind: 'double-barrier-option', terms })
const market = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: 0.25 })
const terms = {
  asset: 'ETH',
  type: 'call',
  strike: 95,
  expiry: expiryIn(0.5),
  quantity: 1,
  lowerBarrier: 80,
  upperBarrier: 130,
  knock: 'out',
  rebate: 3,
} as const
const worth = (change: object, where: Market = market) => value(option({ ...terms, ...change }), where)
const plainTerms = ({
  asset,
  type,
  strike,
  expiry,
  quantity,
}: Omit<typeof terms, 'type'> & { readonly type: string }) => ({
  asset,
  type,
  strike,
  expiry,
  quantity,
})
const vanilla = (where: Market = market) =>
  value(parsePosition({ kind: 'vanilla-option', terms: plainTerms(terms) }), where)
const discount = Math.exp(-0.08 * 0.5)

const haug = published<Row>('double_barrier_haug')

it.skipIf(haug === undefined)('Haug (2006), p. 156: every row, as positions in a market (../shared/tables)', () => {
  expect(haug?.rows).toHaveLength(90)
  for (const row of haug?.rows ?? []) {
    const position = option({
      ...termsOf(row),
      lowerBarrier: row.barrierLo,
      upperBarrier: row.barrierHi,
      knock: row.barrierType === 'KnockIn' ? 'in' : 'out',
    })
    expect(Math.abs(value(position, marketOf(row)) - row.value), JSON.stringify(row)).toBeLessThan(row.tol)
  }
})

describe('a double barrier option', () => {
  it.each([
    [50, 150, 0.15, 0.25, 4.3515],
    [50, 150, 0.25, 0.25, 6.1644],
  ] as const)('between %d and %d at volatility %d and %d years is worth what Haug prints', (...row) => {
    const [lowerBarrier, upperBarrier, volatility, years, printed] = row
    const textbook = oneAssetMarket({ spot: 100, rate: 0.1, carry: 0.1, volatility })
    const change = { strike: 100, expiry: expiryIn(years), lowerBarrier, upperBarrier, rebate: 0 }
    expect(Math.abs(worth(change, textbook) - printed)).toBeLessThan(1e-4)
  })

  it('is the vanilla option as in and out together, to 1e-10 of what it is written on', () => {
    fc.assert(
      fc.property(doubleBarrierOptionCase.terms, arbitraryMarket, (its, where) => {
        const { rebate: _, settlementPrice: __, ...bare } = its
        const { asset, type, strike, expiry, quantity } = bare
        const both = value(option({ ...bare, knock: 'in' }), where) + value(option({ ...bare, knock: 'out' }), where)
        const plain = parsePosition({ kind: 'vanilla-option', terms: { asset, type, strike, expiry, quantity } })
        const error = Math.abs(both - value(plain, where))
        expect(error).toBeLessThanOrEqual(1e-10 * doubleBarrierOptionCase.gross(its, where))
      }),
    )
  })

  it('pays the rebate at expiry in one of two cases, so that those of in and out are a bond', () => {
    const rebates = (['in', 'out'] as const).map((knock) => worth({ knock }) - worth({ knock, rebate: 0 }))
    expect((rebates[0] ?? 0) + (rebates[1] ?? 0)).toBeCloseTo(3 * discount, 12)
    expect(rebates[0]).toBeGreaterThan(0.5)
    expect(rebates[1]).toBeGreaterThan(0.5)
  })

  it('goes over into its rebate at expiry, or the vanilla option, at both barriers', () => {
    for (const [touched, alive] of [
      [80, 80 * (1 + 1e-9)],
      [130, 130 * (1 - 1e-9)],
    ] as const) {
      const [on, short] = [touched, alive].map((spot) => withSpot(market, 'ETH', spot)) as [Market, Market]
      expect(worth({}, on)).toBeCloseTo(3 * discount, 12)
      expect(worth({}, short)).toBeCloseTo(3 * discount, 6)
      expect(worth({ knock: 'in' }, on)).toBe(vanilla(on))
      expect(worth({ knock: 'in' }, short)).toBeCloseTo(vanilla(on), 6)
      expect(warningsOf(option(terms), on)).toEqual([
        'the spot is at a barrier or beyond: valued as knocked out',
        'the spot is exactly at a barrier: Greeks are those after the touch',
      ])
      expect(detailsOf(option(terms), on).touchProbability).toBe(1)
    }
  })

  it('remembers a touch that the spot does not show', () => {
    const breachedAt = at - 86_400
    expect(worth({ breachedAt })).toBeCloseTo(3 * discount, 12)
    expect(worth({ breachedAt, knock: 'in' })).toBe(vanilla())
    const knockedIn = greeksOf(option({ ...terms, breachedAt, knock: 'in' }), market)
    expect(knockedIn).toEqual(greeksOf(parsePosition({ kind: 'vanilla-option', terms: plainTerms(terms) }), market))
    expect(warningsOf(option({ ...terms, breachedAt: at + 86_400 }), market)).toEqual([
      'knocked out on 2026-11-25',
      "the barrier is said to have been touched after the market's instant",
    ])
  })

  it('settles once expired, by its settlement price or the spot, which may be the touch', () => {
    const late = withTime(market, expiryIn(0.6))
    expect(worth({}, late)).toBe(5)
    expect(worth({ settlementPrice: 120 }, late)).toBe(25)
    expect(worth({ settlementPrice: 131 }, late)).toBe(3)
    expect(worth({ settlementPrice: 131, knock: 'in' }, late)).toBe(36)
    expect(worth({ settlementPrice: 120, knock: 'in' }, late)).toBe(3)
    expect(worth({ settlementPrice: 120, breachedAt: at }, late)).toBe(3)
    expect(greeksOf(option(terms), late).delta.ETH).toBeCloseTo(1, 9)
  })

  it('watched at dates has its barriers further away on both sides', () => {
    const daily = { monitoringIntervalSeconds: 86_400, rebate: 0 }
    expect(worth(daily)).toBeGreaterThan(worth({ rebate: 0 }))
    const { watchedLowerBarrierUsd, watchedUpperBarrierUsd } = detailsOf(option({ ...terms, ...daily }), market)
    const shift = Math.exp(0.5825971579 * 0.25 * Math.sqrt(1 / 365))
    expect(watchedLowerBarrierUsd).toBeCloseTo(80 / shift, 9)
    expect(watchedUpperBarrierUsd).toBeCloseTo(130 * shift, 9)
  })
})
