import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { expectedShortfall } from '../../../lib/quant/tail/expected-shortfall.ts'

/** v + E[(L - v)+] / (1 - level). */
function objective(losses: Float64Array, level: number, v: number, weights = losses.map(() => 1)): number {
  const total = weights.reduce((sum, w) => sum + w, 0)
  const excess = losses.reduce((sum, loss, k) => sum + ((weights[k] ?? 0) / total) * Math.max(0, loss - v), 0)
  return v + excess / (1 - level)
}

const loss = fc.double({ min: -1e3, max: 1e3, noNaN: true })
const few = fc.array(fc.oneof(loss, fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 60 })
const level = fc.double({ min: 0.01, max: 0.995, noNaN: true })

describe('value at risk and expected shortfall of scenarios', () => {
  it('is the minimum over v of v + E[(L - v)+] / (1 - level), which lies at a scenario, to 1e-12', () => {
    fc.assert(
      fc.property(few, level, (values, alpha) => {
        const losses = Float64Array.from(values)
        const found = expectedShortfall(losses, alpha)
        const least = Math.min(...values.map((v) => objective(losses, alpha, v)))
        const scale = Math.max(1, ...values.map(Math.abs))
        expect(Math.abs(found.expectedShortfall - least)).toBeLessThan(1e-12 * scale * Math.max(1, 0.1 / (1 - alpha)))
        expect(values).toContain(found.valueAtRisk)
        expect(found.expectedShortfall).toBeGreaterThanOrEqual(found.valueAtRisk)
      }),
    )
  })

  it('takes the least loss that is not exceeded with more than 1 - level, also where the tail is no whole number', () => {
    const losses = Float64Array.from({ length: 100 }, (_, k) => k + 1)
    expect(expectedShortfall(losses, 0.99)).toMatchObject({ valueAtRisk: 99, expectedShortfall: 100 })
    expect(expectedShortfall(losses, 0.95).expectedShortfall).toBeCloseTo(98, 12)
    // Two and a half scenarios: 100, 99 and half of 98.
    expect(expectedShortfall(losses, 0.975).valueAtRisk).toBe(98)
    expect(expectedShortfall(losses, 0.975).expectedShortfall).toBeCloseTo((100 + 99 + 49) / 2.5, 12)
    // Less than one.
    expect(expectedShortfall(losses, 0.999)).toMatchObject({ valueAtRisk: 100, expectedShortfall: 100 })
  })

  it('counts a weight as so many scenarios', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 0, max: 4 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.constantFrom(0.5, 0.9, 0.95, 0.99),
        (pairs, alpha) => {
          fc.pre(pairs.some(([, w]) => w > 0))
          const weighted = expectedShortfall(
            Float64Array.from(pairs, ([value]) => value),
            alpha,
            Float64Array.from(pairs, ([, w]) => w / 7),
          )
          const repeated = expectedShortfall(
            Float64Array.from(pairs.flatMap(([value, w]) => new Array<number>(w).fill(value))),
            alpha,
          )
          expect(weighted.valueAtRisk).toBe(repeated.valueAtRisk)
          expect(weighted.expectedShortfall).toBeCloseTo(repeated.expectedShortfall, 11)
        },
      ),
    )
  })

  it('has shares that sum to 1, and with the losses of each part to its contribution', () => {
    const stream = random(3)
    const [one, other] = [0, 1].map(() => Float64Array.from({ length: 10_000 }, () => Math.round(20 * stream.normal())))
    const book = (one ?? new Float64Array()).map((x, k) => x + (other?.[k] ?? 0))
    for (const alpha of [0.95, 0.99, 0.9973]) {
      const { expectedShortfall: whole, shares } = expectedShortfall(book, alpha)
      const dot = (part: Float64Array | undefined) =>
        shares.reduce((sum, share, k) => sum + share * (part?.[k] ?? 0), 0)
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      expect(Math.abs(dot(one) + dot(other) - whole)).toBeLessThan(1e-11)
    }
  })

  it('keeps its digits beside a large common part, and does not depend on the order', () => {
    const stream = random(5)
    const losses = Float64Array.from({ length: 5_000 }, () => stream.normal())
    const found = expectedShortfall(losses, 0.99)
    expect(expectedShortfall(losses.toReversed(), 0.99).expectedShortfall).toBeCloseTo(found.expectedShortfall, 13)
    const far = expectedShortfall(
      losses.map((x) => x + 2 ** 30),
      0.99,
    )
    expect(far.expectedShortfall - 2 ** 30).toBeCloseTo(found.expectedShortfall, 6)
  })

  it('refuses no losses, losses that are none, levels at the ends and weights that are none', () => {
    const refusal = expect.objectContaining({ code: 'out-of-domain' })
    const two = Float64Array.of(1, 2)
    expect(() => expectedShortfall(new Float64Array(), 0.9)).toThrow(refusal)
    expect(() => expectedShortfall(Float64Array.of(1, Number.NaN), 0.9)).toThrow(refusal)
    for (const alpha of [0, 1, Number.NaN]) expect(() => expectedShortfall(two, alpha)).toThrow(refusal)
    for (const weights of [[1], [1, -1], [0, 0], [1, Number.NaN]])
      expect(() => expectedShortfall(two, 0.9, Float64Array.from(weights))).toThrow(refusal)
  })
})
