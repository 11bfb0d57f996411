import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { symmetricEigen } from '../../lib/quant/covariance/symmetric-eigen.ts'
import { type DccFit, dccCorrelation, fitDcc, updateDcc } from '../../lib/quant/dcc.ts'
import { pairDensity } from '../../lib/quant/dcc-likelihood.ts'
import { filterGarch, fitGarch } from '../../lib/quant/garch.ts'
import { random } from '../../lib/quant/random.ts'
import { simulatedDcc } from './simulated-dcc.ts'

/** A fit that has to exist. */
function fitted(rows: Parameters<typeof fitDcc>[0]): DccFit {
  const fit = fitDcc(rows)
  if (fit === undefined) throw new Error('nothing was fitted')
  return fit
}

const planted = { dates: 2_000, assets: 10, a: 0.05, b: 0.9, rho: 0.5 }

function standardised(returns: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const columns = (returns[0] ?? []).map((_, i) => {
    const own = returns.map((row) => row[i] ?? 0)
    const variances = filterGarch({ parameters: fitGarch({ returns: own }).parameters, returns: own })
    return own.map((r, t) => r / Math.sqrt(variances[t] ?? 0))
  })
  return returns.map((_, t) => columns.map((column) => column[t] ?? 0))
}

describe('DCC(1,1)', () => {
  it('finds planted a within 0.015 and b within 0.04, on residuals of fitted GARCH', () => {
    for (const seed of [1, 2, 3]) {
      const { a, b } = fitted(standardised(simulatedDcc({ ...planted, seed }).returns)).parameters
      expect(Math.abs(a - 0.05)).toBeLessThanOrEqual(0.015)
      expect(Math.abs(b - 0.9)).toBeLessThanOrEqual(0.04)
    }
  })

  it('stays near with fat tails and a tenth of the residuals missing, and gives a correlation matrix then, too', () => {
    const { uniform } = random(5)
    const { residuals } = simulatedDcc({ ...planted, assets: 6, dates: 3_000, degrees: 6, seed: 4 })
    const rows = residuals.map((row) => row.map((e) => (uniform() < 0.1 ? undefined : e)))
    const { parameters, start } = fitted(rows)
    expect(Math.abs(parameters.a - 0.05)).toBeLessThanOrEqual(0.03)
    expect(Math.abs(parameters.b - 0.9)).toBeLessThanOrEqual(0.08)
    const { correlation } = dccCorrelation(updateDcc(parameters, start, rows), 'check')
    expect(symmetricEigen({ matrix: correlation, size: 6 }).values[5]).toBeGreaterThan(0)
  })

  it('of constant correlation hardly moves', () => {
    const rows = simulatedDcc({ ...planted, a: 0, b: 0, assets: 5, seed: 8 }).residuals
    const { parameters, start } = fitted(rows)
    const { correlation } = dccCorrelation(updateDcc(parameters, start, rows), 'none')
    for (const [at, rho] of correlation.entries()) expect(Math.abs(rho - (at % 6 === 0 ? 1 : 0.5))).toBeLessThan(0.12)
  })

  it('is as likely at its fit as nowhere near', () => {
    const { residuals } = simulatedDcc({ ...planted, assets: 2, seed: 3 })
    const { parameters, logLikelihood, start } = fitted(residuals)
    const scale = (i: number) => Math.sqrt(residuals.reduce((sum, row) => sum + (row[i] ?? 0) ** 2, 0) / 2_000)
    const column = (i: number) => Float64Array.from(residuals, (row) => (row[i] ?? 0) / scale(i))
    const path = { x: column(0), y: column(1), rho: start.target[1] ?? Number.NaN }
    expect(Math.abs(pairDensity(path, parameters.a, parameters.b) - logLikelihood)).toBeLessThan(1e-9)
    for (const [da, db] of [
      [0.004, 0],
      [-0.004, 0],
      [0, 0.008],
      [0, -0.008],
    ] as const)
      expect(pairDensity(path, parameters.a + da, parameters.b + db)).toBeLessThan(logLikelihood)
  })

  it('is the recursion of Engle, date by date as at once, and leaves the earlier state alone', () => {
    const target = Float64Array.of(1, 0.4, 1)
    const start = { assets: 2, target, q: target }
    const parameters = { a: 0.1, b: 0.8 }
    const once = updateDcc(parameters, start, [[2, -1]])
    expect([...once.q]).toEqual([0.1 + 0.4 + 0.8, 0.04 - 0.2 + 0.32, 0.1 + 0.1 + 0.8].map((x) => expect.closeTo(x, 14)))
    expect(dccCorrelation(once, 'check').correlation[1]).toBeCloseTo(0.16 / Math.sqrt(1.3), 14)
    const twice = updateDcc(parameters, once, [[undefined, 1]])
    expect(
      updateDcc(parameters, start, [
        [2, -1],
        [undefined, 1],
      ]),
    ).toEqual(twice)
    expect([...start.q]).toEqual([1, 0.4, 1])
    // The first asset and the pair have a gap: they move to their forecast.
    expect(twice.q[0]).toBeCloseTo(0.1 + 0.9 * 1.3, 14)
    expect(twice.q[1]).toBeCloseTo(0.04 + 0.9 * 0.16, 14)
  })

  it('stays a correlation matrix whatever the residuals and gaps', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 8 }), fc.constantFrom(0, 0.3, 0.7), (seed, n, gap) => {
        const { normal, uniform } = random(seed)
        const row = () => Array.from({ length: n }, () => (uniform() < gap ? undefined : 3 * normal()))
        const target = Float64Array.from(
          Array.from({ length: n }, (_, i) => [1, ...new Array(n - i - 1).fill(0.3)]).flat(),
        )
        const state = updateDcc({ a: 0.3, b: 0.6 }, { assets: n, target, q: target }, Array.from({ length: 40 }, row))
        const { correlation } = dccCorrelation(state, gap === 0 ? 'none' : 'check')
        expect(symmetricEigen({ matrix: correlation, size: n }).values[n - 1]).toBeGreaterThan(-1e-10)
        expect(Math.max(...correlation.map(Math.abs))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60 },
    )
  })

  it('lives with two names for one thing, and refuses one asset, constants, short histories and NaN', () => {
    const rows = simulatedDcc({ ...planted, assets: 2, dates: 400, seed: 1 }).residuals
    const copied = fitted(rows.map(([x = 0, y = 0]) => [x, x, y]))
    const { correlation } = dccCorrelation(
      updateDcc(
        copied.parameters,
        copied.start,
        rows.map(([x = 0, y = 0]) => [x, x, y]),
      ),
      'check',
    )
    expect(correlation[1]).toBeCloseTo(1, 12)
    const holed = rows.map((row, t) => (t === 7 ? [row[0] ?? 0, Number.NaN] : row))
    for (const bad of [rows.map(([x = 0]) => [x]), rows.map(([x = 0]) => [x, 0]), holed, []])
      expect(() => fitDcc(bad)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    expect(fitDcc(rows.slice(0, 99))).toBeUndefined()
    expect(fitDcc(rows.map(([x = 0]) => [x, 2 * x]))).toBeUndefined()
    expect(() => fitDcc(holed)).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ asset: 1, at: 7 }) }),
    )
  })
})
