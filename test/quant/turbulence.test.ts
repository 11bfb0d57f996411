// Turbulence against the published figures, and its rules for gaps and singular covariances.

import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { cholesky, squaredNorm } from '../../lib/quant/cholesky.ts'
import { normalQuantile } from '../../lib/quant/normal.ts'
import { percentileRank } from '../../lib/quant/percentile-rank.ts'
import { turbulence } from '../../lib/quant/turbulence.ts'

const table = new URL('../../../shared/tables/regime_indicators_fixed_dataset.json', import.meta.url)

/** The data set of ../shared/tables/covariance_shrinkage_fixed_dataset.json: a linear congruential generator, seed 42. */
function fixedRows(): readonly (readonly number[])[] {
  let x = 42
  const next = () => {
    x = Number((1_664_525n * BigInt(x) + 1_013_904_223n) % 2n ** 32n)
    return normalQuantile((x + 0.5) / 2 ** 32)
  }
  return Array.from({ length: 260 }, () => {
    const z = Array.from({ length: 11 }, next)
    return Array.from({ length: 10 }, (_, j) => 0.02 * (0.6 * (z[0] ?? 0) + 0.8 * (z[j + 1] ?? 0)))
  })
}

function momentsOf(rows: readonly (readonly number[])[]) {
  const n = rows[0]?.length ?? 0
  const mean = Array.from({ length: n }, (_, i) => rows.reduce((sum, row) => sum + (row[i] ?? 0), 0) / rows.length)
  const covariance = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const sum = rows.reduce((s, row) => s + ((row[i] ?? 0) - (mean[i] ?? 0)) * ((row[j] ?? 0) - (mean[j] ?? 0)), 0)
    return sum / (rows.length - 1)
  })
  return { mean, covariance }
}

describe('turbulence', () => {
  const rows = fixedRows()
  const { mean, covariance } = momentsOf(rows)
  const distances = rows.map((observation) => turbulence({ observation, mean, covariance })?.distance ?? Number.NaN)

  it('is that of Kritzman & Li on the fixed data set: first figures, mean N (T - 1) / T, greatest', () => {
    for (const [index, value] of [17.27306908932268, 12.264989784344804, 11.627098207466847].entries())
      expect(distances[index]).toBeCloseTo(value, 9)
    expect(distances.reduce((sum, value) => sum + value, 0) / 260).toBeCloseTo((10 * 259) / 260, 10)
    expect(Math.max(...distances)).toBeCloseTo(24.7995832219676, 9)
  })

  it.skipIf(!existsSync(table))('has every figure of the table (skipped where ../shared/tables is absent)', () => {
    const { turbulence_first5: first } = JSON.parse(readFileSync(table, 'utf8'))
    for (const [index, value] of first.entries()) expect(distances[index]).toBeCloseTo(value, 9)
  })

  it('leaves an asset out that has a gap or no variance', () => {
    const two = Float64Array.of(4, 0, 0, 0, 9, 0, 0, 0, 0)
    expect(turbulence({ observation: [2, undefined, 5], covariance: two })).toEqual({ distance: 1, assets: 1 })
    expect(turbulence({ observation: [undefined, undefined, 5], covariance: two })).toBeUndefined()
  })

  it('is finite for a copy of an asset', () => {
    const found = turbulence({ observation: [1, 1], covariance: Float64Array.of(1, 1, 1, 1) })
    expect(found?.distance).toBeCloseTo(1, 6)
  })

  it('refuses NaN, lengths that do not fit and a covariance that is none', () => {
    const unit = Float64Array.of(1, 0, 0, 1)
    expect(() => turbulence({ observation: [Number.NaN, 1], covariance: unit })).toThrow(/turbulence/)
    expect(() => turbulence({ observation: [1], covariance: unit })).toThrow(/turbulence/)
    expect(() => turbulence({ observation: [1, 1], covariance: Float64Array.of(1, 2, 2, 1) })).toThrow(/turbulence/)
  })
})

describe('cholesky', () => {
  it('has L L` = A, and says where there is no root', () => {
    const matrix = [4, 2, 2, 3]
    const root = cholesky({ matrix, size: 2 })
    expect(Array.from(root ?? [])).toEqual([2, 0, 1, Math.SQRT2])
    expect(squaredNorm(root ?? new Float64Array(4), [2, 1])).toBeCloseTo(1, 14)
    expect(cholesky({ matrix: [1, 1, 1, 1], size: 2 })).toBeUndefined()
    expect(() => cholesky({ matrix: [1], size: 2 })).toThrow(/cholesky/)
  })
})

describe('percentileRank', () => {
  it('is the share below, ties counted half', () => {
    expect(percentileRank([1, 2, 2, 3], 2)).toBe(0.5)
    expect(percentileRank([1, 2], 9)).toBe(1)
    expect(percentileRank([], 1)).toBeUndefined()
  })
})
