import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ewmaCovariance } from '../../../lib/quant/covariance/ewma-covariance.ts'
import { ewmaDefaults, startEwma, updateEwma } from '../../../lib/quant/covariance/ewma-moments.ts'
import type { Observation } from '../../../lib/quant/covariance/sample-moments.ts'
import { symmetricEigen } from '../../../lib/quant/covariance/symmetric-eigen.ts'
import { random } from '../../../lib/quant/random.ts'
import { fixedDataset } from './fixed-dataset.ts'

const stateOf = (rows: readonly Observation[], settings = ewmaDefaults) =>
  updateEwma(startEwma({ assets: rows[0]?.length ?? 0, settings }), rows)
const target = 'constant-correlation'

/** Returns with one common factor; gaps with the probability given. */
function panel(seed: number, dates: number, assets: number, gap: number): readonly (number | undefined)[][] {
  const { normal, uniform } = random(seed)
  return Array.from({ length: dates }, () => {
    const factor = normal()
    return Array.from({ length: assets }, (_, i) => {
      const x = 0.01 * (i + 1) * (factor + normal())
      return uniform() < gap ? undefined : x
    })
  })
}

const panels = fc.record({
  seed: fc.nat(1e6),
  dates: fc.integer({ min: 30, max: 150 }),
  assets: fc.integer({ min: 1, max: 8 }),
  gap: fc.constantFrom(0, 0, 0.2, 0.6),
})
const far = (a: Float64Array, b: Float64Array) => Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))))

describe('the EWMA covariance', () => {
  it('is the explicit weighted sum: the mean of the first 60, then half-lives of 23 and 60', () => {
    const rows = fixedDataset()
    const { variance, moments } = stateOf(rows)
    const explicit = (halfLife: number, f: (row: Float64Array) => number) => {
      const lambda = 0.5 ** (1 / halfLife)
      const weight = (t: number) => (t < 60 ? lambda ** 200 / 60 : (1 - lambda) * lambda ** (259 - t))
      return [
        rows.reduce((sum, row, t) => sum + weight(t) * f(row), 0),
        rows.reduce((s, _, t) => s + weight(t) ** 2, 0),
      ]
    }
    const [v = 0] = explicit(23, (row) => (row[3] ?? 0) ** 2)
    const [c = 0, squares = 0] = explicit(60, (row) => (row[0] ?? 0) * (row[3] ?? 0))
    expect(Math.abs((variance[3] ?? 0) / v - 1)).toBeLessThan(1e-12)
    expect(Math.abs((moments.cross[3] ?? 0) / c - 1)).toBeLessThan(1e-12)
    expect(Math.abs((moments.effective[3] ?? 0) * squares - 1)).toBeLessThan(1e-12)
  })

  it('is the same date by date as at once, and leaves the earlier state alone', () => {
    const rows = panel(1, 100, 4, 0.1)
    const before = stateOf(rows.slice(0, 70))
    const kept = structuredClone(before)
    const after = rows.slice(70).reduce((state, row) => updateEwma(state, [row]), before)
    expect(after).toEqual(stateOf(rows))
    expect(before).toEqual(kept)
  })

  it('is symmetric and positive semidefinite, with gaps too, and its correlations stay within 1', () => {
    fc.assert(
      fc.property(panels, ({ seed, dates, assets, gap }) => {
        const { covariance, correlation } = ewmaCovariance({ state: stateOf(panel(seed, dates, assets, gap)), target })
        const { values } = symmetricEigen({ matrix: correlation, size: assets })
        expect(values[assets - 1]).toBeGreaterThan(-1e-10)
        for (let i = 0; i < assets; i += 1)
          for (let j = 0; j < assets; j += 1) expect(covariance[i * assets + j]).toBe(covariance[j * assets + i])
        expect(Math.max(...correlation.map(Math.abs))).toBeLessThanOrEqual(1)
      }),
      { numRuns: 60 },
    )
  })

  it('scales with the units of each asset, and follows a change of order', () => {
    fc.assert(
      fc.property(panels, fc.constantFrom(target, 'uncorrelated' as const), ({ seed, dates, assets, gap }, to) => {
        const rows = panel(seed, dates, assets, gap)
        const own = ewmaCovariance({ state: stateOf(rows), target: to })
        const unit = (i: number) => 10 ** ((i % 5) - 2)
        const scaled = rows.map((row) => row.map((x, i) => (x === undefined ? undefined : x * unit(i))))
        const other = ewmaCovariance({ state: stateOf(scaled), target: to })
        expect(far(own.correlation, other.correlation)).toBeLessThan(1e-9)
        expect(Math.abs(own.intensity - other.intensity)).toBeLessThan(1e-9)
        const reversed = ewmaCovariance({ state: stateOf(rows.map((row) => [...row].reverse())), target: to })
        expect(far(own.covariance, reversed.covariance.slice().reverse())).toBeLessThan(1e-10)
      }),
      { numRuns: 40 },
    )
  })

  it('says which asset is constant, which pair was assumed, and that there are fewer dates than assets', () => {
    const rows = panel(3, 40, 3, 0).map((row, t) => [
      row[0],
      t < 20 ? row[1] : undefined,
      t < 20 ? undefined : row[2],
      0,
    ])
    const result = ewmaCovariance({ state: stateOf(rows), target })
    expect(result.constant).toEqual([3])
    expect(result.assumed).toEqual([[1, 2]])
    expect(result.correlation[1 * 4 + 2]).toBeCloseTo(result.meanCorrelation ?? Number.NaN, 1)
    expect([...result.covariance.slice(12)]).toEqual([0, 0, 0, 0])
    expect(result.fewerObservationsThanAssets).toBe(false)
    const few = ewmaCovariance({ state: stateOf(panel(4, 5, 8, 0)), target })
    expect(few.fewerObservationsThanAssets).toBe(true)
    expect(few.covariance.every(Number.isFinite)).toBe(true)
  })

  it('of stablecoins that never move is zero, and of one asset its variance', () => {
    const still = ewmaCovariance({
      state: stateOf([
        [0, 0],
        [0, 0],
      ]),
      target,
    })
    expect([...still.covariance]).toEqual([0, 0, 0, 0])
    expect(still.constant).toEqual([0, 1])
    expect(ewmaCovariance({ state: stateOf([[3], [1]]), target }).covariance[0]).toBeCloseTo(5, 12)
  })

  it('refuses NaN, infinity, a row of another length and an asset with one return, each with where it is', () => {
    const start = startEwma({ assets: 2 })
    for (const row of [[1, Number.NaN], [1, Infinity], [1]])
      expect(() => updateEwma(start, [[1, 2], row])).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ at: 1 }) }),
      )
    expect(() =>
      ewmaCovariance({
        state: stateOf([
          [1, 2],
          [1, undefined],
        ]),
        target,
      }),
    ).toThrow(
      expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ asset: 1, dates: 1 }) }),
    )
  })
})

describe('symmetric eigenvalues', () => {
  it('rebuild the matrix, with orthonormal vectors, from the largest down', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 12 }), (seed, n) => {
        const { normal } = random(seed)
        const matrix = new Float64Array(n * n)
        for (let i = 0; i < n; i += 1)
          for (let j = i; j < n; j += 1) {
            matrix[i * n + j] = normal()
            matrix[j * n + i] = matrix[i * n + j] ?? 0
          }
        const { values, vectors } = symmetricEigen({ matrix, size: n })
        for (let i = 0; i < n; i += 1)
          for (let j = 0; j < n; j += 1) {
            let [sum, dot] = [0, 0]
            for (let k = 0; k < n; k += 1) {
              sum += (values[k] ?? 0) * (vectors[k * n + i] ?? 0) * (vectors[k * n + j] ?? 0)
              dot += (vectors[i * n + k] ?? 0) * (vectors[j * n + k] ?? 0)
            }
            expect(Math.abs(sum - (matrix[i * n + j] ?? 0))).toBeLessThan(1e-13 * n)
            expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-13)
          }
        expect([...values].sort((a, b) => b - a)).toEqual([...values])
      }),
      { numRuns: 50 },
    )
  })

  it('refuse NaN, a matrix that is not symmetric, and a wrong length', () => {
    for (const entries of [
      [1, Number.NaN, Number.NaN, 1],
      [1, 0.5, 0.4, 1],
      [1, 2],
    ])
      expect(() => symmetricEigen({ matrix: Float64Array.from(entries), size: 2 })).toThrow(
        expect.objectContaining({ code: 'out-of-domain' }),
      )
  })
})
