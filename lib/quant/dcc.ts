// Correlations that follow the days: DCC(1,1) on standardised residuals, fitted pair by pair so that many assets cost little.
import { repairedCorrelation } from './covariance/repaired-correlation.ts'
import { type Observation, pairs } from './covariance/sample-moments.ts'
import { type PairPath, pairDensity } from './dcc-likelihood.ts'
import { nelderMead } from './nelder-mead.ts'
import { outOfDomain } from './out-of-domain.ts'

/** Q_t = (1 - a - b) C + a e_{t-1} e_{t-1}' + b Q_{t-1} (Engle 2002, eq. 24). a, b >= 0, a + b < 1. */
export interface DccParameters {
  readonly a: number
  readonly b: number
}

/** Matrices packed by rows of the upper triangle, as in `SampleMoments`. Never changed in place. */
export interface DccState {
  readonly assets: number
  /** C: correlation of the residuals over the whole history, ones on its diagonal. */
  readonly target: Float64Array
  /** Q of the next date. */
  readonly q: Float64Array
}

export interface DccFit {
  readonly parameters: DccParameters
  /** Before the first date: Q = C. */
  readonly start: DccState
  /** Composite, over the pairs; of no meaning next to a full likelihood. */
  readonly logLikelihood: number
  /** Pairs in the likelihood. */
  readonly pairs: number
  /** Only if gaps made C indefinite: its smallest eigenvalue before. */
  readonly smallestEigenvalue?: number
  /** a + b stands at the bound of the search. */
  readonly isAtBound: boolean
}

/** Dates of a pair below which its correlation is not told to vary. */
export const leastDccDates = 100
const MOST_PERSISTENCE = 0.999
/** Neighbours further apart join the likelihood while it has fewer pairs. */
const ENOUGH_PAIRS = 45
const STARTS = [0.6, 0.85, 0.95, 0.985].flatMap((p) => [0.02, 0.06, 0.2].map((share) => [p, share] as const))

const logistic = (u: number) => 1 / (1 + Math.exp(-u))
const logit = (p: number) => Math.log(p / (1 - p))

/** Residuals of each asset in order, scaled to mean square 1; NaN is a gap, inside of this file and the likelihood's alone. */
function columnsOf(rows: readonly Observation[], assets: number): Float64Array[] {
  return Array.from({ length: assets }, (_, i) => {
    const column = Float64Array.from(rows, (row) => row[i] ?? Number.NaN)
    let [sum, known] = [0, 0]
    for (const x of column)
      if (!Number.isNaN(x)) {
        sum += x * x
        known += 1
      }
    if (!(sum > 0 && sum < Infinity))
      throw outOfDomain('fitDcc', 'Each asset has residuals that move: leave out the others.', {
        asset: i,
        dates: known,
      })
    const scale = Math.sqrt(sum / known)
    return column.map((x) => x / scale)
  })
}

/** Correlation of two columns over their common dates, and how many these are. */
function common(x: Float64Array, y: Float64Array): { readonly rho: number; readonly dates: number } {
  let [xy, xx, yy, dates] = [0, 0, 0, 0]
  for (let t = 0; t < x.length; t += 1) {
    const a = x[t] as number
    const b = y[t] as number
    if (Number.isNaN(a) || Number.isNaN(b)) continue
    xy += a * b
    xx += a * a
    yy += b * b
    dates += 1
  }
  return { rho: xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : 0, dates }
}

/** C over each pair's dates, made positive semidefinite; which pairs are known long enough. */
function targetOf(columns: readonly Float64Array[]) {
  const n = columns.length
  const matrix = new Float64Array(n * n)
  const dates = new Float64Array(n * n)
  for (const [i, x] of columns.entries())
    for (const [j, y] of columns.entries()) {
      if (j < i) continue
      const found = common(x, y)
      for (const at of [i * n + j, j * n + i]) {
        matrix[at] = i === j ? 1 : found.rho
        dates[at] = found.dates
      }
    }
  const gaps = dates.some((count) => count !== dates[0])
  const { correlation, repair } = gaps ? repairedCorrelation(matrix, n) : { correlation: matrix, repair: undefined }
  return { correlation, repair, dates }
}

/** Contiguous pairs (Pakel, Shephard, Sheppard & Engle 2021), then pairs further apart while these are few. */
function chosenPairs(columns: readonly Float64Array[], target: ReturnType<typeof targetOf>): PairPath[] {
  const n = columns.length
  const chosen: PairPath[] = []
  for (let apart = 1; apart < n && (apart === 1 || chosen.length < ENOUGH_PAIRS); apart += 1)
    for (let i = 0; i + apart < n; i += 1) {
      const at = i * n + i + apart
      const [x, y] = [columns[i], columns[i + apart]]
      const rho = target.correlation[at] as number
      // Of two names for one thing the density has no bound.
      if (x === undefined || y === undefined || (target.dates[at] as number) < leastDccDates || Math.abs(rho) > 0.9999)
        continue
      chosen.push({ x, y, rho })
    }
  return chosen
}

function packed(matrix: Float64Array, n: number): Float64Array {
  const out = new Float64Array(pairs(n))
  let k = 0
  for (let i = 0; i < n; i += 1) for (let j = i; j < n; j += 1, k += 1) out[k] = matrix[i * n + j] as number
  return out
}

/**
 * Fits a and b by composite likelihood with correlation targeting. `rows` are residuals of univariate models, a gap is
 * `undefined`; their scale does not matter. Deterministic. Gives undefined where no pair of different assets has 100 dates in
 * common. Throws `out-of-domain` for fewer than two assets and residuals that never move.
 */
export function fitDcc(rows: readonly Observation[]): DccFit | undefined {
  const assets = rows[0]?.length ?? 0
  checkRows('fitDcc', rows, assets)
  const columns = columnsOf(rows, assets)
  const target = targetOf(columns)
  const chosen = chosenPairs(columns, target)
  if (chosen.length === 0) return undefined
  const decoded = (u: ArrayLike<number>) => {
    const persistence = MOST_PERSISTENCE * logistic(u[0] as number)
    const a = persistence * logistic(u[1] as number)
    return { a, b: persistence - a }
  }
  const objective = (u: Float64Array) => {
    const { a, b } = decoded(u)
    let sum = 0
    for (const path of chosen) sum -= pairDensity(path, a, b)
    return sum
  }
  const ranked = STARTS.map(([p, share]) => {
    const u = [logit(p / MOST_PERSISTENCE), logit(share)]
    return { u, value: objective(Float64Array.from(u)) }
  }).toSorted((one, other) => one.value - other.value)
  const best = ranked
    .slice(0, 2)
    .map(({ u }) => nelderMead({ objective, start: u, step: [0.4, 0.4], tolerance: 1e-3, maxEvaluations: 200 }))
    .reduce((one, other) => (other.value < one.value ? other : one))
  const parameters = decoded(best.point)
  const c = packed(target.correlation, assets)
  return {
    parameters,
    start: { assets, target: c, q: c.slice() },
    logLikelihood: -best.value,
    pairs: chosen.length,
    ...(target.repair === undefined ? {} : { smallestEigenvalue: target.repair.smallestEigenvalue }),
    isAtBound: parameters.a + parameters.b > MOST_PERSISTENCE - 1e-4,
  }
}

function checkRows(kernel: string, rows: readonly Observation[], assets: number): void {
  if (assets < 2) throw outOfDomain(kernel, 'Two assets or more.', { assets, dates: rows.length })
  for (const [at, row] of rows.entries()) {
    if (row.length !== assets)
      throw outOfDomain(kernel, 'A date has one entry per asset.', { at, assets, entries: row.length })
    for (let i = 0; i < assets; i += 1) {
      const x = row[i]
      if (x !== undefined && !(Math.abs(x) < 1e100))
        throw outOfDomain(kernel, 'A residual is finite, or undefined where there is none.', { asset: i, at, value: x })
    }
  }
}

/**
 * The state after further dates in their order. A pair with a gap moves to its forecast. The state given stays as it is.
 * Throws `out-of-domain` for a row of another length or a number that is not finite.
 */
export function updateDcc(parameters: DccParameters, state: DccState, rows: readonly Observation[]): DccState {
  const { assets, target } = state
  checkRows('updateDcc', rows, assets)
  const { a, b } = parameters
  const q = state.q.slice()
  const constant = target.map((c) => (1 - a - b) * c)
  const e = new Float64Array(assets)
  for (const row of rows) {
    let gaps = 0
    for (let i = 0; i < assets; i += 1) {
      const x = row[i]
      if (x === undefined) gaps += 1
      e[i] = x ?? Number.NaN
    }
    if (gaps === 0) step(q, constant, e, a, b)
    else stepOverGaps(q, constant, e, a, b)
  }
  return { assets, target, q }
}

function step(q: Float64Array, constant: Float64Array, e: Float64Array, a: number, b: number): void {
  const n = e.length
  let k = 0
  for (let i = 0; i < n; i += 1) {
    const ai = a * (e[i] as number)
    for (let j = i; j < n; j += 1, k += 1) q[k] = (constant[k] as number) + ai * (e[j] as number) + b * (q[k] as number)
  }
}

function stepOverGaps(q: Float64Array, constant: Float64Array, e: Float64Array, a: number, b: number): void {
  const n = e.length
  let k = 0
  for (let i = 0; i < n; i += 1)
    for (let j = i; j < n; j += 1, k += 1) {
      const product = (e[i] as number) * (e[j] as number)
      const before = q[k] as number
      q[k] = (constant[k] as number) + a * (Number.isNaN(product) ? before : product) + b * before
    }
}

export interface DccCorrelation {
  /** n x n by rows: R of the next date. */
  readonly correlation: Float64Array
  /** Only if gaps made it indefinite. */
  readonly repair: { readonly smallestEigenvalue: number; readonly largestChange: number } | undefined
}

/** R = diag(Q)^-1/2 Q diag(Q)^-1/2; `repair: 'check'` looks at its eigenvalues, which only gaps can make negative. */
export function dccCorrelation(state: DccState, repair: 'check' | 'none'): DccCorrelation {
  const { assets: n, q } = state
  const root = new Float64Array(n)
  let k = 0
  for (let i = 0; i < n; i += 1) {
    root[i] = Math.sqrt(q[k] as number)
    k += n - i
  }
  const matrix = new Float64Array(n * n)
  k = 0
  for (let i = 0; i < n; i += 1)
    for (let j = i; j < n; j += 1, k += 1) {
      const rho =
        i === j ? 1 : Math.max(-1, Math.min(1, (q[k] as number) / ((root[i] as number) * (root[j] as number))))
      matrix[i * n + j] = rho
      matrix[j * n + i] = rho
    }
  return repair === 'check' ? repairedCorrelation(matrix, n) : { correlation: matrix, repair: undefined }
}
