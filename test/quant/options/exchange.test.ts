import { describe, expect, it } from 'vitest'
import { blackScholesPrice } from '../../../lib/quant/options/black.ts'
import {
  type ExchangeParams,
  exchangeAsCall,
  exchangeGreeks,
  exchangeValue,
} from '../../../lib/quant/options/exchange.ts'
import { published } from './published.ts'

const haug: ExchangeParams = {
  spot1: 22,
  spot2: 20,
  quantity1: 1,
  quantity2: 1,
  dividendYield1: 0.06,
  dividendYield2: 0.04,
  vol1: 0.2,
  vol2: 0.15,
  correlation: -0.5,
  time: 0.1,
}

interface Row {
  readonly s1: number
  readonly s2: number
  readonly Q1: number
  readonly Q2: number
  readonly q1: number
  readonly q2: number
  readonly t: number
  readonly v1: number
  readonly v2: number
  readonly rho: number
  readonly value: number
  readonly delta1: number
  readonly delta2: number
  readonly gamma1: number
  readonly gamma2: number
  readonly theta: number
  readonly tol: number
}

const paramsOf = (r: Row): ExchangeParams => ({
  spot1: r.s1,
  spot2: r.s2,
  quantity1: r.Q1,
  quantity2: r.Q2,
  dividendYield1: r.q1,
  dividendYield2: r.q2,
  vol1: r.v1,
  vol2: r.v2,
  correlation: r.rho,
  time: r.t,
})

describe('an exchange option', () => {
  it('is worth what Haug (1998), p. 52, prints', () => {
    expect(Math.abs(exchangeValue(haug) - 2.125)).toBeLessThan(1e-3)
    expect(Math.abs(exchangeValue({ ...haug, time: 0.5, vol2: 0.25, correlation: 0.5 }) - 2.374)).toBeLessThan(1e-3)
  })

  const table = published<Row>('margrabe_exchange')
  it.skipIf(!table)(
    'agrees with the table in value and deltas, and in gammas and theta for single units (../shared/tables)',
    () => {
      expect(table?.rows).toHaveLength(21)
      for (const r of table?.rows ?? []) {
        const greeks = exchangeGreeks(paramsOf(r))
        const near = (got: number, expected: number) =>
          expect(Math.abs(got - expected), JSON.stringify(r)).toBeLessThan(r.tol)
        near(exchangeValue(paramsOf(r)), r.value)
        near(greeks.delta1, r.delta1)
        near(greeks.delta2, r.delta2)
        // With several units the table's gammas lack one factor of the quantity, and its thetas are of another definition.
        near(greeks.gamma1 / r.Q1, r.gamma1)
        near(greeks.gamma2 / r.Q2, r.gamma2)
        if (r.Q1 === 1 && r.Q2 === 1) near(greeks.theta, r.theta)
      }
    },
  )

  it('has the Greeks that bumping its value gives, several units included', () => {
    for (const p of [haug, { ...haug, quantity1: 2, spot1: 11, quantity2: 4, spot2: 5, time: 0.7, correlation: 0.4 }]) {
      const at = (change: Partial<ExchangeParams>) => exchangeValue({ ...p, ...change })
      const slope = (field: 'spot1' | 'spot2' | 'vol1' | 'vol2' | 'correlation' | 'time', h: number) =>
        (at({ [field]: p[field] + h }) - at({ [field]: p[field] - h })) / (2 * h)
      const bend = (field: 'spot1' | 'spot2', h: number) =>
        (at({ [field]: p[field] + h }) - 2 * at({}) + at({ [field]: p[field] - h })) / (h * h)
      const greeks = exchangeGreeks(p)
      expect(greeks.delta1).toBeCloseTo(slope('spot1', 1e-4), 7)
      expect(greeks.delta2).toBeCloseTo(slope('spot2', 1e-4), 7)
      expect(greeks.gamma1).toBeCloseTo(bend('spot1', 1e-3), 5)
      expect(greeks.gamma2).toBeCloseTo(bend('spot2', 1e-3), 5)
      expect(greeks.vega1).toBeCloseTo(slope('vol1', 1e-5), 7)
      expect(greeks.vega2).toBeCloseTo(slope('vol2', 1e-5), 7)
      expect(greeks.correlationSensitivity).toBeCloseTo(slope('correlation', 1e-5), 7)
      expect(greeks.theta).toBeCloseTo(-slope('time', 1e-6), 6)
      const h = 1e-3
      const corner = (a: number, b: number) => at({ spot1: p.spot1 + a * h, spot2: p.spot2 + b * h })
      const cross = (corner(1, 1) - corner(1, -1) - corner(-1, 1) + corner(-1, -1)) / (4 * h * h)
      expect(greeks.crossGamma).toBeCloseTo(cross, 5)
      const across = (figure: 'delta1' | 'delta2' | 'vega1' | 'vega2', field: 'vol1' | 'vol2') => {
        const moved = (move: number) => exchangeGreeks({ ...p, [field]: p[field] + move })[figure]
        return (moved(1e-5) - moved(-1e-5)) / 2e-5
      }
      expect(greeks.vanna11).toBeCloseTo(across('delta1', 'vol1'), 6)
      expect(greeks.vanna12).toBeCloseTo(across('delta1', 'vol2'), 6)
      expect(greeks.vanna21).toBeCloseTo(across('delta2', 'vol1'), 6)
      expect(greeks.vanna22).toBeCloseTo(across('delta2', 'vol2'), 6)
      expect(greeks.volga1).toBeCloseTo(across('vega1', 'vol1'), 5)
      expect(greeks.volga2).toBeCloseTo(across('vega2', 'vol2'), 5)
      expect(greeks.crossVolga).toBeCloseTo(across('vega1', 'vol2'), 5)
    }
  })

  it('is a call on asset 1 with asset 2 as the money, which any pricer of calls can price', () => {
    const { volatility, ...call } = exchangeAsCall({ ...haug, quantity2: 1.1 })
    expect(exchangeValue({ ...haug, quantity2: 1.1 })).toBeCloseTo(blackScholesPrice({ ...call, volatility }), 13)
  })

  it('less the exchange the other way round, is the difference of what is held', () => {
    const back = {
      ...haug,
      spot1: haug.spot2,
      spot2: haug.spot1,
      dividendYield1: 0.04,
      dividendYield2: 0.06,
      vol1: haug.vol2,
      vol2: haug.vol1,
    }
    const held = 22 * Math.exp(-0.006) - 20 * Math.exp(-0.004)
    expect(exchangeValue(haug) - exchangeValue(back)).toBeCloseTo(held, 12)
  })

  it('reaches its limits: no time, like assets, no volatility', () => {
    expect(exchangeValue({ ...haug, time: 0 })).toBe(2)
    expect(exchangeValue({ ...haug, time: 0, spot1: 19 })).toBe(0)
    const like = { ...haug, vol2: 0.2, correlation: 1, dividendYield2: 0.06, time: 1 }
    expect(exchangeValue(like)).toBeCloseTo(2 * Math.exp(-0.06), 13)
    expect(exchangeGreeks(like)).toMatchObject({ gamma1: 0, vega1: 0, vanna12: 0, crossVolga: 0 })
    expect(exchangeGreeks(like).delta2).toBeCloseTo(-Math.exp(-0.06), 14)
    expect(exchangeValue({ ...like, correlation: 1 - 1e-15 })).toBeCloseTo(2 * Math.exp(-0.06), 13)
    const scaled = exchangeValue({ ...haug, spot1: 22e18, spot2: 20e-18, quantity1: 1e-18, quantity2: 1e18 })
    expect(scaled).toBeCloseTo(exchangeValue(haug), 12)
  })

  it('refuses an argument by its name', () => {
    for (const [field, value] of [
      ['spot1', 0],
      ['quantity2', -1],
      ['dividendYield1', Number.NaN],
      ['vol2', -0.1],
      ['correlation', 1.01],
      ['time', Number.POSITIVE_INFINITY],
    ] as const)
      for (const price of [exchangeValue, exchangeGreeks, exchangeAsCall])
        expect(() => price({ ...haug, [field]: value })).toThrow(
          expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ field }) }),
        )
  })
})
