import { describe, expect, it } from 'vitest'
import { millsRatio, millsSlope } from '../../lib/quant/mills-ratio.ts'
import { bigCdf, bigPdf, exactly, relativeError } from './big-normal.ts'

describe('Mills’ ratio', () => {
  it('and its slope hold to 1e-15 relative at any distance', () => {
    for (let z = -6; z < 45; z += 0.379) {
      const Z = exactly(z)
      const ratio = bigCdf(Z.neg()).div(bigPdf(Z))
      expect(relativeError(millsRatio(z), ratio), `ratio ${z}`).toBeLessThan(z < -0.75 ? 1.5e-15 : 6e-16)
      if (z >= 0) expect(relativeError(millsSlope(z), Z.times(ratio).neg().plus(1)), `slope ${z}`).toBeLessThan(6e-16)
    }
  })

  it('reaches its limits', () => {
    expect(millsRatio(1e200)).toBe(1e-200)
    expect(millsRatio(Infinity)).toBe(0)
    expect(millsRatio(-40)).toBe(Infinity)
    expect(millsSlope(1e8) * 1e16).toBeCloseTo(1, 14)
    expect(millsSlope(Infinity)).toBe(0)
  })

  it('refuses what is outside of its domain', () => {
    const refused = expect.objectContaining({ code: 'out-of-domain' })
    expect(() => millsRatio(Number.NaN)).toThrow(refused)
    expect(() => millsSlope(-1e-9)).toThrow(refused)
  })
})
