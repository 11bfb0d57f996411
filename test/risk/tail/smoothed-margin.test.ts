import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { smoothedMargin } from '../../../lib/risk/tail/smoothed-margin.ts'

describe('a smoothed margin', () => {
  it('keeps ranks and ties, whatever the sample', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.tuple(fc.nat(599), fc.double({ min: -1e3, max: 1e3, noNaN: true })), { maxLength: 40 }),
        (seed, outliers) => {
          const stream = random(seed)
          const sample = Float64Array.from({ length: 600 }, () => Math.round(8 * stream.normal()) / 8)
          for (const [k, size] of outliers) sample[k] = size
          const { values } = smoothedMargin(sample)
          const order = Array.from(sample, (_, k) => k).toSorted((a, b) => (sample[a] ?? 0) - (sample[b] ?? 0))
          for (let i = 1; i < order.length; i += 1) {
            const [low, high] = [order[i - 1] ?? 0, order[i] ?? 0]
            if (sample[low] === sample[high]) expect(values[low]).toBe(values[high])
            else expect(values[low]).toBeLessThanOrEqual(values[high] ?? 0)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('leaves the one day on which a peg broke as it was, and replaces the tail of a usual sample', () => {
    const stream = random(2)
    const peg = Float64Array.from({ length: 1_000 }, (_, t) => (t === 500 ? -25 : 0.1 * stream.normal()))
    // A mean of no jumps: its standard error is 0.003.
    expect(Math.abs((smoothedMargin(peg).values[500] ?? 0) + 25)).toBeLessThan(0.015)
    const usual = Float64Array.from({ length: 1_000 }, () => stream.normal())
    const { values, lower, upper } = smoothedMargin(usual)
    expect([lower.status, upper.status]).toEqual(['fitted', 'fitted'])
    const centre = usual.reduce((sum, z) => sum + z, 0) / 1_000
    const changed = values.filter((z, k) => Math.abs(z - ((usual[k] ?? 0) - centre)) > 1e-12).length
    expect(changed).toBe(200)
  })
})
