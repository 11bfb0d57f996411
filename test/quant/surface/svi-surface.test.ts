import { describe, expect, it } from 'vitest'
import { normalCdf } from '../../../lib/quant/normal.ts'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import {
  deltaSkew,
  fairTotalVariance,
  strikeAtDelta,
  varianceRiskPremium,
} from '../../../lib/quant/surface/smile-measures.ts'
import type { SviParameters } from '../../../lib/quant/surface/svi.ts'
import {
  atTheMoneyTerm,
  calendarReports,
  smileAt,
  surfaceVolatility,
  sviSmile,
  sviSurface,
} from '../../../lib/quant/surface/svi-surface.ts'

const month: SviParameters = { a: 0.01, b: 0.06, rho: -0.3, m: 0.02, sigma: 0.15 }
const quarter: SviParameters = { a: 0.04, b: 0.1, rho: -0.3, m: 0.04, sigma: 0.3 }
const surface = sviSurface([
  { time: 1 / 12, parameters: month },
  { time: 0.25, parameters: quarter },
])
const flat = (w: number) => sviSmile({ a: w, b: 0, rho: 0, m: 0, sigma: 1 })
const refused = expect.objectContaining({ code: 'out-of-domain' })

describe('a surface', () => {
  it('has total variance linear in time between expiries, and constant volatility outside of them', () => {
    for (const k of [-0.5, 0, 0.3]) {
      const [early, late] = [smileAt(surface, 1 / 12), smileAt(surface, 0.25)].map(({ totalVariance }) =>
        totalVariance(k),
      )
      expect(smileAt(surface, (1 / 12 + 0.25) / 2).totalVariance(k)).toBeCloseTo(((early ?? 0) + (late ?? 0)) / 2, 15)
      expect(surfaceVolatility(surface, k, 1e-4)).toBeCloseTo(surfaceVolatility(surface, k, 1 / 12), 14)
      expect(surfaceVolatility(surface, k, 0)).toBeCloseTo(surfaceVolatility(surface, k, 1 / 12), 14)
      expect(surfaceVolatility(surface, k, 3)).toBeCloseTo(surfaceVolatility(surface, k, 0.25), 14)
      const smile = smileAt(surface, 0.15)
      expect(smile.slope(k)).toBeCloseTo((smile.totalVariance(k + 1e-5) - smile.totalVariance(k - 1e-5)) / 2e-5, 8)
    }
    expect(calendarReports(surface)).toMatchObject([{ free: true }])
  })

  it('has a term structure whose forward variances add up', () => {
    const times = [0.02, 1 / 12, 0.2, 0.25, 1]
    const points = atTheMoneyTerm(surface, times)
    let sum = 0
    for (const [i, point] of points.entries()) {
      sum += (point.forwardVolatility ?? 0) ** 2 * (point.time - (times[i - 1] ?? 0))
      expect(sum).toBeCloseTo(point.totalVariance, 14)
      expect(point.volatility).toBeCloseTo(surfaceVolatility(surface, 0, point.time), 14)
    }
    const falling = sviSurface([
      { time: 0.1, parameters: quarter },
      { time: 0.2, parameters: month },
    ])
    expect(atTheMoneyTerm(falling, [0.1, 0.2])[1]?.forwardVolatility).toBeUndefined()
    expect(calendarReports(falling)[0]?.free).toBe(false)
  })

  it('refuses times that do not ascend', () => {
    expect(() => sviSurface([])).toThrow(refused)
    expect(() =>
      sviSurface([
        { time: 0.2, parameters: month },
        { time: 0.2, parameters: quarter },
      ]),
    ).toThrow(refused)
    expect(() => atTheMoneyTerm(surface, [0.2, 0.1])).toThrow(refused)
    expect(() => smileAt(surface, -1)).toThrow(refused)
    expect(() => surfaceVolatility(surface, Number.NaN, 0.1)).toThrow(refused)
  })
})

describe('what is read off a smile', () => {
  it('are strikes whose options have the delta asked for', () => {
    const smile = smileAt(surface, 0.15)
    for (const delta of [0.01, 0.25, 0.5, 0.75, 0.99]) {
      const k = strikeAtDelta(smile, delta)
      const root = Math.sqrt(smile.totalVariance(k))
      expect(normalCdf(-k / root + root / 2)).toBeCloseTo(delta, 12)
    }
    expect(() => strikeAtDelta(smile, 1)).toThrow(refused)
  })

  it('is a skew with the sign of the correlation, and none when flat', () => {
    const skew = deltaSkew(smileAt(surface, 0.25), 0.25, 0.25)
    expect(skew.riskReversal).toBeLessThan(-0.01)
    expect(skew.butterfly).toBeGreaterThan(0)
    expect(skew.putStrike).toBeLessThan(skew.callStrike)
    const none = deltaSkew(flat(0.09), 0.25, 0.25)
    expect([none.riskReversal, none.butterfly]).toEqual([0, 0])
    expect(none.atTheMoneyVolatility).toBeCloseTo(0.6, 14)
    expect(() => deltaSkew(flat(0.09), 0.25, 0.6)).toThrow(refused)
  })

  it('is a fair variance that the strip of options replicates', () => {
    expect(fairTotalVariance(flat(0.09))).toBeCloseTo(0.09, 13)
    for (const parameters of [month, quarter]) {
      const smile = sviSmile(parameters)
      let strip = 0
      const step = 1 / 2048
      for (let k = -6; k <= 6; k += step) {
        const option = {
          spot: 1,
          strike: Math.exp(k),
          time: 1,
          rate: 0,
          carry: 0,
          volatility: Math.sqrt(smile.totalVariance(k)),
        }
        strip += (2 * step * blackScholesPrice({ ...option, kind: k < 0 ? 'put' : 'call' })) / Math.exp(k)
      }
      expect(fairTotalVariance(smile) / strip).toBeCloseTo(1, 5)
      expect(fairTotalVariance(smile)).toBeGreaterThan(smile.totalVariance(0))
    }
    expect(() => fairTotalVariance(sviSmile({ ...month, b: 2 }))).toThrow(refused)
  })

  it('is a premium of implied over realised variance', () => {
    expect(varianceRiskPremium(0.36, 0.25).variance).toBeCloseTo(0.11, 15)
    expect(varianceRiskPremium(0.36, 0.25).volatility).toBeCloseTo(0.1, 15)
    expect(() => varianceRiskPremium(0.36, Number.NaN)).toThrow(refused)
  })
})
