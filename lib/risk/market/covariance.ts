// The covariance of a panel of returns by a method of one's choice, with every rule that was applied to gaps and short histories told.

import { HomeostatError } from '../../base/homeostat-error.ts'
import { secondsPerYear } from '../../base/time.ts'
import { barSeconds } from '../../model/history.ts'
import type { CovarianceEstimate, ModelAsset } from '../../model/market-model.ts'
import { repairedCorrelation } from '../../quant/covariance/repaired-correlation.ts'
import { assetHistories, enoughReturns } from './asset-history.ts'
import type { RawCovariance } from './covariance-input.ts'
import { type CovarianceMethodName, covarianceMethods } from './covariance-method-names.ts'
import { covarianceEstimators } from './covariance-methods.ts'
import type { ReturnPanel } from './return-panel.ts'

export interface CovarianceParams {
  readonly panel: ReturnPanel
  /** `ewma` unless told. */
  readonly method?: CovarianceMethodName
  /** In days: of variances 23, of correlations 60 unless told. */
  readonly halfLifeDays?: { readonly variance?: number; readonly correlation?: number }
}

export interface CovarianceResult {
  readonly method: CovarianceMethodName
  /** Of the assets that are not left out, in the order of the panel. One that never moved has volatility 0 and correlation 0. */
  readonly estimate: CovarianceEstimate
  /** Every asset of the panel: how much is known of it, and how it was treated. */
  readonly assets: readonly ModelAsset[]
  /** Dates of the panel. */
  readonly observations: number
  /** What the method fitted: `a` and `b` of DCC. */
  readonly parameters?: Readonly<Record<string, number>>
  /** In sentences, those of single assets too. */
  readonly remarks: readonly string[]
}

type Rows = ReturnPanel['rows']

/**
 * Zero mean and per bar inside, annual (365 days) in the estimate. An asset with fewer than 20 returns is left out; one whose history
 * ended is in it as it stood then. Methods that pool (all but `sample`) draw a pair with n < 60 common dates to the mean correlation:
 * n/60 of its own, the rest of the mean. Correlations that contradict each other because of gaps are repaired, and that is told.
 * @throws HomeostatError `short-history` where no asset is left; `invalid-input` for a half-life that is not above 0
 */
export function covarianceOf({ panel, method = 'ewma', halfLifeDays }: CovarianceParams): CovarianceResult {
  const assets = assetHistories(panel)
  const kept = assets.flatMap(({ state }, column) => (state === 'new' ? [] : [column]))
  if (kept.length === 0) throw nothingLeft(assets)
  const moving = kept.filter((column) => assets[column]?.state !== 'constant')
  const names = moving.map((column) => panel.assets[column] ?? '')
  const rows = panel.rows
    .map((row) => moving.map((column) => row[column]))
    .filter((row) => row.some((r) => r !== undefined))
  const { pools } = covarianceMethods.find(({ name }) => name === method) ?? covarianceMethods[0]
  const perDay = 86_400 / barSeconds[panel.interval]
  const halfLife = {
    variance: aboveZero(halfLifeDays?.variance ?? 23) * perDay,
    correlation: aboveZero(halfLifeDays?.correlation ?? 60) * perDay,
  }
  const raw: RawCovariance =
    moving.length === 0
      ? { variance: new Float64Array(0), correlation: new Float64Array(0), shrinkage: 0 }
      : covarianceEstimators[method]({ rows, assets: names, halfLife })
  const settled = settledCorrelation({ rows, names, correlation: raw.correlation, pools })
  const remarks = [
    ...assets.flatMap(({ asset, remarks }) => remarks.map((text) => `${asset}: ${text}`)),
    ...(raw.remarks ?? []),
    ...(method === 'constant' ? [] : shrunkRemark({ shrinkage: raw.shrinkage, n: names.length, method })),
    ...settled.remarks,
    ...(rows.length < names.length
      ? [
          `${rows.length} dates are fewer than ${names.length} assets${pools ? ': shrinkage does most of it' : ': the matrix is singular'}`,
        ]
      : []),
  ]
  return {
    method,
    estimate: estimateOf({ panel, kept, moving, raw, correlation: settled.correlation }),
    assets,
    observations: panel.starts.length,
    ...(raw.parameters !== undefined ? { parameters: raw.parameters } : {}),
    remarks,
  }
}

/** From here on the pairs of an estimate differ by less than a tenth of what they did in the sample. */
const nearlyWhole = 0.9

/** Equal figures are no finding: they stand where the history could not tell the pairs apart. */
function shrunkRemark(params: {
  readonly shrinkage: number
  readonly n: number
  readonly method: CovarianceMethodName
}): readonly string[] {
  const { shrinkage, n, method } = params
  const isToMean = !method.endsWith('-identity')
  if (!(shrinkage >= nearlyWhole) || n < (isToMean ? 3 : 2)) return []
  const head = `shrinkage ${shrinkage.toFixed(2)}: over the dates that count, pairs could not be told apart from`
  if (method === 'dcc') return [`${head} their mean, so the days move each correlation away from (almost) that mean`]
  const shown = isToMean
    ? 'their mean, so each is shown as (almost) that mean'
    : 'none at all, so each is shown as almost 0'
  return [`${head} ${shown}; method sample shows each as it was`]
}

function nothingLeft(assets: readonly ModelAsset[]): HomeostatError {
  const reasons = assets.slice(0, 5).map(({ asset, remarks }) => `${asset} (${remarks.at(-1) ?? 'nothing known'})`)
  return new HomeostatError('short-history', {
    message: assets.length === 0 ? 'There is no asset.' : `No asset has enough history: ${reasons.join('; ')}.`,
    retry: 'later',
    hint: 'A covariance needs 20 returns between neighbouring bars; a gap has none.',
  })
}

function aboveZero(halfLife: number): number {
  if (halfLife > 0 && halfLife < Infinity) return halfLife
  throw new HomeostatError('invalid-input', {
    message: `A half-life has to be a number of days above 0, not ${halfLife}.`,
    retry: 'never',
    hint: 'Usual are 23 for variances and 60 for correlations.',
  })
}

/** Pools short pairs and makes the whole consistent again. */
function settledCorrelation(params: {
  readonly rows: Rows
  readonly names: readonly string[]
  readonly correlation: Float64Array
  readonly pools: boolean
}): { readonly correlation: Float64Array; readonly remarks: readonly string[] } {
  const { rows, names, correlation, pools } = params
  const n = names.length
  if (n < 2 || rows.every((row) => row.every((r) => r !== undefined))) return { correlation, remarks: [] }
  const short = pools ? shortPairs(rows, n) : []
  const mean = meanOf(correlation, n, new Set(short.map(({ i, j }) => i * n + j))) ?? 0
  const pooled = correlation.slice()
  for (const { i, j, dates } of short) {
    const own = dates / enoughReturns
    const rho = own * (correlation[i * n + j] ?? 0) + (1 - own) * mean
    pooled[i * n + j] = rho
    pooled[j * n + i] = rho
  }
  const { correlation: whole, repair } = repairedCorrelation(pooled, n)
  const listed = short.slice(0, 5).map(({ i, j, dates }) => `${names[i]}-${names[j]} ${dates}`)
  return {
    correlation: whole,
    remarks: [
      ...(short.length === 0
        ? []
        : [
            `${short.length} pairs have fewer than ${enoughReturns} dates in common and are drawn to the mean correlation ` +
              `${mean.toFixed(2)}: ${listed.join(', ')}${short.length > 5 ? ', ...' : ''}`,
          ]),
      ...(repair === undefined
        ? []
        : [
            `gaps made the correlations contradict each other (smallest eigenvalue ${repair.smallestEigenvalue.toPrecision(2)}); ` +
              `repaired by at most ${repair.largestChange.toPrecision(2)}`,
          ]),
    ],
  }
}

/** Pairs with too few dates in common. */
function shortPairs(
  rows: Rows,
  n: number,
): readonly { readonly i: number; readonly j: number; readonly dates: number }[] {
  const counts = new Float64Array(n * n)
  for (const row of rows)
    for (let i = 0; i < n; i += 1) {
      if (row[i] === undefined) continue
      for (let j = i + 1; j < n; j += 1) if (row[j] !== undefined) counts[i * n + j] = (counts[i * n + j] as number) + 1
    }
  const short: { i: number; j: number; dates: number }[] = []
  for (let i = 0; i < n; i += 1)
    for (let j = i + 1; j < n; j += 1) {
      const dates = counts[i * n + j] as number
      if (dates < enoughReturns) short.push({ i, j, dates })
    }
  return short
}

/** Mean of the correlations above the diagonal, without those at `left`; undefined if there is none. */
function meanOf(correlation: ArrayLike<number>, n: number, left: ReadonlySet<number>): number | undefined {
  let [sum, count] = [0, 0]
  for (let i = 0; i < n; i += 1)
    for (let j = i + 1; j < n; j += 1) {
      if (left.has(i * n + j)) continue
      sum += correlation[i * n + j] as number
      count += 1
    }
  return count === 0 ? undefined : sum / count
}

function estimateOf(params: {
  readonly panel: ReturnPanel
  readonly kept: readonly number[]
  readonly moving: readonly number[]
  readonly raw: { readonly variance: Float64Array; readonly shrinkage: number }
  readonly correlation: Float64Array
}): CovarianceEstimate {
  const { panel, kept, moving, raw, correlation } = params
  const yearly = secondsPerYear / barSeconds[panel.interval]
  const place = kept.map((column) => moving.indexOf(column))
  const n = moving.length
  const meanCorrelation = meanOf(correlation, n, new Set())
  return {
    assets: kept.map((column) => panel.assets[column] ?? ''),
    volatility: place.map((at) => Math.sqrt((raw.variance[at] ?? 0) * yearly)),
    correlation: place.flatMap((i, row) =>
      place.map((j, column) => (row === column ? 1 : i < 0 || j < 0 ? 0 : (correlation[i * n + j] ?? 0))),
    ),
    shrinkage: raw.shrinkage,
    ...(meanCorrelation === undefined ? {} : { meanCorrelation }),
  }
}
