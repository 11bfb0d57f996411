// Tomorrow's variance from today's, the week's and the month's: the heterogeneous autoregression of realised variance.
import { leastSquares } from './least-squares.ts'
import { outOfDomain } from './out-of-domain.ts'

/** A day, of which `undefined` stands in its place where it is not known. */
export interface HarDay {
  /** Realised, of the whole day; 0 or above. */
  readonly variance: number
  /** What of it came in jumps: 0 .. variance. */
  readonly jump: number
}

/** Plain JSON. */
export interface HarFit {
  /** Of 1, log d, log w, log m and, where jumps were seen, log(1 + jump / variance of the day). */
  readonly coefficients: readonly number[]
  /** Of the log, per day. */
  readonly residualVariance: number
  readonly observations: number
  /** Variances below count as this, so that a day without trades has a logarithm. */
  readonly floor: number
  /** Forecasts stay between the least and twice the greatest variance of the fit. */
  readonly bounds: readonly [least: number, most: number]
}

/** Days of the week and the month in markets that never close (Corsi 2009 has 5 and 22 trading days). */
const [WEEK, MONTH] = [7, 30] as const
/** At least so much of a window has to be known. */
const KNOWN = 0.7
/** Observations below which nothing is fitted. */
const leastHarDays = 60
/** Days that moved less than this part of the median are lifted to it. */
const FLOOR = 1e-3

/** Days with jumps below which their coefficient would be an accident. */
const MIN_JUMPS = 5

type Days = readonly (HarDay | undefined)[]

/** Mean variance of the last `window` days up to `at`; undefined where too few are known. */
function meanVariance(days: Days, at: number, window: number): number | undefined {
  let [sum, known] = [0, 0]
  for (let t = Math.max(0, at - window + 1); t <= at; t += 1) {
    const day = days[t]
    if (day === undefined) continue
    sum += day.variance
    known += 1
  }
  return known >= KNOWN * window ? sum / known : undefined
}

/** Regressors known at the end of day `at`. */
function regressors(days: Days, at: number, floor: number): number[] | undefined {
  const day = days[at]
  const week = meanVariance(days, at, WEEK)
  const month = meanVariance(days, at, MONTH)
  if (day === undefined || week === undefined || month === undefined) return undefined
  const jump = day.variance > 0 ? day.jump / day.variance : 0
  return [1, ...[day.variance, week, month].map((v) => Math.log(Math.max(floor, v))), Math.log1p(jump)]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function checkDays(kernel: string, days: Days): void {
  for (const [at, day] of days.entries())
    if (
      day !== undefined &&
      !(day.variance >= 0 && day.variance < Infinity && day.jump >= 0 && day.jump <= day.variance)
    )
      throw outOfDomain(kernel, 'A variance of 0 or above, with a jump of 0 up to it.', { at, ...day })
}

/**
 * log v_{t+1} = c + d log v_t + w log v_{t-6..t} + m log v_{t-29..t} + j log(1 + J_t / v_t) + e by least squares (Corsi 2009 in the
 * logarithmic form with jumps of Andersen, Bollerslev & Diebold 2007, eq. 17). `days` in order, one a day; a day that is not known
 * takes no part, and windows need 70 % of their days. Undefined with fewer than 60 usable days or without movement.
 * Throws `out-of-domain` for a variance below 0 or not finite.
 */
export function fitHar(days: Days): HarFit | undefined {
  checkDays('fitHar', days)
  const known = days.flatMap((day) => (day === undefined ? [] : [day.variance]))
  const floor = FLOOR * median(known)
  if (!(floor > 0)) return undefined
  const rows: number[][] = []
  const y: number[] = []
  for (let t = 0; t + 1 < days.length; t += 1) {
    const next = days[t + 1]
    const row = next === undefined ? undefined : regressors(days, t, floor)
    if (next === undefined || row === undefined) continue
    rows.push(row)
    y.push(Math.log(Math.max(floor, next.variance)))
  }
  if (rows.length < leastHarDays) return undefined
  const hasJumps = rows.filter((row) => (row[4] ?? 0) > 0).length >= MIN_JUMPS
  const fit =
    (hasJumps ? leastSquares({ rows, y }) : undefined) ?? leastSquares({ rows: rows.map((row) => row.slice(0, 4)), y })
  if (fit === undefined) return undefined
  return {
    coefficients: [...fit.coefficients],
    residualVariance: fit.residualVariance,
    observations: fit.observations,
    floor,
    bounds: [Math.min(...y.map(Math.exp)), 2 * Math.max(...y.map(Math.exp))],
  }
}

/**
 * Expected variance of the day after the last of `days`: exp(x'c + s^2 / 2), the mean of a lognormal. Undefined where the last day,
 * or 30 % of its week or month, is not known.
 */
export function forecastHar(fit: HarFit, days: Days): number | undefined {
  const recent = days.slice(-MONTH)
  checkDays('forecastHar', recent)
  const row = regressors(recent, recent.length - 1, fit.floor)
  if (row === undefined) return undefined
  const log = fit.coefficients.reduce((sum, c, i) => sum + c * (row[i] ?? 0), 0)
  const [least, most] = fit.bounds
  return Math.min(most, Math.max(least, Math.exp(log + fit.residualVariance / 2)))
}
