import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holm } from '../../../lib/quant/tail/holm.ts'

describe('Holm’s adjustment', () => {
  it('multiplies the least by the number of tests, the next by one less, and never falls', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02])
    expect(holm([])).toEqual([])
  })

  it('keeps the order, never lowers a p-value, and never raises it beyond Bonferroni’s', () => {
    const p = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(fc.array(p, { minLength: 1, maxLength: 30 }), (values) => {
        const adjusted = holm(values)
        for (const [i, one] of adjusted.entries()) {
          const own = values[i] ?? 0
          expect(one).toBeGreaterThanOrEqual(own)
          expect(one).toBeLessThanOrEqual(Math.min(1, own * values.length) + 1e-15)
          for (const [k, other] of adjusted.entries())
            if (own < (values[k] ?? 0)) expect(one).toBeLessThanOrEqual(other)
        }
      }),
    )
  })

  it('refuses what is no p-value', () => {
    for (const bad of [-0.1, 1.1, Number.NaN])
      expect(() => holm([0.5, bad])).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
