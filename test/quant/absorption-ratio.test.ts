import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AbsorptionSettings,
  absorptionRatio,
  absorptionSeries,
  absorptionShift,
} from '../../lib/quant/absorption-ratio.ts'
import { sampleMoments, unpacked } from '../../lib/quant/covariance/sample-moments.ts'
import { symmetricEigen } from '../../lib/quant/covariance/symmetric-eigen.ts'
import { random } from '../../lib/quant/random.ts'
import { fixedDataset } from './covariance/fixed-dataset.ts'
import { publishedFile } from './covariance/published-file.ts'

interface RegimeTable {
  readonly absorption_ratio_equal_weight: number
  readonly absorption_ratio_halflife130: number
}
const table = publishedFile<RegimeTable>('regime_indicators_fixed_dataset')
const absent = table === undefined ? 'skipped: ../shared/tables is absent' : ''

type Row = readonly (number | undefined)[]

function equicorrelated(dates: number, rho: (t: number) => number, seed: number, assets = 10): readonly Row[] {
  const stream = random(seed)
  return Array.from({ length: dates }, (_, t) => {
    const common = stream.normal()
    return Array.from(
      { length: assets },
      () => 0.03 * (Math.sqrt(rho(t)) * common + Math.sqrt(1 - rho(t)) * stream.normal()),
    )
  })
}

/** From the definition: weights by age, a matrix made afresh, all its eigenvectors. */
function afresh(rows: readonly Row[], { window, halfLife, least }: AbsorptionSettings): number | undefined {
  const recent = rows.slice(-window)
  const columns = (recent[0] ?? []).map((_, i) => recent.map((row) => row[i]))
  const counted = columns.flatMap((column, i) => {
    const known = column.filter((x) => x !== undefined)
    return known.length >= least && new Set(known).size > 1 ? [i] : []
  })
  if (counted.length < 2) return undefined
  const weights = Float64Array.from(recent, (_, t) => 0.5 ** ((recent.length - 1 - t) / halfLife))
  const n = counted.length
  const matrix = new Float64Array(n * n)
  for (const [p, i] of counted.entries())
    for (const [q, j] of counted.entries()) {
      const both = recent.flatMap((row, t) => (row[i] === undefined || row[j] === undefined ? [] : [t]))
      const moments = sampleMoments({
        rows: both.map((t) => [recent[t]?.[i], recent[t]?.[j]]),
        weights: both.map((t) => weights[t] ?? 0),
        mean: 'weighted',
      })
      const [a = 0, b = 0, , c = 0] = unpacked(2, moments.cross)
      matrix[p * n + q] = p === q ? 1 : b / Math.sqrt(a * c)
    }
  const { values } = symmetricEigen({ matrix, size: n })
  const share = values.slice(0, Math.max(1, Math.round(n / 5))).reduce((a, b) => a + b, 0)
  return share / n
}

describe.skipIf(table === undefined)(`published absorption ratios of the fixed data set ${absent}`, () => {
  it.each([
    ['equal weights', Infinity, table?.absorption_ratio_equal_weight],
    ['a half-life of 130', 130, table?.absorption_ratio_halflife130],
  ])('are ours for %s, to 1e-12', (_, halfLife, expected) => {
    const rows = fixedDataset()
    const settings = { window: 260, halfLife, matrix: 'covariance' as const }
    const [last] = absorptionSeries({ rows, from: 259, settings })
    expect(Math.abs((last?.ratio ?? 0) / (expected ?? 1) - 1)).toBeLessThan(1e-12)
  })
})

describe('the absorption ratio', () => {
  it.each([
    [0.3, 0.44],
    [0.5, 0.6],
    [0.8, 0.84],
  ])('of ten assets that are all correlated by %f is %f', (rho, expected) => {
    const matrix = Float64Array.from({ length: 100 }, (_, at) => (at % 11 === 0 ? 1 : rho))
    expect(absorptionRatio({ matrix, size: 10 })).toBeCloseTo(expected, 14)
    const samples = [1, 2, 3, 4, 5].map((seed) => {
      const rows = equicorrelated(2_000, () => rho, seed)
      return absorptionSeries({ rows, from: 1_999, settings: { window: 2_000, halfLife: Infinity } })[0]?.ratio ?? 0
    })
    expect(Math.abs(samples.reduce((a, b) => a + b, 0) / 5 - expected)).toBeLessThan(0.015)
  })

  it('rolls to what the definition gives at every date, whatever is missing', () => {
    const entry = fc.oneof(
      { weight: 6, arbitrary: fc.double({ min: -0.2, max: 0.2, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(undefined, 0, 2.3) },
    )
    const rows = fc.array(fc.array(entry, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 60 })
    const settings = { window: 25, halfLife: 7, least: 15, matrix: 'correlation' as const }
    fc.assert(
      fc.property(rows, (given) => {
        const series = absorptionSeries({ rows: given, settings })
        for (const [t, { ratio }] of series.entries()) {
          const expected = afresh(given.slice(0, t + 1), settings)
          expect(ratio === undefined).toBe(expected === undefined)
          expect(Math.abs((ratio ?? 0) - Math.min(1, expected ?? 0))).toBeLessThan(1e-9)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('is the same at a date whether history begins there or long before', () => {
    const rows = equicorrelated(900, () => 0.4, 9)
    const all = absorptionSeries({ rows })
    const late = absorptionSeries({ rows, from: 890 })
    expect(late).toHaveLength(10)
    for (const [k, { ratio = 0 }] of late.entries()) expect(ratio).toBeCloseTo(all[890 + k]?.ratio ?? 9, 12)
    expect(all.findIndex(({ ratio }) => ratio !== undefined)).toBe(119)
    expect(absorptionSeries({ rows: [] })).toEqual([])
  })

  it('stays finite over thousands of dates with a short half-life', () => {
    const settings = { window: 50, halfLife: 2, least: 20 }
    const rows = equicorrelated(1_500, () => 0.5, 4)
    const expected = afresh(rows, { ...settings, matrix: 'correlation' })
    expect(absorptionSeries({ rows, from: 0, settings }).at(-1)?.ratio).toBeCloseTo(expected ?? 0, 9)
  })

  it('leaves out what is constant, dead or new, and has none of a single asset', () => {
    const rows = equicorrelated(700, () => 0.5, 2, 6).map((row, t) => [
      ...row.slice(0, 3),
      0,
      1e-4,
      t === 0 ? 0.3 : 0,
      t < 150 ? row[5] : undefined,
      t > 650 ? row[4] : undefined,
    ])
    const series = absorptionSeries({ rows })
    expect(series.at(-1)?.assets).toBe(3)
    expect(series[200]?.assets).toBe(5)
    expect(series.at(-1)?.ratio).toBeCloseTo(
      absorptionSeries({ rows: rows.map((row) => row.slice(0, 3)) }).at(-1)?.ratio ?? 0,
      12,
    )
    const alone = absorptionSeries({ rows: rows.map((row) => row.slice(0, 1)) })
    expect(alone.at(-1)).toEqual({ assets: 1 })
  })

  it('refuses, by name, what is no return, no setting and no matrix', () => {
    const refused =
      (rows: readonly Row[], settings = {}) =>
      () =>
        absorptionSeries({ rows, settings })
    expect(refused([[0.1, Number.NaN]])).toThrow('absorptionSeries')
    expect(refused([[0.1, 0.2], [0.1]])).toThrow('absorptionSeries')
    expect(refused([[0.1]], { window: 1 })).toThrow('absorptionSeries')
    expect(() => absorptionRatio({ matrix: new Float64Array(4), size: 2 })).toThrow('absorptionRatio')
  })
})

describe('the standardised shift of the absorption ratio', () => {
  it('is (mean of 15 - mean of 252) / sd of 252, absent until there are 252', () => {
    const stream = random(3)
    const ratios = [
      ...Array.from({ length: 300 }, () => 0.5 + 0.02 * stream.normal()),
      ...new Array<number>(15).fill(0.6),
    ]
    const shift = absorptionShift({ ratios })
    expect(shift.slice(0, 251).every((value) => value === undefined)).toBe(true)
    const year = ratios.slice(-252)
    const mean = year.reduce((a, b) => a + b, 0) / 252
    const deviation = Math.sqrt(year.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 251)
    expect(shift.at(-1)).toBeCloseTo((0.6 - mean) / deviation, 10)
    expect(shift.at(-1)).toBeGreaterThan(2)
  })

  it('rises above 1 within weeks of a planted rise of correlation, and stays low without one', () => {
    const shifts = [1, 2, 3, 4].map((seed) => {
      const rows = equicorrelated(1_000, (t) => (t < 900 ? 0.3 : 0.8), seed)
      return absorptionShift({ ratios: absorptionSeries({ rows }).map(({ ratio }) => ratio) })
    })
    for (const shift of shifts) expect(Math.max(...shift.slice(900, 960).map((value) => value ?? 0))).toBeGreaterThan(1)
  })

  it('is absent where a ratio is, and where the ratios are all the same', () => {
    const ratios = new Array<number | undefined>(400).fill(0.5)
    expect(absorptionShift({ ratios }).every((value) => value === undefined)).toBe(true)
    const gap = Array.from({ length: 400 }, (_, t) => (t === 100 ? undefined : Math.sin(t)))
    expect(absorptionShift({ ratios: gap })[351]).toBeUndefined()
    expect(absorptionShift({ ratios: gap })[352]).toBeDefined()
    expect(() => absorptionShift({ ratios: gap, short: 20, long: 20 })).toThrow('absorptionShift')
  })
})
