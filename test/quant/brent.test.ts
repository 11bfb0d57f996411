import { describe, expect, it } from 'vitest'
import { brentRoot } from '../../lib/quant/brent.ts'

/** Counts the calls of a function. */
function counted(f: (x: number) => number) {
  let calls = 0
  return {
    f: (x: number) => {
      calls += 1
      return f(x)
    },
    calls: () => calls,
  }
}

describe('a root in a bracket', () => {
  it.each([
    { name: 'cos x = x', f: (x: number) => Math.cos(x) - x, from: 0, to: 1, root: 0.7390851332151607 },
    { name: 'a cube, from far', f: (x: number) => x ** 3 - 2, from: -100, to: 1e4, root: 2 ** (1 / 3) },
    {
      name: 'an exponential, falling',
      f: (x: number) => Math.exp(-x) - 1e-8,
      from: 50,
      to: -3,
      root: 18.420680743952367,
    },
    { name: 'a triple root', f: (x: number) => (x - 1) ** 3, from: -1, to: 4, root: 1, within: 1e-5 },
    { name: 'a logarithm', f: (x: number) => Math.log(x), from: 1e-3, to: 1e3, root: 1 },
    { name: 'a jump', f: (x: number) => (x < 0.3 ? -1 : 1), from: 0, to: 1, root: 0.3 },
  ])('$name', ({ f, from, to, root, within = 1e-14 }) => {
    const one = counted(f)
    expect(Math.abs(brentRoot(one.f, { from, to, tolerance: 1e-15 }) - root)).toBeLessThan(within * Math.max(1, root))
    expect(one.calls()).toBeLessThan(150)
  })

  it('takes few evaluations where the function is smooth', () => {
    const one = counted((x) => Math.cos(x) - x)
    brentRoot(one.f, { from: 0, to: 1, tolerance: 1e-15 })
    expect(one.calls()).toBeLessThan(11)
  })

  it('takes a root at either end, and infinite values', () => {
    expect(brentRoot((x) => x, { from: 0, to: 5, tolerance: 0 })).toBe(0)
    expect(brentRoot((x) => x - 5, { from: 0, to: 5, tolerance: 0 })).toBe(5)
    const root = brentRoot((x) => 1 / (1 - x) - 4, { from: 0, to: 1, tolerance: 0 })
    expect(root).toBeCloseTo(0.75, 14)
  })

  it('refuses a bracket without a change of sign, and a function that is not a number in it', () => {
    const refused = (f: (x: number) => number, from: number, to: number) => () =>
      brentRoot(f, { from, to, tolerance: 0 })
    const error = expect.objectContaining({ code: 'out-of-domain' })
    expect(refused((x) => x * x + 1, -1, 1)).toThrow(error)
    expect(refused((x) => x, Number.NaN, 1)).toThrow(error)
    expect(refused((x) => x, Number.NEGATIVE_INFINITY, 1)).toThrow(error)
    expect(refused((x) => (Math.abs(x) === 1 ? x : Number.NaN), -1, 1)).toThrow(error)
  })
})
