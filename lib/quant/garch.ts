// Variance that follows its own returns: GARCH(1,1), fitted to a history with gaps and then updated one return at a time.
import { type InnovationLaw, logDensityOf } from './garch-likelihood.ts'
import { nelderMead } from './nelder-mead.ts'
import { outOfDomain } from './out-of-domain.ts'

/**
 * h_t = omega + alpha r_{t-1}^2 + beta h_{t-1}, mean zero (Bollerslev 1986). Variances are per observation, in the squared
 * unit of the returns. omega > 0, alpha, beta >= 0, alpha + beta < 1. Plain JSON.
 */
export interface GarchParameters {
  readonly omega: number
  readonly alpha: number
  readonly beta: number
  /** omega / (1 - alpha - beta): what the variance comes back to. */
  readonly longRun: number
}

export interface GarchFit {
  readonly parameters: GarchParameters
  /** Of the Student law, where that was fitted: above 2. */
  readonly degrees?: number
  /** Of the next observation after the last. */
  readonly variance: number
  /** Natural, over the known returns, in the unit of the returns. */
  readonly logLikelihood: number
  /** Known returns. */
  readonly observations: number
  /** The persistence alpha + beta stands at the bound of the search: the history has no level that variance came back to. */
  readonly isAtBound: boolean
}

/** A gap is `undefined` and stays one. */
export type GarchReturns = ArrayLike<number | undefined>

export interface GarchProblem {
  readonly returns: GarchReturns
  /**
   * `normal`: quasi-maximum likelihood, consistent under fat tails (Bollerslev & Wooldridge 1992); `student`: unit-variance
   * Student innovations with fitted degrees (Bollerslev 1987), less moved by single crashes. `normal` unless told.
   */
  readonly law?: 'normal' | 'student'
  /**
   * True: the long-run variance is the mean square of the returns (Engle & Mezrich 1996): two parameters, robust on short
   * histories. False: it is fitted, too. True unless told.
   */
  readonly targeting?: boolean
}

/** Known returns below which nothing is fitted. */
const leastGarchReturns = 60
/** Largest alpha + beta of the search. */
const MOST_PERSISTENCE = 0.9995
/** A fitted long-run variance stays within e^-3 .. e^3 of the mean square. */
const REACH = 3
const [LEAST_DEGREES, MOST_DEGREES] = [2.1, 100] as const
/** The first variance is the mean square of the first returns, weighted by 0.94^t, as RiskMetrics would look back. */
const [BACKCAST, BACKCAST_DECAY] = [75, 0.94] as const

/** Squares over `scale`; -1 is a gap. */
function squaresOf(returns: GarchReturns, scale: number): Float64Array {
  return Float64Array.from({ length: returns.length }, (_, t) => {
    const r = returns[t]
    return r === undefined ? -1 : (r / scale) ** 2
  })
}

function checkReturns(kernel: string, returns: GarchReturns): void {
  for (let t = 0; t < returns.length; t += 1) {
    const r = returns[t]
    if (r !== undefined && !(Math.abs(r) < 1e100))
      throw outOfDomain(kernel, 'A return is finite, or undefined where there is none.', { at: t, value: r })
  }
}

function backcast(squares: Float64Array): number {
  let [sum, total, weight, seen] = [0, 0, 1, 0]
  for (const square of squares) {
    if (square < 0) continue
    sum += weight * square
    total += weight
    weight *= BACKCAST_DECAY
    seen += 1
    if (seen === BACKCAST) break
  }
  return sum / total
}

const logistic = (u: number) => 1 / (1 + Math.exp(-u))
const logit = (p: number) => Math.log(p / (1 - p))

/** Of returns with mean square 1: u = logit of persistence, logit of alpha's share, then log of the long run, then of the degrees. */
function decoded(u: ArrayLike<number>, targeting: boolean, law: 'normal' | 'student') {
  const persistence = MOST_PERSISTENCE * logistic(u[0] as number)
  const alpha = persistence * logistic(u[1] as number)
  const longRun = targeting ? 1 : Math.exp(REACH * Math.tanh(u[2] as number))
  const last = u[u.length - 1] as number
  const innovations: InnovationLaw =
    law === 'normal'
      ? { kind: 'normal' }
      : { kind: 'student', degrees: LEAST_DEGREES + (MOST_DEGREES - LEAST_DEGREES) * logistic(last) }
  return { persistence, alpha, beta: persistence - alpha, longRun, innovations }
}

/** Starts from which the valley is looked for: what daily and hourly markets show, and what quiet or jumpy ones do. */
const STARTS = [0.6, 0.85, 0.93, 0.97, 0.99, 0.998].flatMap((persistence) =>
  [0.03, 0.1, 0.25, 0.6].map((share) => [logit(persistence / MOST_PERSISTENCE), logit(share)] as const),
)

function searched(problem: {
  readonly squares: Float64Array
  readonly targeting: boolean
  readonly law: 'normal' | 'student'
}) {
  const { squares, targeting, law } = problem
  const first = backcast(squares)
  const objective = (u: Float64Array) => {
    const { alpha, beta, persistence, longRun, innovations } = decoded(u, targeting, law)
    return -logDensityOf({ squares, omega: longRun * (1 - persistence), alpha, beta, first, law: innovations })
  }
  const rest = [...(targeting ? [] : [0]), ...(law === 'student' ? [logit(0.04)] : [])]
  const ranked = STARTS.map((pair) => ({ u: [...pair, ...rest], value: objective(Float64Array.of(...pair, ...rest)) }))
  ranked.sort((a, b) => a.value - b.value)
  const found = ranked
    .slice(0, 2)
    .map(({ u }) =>
      nelderMead({ objective, start: u, step: u.map(() => 0.4), tolerance: 1e-4, maxEvaluations: 200 * u.length }),
    )
  const best = found.reduce((a, b) => (b.value < a.value ? b : a))
  return { ...decoded(best.point, targeting, law), logDensity: -best.value }
}

/**
 * Fits GARCH(1,1) from several starts. Over a gap the variance moves to its forecast. Deterministic; about a millisecond for
 * 2,000 returns. Throws `out-of-domain` for a return that is not finite, fewer than 60 known ones, and returns that never moved.
 */
export function fitGarch({ returns, law = 'normal', targeting = true }: GarchProblem): GarchFit {
  checkReturns('fitGarch', returns)
  let [largest, known] = [0, 0]
  for (let t = 0; t < returns.length; t += 1) {
    const r = returns[t]
    if (r === undefined) continue
    known += 1
    largest = Math.max(largest, Math.abs(r))
  }
  if (known < leastGarchReturns || !(largest > 1e-100))
    throw outOfDomain('fitGarch', 'At least 60 returns, of which some move.', { returns: known, largest })
  let mean = 0
  for (const square of squaresOf(returns, largest)) mean += square < 0 ? 0 : square / known
  const scale = largest * Math.sqrt(mean)
  const squares = squaresOf(returns, scale)
  const { persistence, alpha, beta, longRun, innovations, logDensity } = searched({ squares, targeting, law })
  const parameters = parametersOf({ alpha, beta, persistence, longRun: longRun * scale * scale })
  const filtered = filterGarch({ parameters, returns })
  return {
    parameters,
    ...(innovations.kind === 'student' ? { degrees: innovations.degrees } : {}),
    variance: filtered[returns.length] as number,
    logLikelihood: logDensity - known * Math.log(scale),
    observations: known,
    isAtBound: persistence > MOST_PERSISTENCE - 1e-4,
  }
}

function parametersOf(params: { alpha: number; beta: number; persistence: number; longRun: number }): GarchParameters {
  const { alpha, beta, persistence, longRun } = params
  return { omega: longRun * (1 - persistence), alpha, beta, longRun }
}

/**
 * The variance of the next observation from that of this one and its return; of a gap (`undefined`), from the variance alone.
 * Throws `out-of-domain` for a variance below 0 or a return that is not finite.
 */
export function updateGarch(parameters: GarchParameters, variance: number, observed: number | undefined): number {
  const { omega, alpha, beta } = parameters
  if (!(variance >= 0 && variance < Infinity) || (observed !== undefined && !Number.isFinite(observed)))
    throw outOfDomain('updateGarch', 'A variance of 0 or above, and a finite return or a gap.', {
      variance,
      observed: observed ?? 'gap',
    })
  return observed === undefined
    ? omega + (alpha + beta) * variance
    : omega + alpha * (observed * observed) + beta * variance
}

/**
 * Conditional variances h_0 .. h_n of n returns: h_t is known before return t, h_n is the forecast of the next. `first` is h_0;
 * left out: the weighted mean square of the first 75 known returns (a backcast, the only look ahead), or the long run if none.
 */
export function filterGarch(params: {
  readonly parameters: GarchParameters
  readonly returns: GarchReturns
  readonly first?: number
}): Float64Array {
  const { parameters, returns, first } = params
  checkReturns('filterGarch', returns)
  const { omega, alpha, beta } = parameters
  const n = returns.length
  const start = first ?? backcast(squaresOf(returns, 1))
  const out = new Float64Array(n + 1)
  let h = Number.isNaN(start) ? parameters.longRun : Math.max(start, omega)
  out[0] = h
  for (let t = 0; t < n; t += 1) {
    const r = returns[t]
    h = omega + beta * h + alpha * (r === undefined ? h : r * r)
    out[t + 1] = h
  }
  return out
}

/**
 * Expected variance of the sum of the next `steps` returns, given that of the first of them: sum of E[h_k] =
 * steps L + (h - L) (1 - p^steps) / (1 - p), p = alpha + beta. Throws `out-of-domain` for no steps.
 */
export function garchForecast(params: {
  readonly parameters: GarchParameters
  readonly variance: number
  readonly steps: number
}): number {
  const { parameters, variance, steps } = params
  const { alpha, beta, longRun } = parameters
  if (!(steps > 0 && steps < Infinity && variance >= 0 && variance < Infinity))
    throw outOfDomain('garchForecast', 'Steps above 0 and a finite variance of 0 or above.', { steps, variance })
  const persistence = alpha + beta
  return steps * longRun + ((variance - longRun) * -Math.expm1(steps * Math.log(persistence))) / (1 - persistence)
}
