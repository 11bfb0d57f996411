import { describe, expect, it } from 'vitest'
import { fivePointBend, fivePointSlope, neighbours } from '../../lib/quant/five-point.ts'

const at = (f: (x: number) => number, x: number, h: number) => neighbours.map((steps) => f(x + steps * h))

describe('five points', () => {
  it('are exact for polynomials of the fourth degree', () => {
    const f = (x: number) => 3 - 2 * x + 5 * x ** 2 - x ** 3 + 2 * x ** 4
    expect(fivePointSlope(at(f, 0.7, 0.5), 0.5)).toBeCloseTo(-2 + 10 * 0.7 - 3 * 0.7 ** 2 + 8 * 0.7 ** 3, 11)
    expect(fivePointBend(at(f, 0.7, 0.5), f(0.7), 0.5)).toBeCloseTo(10 - 6 * 0.7 + 24 * 0.7 ** 2, 11)
  })

  it('err by h^4', () => {
    for (const h of [0.1, 0.05]) {
      expect(fivePointSlope(at(Math.exp, 1, h), h) - Math.E).toBeCloseTo(-Math.E * (h ** 4 / 30), 7)
      expect(fivePointBend(at(Math.exp, 1, h), Math.E, h) - Math.E).toBeCloseTo(-Math.E * (h ** 4 / 90), 7)
    }
  })
})
