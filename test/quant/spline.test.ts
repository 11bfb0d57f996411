import { describe, expect, it } from 'vitest'
import { addSpline, uniformSpline } from '../../lib/quant/spline.ts'

const sampled = (f: (x: number) => number, from: number, to: number, n: number) =>
  uniformSpline({ from, to, values: Float64Array.from({ length: n }, (_, k) => f(from + ((to - from) * k) / (n - 1))) })

function worst(f: (x: number) => number, from: number, to: number, n: number): number {
  const x = Float64Array.from({ length: 1_001 }, (_, k) => from + ((to - from) * k) / 1_000)
  const out = new Float64Array(x.length)
  addSpline(sampled(f, from, to, n), x, out)
  return x.reduce((most, one, j) => Math.max(most, Math.abs((out[j] ?? Number.NaN) - f(one))), 0)
}

describe('a cubic spline on a uniform grid', () => {
  it.each([4, 5, 6, 17])('gives back a cubic from %i knots', (n) => {
    expect(worst((x) => 2 - x + 3 * x ** 2 - 0.7 * x ** 3, -1, 2, n)).toBeLessThan(5e-15)
  })

  it('goes through its knots', () => {
    const values = Float64Array.of(3, -1, 4, 1, -5, 9)
    const out = new Float64Array(6)
    addSpline(uniformSpline({ from: 0, to: 5, values }), Float64Array.of(0, 1, 2, 3, 4, 5), out)
    for (const [k, value] of values.entries()) expect(out[k]).toBeCloseTo(value, 13)
  })

  it('has an error that falls with the fourth power of the step, ends included', () => {
    const [coarse, fine] = [worst(Math.exp, 0, 2, 33), worst(Math.exp, 0, 2, 65)]
    expect(coarse / fine).toBeGreaterThan(14)
    expect(fine).toBeLessThan(2e-7)
  })

  it('has a continuous slope and curvature', () => {
    const { coefficients, step } = sampled(Math.sin, 0, 3, 12)
    expect(step).toBeCloseTo(3 / 11, 15)
    for (let k = 0; k < 10; k += 1) {
      const [, c1 = 0, c2 = 0, c3 = 0, , n1 = 0, n2 = 0] = coefficients.subarray(4 * k)
      expect(c1 + 2 * c2 + 3 * c3).toBeCloseTo(n1, 13)
      expect(c2 + 3 * c3).toBeCloseTo(n2, 13)
    }
  })

  it('adds to what is there', () => {
    const out = Float64Array.of(10)
    addSpline(
      sampled((x) => x, 0, 1, 4),
      Float64Array.of(0.25),
      out,
    )
    expect(out[0]).toBeCloseTo(10.25, 14)
  })

  it('refuses fewer than four knots, an empty interval, and values that are not finite', () => {
    for (const bad of [
      { from: 0, to: 1, values: Float64Array.of(1, 2, 3) },
      { from: 1, to: 1, values: Float64Array.of(1, 2, 3, 4) },
      { from: 0, to: 1, values: Float64Array.of(1, 2, Number.NaN, 4) },
    ]) {
      expect(() => uniformSpline(bad)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    }
  })
})
