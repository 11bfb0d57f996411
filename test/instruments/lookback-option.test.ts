import { describe, expect, it } from 'vitest'
import { greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import type { Market } from '../../lib/instruments/market/market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { detailsOf, value, warningsOf } from '../../lib/instruments/value.ts'
import { published } from '../quant/options/published.ts'
import { expiryIn, marketOf, oneAssetMarket, type PublishedRow } from './one-asset-market.ts'

interface Row extends PublishedRow {
  readonly minmax: number
  readonly lambda: number
  readonly t1: number
}

const option = (terms: object) => parsePosition({ kind: 'lookback-option', terms })
const market = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: 0.5 })
const floating = {
  asset: 'ETH',
  type: 'call',
  strikeStyle: 'floating',
  expiry: expiryIn(0.5),
  quantity: 1,
  extremum: 92,
} as const
const fixed = { ...floating, strikeStyle: 'fixed', strike: 105, extremum: 108 } as const
const worth = (terms: object, where: Market = market) => value(option(terms), where)
const discount = Math.exp(-0.08 * 0.5)
const vanilla = (change: object, where: Market = market) => {
  const { asset, type, expiry, quantity } = floating
  return value(parsePosition({ kind: 'vanilla-option', terms: { asset, type, expiry, quantity, ...change } }), where)
}

describe('published lookback options, as positions in a market', () => {
  for (const [name, count, own] of [
    ['lookback_floating', 7, ({ minmax }: Row) => ({ strikeStyle: 'floating', extremum: minmax })],
    ['lookback_fixed', 36, ({ minmax, strike }: Row) => ({ strikeStyle: 'fixed', strike, extremum: minmax })],
    [
      'lookback_partial_floating',
      36,
      ({ minmax, lambda, t1 }: Row) => ({
        strikeStyle: 'floating',
        extremum: minmax,
        strikeMultiple: lambda,
        monitoringEnd: expiryIn(t1),
      }),
    ],
    [
      'lookback_partial_fixed',
      36,
      ({ strike, t1 }: Row) => ({ strikeStyle: 'fixed', strike, monitoringStart: expiryIn(t1) }),
    ],
  ] as const) {
    const table = published<Row>(name)
    it.skipIf(table === undefined)(`Haug (1998, 2006): every row of ${name} (../shared/tables)`, () => {
      expect(table?.rows).toHaveLength(count)
      for (const row of table?.rows ?? []) {
        const type = row.type === 'Call' ? 'call' : 'put'
        const terms = { asset: 'ETH', type, expiry: expiryIn(row.t), quantity: 1, ...own(row) }
        expect(Math.abs(worth(terms, marketOf(row)) - row.value), JSON.stringify(row)).toBeLessThan(row.tol)
      }
    })
  }
})

describe('a lookback option', () => {
  it('is worth what Haug (1998), p. 61-64, prints', () => {
    const haug = oneAssetMarket({ spot: 120, rate: 0.1, carry: 0.04, volatility: 0.3 })
    expect(Math.abs(worth({ ...floating, extremum: 100 }, haug) - 25.3533)).toBeLessThan(1e-4)
    const flat = oneAssetMarket({ spot: 100, rate: 0.1, carry: 0.1, volatility: 0.1 })
    expect(Math.abs(worth({ ...fixed, strike: 95, extremum: 100 }, flat) - 13.2687)).toBeLessThan(1e-4)
  })

  it('on the final price is one on the extremum and a forward, to 1e-10 of the spot', () => {
    const forward = 100 * Math.exp(0.04 * 0.5)
    for (const extremum of [100.5, 108, 200]) {
      const put = worth({ ...floating, type: 'put', extremum })
      const call = worth({ ...fixed, strike: extremum, extremum })
      expect(Math.abs(put - call - discount * (extremum - forward))).toBeLessThan(1e-8)
    }
    for (const extremum of [50, 92, 99.5]) {
      const call = worth({ ...floating, extremum })
      const put = worth({ ...fixed, type: 'put', strike: extremum, extremum })
      expect(Math.abs(call - put - discount * (forward - extremum))).toBeLessThan(1e-8)
    }
  })

  it('with a fixed strike that the extremum has passed is sure of the difference', () => {
    const atExtremum = worth({ ...fixed, strike: 108 })
    expect(worth({ ...fixed, strike: 90 })).toBeCloseTo(atExtremum + discount * 18, 10)
  })

  it('of part of its life lies between the vanilla option and the whole', () => {
    const ends = [0.01, 0.1, 0.3, 0.5].map((years) => worth({ ...floating, monitoringEnd: expiryIn(years) }))
    expect(ends.toSorted((a, b) => a - b)).toEqual(ends)
    expect(ends.at(-1)).toBeCloseTo(worth(floating), 8)
    expect(ends[0]).toBeGreaterThan(vanilla({ strike: 92 }) - 1e-9)
    const starts = [0.5, 0.3, 0.1, 0.01].map((years) => {
      const { extremum: _, ...fresh } = fixed
      return worth({ ...fresh, monitoringStart: expiryIn(years) })
    })
    expect(starts.toSorted((a, b) => a - b)).toEqual(starts)
    expect(starts[0]).toBeCloseTo(vanilla({ strike: 105 }), 8)
    expect(starts.at(-1)).toBeLessThan(worth({ ...fixed, extremum: 100 }))
  })

  it('whose monitoring has ended is a vanilla option on its multiple of the extremum', () => {
    const ended = { ...floating, strikeMultiple: 1.1, monitoringEnd: expiryIn(-0.1) }
    expect(worth(ended)).toBe(vanilla({ strike: 1.1 * 92 }))
    expect(worth({ ...ended, monitoringEnd: expiryIn(1e-9) })).toBeCloseTo(worth(ended), 3)
    expect(greeksOf(option(ended), market).delta.ETH).toBeCloseTo(
      greeksOf(
        parsePosition({
          kind: 'vanilla-option',
          terms: { asset: 'ETH', type: 'call', strike: 1.1 * 92, expiry: floating.expiry, quantity: 1 },
        }),
        market,
      ).delta.ETH ?? Number.NaN,
      9,
    )
  })

  it('with a multiple pays less the further the strike is from the extremum', () => {
    const values = [1, 1.05, 1.2, 2].map((strikeMultiple) => worth({ ...floating, strikeMultiple }))
    expect(values.toSorted((a, b) => b - a)).toEqual(values)
    expect(worth({ ...floating, strikeMultiple: 1 + 1e-12 })).toBeCloseTo(worth(floating), 8)
  })

  it('has value and delta that are continuous where the spot makes a new extremum', () => {
    for (const [terms, extremum] of [
      [floating, 92],
      [{ ...floating, type: 'put', extremum: 108 }, 108],
      [fixed, 108],
      [{ ...fixed, type: 'put', strike: 100, extremum: 92 }, 92],
    ] as const) {
      const [below, above] = [1 - 1e-6, 1 + 1e-6].map((share) => withSpot(market, 'ETH', extremum * share)) as [
        Market,
        Market,
      ]
      expect(Math.abs(worth(terms, below) - worth(terms, above))).toBeLessThan(1e-3)
      const [one, other] = [below, above].map((where) => greeksOf(option(terms), where).delta.ETH ?? Number.NaN)
      expect(Math.abs((one ?? 0) - (other ?? 1))).toBeLessThan(1e-4)
    }
  })

  it('moves in proportion to a spot that is beyond the extremum, and warns of it', () => {
    const beyond = withSpot(market, 'ETH', 80)
    expect(worth(floating, beyond)).toBeCloseTo(worth({ ...floating, extremum: 80 }, beyond), 12)
    expect(greeksOf(option(floating), beyond).gamma.ETH).toBeCloseTo(0, 6)
    expect(warningsOf(option(floating), beyond)).toEqual(['the spot is beyond the extremum so far: it is taken'])
  })

  it('has begun where an extremum so far is stated, and takes the spot where none was stated since it began', () => {
    const { extremum: _, ...fresh } = fixed
    expect(warningsOf(option({ ...fresh, monitoringStart: expiryIn(0.1) }), market)).toEqual([])
    const early = { ...fixed, monitoringStart: expiryIn(0.1) }
    expect(worth(early)).toBe(worth(fixed))
    expect(warningsOf(option(early), market)).toEqual([
      'an extremum so far is stated, so monitoring is taken to have begun before monitoringStart',
    ])
    const begun = { ...fresh, monitoringStart: expiryIn(-0.1) }
    expect(warningsOf(option(begun), market)).toEqual(['no extremum so far is stated: the spot is taken'])
    expect(worth(begun)).toBe(worth({ ...fixed, extremum: 100 }))
  })

  it('settles once expired, the final price counting for the extremum unless monitoring ended before', () => {
    const late = withTime(market, expiryIn(0.6))
    expect(worth(floating, late)).toBe(8)
    expect(worth({ ...floating, settlementPrice: 90 }, late)).toBe(0)
    expect(worth({ ...floating, settlementPrice: 97, monitoringEnd: expiryIn(0.2) }, late)).toBe(5)
    expect(worth({ ...floating, type: 'put', extremum: 108, settlementPrice: 97 }, late)).toBe(11)
    expect(worth(fixed, late)).toBe(3)
    expect(worth({ ...fixed, settlementPrice: 120 }, late)).toBe(15)
    expect(worth({ ...fixed, type: 'put', extremum: 90 }, late)).toBe(15)
    expect(warningsOf(option({ ...fixed, settlementPrice: 120 }), late)).toEqual([
      'expired: settled at its settlement price',
    ])
    expect(greeksOf(option(floating), late).delta.ETH).toBeCloseTo(1, 9)
  })

  it('expects an extremum beyond the one so far, and warns of a smile', () => {
    expect(detailsOf(option(floating), market).expectedExtremumUsd).toBeLessThan(92)
    expect(detailsOf(option(fixed), market).expectedExtremumUsd).toBeGreaterThan(108)
    const reached = detailsOf(option(fixed), market).expectedExtremumUsd ?? Number.NaN
    expect(worth({ ...fixed, strike: 50 })).toBeCloseTo(discount * (reached - 50), 10)
    const svi = [{ expiry: floating.expiry, a: 0.03, b: 0.1, rho: -0.3, m: 0, sigma: 0.2 }]
    const smiling = oneAssetMarket({ spot: 100, rate: 0.08, carry: 0.04, volatility: { svi } })
    expect(warningsOf(option(floating), smiling)).toEqual([
      'one volatility for a path-dependent payoff: the smile between strike and extremum is not priced',
    ])
  })
})
