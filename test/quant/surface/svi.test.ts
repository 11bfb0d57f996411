import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { calibrateSvi } from '../../../lib/quant/surface/calibrate-svi.ts'
import { type SmileQuotes, sviErrors } from '../../../lib/quant/surface/smile-quotes.ts'
import {
  type SviJumpWings,
  type SviParameters,
  sviDensityFactor,
  sviFromJumpWings,
  sviJumpWings,
  sviMinimum,
  sviSlope,
  sviTotalVariance,
} from '../../../lib/quant/surface/svi.ts'
import { butterflyReport, calendarReport } from '../../../lib/quant/surface/svi-arbitrage.ts'

/** Axel Vogt's slice: Gatheral & Jacquier (2014), example 3.1, and 5.1 for its jump wings and repair. */
const vogt: SviParameters = { a: -0.041, b: 0.1331, rho: 0.306, m: 0.3586, sigma: 0.4153 }
const calm: SviParameters = { a: 0.02, b: 0.1, rho: -0.4, m: 0.05, sigma: 0.3 }
const refused = (code: string) => expect.objectContaining({ code })

function sequence(): () => number {
  let state = 3
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function quotesOf(svi: SviParameters, time: number, k: Float64Array, noise: () => number = () => 0): SmileQuotes {
  return { time, logMoneyness: k, volatility: k.map((x) => Math.sqrt(sviTotalVariance(svi, x) / time) + noise()) }
}

/** Expiries from three days to two years, volatilities from 30% to 130%, skews both ways. */
function* slices(n: number): Generator<{ svi: SviParameters; time: number; k: Float64Array }> {
  const u = sequence()
  for (let i = 0; i < n; i += 1) {
    const time = 10 ** (-2 + 2.3 * u())
    const w = (0.3 + u()) ** 2 * time
    const [a, rho, m, sigma] = [
      w * (0.2 + 0.6 * u()),
      -0.9 + 1.6 * u(),
      (u() - 0.5) * 0.5 * Math.sqrt(w),
      (0.1 + u()) * Math.sqrt(w),
    ]
    const b = (w - a) / (-rho * m + Math.sqrt(m * m + sigma * sigma))
    const points = 8 + Math.floor(30 * u())
    const k = Float64Array.from({ length: points }, (_, j) => (-2.5 + (5 * j) / (points - 1)) * Math.sqrt(w))
    if (b * (1 + Math.abs(rho)) < 1.9) yield { svi: { a, b, rho, m, sigma }, time, k }
  }
}

describe('an SVI slice', () => {
  it('has the jump wings that the paper gives for Vogt’s example', () => {
    const wings = sviJumpWings(vogt, 1)
    const paper = { v: 0.01742625, psi: -0.1752111, p: 0.6997381, c: 1.316798, vTilde: 0.0116249 }
    for (const [name, value] of Object.entries(paper)) expect(wings[name as keyof SviJumpWings]).toBeCloseTo(value, 6)
  })

  it('comes back from its jump wings', () => {
    for (const { svi, time } of slices(60)) {
      const back = sviFromJumpWings(sviJumpWings(svi, time), time)
      for (const k of [-1, -0.1, 0, 0.2, 2])
        expect(sviTotalVariance(back, k) / sviTotalVariance(svi, k)).toBeCloseTo(1, 9)
    }
    const centred = { ...calm, m: 0 }
    expect(sviFromJumpWings(sviJumpWings(centred, 2), 2).sigma).toBeCloseTo(0.3, 12)
  })

  it('has the slope and density factor of its total variance', () => {
    for (const k of [-2, -0.3, 0, 0.4, 3]) {
      const h = 1e-5
      const [low, mid, high] = [-h, 0, h].map((d) => sviTotalVariance(vogt, k + d)) as [number, number, number]
      const slope = (high - low) / (2 * h)
      expect(sviSlope(vogt, k)).toBeCloseTo(slope, 8)
      const bend = (high - 2 * mid + low) / (h * h)
      const g = (1 - (k * slope) / (2 * mid)) ** 2 - (slope * slope * (1 / mid + 0.25)) / 4 + bend / 2
      expect(sviDensityFactor(vogt, k)).toBeCloseTo(g, 4)
    }
  })

  it('refuses parameters and wings that describe no smile', () => {
    for (const wrong of [{ b: -1 }, { rho: 1 }, { sigma: 0 }, { m: Number.NaN }])
      expect(() => butterflyReport({ ...vogt, ...wrong })).toThrow(refused('out-of-domain'))
    expect(() => sviJumpWings({ ...calm, a: -1 }, 1)).toThrow(refused('out-of-domain'))
    const atItsLeast = sviJumpWings({ ...calm, rho: 0, m: 0 }, 1)
    expect(() => sviFromJumpWings(atItsLeast, 1)).toThrow(refused('out-of-domain'))
    expect(() => sviFromJumpWings({ v: 0.04, psi: 0.9, p: 0.5, c: 0.5, vTilde: 0.01 }, 1)).toThrow(
      refused('out-of-domain'),
    )
  })
})

describe('the arbitrage of smiles', () => {
  it('finds the butterfly of Vogt’s example where it is', () => {
    const report = butterflyReport(vogt)
    expect(report.free).toBe(false)
    expect(report.least).toBeCloseTo(-0.032863573, 8)
    expect(report.leastAt).toBeCloseTo(0.8793, 4)
    expect(report.intervals).toHaveLength(1)
    expect(report.intervals[0]?.[0]).toBeCloseTo(0.6424, 4)
    expect(report.intervals[0]?.[1]).toBeCloseTo(1.2569, 4)
    expect(report.steepestWing).toBeCloseTo(0.1738286, 12)
  })

  it('finds none in a calm slice, and says when wings or variance are to blame', () => {
    expect(butterflyReport(calm)).toMatchObject({ free: true, intervals: [] })
    expect(butterflyReport({ ...calm, b: 1.6 }).free).toBe(false)
    const negative = butterflyReport({ ...calm, a: -0.1 })
    expect([negative.free, negative.leastVariance < 0]).toEqual([false, true])
  })

  it('sees a later slice below an earlier one, in the middle and in a wing', () => {
    expect(calendarReport(calm, { ...calm, a: 0.03 })).toMatchObject({ free: true })
    const below = calendarReport(calm, { ...calm, a: 0.018, sigma: 0.31 })
    expect(below).toMatchObject({ free: false, intervals: [[-Infinity, Infinity]] })
    expect(below.least).toBeLessThan(-0.001)
    const dipped = { ...calm, a: 0.018, b: 0.105 }
    const dip = calendarReport(calm, dipped)
    expect(dip.free).toBe(false)
    const [[from, to] = [0, 0], ...others] = dip.intervals
    expect(others).toEqual([])
    expect([from < dip.leastAt, dip.leastAt < to]).toEqual([true, true])
    for (const k of [from, to]) expect(sviTotalVariance(dipped, k)).toBeCloseTo(sviTotalVariance(calm, k), 12)
  })

  it('says from where on a flatter wing of a later slice lies below, be it far out', () => {
    for (const lift of [0.08, 8, 800]) {
      const flatter = { ...calm, a: calm.a + lift, b: 0.09 }
      const report = calendarReport(calm, flatter)
      expect(report).toMatchObject({ free: false, least: -Infinity })
      const [[, put] = [0, 0], [call] = [0, 0]] = report.intervals
      expect(report.intervals).toEqual([
        [-Infinity, put],
        [call, Infinity],
      ])
      for (const k of [put, call]) expect(sviTotalVariance(flatter, k) / sviTotalVariance(calm, k)).toBeCloseTo(1, 12)
    }
    // A crossing far out in a wing of equal slope.
    expect(calendarReport(calm, { ...calm, m: 0.051 })).toMatchObject({ free: false })
  })
})

describe('calibration', () => {
  it('recovers Vogt’s example, violation included', () => {
    const k = Float64Array.from({ length: 25 }, (_, i) => -1.5 + i * 0.125)
    const fit = calibrateSvi(quotesOf(vogt, 1, k), 'report')
    for (const [name, value] of Object.entries(vogt))
      expect(fit.parameters[name as keyof SviParameters]).toBeCloseTo(value, 7)
    expect(fit).toMatchObject({ repaired: false, butterfly: { free: false } })
    expect(fit.butterfly.least).toBeCloseTo(-0.0328636, 6)
    const repaired = calibrateSvi(quotesOf(vogt, 1, k), 'repair')
    expect(repaired).toMatchObject({ repaired: true, butterfly: { free: true } })
    expect(() => calibrateSvi(quotesOf(vogt, 1, k), 'refuse')).toThrow(refused('butterfly-arbitrage'))
  })

  it('fits synthetic smiles to 1e-4 of volatility, and far below', () => {
    let fitted = 0
    for (const { svi, time, k } of slices(120)) {
      expect(calibrateSvi(quotesOf(svi, time, k), 'report').rmse, JSON.stringify(svi)).toBeLessThan(1e-8)
      fitted += 1
    }
    expect(fitted).toBeGreaterThan(100)
  })

  it('stays below the noise of noisy quotes', () => {
    const u = sequence()
    for (const { svi, time, k } of slices(40)) {
      const quotes = quotesOf(svi, time, k, () => 0.004 * (u() - 0.5))
      const fit = calibrateSvi(quotes, 'report')
      expect(fit.rmse).toBeLessThanOrEqual(sviErrors(svi, quotes).rmse * 1.0001)
      expect(sviMinimum(fit.parameters)).toBeGreaterThanOrEqual(-1e-15)
      expect(fit.butterfly.steepestWing).toBeLessThanOrEqual(2 + 1e-12)
    }
  })

  it('lets a weight of zero leave a wrong quote out', () => {
    const k = Float64Array.from({ length: 12 }, (_, i) => -0.6 + i * 0.1)
    const clean = quotesOf(calm, 0.5, k)
    const volatility = clean.volatility.map((vol, i) => (i === 4 ? vol + 0.5 : vol))
    const weight = k.map((_, i) => (i === 4 ? 0 : 1))
    const fit = calibrateSvi({ ...clean, volatility, weight }, 'report')
    for (const x of k) expect(sviTotalVariance(fit.parameters, x)).toBeCloseTo(sviTotalVariance(calm, x), 9)
    expect(fit.largestError).toBeCloseTo(0.5, 6)
  })

  it('keeps vertex and width within the range of the quotes, where a parabola between them would let both go', () => {
    const k = Float64Array.from({ length: 33 }, (_, i) => Math.log((1800 + 100 * i) / 3010))
    const parabolas = [
      { time: 30 / 365, volatility: k.map((x) => 0.6 - 0.12 * x + 0.3 * x * x) },
      { time: 120 / 365, volatility: k.map((x) => 0.62 + 0.25 * x * x) },
    ]
    const range = Math.log(5000 / 1800)
    for (const smile of parabolas) {
      const { parameters, rmse, butterfly } = calibrateSvi({ ...smile, logMoneyness: k }, 'refuse')
      expect(rmse).toBeLessThan(0.001)
      expect(butterfly.free).toBe(true)
      expect(Math.abs(parameters.m)).toBeLessThan(range)
      expect(parameters.sigma).toBeLessThanOrEqual(range * (1 + 1e-12))
    }
  })

  it('fits a flat smile', () => {
    const k = Float64Array.from({ length: 9 }, (_, i) => -0.4 + i * 0.1)
    const fit = calibrateSvi({ time: 0.1, logMoneyness: k, volatility: new Float64Array(9).fill(0.6) }, 'refuse')
    expect(fit.rmse).toBeLessThan(1e-12)
  })

  it('refuses too few quotes and quotes that are none', () => {
    const quotes = quotesOf(calm, 1, Float64Array.of(-0.2, -0.1, 0, 0.1, 0.2))
    expect(() => calibrateSvi(quotesOf(calm, 1, Float64Array.of(-0.1, 0, 0.1, 0.2)), 'report')).toThrow(
      refused('too-few-quotes'),
    )
    expect(() => calibrateSvi({ ...quotes, time: 0 }, 'report')).toThrow(refused('out-of-domain'))
    expect(() => calibrateSvi({ ...quotes, volatility: new Float64Array(5) }, 'report')).toThrow(
      refused('out-of-domain'),
    )
    expect(() => calibrateSvi({ ...quotes, volatility: new Float64Array(4).fill(1) }, 'report')).toThrow(
      refused('out-of-domain'),
    )
  })
})

const TABLES = new URL('../../../../shared/tables/', import.meta.url)

describe.skipIf(!existsSync(TABLES))('the tables of SVI (../shared/tables)', () => {
  const read = (name: string) => (existsSync(TABLES) ? JSON.parse(readFileSync(new URL(name, TABLES), 'utf8')) : {})

  it('are met by Gatheral and Jacquier’s example, point by point', () => {
    const table = read('svi_gatheral_jacquier.json')
    for (const { k, w, g } of table.values) {
      expect(sviTotalVariance(table.raw, k)).toBeCloseTo(w, 14)
      expect(sviDensityFactor(table.raw, k)).toBeCloseTo(g, 12)
    }
    const wings = sviJumpWings(table.raw, table.t)
    const names = { v: 'v', psi: 'psi', p: 'p', c: 'c', vTilde: 'v_tilde' } as const
    for (const [ours, theirs] of Object.entries(names))
      expect(wings[ours as keyof SviJumpWings]).toBeCloseTo(table.jump_wing[theirs], 13)
    const { p, psi, v } = wings
    const c = p + 2 * psi
    expect(c).toBeCloseTo(table.repaired.c_prime, 13)
    expect((4 * v * p * c) / (p + c) ** 2).toBeCloseTo(table.repaired.v_tilde_prime, 13)
  })

  it('are met by QuantLib’s point', () => {
    const { a, b, rho, m, sigma } = read('svi_point_quantlib.json')
    expect(sviTotalVariance({ a, b, rho, m, sigma }, m)).toBeCloseTo(0.010573, 12)
  })
})
