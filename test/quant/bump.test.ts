import { describe, expect, it } from 'vitest'
import { differences } from '../../lib/quant/bump.ts'
import { blackScholes } from '../../lib/quant/options/black.ts'

const option = { kind: 'call', spot: 3000, strike: 3200, time: 0.2, volatility: 0.7, rate: 0.03, carry: 0.01 } as const

describe('derivatives by differences', () => {
  it('find the Greeks of a European option, crossed ones too, to nine digits', () => {
    const { value, gradient, hessian } = differences({
      f: ([spot = 0, volatility = 0, rate = 0]) =>
        blackScholes({ ...option, spot, volatility, rate, carry: rate - 0.02 }).price,
      x: [option.spot, option.volatility, option.rate],
      scales: [option.spot * option.volatility * Math.sqrt(option.time), option.volatility, 1],
    })
    const exact = blackScholes(option)
    expect(value).toBe(exact.price)
    const found = [gradient[0], gradient[1], gradient[2], hessian[0], hessian[1], hessian[3], hessian[4]]
    const { delta, vega, rho, gamma, vanna, volga } = exact
    const expected = [delta, vega, rho, gamma, vanna, vanna, volga]
    for (const [i, want] of expected.entries()) expect(Math.abs((found[i] ?? 0) / want - 1), `${i}`).toBeLessThan(1e-8)
  })

  it('are exact for polynomials of the fourth degree at any magnitude', () => {
    for (const size of [1e-18, 1, 1e18]) {
      const { gradient, hessian } = differences({
        f: ([a = 0, b = 0]) => (a / size) ** 4 + (a / size) * b,
        x: [2 * size, 3],
        scales: [size, 1],
      })
      expect((gradient[0] ?? 0) * size).toBeCloseTo(35, 9)
      expect(gradient[1]).toBeCloseTo(2, 11)
      expect((hessian[0] ?? 0) * size * size).toBeCloseTo(48, 7)
      expect((hessian[1] ?? 0) * size).toBeCloseTo(1, 9)
    }
  })

  it('leave no trace of a bump in the next call, and call as often as they say', () => {
    const seen: string[] = []
    differences({
      f: (x) => {
        seen.push([...x].map((y) => (y === 1 ? 0 : 1)).join(''))
        return 0
      },
      x: [1, 1, 1],
      scales: [1, 1, 1],
    })
    expect(seen).toHaveLength(1 + 8 * 3 + 8 * 3)
    expect(new Set(seen)).toEqual(new Set(['000', '100', '010', '001', '110', '101', '011']))
  })

  it('refuse a scale that is none', () => {
    expect(() => differences({ f: () => 0, x: [1], scales: [0] })).toThrow('not defined')
    expect(() => differences({ f: () => 0, x: [1, 2], scales: [1] })).toThrow('not defined')
  })
})
