// `homeostat covariance` as its user runs it: published numbers from a file of prices, and every kind of bad file.

import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { random } from '../../lib/quant/random.ts'
import { fixedDataset } from '../quant/covariance/fixed-dataset.ts'
import { publishedFile } from '../quant/covariance/published-file.ts'
import { parsedXml } from '../web/charts/well-formed.ts'
import { runHomeostat } from './run-homeostat.ts'

const day = (t: number) => new Date(Date.UTC(2023, 0, 1 + t)).toISOString().slice(0, 10)
const names = Array.from({ length: 10 }, (_, index) => `A${index}`)

/** Prices whose log returns are the published data set. */
const closes = names.map((_, j) => {
  let close = 100
  return [close, ...fixedDataset().map((row) => (close *= Math.exp(row[j] ?? 0)))]
})
const wide = (columns: readonly (readonly (number | string)[])[], heads: readonly string[]) =>
  [
    ['date', ...heads].join(','),
    ...(columns[0] ?? []).map((_, t) => [day(t), ...columns.map((one) => one[t])].join(',')),
  ].join('\n')
const whole = wide(closes, names)
const run = (input: string, ...words: readonly string[]) =>
  runHomeostat(['covariance', '--history', '-', ...words], input)

interface Answer {
  readonly method: string
  readonly observations: number
  readonly assets: readonly string[]
  readonly volatilityPerYear: readonly number[]
  readonly correlation: readonly (readonly number[])[]
  readonly covariancePerYear: readonly (readonly number[])[]
  readonly covariancePerBar: readonly (readonly number[])[]
  readonly shrinkage: number
  readonly meanCorrelation?: number
  readonly parameters?: Readonly<Record<string, number>>
  readonly histories: readonly { readonly asset: string; readonly state: string }[]
  readonly remarks: readonly string[]
}

async function answered(input: string, ...words: readonly string[]): Promise<Answer> {
  const { code, out, err } = await run(input, ...words, '--json')
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out)
}

interface Table {
  readonly sample_cov_ddof1_row0: readonly number[]
  readonly ledoit_wolf_identity: { readonly shrinkage: number; readonly row0: readonly number[] }
  readonly ledoit_wolf_constant_correlation: {
    readonly shrinkage: number
    readonly rbar: number
    readonly row0: readonly number[]
  }
}
const table = publishedFile<Table>('covariance_shrinkage_fixed_dataset')
const worst = (got: readonly number[] | undefined, expected: readonly number[]) =>
  Math.max(...expected.map((value, i) => Math.abs((got?.[i] ?? Number.NaN) / value - 1)))

describe.skipIf(table === undefined)(
  'homeostat covariance on prices of the published data set (skipped where ../shared/tables is absent)',
  () => {
    it('has its sample covariance and both shrinkages to 1e-12, equal weights', async () => {
      const [sample, constant, identity] = await Promise.all(
        ['sample', 'ledoit-wolf', 'ledoit-wolf-identity'].map((method) => answered(whole, '--method', method)),
      )
      expect(worst(sample?.covariancePerBar[0], table?.sample_cov_ddof1_row0 ?? [])).toBeLessThan(1e-12)
      expect(worst(constant?.covariancePerBar[0], table?.ledoit_wolf_constant_correlation.row0 ?? [])).toBeLessThan(
        1e-12,
      )
      expect(constant?.shrinkage).toBeCloseTo(table?.ledoit_wolf_constant_correlation.shrinkage ?? Number.NaN, 12)
      expect(constant?.meanCorrelation).toBeCloseTo(table?.ledoit_wolf_constant_correlation.rbar ?? Number.NaN, 12)
      expect(worst(identity?.covariancePerBar[0], table?.ledoit_wolf_identity.row0 ?? [])).toBeLessThan(1e-12)
      expect(identity?.shrinkage).toBeCloseTo(table?.ledoit_wolf_identity.shrinkage ?? Number.NaN, 12)
    })
  },
)

describe('homeostat covariance', () => {
  it('prints aligned tables, and the same numbers as JSON with both scales of the covariance', async () => {
    const [shown, { covariancePerYear, covariancePerBar, volatilityPerYear, correlation, observations }] =
      await Promise.all([run(whole, '--only', 'A3,A1'), answered(whole, '--only', 'A3,A1')])
    expect(shown.code).toBe(0)
    expect(shown.out).toMatch(/^A3 +\d+\.\d +260 +0 {2}2023-01-02 {2}2023-09-18 {2}used$/m)
    expect(shown.out).toMatch(/^correlation {2} +A3 +A1$/m)
    expect(shown.out).toContain((correlation[0]?.[1] ?? 0).toFixed(2))
    expect(observations).toBe(260)
    expect(covariancePerYear[0]?.[0]).toBeCloseTo((volatilityPerYear[0] ?? 0) ** 2, 12)
    expect((covariancePerYear[1]?.[0] ?? 0) / (covariancePerBar[1]?.[0] ?? 0)).toBeCloseTo(365, 9)
  })

  it('fits DCC, tells a and b, and takes dates, half-lives and hours', async () => {
    const hours = whole.replaceAll(/^(20[\d-]+),/gm, (_, date: string) => {
      const t = (Date.parse(date) - Date.UTC(2023, 0, 1)) / 86_400_000
      return `${new Date(Date.UTC(2023, 0, 1, t)).toISOString().slice(0, 16)}Z,`
    })
    const [dcc, cut, hourly] = await Promise.all([
      answered(whole, '--method', 'dcc', '--only', 'A0,A1,A2'),
      answered(
        whole,
        '--from',
        '2023-02-01',
        '--to',
        '2023-05-01',
        '--half-life',
        '10',
        '--correlation-half-life',
        '20',
      ),
      answered(hours, '--method', 'sample'),
    ])
    expect(Object.keys(dcc.parameters ?? {})).toEqual(['a', 'b'])
    expect(cut.observations).toBe(89)
    expect((hourly.covariancePerYear[0]?.[1] ?? 0) / (hourly.covariancePerBar[0]?.[1] ?? 0)).toBeCloseTo(8_760, 6)
  })

  it('writes a picture', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'covariance-')), 'map.svg')
    const { code, err } = await run(whole, '--svg', file)
    expect(code).toBe(0)
    expect(err).toContain(file)
    expect(existsSync(file)).toBe(true)
    expect(parsedXml(readFileSync(file, 'utf8')).name).toBe('svg')
  })

  it('says what is wrong with an option', async () => {
    const [method, life, unknown] = await Promise.all([
      run(whole, '--method', 'magic'),
      run(whole, '--half-life', '-3'),
      run(whole, '--only', 'A0,DOGE'),
    ])
    expect([method?.code, life?.code, unknown?.code]).toEqual([1, 1, 1])
    expect(method?.err).toContain('ledoit-wolf-identity')
    expect(life?.err).toContain('above 0')
    expect(unknown?.err).toContain('DOGE')
  })
})

describe('homeostat covariance of a bad file', () => {
  const [first = [], second = [], third = []] = closes
  const lines = wide([first, second, third], ['A', 'B', 'C']).split('\n')
  const sound = () => answered(lines.join('\n'))
  const finite = ({ correlation, volatilityPerYear }: Answer) =>
    [...correlation.flat(), ...volatilityPerYear].every((value) => Number.isFinite(value))

  it('sorts dates, and takes equal rows once', async () => {
    const [head = '', ...rows] = lines
    const [reference, unsorted, doubled] = await Promise.all([
      sound(),
      answered([head, ...rows.toReversed()].join('\n')),
      answered([head, ...rows, ...rows.slice(-3)].join('\n')),
    ])
    expect(unsorted.correlation).toEqual(reference.correlation)
    expect(unsorted.remarks.join()).toContain('out of order')
    expect(doubled.correlation).toEqual(reference.correlation)
  })

  it('makes gaps of NaN, zero and empty cells, and a wick of a ten-fold bar', async () => {
    const bad = (cell: string) =>
      lines.map((line, t) => (t === 100 ? line.replace(/,[^,]*$/, `,${cell}`) : line)).join('\n')
    const tenfold = (third[99] ?? 0) * 10
    const [nan, zero, empty, wick] = await Promise.all([
      answered(bad('NaN')),
      answered(bad('0')),
      answered(bad('')),
      answered(bad(String(tenfold))),
    ])
    expect(nan.correlation).toEqual(empty.correlation)
    expect(zero.correlation).toEqual(empty.correlation)
    expect(wick.correlation).toEqual(empty.correlation)
    expect(nan.remarks.join()).toContain('refused')
    expect(zero.remarks.join()).toContain('refused')
    expect(empty.remarks.join()).toContain('C: bars are missing once')
    expect(wick.remarks.join()).toContain('C: a bar stood far off and came back once')
  })

  it('gives a peg no volatility, keeps the crash of an asset that dies, and leaves a newcomer out', async () => {
    const dying = third.map((close, t) => (t > 220 ? '' : t > 215 ? close / 5_000 : close))
    const young = second.map((close, t) => (t < 250 ? '' : close))
    const answer = await answered(wide([first, new Array(261).fill(1), dying, young], ['A', 'PEG', 'UST', 'NEW']))
    expect(Object.fromEntries(answer.histories.map(({ asset, state }) => [asset, state]))).toEqual({
      A: 'used',
      PEG: 'constant',
      UST: 'ended',
      NEW: 'new',
    })
    expect(answer.assets).toEqual(['A', 'PEG', 'UST'])
    expect(answer.volatilityPerYear[1]).toBe(0)
    expect(answer.volatilityPerYear[2]).toBeGreaterThan(10)
    expect(finite(answer)).toBe(true)
    expect(answer.remarks.join('\n')).toMatch(/UST: the price fell.*\n.*UST: its history ends|UST: its history ends/)
  })

  it('of one asset, and with fewer dates than assets, is told and finite', async () => {
    const [one, few] = await Promise.all([
      answered(wide([first], ['A'])),
      answered(
        wide(
          closes.map((column) => column.slice(0, 9 + 13)),
          names,
        ),
        '--method',
        'dcc',
      ),
    ])
    expect(one.correlation).toEqual([[1]])
    expect(finite(few)).toBe(true)
  })

  it('of which nothing can be said is an error that names each asset, and of nothing at all too', async () => {
    const [short, empty] = await Promise.all([run(lines.slice(0, 12).join('\n')), run('')])
    expect(short.code).toBe(1)
    expect(short.err).toContain('short-history: No asset has enough history: A (left out: 10 of 20 returns needed)')
    expect(empty.code).toBe(1)
    expect(empty.err).toMatch(/what to do/)
  })
})

describe('what covariance does not say by its figures', () => {
  it('a half-life that the method does not heed is refused, and those that heed it are named', async () => {
    for (const method of ['dcc', 'sample', 'ledoit-wolf']) {
      const { code, err } = await run(whole, '--method', method, '--half-life', '10')
      expect(code).toBe(1)
      expect(err).toContain(`the method ${method} has no half-life`)
      expect(err).toContain('--method ewma or ewma-identity')
    }
  })

  it('equal correlations are remarked on where the estimate was shrunk to them, and only there', async () => {
    const rng = random(8)
    const alike = Array.from({ length: 4 }, () => [100])
    const apart = Array.from({ length: 4 }, () => [100])
    for (let t = 0; t < 600; t += 1) {
      const common = [rng.normal(), rng.normal()] as const
      for (let i = 0; i < 4; i += 1) {
        const own = rng.normal()
        alike[i]?.push((alike[i]?.at(-1) ?? 0) * Math.exp(0.02 * (common[0] + own)))
        apart[i]?.push((apart[i]?.at(-1) ?? 0) * Math.exp(0.02 * ((common[i % 2] ?? 0) + 0.2 * own)))
      }
    }
    const told = async (columns: readonly (readonly number[])[]) =>
      (await answered(wide(columns, ['A', 'B', 'C', 'D']))).remarks.join()
    expect(await told(alike)).toMatch(/shrinkage [01].\d\d: .*could not be told apart from their mean/)
    expect(await told(apart)).not.toContain('told apart')
  })
})
