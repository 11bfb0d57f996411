// The conformance suite: every registered instrument keeps these promises.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { exampleMarket } from '../../lib/instruments/example-market.ts'
import { figuresOf, type Greeks } from '../../lib/instruments/greeks/greeks.ts'
import { bumpedGreeks, greeksOf } from '../../lib/instruments/greeks/greeks-of.ts'
import { type InstrumentKind, instruments, type PositionTerms } from '../../lib/instruments/index.ts'
import { instrumentOf } from '../../lib/instruments/instrument-of.ts'
import { withSpot, withTime } from '../../lib/instruments/market/bump.ts'
import { type Market, rateOf } from '../../lib/instruments/market/market.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../../lib/instruments/parse-position.ts'
import { termNotes } from '../../lib/instruments/term-schemas.ts'
import { assetsOf, detailsOf, scaled, value, warningsOf } from '../../lib/instruments/value.ts'
import { arbitraryMarket } from '../instruments/arbitrary-market.ts'
import { instrumentCases } from '../instruments/cases/index.ts'
import type { InstrumentCase } from '../instruments/instrument-case.ts'
import { plainDifferences } from '../instruments/plain-differences.ts'

const caseOf = (kind: InstrumentKind) => instrumentCases[kind] as unknown as InstrumentCase<never>
const held = (kind: InstrumentKind, terms: fc.Arbitrary<never>): fc.Arbitrary<PositionTerms> =>
  terms.map((one) => ({ kind, terms: one }) as PositionTerms)

/** Payoffs that jump do so at expiry. */
function atExpiry({ kind, terms }: PositionTerms, market: Market): Market {
  const [first] = instrumentOf(kind).optionality?.(terms as never) ?? []
  return first?.expiry === undefined ? market : withTime(market, first.expiry)
}

/** The largest error of each Greek, as a fraction of gross where the others are; second derivatives lose more digits. */
const tolerance = {
  delta: 1e-7,
  gamma: 1e-4,
  crossGamma: 1e-4,
  vega: 1e-7,
  vanna: 1e-5,
  volga: 1e-4,
  rho: 1e-6,
  theta: 1e-5,
}

/** Every difference in USD: delta x S, gamma x S^2, so that it can be compared with gross. */
function errorsUsd(closed: Greeks, bumped: Greeks, market: Market): Readonly<Record<keyof typeof tolerance, number>> {
  const spot = (underlying: string) => market.spot[underlying] ?? Number.NaN
  const worst = (
    one: Readonly<Record<string, number>>,
    other: Readonly<Record<string, number>>,
    weight: (key: string) => number,
  ) =>
    Math.max(
      0,
      ...Object.keys({ ...one, ...other }).map((key) => Math.abs((one[key] ?? 0) - (other[key] ?? 0)) * weight(key)),
    )
  const flat = (vega: Greeks['vega']) =>
    Object.fromEntries(
      Object.entries(vega).flatMap(([name, buckets]) =>
        Object.entries(buckets).map(([bucket, one]) => [`${name} ${bucket}`, one]),
      ),
    )
  return {
    delta: worst(closed.delta, bumped.delta, spot),
    gamma: worst(closed.gamma, bumped.gamma, (key) => spot(key) ** 2),
    crossGamma: worst(closed.crossGamma, bumped.crossGamma, (key) =>
      key.split('/').reduce((p, one) => p * spot(one), 1),
    ),
    vega: worst(flat(closed.vega), flat(bumped.vega), () => 1),
    vanna: worst(closed.vanna, bumped.vanna, spot),
    volga: worst(closed.volga, bumped.volga, () => 1),
    rho: Math.max(
      Math.abs(closed.rho - bumped.rho),
      worst(closed.carryRho, bumped.carryRho, () => 1),
    ),
    theta: Math.abs(closed.theta.decay - bumped.theta.decay),
  }
}

describe.each(instruments.map((instrument) => instrument.kind))('the instrument %s', (kind) => {
  const its = caseOf(kind)
  const grossOf = (position: PositionTerms, market: Market) => its.gross(position.terms as never, market)

  it('gives finite figures for terms as people hold them', () => {
    fc.assert(
      fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
        expect(Number.isFinite(value(position, market))).toBe(true)
        for (const [path, figure] of figuresOf(greeksOf(position, market)))
          expect(Number.isFinite(figure), path).toBe(true)
        for (const [name, figure] of Object.entries(detailsOf(position, market)))
          expect(Number.isFinite(figure), name).toBe(true)
      }),
    )
  })

  it('gives finite figures or an error that says what is wrong for any terms at all', () => {
    fc.assert(
      fc.property(held(kind, its.wild), arbitraryMarket, (position, market) => {
        try {
          const figures = [value(position, market), ...[...figuresOf(greeksOf(position, market))].map(([, one]) => one)]
          expect(figures.every(Number.isFinite)).toBe(true)
        } catch (error) {
          if (!isHomeostatError(error)) throw error
          expect(error.message.length).toBeGreaterThan(20)
        }
      }),
    )
  })

  it('has Greeks of the right size, sign and unit by the plainest differences, away from kinks', () => {
    fc.assert(
      fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
        fc.pre(its.isSmooth?.(position.terms as never, market) ?? true)
        const gross = grossOf(position, market)
        const greeks = greeksOf(position, market)
        const plain = plainDifferences(position, market)
        const isNear = (one: number, other: number, share: number, what: string) =>
          expect(Math.abs(one - other), what).toBeLessThanOrEqual(share * (gross + Math.abs(other)))
        for (const [name, deltaUsd] of Object.entries(plain.deltaUsd))
          isNear((greeks.delta[name] ?? 0) * (market.spot[name] ?? 0), deltaUsd, 1e-5, `delta ${name}`)
        for (const [name, gammaUsd] of Object.entries(plain.gammaUsd))
          isNear((greeks.gamma[name] ?? 0) * (market.spot[name] ?? 0) ** 2, gammaUsd, 5e-3, `gamma ${name}`)
        for (const [name, vega] of Object.entries(plain.vega)) {
          const own = Object.values(greeks.vega[name] ?? {}).reduce((sum, one) => sum + one, 0)
          isNear(own, vega, 1e-5, `vega ${name}`)
        }
        // Early exercise has kinks in the rate, and a lattice its steps.
        const isAmerican = (position.terms as { readonly exercise?: string }).exercise === 'american'
        if (!isAmerican) isNear(greeks.rho, plain.rho, 1e-4, 'rho')
        const changesNow = Object.values(position.terms).some(
          (term) => typeof term === 'number' && Math.abs(term - market.at) < 30 * 86_400,
        )
        if (instrumentOf(kind).ageing !== 'interest' && !changesNow)
          isNear(greeks.theta.decay, plain.ageing, 2e-4, 'decay')
      }),
      { numRuns: 40 },
    )
  })

  it('has Greeks that equal fourth-order differences of its value, away from kinks', () => {
    fc.assert(
      fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
        fc.pre(its.isSmooth?.(position.terms as never, market) ?? true)
        const gross = grossOf(position, market)
        const errors = errorsUsd(greeksOf(position, market), bumpedGreeks(position, market), market)
        for (const [name, error] of Object.entries(errors))
          expect(error / gross, name).toBeLessThanOrEqual(tolerance[name as keyof typeof tolerance])
      }),
    )
  })

  it(
    its.jumps === undefined ? 'has a value that is continuous across its edges' : `jumps at its edges: ${its.jumps}`,
    () => {
      let widest = 0
      fc.assert(
        fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
          const looked = its.jumps === undefined ? market : atExpiry(position, market)
          const edges = instrumentOf(kind).edges?.(position.terms as never, looked) ?? {}
          for (const [underlying, spots] of Object.entries(edges))
            for (const edge of spots.filter((spot) => spot > 1e-6 && spot < 1e9)) {
              const at = (share: number) => withSpot(looked, underlying, edge * share)
              const jump = Math.abs(value(position, at(1 + 1e-9)) - value(position, at(1 - 1e-9)))
              widest = Math.max(widest, jump / grossOf(position, market))
              if (its.jumps === undefined)
                expect(jump).toBeLessThanOrEqual(1e-7 * Math.max(grossOf(position, at(1)), grossOf(position, market)))
            }
        }),
      )
      if (its.jumps !== undefined) expect(widest).toBeGreaterThan(1e-3)
    },
  )

  it('has a value that is continuous as it expires', () => {
    fc.assert(
      fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
        for (const { expiry } of instrumentOf(kind).optionality?.(position.terms as never) ?? []) {
          if (expiry === undefined || its.jumps !== undefined) continue
          const [before, after] = [withTime(market, expiry - 1), withTime(market, expiry)]
          const change = Math.abs(value(position, after) - value(position, before))
          expect(change).toBeLessThanOrEqual(1e-3 * grossOf(position, market))
        }
      }),
    )
  })

  it('is linear in its size', () => {
    fc.assert(
      fc.property(
        held(kind, its.terms),
        arbitraryMarket,
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        (position, market, factor) => {
          const gross = grossOf(position, market) * factor
          const error = Math.abs(value(scaled(position, factor), market) - factor * value(position, market))
          expect(error).toBeLessThanOrEqual(1e-12 * gross)
        },
      ),
    )
  })

  it('reads exactly the assets that it names', () => {
    fc.assert(
      fc.property(held(kind, its.terms), arbitraryMarket, (position, market) => {
        const named = assetsOf(position)
        const only: Market = {
          ...market,
          exchangeRates: Object.fromEntries(named.map((asset) => [asset, rateOf(market, asset)])),
        }
        expect(value(position, only)).toBe(value(position, market))
        for (const asset of named) {
          const { [asset]: _removed, ...exchangeRates } = market.exchangeRates
          const blind = { ...market, exchangeRates }
          expect(() => value(position, blind)).toThrow(expect.objectContaining({ code: 'no-price' }))
          expect(() => greeksOf(position, blind)).toThrow(expect.objectContaining({ code: 'no-price' }))
        }
      }),
    )
  })

  it('survives its schema and JSON unchanged', () => {
    fc.assert(
      fc.property(held(kind, its.terms), (position) => {
        const stored: unknown = JSON.parse(JSON.stringify(position))
        expect(parsePosition(stored)).toEqual(stored)
      }),
    )
  })

  it('is described for people, and its example can be valued without a warning', () => {
    const instrument = instrumentOf(kind)
    expect(instrument.title.length).toBeGreaterThan(5)
    expect(instrument.method.length).toBeGreaterThan(10)
    const shape = (instrument.terms as unknown as { readonly _zod: { readonly def: { readonly shape: object } } })._zod
      .def
    for (const [name, schema] of Object.entries(shape.shape))
      expect(termNotes.get(schema as never)?.meaning.length, `${name} has a note`).toBeGreaterThan(3)
    const position = parsePosition({ kind, terms: instrument.example })
    const market = parseMarket(exampleMarket)
    expect(Number.isFinite(value(position, market))).toBe(true)
    expect(warningsOf(position, market)).toEqual([])
  })

  it.each(its.refused.map(({ change, says }) => [JSON.stringify(change), change, says] as const))(
    'refuses %s and names the field and the rule',
    (_, change, says) => {
      const { example } = instrumentOf(kind)
      expect(() => parsePosition({ kind, terms: { ...(example as object), ...change } })).toThrow(says)
    },
  )
})

it('an unknown kind is refused with the known ones', () => {
  expect(() => parsePosition({ kind: 'tulip', terms: {} })).toThrow(
    expect.objectContaining({ code: 'unknown-instrument', hint: expect.stringContaining('uniswap-v3-range') }),
  )
})
