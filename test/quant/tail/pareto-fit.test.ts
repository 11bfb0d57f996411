import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { paretoFit } from '../../../lib/quant/tail/pareto-fit.ts'

function planted(seed: number, n: number, shape: number, scale: number): Float64Array {
  const stream = random(seed)
  return Float64Array.from({ length: n }, () => {
    const rise = -Math.log(stream.uniform())
    return shape === 0 ? scale * rise : (scale * Math.expm1(shape * rise)) / shape
  })
}

/** The log-likelihood as the definition has it. */
function logLikelihood(excesses: Float64Array, shape: number, scale: number): number {
  let sum = 0
  for (const y of excesses) {
    const u = 1 + (shape * y) / scale
    if (u <= 0) return -Infinity
    sum += -Math.log(scale) - (shape === 0 ? y / scale : (1 + 1 / shape) * Math.log(u))
  }
  return sum
}

describe('the generalised Pareto fit', () => {
  for (const shape of [-0.2, 0, 0.2, 0.4])
    it(`recovers a planted shape of ${shape} without bias and with its asymptotic error over 200 seeds`, () => {
      const n = 500
      const fits = Array.from({ length: 200 }, (_, seed) => paretoFit(planted(seed, n, shape, 3), { mostShape: 0.9 }))
      const mean = fits.reduce((sum, fit) => sum + fit.shape, 0) / 200
      const spread = Math.sqrt(fits.reduce((sum, fit) => sum + (fit.shape - mean) ** 2, 0) / 199)
      const theory = (1 + shape) / Math.sqrt(n)
      // Bias of order 1 / n, and 4 standard errors of a mean over 200.
      expect(Math.abs(mean - shape)).toBeLessThan(3 / n + (4 * theory) / Math.sqrt(200))
      expect(spread / theory).toBeGreaterThan(0.8)
      expect(spread / theory).toBeLessThan(1.2)
      const scale = fits.reduce((sum, fit) => sum + fit.scale, 0) / 200
      expect(Math.abs(scale / 3 - 1)).toBeLessThan(0.03)
      const covered = fits.filter((fit) => Math.abs(fit.shape - shape) <= 1.96 * fit.shapeError).length
      expect(covered).toBeGreaterThan(180)
    })

  it('is nowhere beaten on a fine grid of shapes and scales, and reports the likelihood it reached', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const excesses = planted(seed, 60, [-0.4, 0, 0.3, 0.45][seed % 4] ?? 0, 0.02)
      const fit = paretoFit(excesses)
      expect(fit.logLikelihood).toBeCloseTo(logLikelihood(excesses, fit.shape, fit.scale), 8)
      for (let xi = -0.5; xi <= 0.5; xi += 0.0625)
        for (let scale = 0.004; scale < 0.08; scale *= 1.02)
          expect(logLikelihood(excesses, xi, scale)).toBeLessThanOrEqual(fit.logLikelihood + 1e-9)
    }
  })

  it('does not exceed its bounds and says when it is held by one', () => {
    const heavy = paretoFit(planted(1, 400, 0.9, 1))
    expect(heavy).toMatchObject({ shape: 0.5, atBound: 'upper' })
    const even = paretoFit(Float64Array.from({ length: 400 }, (_, i) => (i + 0.5) / 400))
    expect(even).toMatchObject({ shape: -0.5, atBound: 'lower' })
    expect(paretoFit(new Float64Array(30).fill(0.1))).toMatchObject({ shape: -0.5, atBound: 'lower' })
    expect(paretoFit(planted(1, 400, 0.1, 1)).atBound).toBe('none')
  })

  it('measures in the unit of the excesses', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 60 }),
        fc.integer({ min: -300, max: 300 }),
        (values, power) => {
          const unit = 2 ** power
          const [one, other] = [
            paretoFit(Float64Array.from(values)),
            paretoFit(Float64Array.from(values, (v) => v * unit)),
          ]
          expect(other.shape).toBeCloseTo(one.shape, 9)
          expect(other.scale / unit / one.scale).toBeCloseTo(1, 9)
          expect(one.scale > 0 && Math.abs(one.shape) <= 0.5).toBe(true)
        },
      ),
      { numRuns: 100 },
    )
  })

  it('refuses what is not an excess, too few of them, and impossible bounds', () => {
    for (const bad of [[], [1], [1, 0], [1, -1], [1, Number.NaN], [1, Infinity]])
      expect(() => paretoFit(Float64Array.from(bad))).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    for (const bounds of [{ leastShape: -1 }, { mostShape: 1 }, { leastShape: 0.2, mostShape: 0.1 }])
      expect(() => paretoFit(planted(1, 50, 0, 1), bounds)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
