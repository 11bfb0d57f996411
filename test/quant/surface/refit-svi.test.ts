import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrateSvi } from '../../../lib/quant/surface/calibrate-svi.ts'
import { freeSliceSolver } from '../../../lib/quant/surface/free-slice.ts'
import { nodesAround } from '../../../lib/quant/surface/nodes-around.ts'
import { refitSvi } from '../../../lib/quant/surface/refit-svi.ts'
import { makeSliceBarrier } from '../../../lib/quant/surface/slice-barrier.ts'
import { type SmileQuotes, sviErrors, weightedVariance } from '../../../lib/quant/surface/smile-quotes.ts'
import {
  type SviParameters,
  sviDensityFactor,
  sviFromJumpWings,
  sviJumpWings,
  sviTotalVariance,
} from '../../../lib/quant/surface/svi.ts'
import { butterflyReport, calendarReport } from '../../../lib/quant/surface/svi-arbitrage.ts'

/** Axel Vogt's slice: Gatheral & Jacquier (2014), example 3.1. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }
const calm: SviParameters = { a: 0.02, b: 0.1, rho: -0.4, m: 0.05, sigma: 0.3 }
const k = Float64Array.from({ length: 25 }, (_, i) => -1.5 + i * 0.125)
const quotesOf = (svi: SviParameters, time: number, at = k): SmileQuotes => ({
  time,
  logMoneyness: at,
  volatility: at.map((x) => Math.sqrt(sviTotalVariance(svi, x) / time)),
})
const refused = (code: string) => expect.objectContaining({ code })

describe('a refit without butterfly arbitrage', () => {
  it('of Vogt’s example is closer to the quotes than the repair of Gatheral and Jacquier', () => {
    const quotes = quotesOf(vogt, 1)
    const { parameters } = refitSvi(quotes, { best: vogt })
    expect(butterflyReport(parameters)).toMatchObject({ free: true, intervals: [] })
    // Section 5.1: level, skew and put wing kept, c' = p + 2 psi and the least variance that goes with it.
    const wings = sviJumpWings(vogt, 1)
    const theirs = sviFromJumpWings({ ...wings, c: 0.3493158, vTilde: 0.01548182 }, 1)
    expect(butterflyReport(theirs).free).toBe(true)
    expect(sviErrors(parameters, quotes).rmse).toBeLessThan(0.25 * sviErrors(theirs, quotes).rmse)
    expect(sviErrors(parameters, quotes).rmse).toBeLessThan(0.0066)
  })

  it('is as close as any slice of a fine grid of vertices and widths', () => {
    const quotes = quotesOf(vogt, 1)
    const { parameters } = refitSvi(quotes, { best: vogt })
    const data = weightedVariance(quotes)
    const solver = freeSliceSolver({ quotes: data, nodes: 121, precision: 1e-9 })
    let least = Infinity
    for (let m = -1; m <= 1; m += 0.05)
      for (let sigma = 0.1; sigma <= 1.5; sigma += 0.05)
        least = Math.min(least, solver.closest(m, sigma)?.cost ?? least)
    expect(sviErrors(parameters, quotes).rmse).toBeLessThanOrEqual(1.01 * Math.sqrt(least))
  })

  it('leaves quotes that allow none as they are', () => {
    const quotes = quotesOf(calm, 0.5)
    const { parameters } = refitSvi(quotes, { best: calm })
    expect(sviErrors(parameters, quotes).rmse).toBeLessThan(1e-4)
  })

  it('lets a weight of zero leave a wrong quote out', () => {
    const clean = quotesOf(vogt, 1)
    const volatility = clean.volatility.map((vol, i) => (i === 4 ? vol + 0.5 : vol))
    const weight = k.map((_, i) => (i === 4 ? 0 : 1))
    const { parameters } = refitSvi({ ...clean, volatility, weight }, { best: vogt })
    expect(sviErrors(parameters, clean).rmse).toBeLessThan(0.0075)
  })

  it('is free whatever the quotes, or refused with how far the closest one is', () => {
    const unit = (min: number, max: number) => fc.double({ min, max, noNaN: true })
    const smile = fc.record({
      time: unit(0.003, 2),
      level: unit(0.2, 1.5),
      skew: unit(-0.5, 0.5),
      curve: unit(0, 0.6),
      noise: fc.array(unit(-0.03, 0.03), { minLength: 6, maxLength: 20 }),
    })
    let repaired = 0
    fc.assert(
      fc.property(smile, ({ time, level, skew, curve, noise }) => {
        const n = noise.length
        const spread = Float64Array.from({ length: n }, (_, i) => -2 + (4 * i) / (n - 1))
        const quotes = {
          time,
          logMoneyness: spread.map((x) => x * level * Math.sqrt(time)),
          volatility: spread.map(
            (x, i) => level * Math.max(0.1, 1 + 0.3 * skew * x + 0.1 * curve * x * x + (noise[i] ?? 0)),
          ),
        }
        const { parameters: best, butterfly } = calibrateSvi(quotes, 'report')
        if (butterfly.free) return
        try {
          const { parameters } = refitSvi(quotes, { best })
          expect(butterflyReport(parameters)).toMatchObject({ free: true, intervals: [] })
          repaired += 1
        } catch (error) {
          expect(error).toMatchObject({ code: 'butterfly-not-repairable', facts: { error: expect.any(Number) } })
          const { error: off, farthest } = (error as { facts: { error: number; farthest: number } }).facts
          expect(off).toBeGreaterThan(farthest)
        }
      }),
      { numRuns: 60, seed: 3 },
    )
    expect(repaired).toBeGreaterThan(5)
  })

  it('is refused for wings far beyond Lee’s bound, with the distance of the closest slice', () => {
    const steep = { a: 0.01, b: 2.5, rho: -0.2, m: 0, sigma: 0.1 }
    expect(() => refitSvi(quotesOf(steep, 1), { best: steep })).toThrow(
      expect.objectContaining({
        code: 'butterfly-not-repairable',
        facts: expect.objectContaining({ error: expect.any(Number), farthest: expect.any(Number) }),
      }),
    )
  })
})

describe('a refit above an earlier slice', () => {
  const later = [
    ['lower all over', { ...calm, a: 0.017 }],
    ['with a dip', { ...calm, a: 0.018, sigma: 0.31 }],
    ['with flatter wings', { ...calm, a: 0.03, b: 0.09 }],
    ['with one flatter wing', { ...calm, a: 0.03, rho: -0.5 }],
    ['with a butterfly of its own', { ...vogt, a: 0.02 }],
  ] as const
  it.each(later)('is free of both arbitrages: %s', (_, svi) => {
    const quotes = quotesOf(svi, 0.6)
    const { parameters } = refitSvi(quotes, { best: svi, floor: calm })
    expect(calendarReport(calm, parameters).free).toBe(true)
    expect(butterflyReport(parameters).free).toBe(true)
    const { rmse } = sviErrors(parameters, quotes)
    // Lifting the slice as it is, where that helps at all, is no closer.
    const { least } = calendarReport(calm, svi)
    const lifted = least > -Infinity ? sviErrors({ ...svi, a: svi.a - least }, quotes).rmse : 0.05
    expect(rmse).toBeLessThanOrEqual(1.005 * lifted)
  })

  it('is refused where the earlier one is far above', () => {
    expect(() => refitSvi(quotesOf(calm, 1), { best: calm, floor: { ...calm, a: 0.2 } })).toThrow(
      refused('calendar-not-repairable'),
    )
  })
})

describe('the barrier of what is allowed', () => {
  it.each([
    ['alone', undefined],
    ['above a floor', { ...calm, a: 0.01 }],
  ] as const)('has the derivatives of its value, %s', (_, floor) => {
    const barrier = makeSliceBarrier({ nodes: nodesAround(61), scale: 0.05, ...(floor === undefined ? {} : { floor }) })
    barrier.place(0.1, 0.4)
    const x = Float64Array.of(0.06, 0.18, 0.12)
    const derivatives = (at: Float64Array) => {
      const [gradient, hessian] = [new Float64Array(3), new Float64Array(9)]
      barrier.addDerivatives(at, 2, gradient, hessian)
      return { gradient, hessian }
    }
    const { gradient, hessian } = derivatives(x)
    for (let i = 0; i < 3; i += 1) {
      const [up, down] = [1e-6, -1e-6].map((h) => x.map((at, j) => (i === j ? at + h : at))) as [
        Float64Array,
        Float64Array,
      ]
      const slope = (2 * (barrier.value(up) - barrier.value(down))) / 2e-6
      expect((gradient[i] ?? 0) / slope).toBeCloseTo(1, 6)
      const [above, below] = [derivatives(up).gradient, derivatives(down).gradient]
      for (let j = 0; j < 3; j += 1) {
        const bend = ((above[j] ?? 0) - (below[j] ?? 0)) / 2e-6
        expect(Math.abs((hessian[3 * i + j] ?? 0) - bend)).toBeLessThan(1e-5 * Math.abs(hessian[4 * i] ?? 0) + 1e-5)
      }
    }
  })

  it('is infinite exactly where one of its conditions fails', () => {
    const nodes = nodesAround(61)
    const barrier = makeSliceBarrier({ nodes, scale: 0.05 })
    fc.assert(
      fc.property(
        fc.record({
          a: fc.double({ min: -0.1, max: 0.2, noNaN: true }),
          put: fc.double({ min: 0.01, max: 2.2, noNaN: true }),
          call: fc.double({ min: 0.01, max: 2.2, noNaN: true }),
          m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
          sigma: fc.double({ min: 0.05, max: 1, noNaN: true }),
        }),
        ({ a, put, call, m, sigma }) => {
          const svi = { a, b: 0.5 * (put + call), rho: (call - put) / (put + call), m, sigma }
          barrier.place(m, sigma)
          const least = Math.min(...nodes.map((node) => sviDensityFactor(svi, m + sigma * node)))
          fc.pre(Number.isNaN(least) || Math.abs(least) > 1e-9)
          const isAllowed = put < 2 && call < 2 && a + sigma * Math.sqrt(put * call) > 0 && least > 0
          expect(barrier.value(Float64Array.of(a, put, call)) < Infinity).toBe(isAllowed)
        },
      ),
    )
  })
})
