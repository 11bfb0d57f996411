import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { largest, lossTail, shortfallWithout, tailWeights } from '../../../lib/risk/tail/loss-tail.ts'

/** Few values, so that ties are many. */
const losses = fc
  .array(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })), {
    minLength: 1,
    maxLength: 300,
  })
  .map((values) => Float64Array.from(values))
const levels = fc.constantFrom(0.95, 0.99, 0.9, 0.5)

describe('the tail of losses', () => {
  it('is the hundredth part of 10,000 scenarios: VaR is the 101st largest loss, ES the mean of the hundred above it', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, i) => (i * 7_919) % 10_000)
    expect(lossTail(values, 0.99)).toEqual({ valueAtRisk: 9_899, expectedShortfall: 9_949.5 })
  })

  it('minimises x + E[(loss - x)+] / (1 - level), of which ES is the least value', () => {
    fc.assert(
      fc.property(losses, levels, (values, level) => {
        const { valueAtRisk, expectedShortfall } = lossTail(values, level)
        const objective = (x: number) =>
          x + values.reduce((sum, loss) => sum + Math.max(0, loss - x), 0) / values.length / (1 - level)
        const scale = Math.max(1, ...values.map(Math.abs)) / (1 - level)
        expect(Math.abs(objective(valueAtRisk) - expectedShortfall)).toBeLessThan(1e-9 * scale)
        for (const x of values) expect(objective(x)).toBeGreaterThan(expectedShortfall - 1e-9 * scale)
      }),
    )
  })

  it('has weights that sum to 1 and whose sum of losses is ES, ties included', () => {
    fc.assert(
      fc.property(losses, levels, (values, level) => {
        const weights = tailWeights(values, level)
        const scale = Math.max(1, ...values.map(Math.abs))
        expect(weights.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9)
        const mean = weights.reduce((sum, { scenario, weight }) => sum + weight * (values[scenario] ?? 0), 0)
        expect(Math.abs(mean - lossTail(values, level).expectedShortfall)).toBeLessThan(1e-9 * scale)
      }),
    )
  })

  it('without one part is the same as that of the differences', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.double({ min: -1e3, max: 1e3, noNaN: true }), fc.double({ min: -1e3, max: 1e3, noNaN: true })),
          { minLength: 1, maxLength: 400 },
        ),
        levels,
        (pairs, level) => {
          const whole = Float64Array.from(pairs, ([a]) => a)
          const part = Float64Array.from(pairs, ([, b]) => b)
          const expected = lossTail(
            whole.map((loss, i) => loss - (part[i] ?? 0)),
            level,
          ).expectedShortfall
          expect(Math.abs(shortfallWithout(whole, level)(part) - expected)).toBeLessThan(1e-8)
        },
      ),
    )
  })

  it('selects as a sort would', () => {
    fc.assert(
      fc.property(losses, fc.nat(), (values, n) => {
        const rank = n % values.length
        expect(largest(values.slice(), rank)).toBe(values.toSorted().reverse()[rank])
      }),
    )
  })
})
