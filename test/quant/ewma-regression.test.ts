import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  absorbObservation,
  combineRegressors,
  decayRegression,
  solveRegression,
  startRegression,
} from '../../lib/quant/ewma-regression.ts'
import { random } from '../../lib/quant/random.ts'

interface Sample {
  readonly row: readonly number[]
  readonly span: number
}

function fitted(samples: readonly Sample[], decay: number) {
  const sums = startRegression((samples[0]?.row.length ?? 2) - 1)
  for (const { row, span } of samples) {
    decayRegression(sums, decay)
    absorbObservation(sums, row, span)
  }
  return solveRegression(sums)
}

function planted(params: {
  readonly betas: readonly number[]
  readonly noise: number
  readonly dates: number
  readonly seed: number
}): readonly Sample[] {
  const stream = random(params.seed)
  return Array.from({ length: params.dates }, (_, t) => {
    const span = t % 5 === 0 ? 3 : 1
    const x = params.betas.map(() => stream.normal())
    const y = 0.3 + x.reduce((sum, value, i) => sum + value * (params.betas[i] ?? 0), 0)
    return { row: [...x, y + params.noise * Math.sqrt(span) * stream.normal()], span }
  })
}

describe('a regression with exponential weights', () => {
  it('finds coefficients exactly where there is no noise, whatever the weights', () => {
    const betas = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        betas,
        fc.integer({ min: 0, max: 1e6 }),
        fc.double({ min: 0.9, max: 1, noNaN: true }),
        (truth, seed, decay) => {
          const fit = fitted(planted({ betas: truth, noise: 0, dates: 80, seed }), decay)
          for (const [i, b] of truth.entries()) expect(fit?.coefficients[i]).toBeCloseTo(b, 8)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('solves the normal equations: residuals are, by their weights, orthogonal to every regressor', () => {
    const samples = planted({ betas: [1, -0.5], noise: 1, dates: 200, seed: 4 })
    const decay = 0.98
    const [b0 = 0, b1 = 0] = fitted(samples, decay)?.coefficients ?? []
    const weights = samples.map(({ span }, t) => decay ** (samples.length - 1 - t) / span)
    const total = weights.reduce((a, b) => a + b, 0)
    const mean = (f: (row: readonly number[]) => number) =>
      samples.reduce((sum, { row }, t) => sum + (weights[t] ?? 0) * f(row), 0) / total
    const [m0, m1, my] = [0, 1, 2].map((i) => mean((row) => row[i] ?? 0)) as [number, number, number]
    const residual = ([x0 = 0, x1 = 0, y = 0]: readonly number[]) => y - my - b0 * (x0 - m0) - b1 * (x1 - m1)
    expect(mean((row) => residual(row) * (row[0] ?? 0))).toBeCloseTo(0, 12)
    expect(mean((row) => residual(row) * (row[1] ?? 0))).toBeCloseTo(0, 12)
  })

  it('has the errors that repeated samples show', () => {
    const fits = Array.from({ length: 400 }, (_, seed) =>
      fitted(planted({ betas: [1, 0.5], noise: 2, dates: 300, seed }), 0.5 ** (1 / 60)),
    )
    const errors = fits.map((fit) => (fit?.coefficients[0] ?? 9) - 1)
    const spread = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length)
    const told = fits.reduce((sum, fit) => sum + Math.sqrt(fit?.covariance[0] ?? 9), 0) / fits.length
    expect(told / spread).toBeGreaterThan(0.88)
    expect(told / spread).toBeLessThan(1.12)
  })

  it('is absent for a regressor that never moves, a combination of others, and too few observations', () => {
    const at = (f: (t: number) => readonly number[], dates = 50) =>
      fitted(
        Array.from({ length: dates }, (_, t) => ({ row: f(t), span: 1 })),
        1,
      )
    expect(at((t) => [0.7, Math.sin(t)])).toBeUndefined()
    expect(at((t) => [Math.sin(t), 2 * Math.sin(t), Math.cos(t)])).toBeUndefined()
    expect(at((t) => [Math.sin(t), Math.cos(t)], 2)).toBeUndefined()
    expect(at((t) => [Math.sin(t), 5])?.rSquared).toBe(0)
  })

  it('fits combinations of its regressors as if they had been observed', () => {
    const weights = [
      [1, 0.4, 0],
      [0, -1, 2],
    ]
    const samples = planted({ betas: [1, -0.5, 0.2], noise: 1, dates: 90, seed: 6 })
    const sums = startRegression(3)
    for (const { row, span } of samples) {
      decayRegression(sums, 0.97)
      absorbObservation(sums, row, span)
    }
    const direct = fitted(
      samples.map(({ row, span }) => ({
        row: [...weights.map((w) => w.reduce((sum, v, i) => sum + v * (row[i] ?? 0), 0)), row[3] ?? 0],
        span,
      })),
      0.97,
    )
    const combined = solveRegression(combineRegressors(sums, weights))
    for (const key of ['coefficients', 'covariance'] as const)
      for (const [i, value] of (direct?.[key] ?? [Number.NaN]).entries())
        expect(combined?.[key][i]).toBeCloseTo(value, 10)
    expect(combined?.rSquared).toBeCloseTo(direct?.rSquared ?? 9, 10)
    expect(combined?.observations).toBe(90)
  })

  it('refuses what is no observation', () => {
    const sums = startRegression(1)
    expect(() => absorbObservation(sums, [1], 1)).toThrow('absorbObservation')
    expect(() => absorbObservation(sums, [1, Number.NaN], 1)).toThrow('absorbObservation')
    expect(() => absorbObservation(sums, [1, 1], 0)).toThrow('absorbObservation')
    expect(() => decayRegression(sums, 1.1)).toThrow('decayRegression')
    expect(() => startRegression(0)).toThrow('startRegression')
    expect(solveRegression(sums)).toBeUndefined()
  })
})
