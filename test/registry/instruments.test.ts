import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from '../../lib/base/schema.ts'
import { bumpGreeks } from '../../lib/instruments/bump-greeks.ts'
import { greeks } from '../../lib/instruments/greeks.ts'
import { type InstrumentKind, instruments, type PositionTerms } from '../../lib/instruments/index.ts'
import { instrumentOf } from '../../lib/instruments/instrument-of.ts'
import { type Market, priceOf, withSpot } from '../../lib/instruments/market.ts'
import { assetsOf, value } from '../../lib/instruments/value.ts'
import { arbitraryMarket, arbitraryPosition, arbitraryTerms, scaled } from '../instruments/arbitrary-positions.ts'

const positionsOf = (kind: InstrumentKind): fc.Arbitrary<PositionTerms> =>
  (arbitraryTerms[kind] as fc.Arbitrary<never>).map((terms) => ({ kind, terms }) as PositionTerms)

/** The size that errors are relative to: gross, not net, which may cancel; for a range the scale of its liquidity, not the width of the range. */
const grossOf = (position: PositionTerms, market: Market): number => {
  switch (position.kind) {
    case 'spot':
      return Math.abs(value(position, market)) || 1
    case 'loan': {
      const { collateral, debt } = position.terms
      const side = (terms: typeof position.terms) => value({ kind: 'loan', terms }, market)
      return side({ collateral, debt: [] }) - side({ collateral: [], debt }) || 1
    }
    case 'uniswap-v3-range': {
      const { asset0, asset1, liquidity } = position.terms
      return value(position, market) + liquidity * Math.sqrt(priceOf(market, asset0) * priceOf(market, asset1)) || 1
    }
  }
}

describe.each(instruments.map((instrument) => instrument.kind))('the instrument %s', (kind) => {
  it('gives finite value, delta and gamma for all finite terms', () => {
    fc.assert(
      fc.property(positionsOf(kind), arbitraryMarket, (position, market) => {
        const { delta, gamma } = greeks(position, market)
        const numbers = [value(position, market), ...Object.values(delta), ...Object.values(gamma)]
        return numbers.every(Number.isFinite)
      }),
      { numRuns: 500 },
    )
  })

  it('has a delta that equals differences of its value', () => {
    fc.assert(
      fc.property(positionsOf(kind), arbitraryMarket, (position, market) => {
        const gross = grossOf(position, market)
        const closed = greeks(position, market).delta
        const bumped = bumpGreeks({ value: (m) => value(position, m), assets: assetsOf(position), market }).delta
        for (const [underlying, spot] of Object.entries(market.spot)) {
          // Where a range's edge lies inside the step, the difference is the mean of both sides: off by gamma x step at most.
          const error = Math.abs((closed[underlying] ?? 0) - (bumped[underlying] ?? 0)) * spot
          expect(error).toBeLessThanOrEqual((kind === 'uniswap-v3-range' ? 1e-5 : 1e-9) * gross)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('has a gamma that equals differences of its delta, away from kinks', () => {
    fc.assert(
      fc.property(positionsOf(kind), arbitraryMarket, (position, market) => {
        const closed = greeks(position, market)
        for (const [underlying, spot] of Object.entries(market.spot)) {
          const step = 1e-6 * spot
          const at = (usd: number) => greeks(position, withSpot(market, underlying, usd))
          const [up, down] = [at(spot + step), at(spot - step)]
          const gammas = [up, closed, down].map((one) => one.gamma[underlying] ?? 0)
          fc.pre(gammas.every((gamma) => gamma === 0) || gammas.every((gamma) => gamma !== 0))
          const difference = ((up.delta[underlying] ?? 0) - (down.delta[underlying] ?? 0)) / (2 * step)
          const scale =
            Math.max(...[up, closed, down].map((one) => Math.abs(one.delta[underlying] ?? 0)), 1e-300) / spot
          const error = Math.abs(difference - (closed.gamma[underlying] ?? 0))
          expect(error).toBeLessThanOrEqual(1e-5 * Math.max(Math.abs(gammas[1] ?? 0), scale))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is linear in its size', () => {
    fc.assert(
      fc.property(
        positionsOf(kind),
        arbitraryMarket,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (position, market, factor) => {
          const gross = grossOf(position, market) * factor
          expect(
            Math.abs(value(scaled(position, factor), market) - factor * value(position, market)),
          ).toBeLessThanOrEqual(1e-12 * gross)
        },
      ),
    )
  })

  it('reads exactly the assets that it names', () => {
    fc.assert(
      fc.property(positionsOf(kind), arbitraryMarket, (position, market) => {
        const named = assetsOf(position)
        const only = {
          ...market,
          rates: Object.fromEntries(named.map((asset) => [asset, market.rates[asset]])),
        } as Market
        expect(value(position, only)).toBe(value(position, market))
        for (const asset of named) {
          const { [asset]: _removed, ...rates } = market.rates
          expect(() => value(position, { ...market, rates })).toThrow(expect.objectContaining({ code: 'no-price' }))
          expect(() => greeks(position, { ...market, rates })).toThrow(expect.objectContaining({ code: 'no-price' }))
        }
      }),
    )
  })

  it('survives its schema and JSON unchanged', () => {
    fc.assert(
      fc.property(positionsOf(kind), (position) => {
        const stored: unknown = JSON.parse(JSON.stringify(position.terms))
        expect(parse(instrumentOf(kind).terms as never, stored, 'terms')).toEqual(stored)
      }),
    )
  })

  it('is described for people', () => {
    expect(instrumentOf(kind).title.length).toBeGreaterThan(5)
  })
})

describe('refused terms', () => {
  const range = { asset0: 'WETH', asset1: 'USDC', liquidity: 1, lowerPrice: 1, upperPrice: 2, owed0: 0, owed1: 0 }
  it.each<[InstrumentKind, unknown, RegExp]>([
    ['spot', { asset: '', quantity: 1 }, /asset: must be an asset symbol/],
    ['spot', { asset: 'WETH', quantity: Number.NaN }, /quantity: must be a finite number/],
    ['spot', { asset: 'WETH', quantity: Number.POSITIVE_INFINITY }, /quantity: must be a finite number/],
    ['spot', { asset: 'WETH' }, /quantity: must be a finite number/],
    [
      'loan',
      { collateral: [{ asset: 'WETH', quantity: -1, liquidationThreshold: 0.8 }], debt: [] },
      /collateral\.0\.quantity: must be 0 or more/,
    ],
    [
      'loan',
      { collateral: [{ asset: 'WETH', quantity: 1, liquidationThreshold: 82.5 }], debt: [] },
      /liquidationThreshold: must be a fraction, at most 1/,
    ],
    ['loan', { collateral: [] }, /debt: must be a list/],
    ['uniswap-v3-range', { ...range, lowerPrice: 3 }, /lowerPrice: must be below upperPrice/],
    ['uniswap-v3-range', { ...range, liquidity: -1 }, /liquidity: must be 0 or more/],
    ['uniswap-v3-range', { ...range, upperPrice: 0 }, /upperPrice: must be above 0/],
  ])('of a %s name the field and the rule', (kind, terms, complaint) => {
    expect(() => parse(instrumentOf(kind).terms as never, terms, `${kind} terms`)).toThrow(complaint)
  })

  it('of an unknown kind name the known ones', () => {
    expect(() => value({ kind: 'perp', terms: {} } as never, { at: 0, spot: {}, rates: {} })).toThrow(
      expect.objectContaining({ code: 'unknown-instrument', hint: expect.stringContaining('uniswap-v3-range') }),
    )
  })
})

describe('Greeks by bumping alone', () => {
  it('name every underlying that is read, and are finite', () => {
    fc.assert(
      fc.property(arbitraryPosition, arbitraryMarket, (position, market) => {
        const bumped = bumpGreeks({ value: (m) => value(position, m), assets: assetsOf(position), market })
        const read = new Set(assetsOf(position).map((asset) => market.rates[asset]?.underlying))
        expect(Object.keys(bumped.delta).toSorted()).toEqual([...read].toSorted())
        expect(Object.values(bumped.gamma).every(Number.isFinite)).toBe(true)
      }),
    )
  })

  it('agree with a closed gamma where the value is smooth', () => {
    fc.assert(
      fc.property(arbitraryTerms['uniswap-v3-range'], arbitraryMarket, (terms, market) => {
        const ratio = priceOf(market, terms.asset0) / priceOf(market, terms.asset1)
        const inside = { ...terms, liquidity: 1, owed0: 0, owed1: 0, lowerPrice: ratio * 0.8, upperPrice: ratio * 1.3 }
        const position = { kind: 'uniswap-v3-range', terms: inside } as const
        const bumped = bumpGreeks({ value: (m) => value(position, m), assets: assetsOf(position), market }).gamma
        const closed = greeks(position, market).gamma
        fc.pre(Object.keys(closed).length > 0)
        for (const underlying of Object.keys(bumped))
          expect((bumped[underlying] ?? 0) / (closed[underlying] ?? 0)).toBeCloseTo(1, 4)
      }),
    )
  })
})
