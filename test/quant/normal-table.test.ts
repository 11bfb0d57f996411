import { describe, expect, it } from 'vitest'
import { tabledNormalCdf } from '../../lib/quant/normal-table.ts'
import { bigCdf, exactly } from './big-normal.ts'

describe('the normal distribution by table', () => {
  it('is exact to 5e-16 in the middle and at the edges of its intervals, next to 60 digits', () => {
    const points = Array.from({ length: 420 }, (_, i) => (i - 210) / 25)
    for (const near of points)
      for (const z of [near, Math.ceil(60 * near) / 60, (Math.floor(60 * near) + 1) / 60 - 1e-9]) {
        const error = bigCdf(exactly(z))
          .minus(exactly(tabledNormalCdf(z)))
          .abs()
          .toNumber()
        expect(error, `z = ${z}`).toBeLessThan(5e-16)
      }
  })

  it('takes every number', () => {
    for (const z of [9, 8.6, 1e10, 1e300, Number.POSITIVE_INFINITY]) {
      expect(Math.abs(tabledNormalCdf(z) - 1)).toBeLessThan(2e-16)
      expect(Math.abs(tabledNormalCdf(-z))).toBeLessThan(2e-17)
    }
    expect(tabledNormalCdf(Number.NaN)).toBeNaN()
    expect(tabledNormalCdf(0)).toBeCloseTo(0.5, 15)
  })
})
