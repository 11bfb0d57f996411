import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../lib/quant/random.ts'
import { qlike, realisedVariance } from '../../lib/quant/realised-variance.ts'

/** A day of n normal returns with variance 1 in all, and a jump in it if there is to be one. */
function day(normal: () => number, n: number, jump = 0): number[] {
  const returns = Array.from({ length: n }, () => normal() / Math.sqrt(n))
  const at = Math.floor(n / 3)
  returns[at] = (returns[at] ?? 0) + jump
  return returns
}

const found = (returns: readonly (number | undefined)[]) => {
  const one = realisedVariance(returns)
  if (one === undefined) throw new Error('no return is known')
  return one
}

describe('realised variance', () => {
  it('is the sum of squares, and bipower variation that without jumps: both are unbiased', () => {
    const { normal } = random(1)
    const days = Array.from({ length: 4_000 }, () => found(day(normal, 48)))
    const mean = (f: (one: ReturnType<typeof found>) => number) => days.reduce((sum, one) => sum + f(one), 0) / 4_000
    expect(mean(({ variance }) => variance)).toBeCloseTo(1, 1.5)
    expect(mean(({ bipower }) => bipower)).toBeCloseTo(1, 1.5)
    const jumps = Array.from({ length: 1_000 }, () => found(day(normal, 288, 2)))
    expect(jumps.reduce((sum, { variance }) => sum + variance, 0) / 1_000).toBeCloseTo(5, 0.5)
    expect(jumps.reduce((sum, { bipower }) => sum + bipower, 0) / 1_000).toBeLessThan(1.4)
  })

  it.each([24, 288])(
    'calls about one quiet day in a thousand a jump, and finds planted ones (%i returns a day)',
    (n) => {
      const { normal } = random(2)
      const quiet = Array.from({ length: 5_000 }, () => found(day(normal, n))).filter(({ jump }) => jump > 0)
      expect(quiet.length / 5_000).toBeLessThan(0.006)
      const jumps = Array.from({ length: 500 }, () => found(day(normal, n, 2.5)))
      const seen = jumps.filter(({ jump }) => jump > 0)
      expect(seen.length / 500).toBeGreaterThan(n === 24 ? 0.6 : 0.99)
      expect(seen.reduce((sum, { jump }) => sum + jump, 0) / seen.length).toBeGreaterThan(4)
    },
  )

  it('scales with the square of the unit, and a jump never exceeds the variance', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: undefined }), {
          minLength: 1,
          maxLength: 50,
        }),
        (returns) => {
          const one = realisedVariance(returns)
          expect(one === undefined).toBe(returns.every((r) => r === undefined))
          if (one === undefined) return
          const double = found(returns.map((r) => (r === undefined ? undefined : 2 * r)))
          expect(double.variance).toBeCloseTo(4 * one.variance, 9)
          expect(double.bipower).toBeCloseTo(4 * one.bipower, 9)
          expect(one.jump).toBeLessThanOrEqual(one.variance)
          expect(Object.values(one).every((value) => Number.isFinite(value))).toBe(true)
        },
      ),
    )
  })

  it('of half a day stands for the whole, of a day without moves is zero, of no return unknown', () => {
    expect(found([0.1, -0.1, undefined, undefined]).variance).toBeCloseTo(0.04, 15)
    expect(found([0, 0, 0])).toEqual({ variance: 0, bipower: 0, z: 0, jump: 0, returns: 3 })
    expect(realisedVariance([undefined])).toBeUndefined()
    expect(realisedVariance([])).toBeUndefined()
    expect(() => realisedVariance([0, Number.NaN])).toThrow(
      expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ at: 1 }) }),
    )
  })
})

it('QLIKE is 0 for the truth alone, and worse for too little than for too much', () => {
  expect(qlike(2, 2)).toBe(0)
  expect(qlike(2, 1)).toBeGreaterThan(qlike(1, 2))
  expect(qlike(1, 2)).toBeGreaterThan(0)
  for (const [realised, forecast] of [
    [0, 1],
    [1, 0],
    [1, Number.NaN],
  ] as const)
    expect(() => qlike(realised, forecast)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
})
