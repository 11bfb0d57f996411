import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../lib/base/homeostat-error.ts'
import { ledoitWolf } from '../../../lib/quant/covariance/ledoit-wolf.ts'
import { sampleMoments, unpacked } from '../../../lib/quant/covariance/sample-moments.ts'
import { fixedDataset } from './fixed-dataset.ts'
import { publishedFile } from './published-file.ts'

interface CovarianceTable {
  readonly X_first_row: readonly number[]
  readonly X_sum: number
  readonly sample_cov_ddof1_row0: readonly number[]
  readonly ledoit_wolf_identity: { readonly shrinkage: number; readonly row0: readonly number[] }
  readonly ledoit_wolf_constant_correlation: {
    readonly shrinkage: number
    readonly rbar: number
    readonly row0: readonly number[]
  }
}
const table = publishedFile<CovarianceTable>('covariance_shrinkage_fixed_dataset')
const absent = table === undefined ? 'skipped: ../shared/tables is absent' : ''
const worst = (got: ArrayLike<number>, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs((got[i] ?? Number.NaN) / value - 1)))

describe.skipIf(table === undefined)(`published shrinkage of the fixed data set ${absent}`, () => {
  const rows = fixedDataset()
  const moments = sampleMoments({ rows, mean: 'weighted' })

  it('is of the same data: first row and sum', () => {
    expect(worst(rows[0] ?? [], table?.X_first_row ?? [])).toBeLessThan(1e-13)
    const sum = rows.flatMap((row) => [...row]).reduce((a, b) => a + b, 0)
    expect(Math.abs(sum / (table?.X_sum ?? 0) - 1)).toBeLessThan(1e-12)
  })

  it('has the sample covariance for equal weights, to 1e-12', () => {
    const sample = unpacked(10, moments.cross).map((value) => (value * 260) / 259)
    expect(worst(sample, table?.sample_cov_ddof1_row0 ?? [])).toBeLessThan(1e-12)
  })

  it('has the intensity and the matrix of the identity target, to 1e-12', () => {
    const { intensity, matrix } = ledoitWolf({ moments, target: 'scaled-identity' })
    expect(Math.abs(intensity / (table?.ledoit_wolf_identity.shrinkage ?? 0) - 1)).toBeLessThan(1e-12)
    expect(worst(matrix, table?.ledoit_wolf_identity.row0 ?? [])).toBeLessThan(1e-12)
  })

  it('has the intensity, mean correlation and matrix of the constant-correlation target, to 1e-12', () => {
    const { intensity, matrix, meanCorrelation } = ledoitWolf({ moments, target: 'constant-correlation' })
    const expected = table?.ledoit_wolf_constant_correlation
    expect(intensity).toBe(expected?.shrinkage)
    expect(Math.abs((meanCorrelation ?? 0) / (expected?.rbar ?? 0) - 1)).toBeLessThan(1e-12)
    expect(worst(matrix, expected?.row0 ?? [])).toBeLessThan(1e-12)
  })
})

/** The formulas of "Honey, I shrunk the sample covariance matrix", appendix B, from the data and date by date. */
function honey(rows: readonly Float64Array[]): number {
  const n = rows[0]?.length ?? 0
  const T = rows.length
  const at = (t: number, i: number) => rows[t]?.[i] ?? 0
  const mean = (f: (t: number) => number) => rows.reduce((sum, _, t) => sum + f(t), 0) / T
  const s = (i: number, j: number) => mean((t) => at(t, i) * at(t, j))
  const S = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => s(i, j)))
  const get = (i: number, j: number) => S[i]?.[j] ?? 0
  let rbar = 0
  for (let i = 0; i < n; i += 1)
    for (let j = i + 1; j < n; j += 1) rbar += (2 * get(i, j)) / Math.sqrt(get(i, i) * get(j, j)) / (n * (n - 1))
  let [pi, rho, gamma] = [0, 0, 0]
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j < n; j += 1) {
      const piOfPair = mean((t) => (at(t, i) * at(t, j) - get(i, j)) ** 2)
      const theta = (k: number) => mean((t) => (at(t, k) ** 2 - get(k, k)) * (at(t, i) * at(t, j) - get(i, j)))
      const ratio = Math.sqrt(get(j, j) / get(i, i))
      pi += piOfPair
      rho += i === j ? piOfPair : (rbar / 2) * (ratio * theta(i) + theta(j) / ratio)
      gamma += i === j ? 0 : (rbar * Math.sqrt(get(i, i) * get(j, j)) - get(i, j)) ** 2
    }
  return (pi - rho) / gamma / T
}

describe('shrinkage', () => {
  it('has the intensity of the paper where it is strictly between 0 and 1 (two blocks of assets)', () => {
    const rows = fixedDataset().map((row) => row.map((x, i) => (i < 5 ? x : x - 0.8 * (row[0] ?? 0))))
    const { intensity } = ledoitWolf({ moments: sampleMoments({ rows, mean: 'zero' }), target: 'constant-correlation' })
    expect(intensity).toBeGreaterThan(0.01)
    expect(intensity).toBeLessThan(0.9)
    expect(Math.abs(intensity / honey(rows) - 1)).toBeLessThan(1e-10)
  })

  it('leaves one asset, and the correlation of two, as they are', () => {
    for (const n of [1, 2]) {
      const moments = sampleMoments({ rows: fixedDataset().map((row) => row.slice(0, n)), mean: 'zero' })
      const { intensity, matrix } = ledoitWolf({ moments, target: 'constant-correlation' })
      expect(intensity).toBe(0)
      expect([...matrix]).toEqual([...unpacked(n, moments.cross)])
    }
  })

  it('refuses what has no variance, no dates or is not a number, and names the asset', () => {
    const codes = [
      () =>
        ledoitWolf({
          moments: sampleMoments({
            rows: [
              [1, 0],
              [2, 0],
            ],
            mean: 'zero',
          }),
          target: 'uncorrelated',
        }),
      () => ledoitWolf({ moments: sampleMoments({ rows: [[1, undefined]], mean: 'zero' }), target: 'uncorrelated' }),
      () =>
        sampleMoments({
          rows: [
            [1, 2],
            [1, Number.NaN],
          ],
          mean: 'zero',
        }),
    ].map((attempt) => {
      try {
        attempt()
        return 'nothing'
      } catch (error) {
        return isHomeostatError(error) ? `${error.code} ${String(error.facts.asset)}` : 'foreign'
      }
    })
    expect(codes).toEqual(['out-of-domain 1', 'out-of-domain 1', 'out-of-domain 1'])
  })
})
