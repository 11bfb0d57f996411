import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitChange } from '../../../lib/risk/attribution/split-change.ts'

const sum = (values: Iterable<number>) => [...values].reduce((total, one) => total + one, 0)

describe('the split of a change', () => {
  it('shares what two causes do together half and half', () => {
    // Price 10 -> 12, quantity 3 -> 5: 3 x 2 + 1/2 x 2 x 2 and 10 x 2 + 1/2 x 2 x 2.
    const split = splitChange({
      causes: 2,
      figures: ([price, quantity]) => [(price ? 12 : 10) * (quantity ? 5 : 3)],
    })
    expect([...(split?.parts ?? [])]).toEqual([8, 22])
    expect(split?.method).toBe('shapley')
  })

  it('gives each cause of an additive game its own, and nothing to one that does nothing', () => {
    const own = [3, -1, 0, 7]
    const split = splitChange({
      causes: 4,
      figures: (isAfter) => [sum(own.map((one, i) => (isAfter[i] ? one : 0)))],
    })
    expect([...(split?.parts ?? [])].map((one) => Math.round(one * 1e9) / 1e9 + 0)).toEqual(own)
  })

  it('is symmetric: causes that do the same have the same part', () => {
    const split = splitChange({ causes: 3, figures: (isAfter) => [isAfter.every(Boolean) ? 9 : 0] })
    for (const part of split?.parts ?? []) expect(part).toBeCloseTo(3, 12)
  })

  it.each([0, 1, 3, 6, 7, 9])(
    'of %i causes sums to the change of every figure, whatever they do together',
    (causes) => {
      fc.assert(
        fc.property(
          fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 }),
          (weights) => {
            const figures = (isAfter: readonly boolean[]) => {
              const x = sum(weights.slice(0, causes).map((one, i) => (isAfter[i] ? one : 0)))
              return [Math.exp(x / 10), x * x, Math.cos(x)]
            }
            const split = splitChange({ causes, figures })
            const [from, to] = [figures([]), figures(Array.from({ length: causes }, () => true))]
            for (const f of [0, 1, 2]) {
              const parts = Array.from({ length: causes }, (_, i) => split?.parts[i * 3 + f] ?? Number.NaN)
              expect(sum(parts)).toBeCloseTo((to[f] ?? 0) - (from[f] ?? 0), 8)
            }
            expect(split?.method).toBe(causes <= 6 ? 'shapley' : 'stated-order')
          },
        ),
        { numRuns: 30 },
      )
    },
  )

  it('takes the stated order where a mixture has no figures, and nothing where that has none either', () => {
    const order = splitChange({
      causes: 2,
      figures: ([one, two]) => (two && !one ? undefined : [(one ? 1 : 0) + (two ? 5 : 0)]),
    })
    expect(order).toMatchObject({ method: 'stated-order' })
    expect([...(order?.parts ?? [])]).toEqual([1, 5])
    expect(splitChange({ causes: 2, figures: ([one, two]) => (one && !two ? [Number.NaN] : [1]) })).toBeUndefined()
  })

  it('refuses a number of causes that is none', () => {
    expect(() => splitChange({ causes: -1, figures: () => [0] })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
    expect(() => splitChange({ causes: 1.5, figures: () => [0] })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
