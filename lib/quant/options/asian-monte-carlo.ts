// Discrete arithmetic Asian options by simulation, as a check on the other methods.
import { normalCdf, normalPdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { random } from '../random.ts'
import { type DiscreteAsian, fixingVariances, requireRisingVariance } from './asian.ts'
import { NO_DEVIATION, representable } from './lognormal.ts'

export interface AsianEstimate {
  readonly price: number
  /** dV/dS and d2V/dS2 at held volatilities, from the same paths. */
  readonly delta: number
  readonly gamma: number
  /** One standard error of each. */
  readonly standardError: number
  readonly deltaStandardError: number
  readonly gammaStandardError: number
  readonly paths: number
}

/** The fixings that are still uncertain, as log prices over the spot: mean + loading z + rest, z a standard normal of which the rest knows nothing. */
interface Law {
  readonly mean: Float64Array
  readonly loading: Float64Array
  /** Of the increments of the log price between them. */
  readonly deviation: Float64Array
  /** ln of the sum of what is uncertain at which the option is at the money, in spots, and its z on the geometric average. */
  readonly logSum: number
  readonly start: number
}

/**
 * z is the standardised logarithm of the geometric average: the one direction in which all fixings move together (Curran 1994). The loadings are their
 * covariances with it.
 */
function lawOf({ fixings, carry }: DiscreteAsian, variances: Float64Array, first: number, sum: number): Law {
  const m = variances.length - first
  const mean = new Float64Array(m)
  const loading = new Float64Array(m)
  const deviation = new Float64Array(m)
  let [variance, before, later] = [0, 0, 0]
  for (let i = 0; i < m; i += 1) {
    const v = variances[first + i] ?? 0
    mean[i] = carry * (fixings[first + i] ?? 0) - v / 2
    deviation[i] = Math.sqrt(v - before)
    // Covariance of this log price with the sum of all: v with itself and every later one, the earlier ones' variances with those.
    loading[i] = later + v * (m - i)
    later += v
    variance += v * (2 * (m - i) - 1)
    before = v
  }
  const root = Math.sqrt(variance)
  for (let i = 0; i < m; i += 1) loading[i] = (loading[i] ?? 0) / root
  const logSum = Math.log(sum)
  const total = mean.reduce((all, one) => all + one, 0)
  return { mean, loading, deviation, logSum, start: (m * (logSum - Math.log(m)) - total) / root }
}

/** What is left of the log prices of one path without its z, so that all of them sum to 0. */
function drawRest({ loading, deviation }: Law, normals: Float64Array, rest: Float64Array): void {
  let [walk, total, root] = [0, 0, 0]
  for (let i = 0; i < rest.length; i += 1) {
    walk += (deviation[i] ?? 0) * (normals[i] ?? 0)
    rest[i] = walk
    total += walk
    root += loading[i] ?? 0
  }
  const z = total / root
  for (let i = 0; i < rest.length; i += 1) rest[i] = (rest[i] ?? 0) - (loading[i] ?? 0) * z
}

/** Given the rest: the expected payoff, and S dV/dS and S^2 d2V/dS2, in units of spot / fixings; and the mean of the uncertain sum in spots. */
interface Conditional {
  price: number
  delta: number
  gamma: number
  mean: number
}

/**
 * The z at which the prices of a path (`logs`: their logarithms at z = 0) sum to what the strike asks for, and how fast the logarithm of their sum rises
 * there. That is convex in z, and Newton's method falls to the root from the geometric average's z, which is never below it.
 */
function atTheMoney({ loading, logSum, start }: Law, logs: Float64Array): readonly [z: number, slope: number] {
  let z = start
  for (let step = 0; ; step += 1) {
    let sum = 0
    let weighted = 0
    for (let i = 0; i < logs.length; i += 1) {
      const c = loading[i] ?? 0
      const price = Math.exp((logs[i] ?? 0) + c * z)
      sum += price
      weighted += c * price
    }
    const slope = weighted / sum
    const move = (Math.log(sum) - logSum) / slope
    z -= move
    // The move leaves an error of some 1e-9 in z, which is one of its square in the price.
    if (!(Math.abs(move) > 1e-4) || step > 60) return [z, slope]
  }
}

/** The expectation over z of a path whose rest is `sign` times this one; `sure` is the sum of the prices that do not move, in spots. */
function conditional(
  law: Law,
  sure: number,
  rest: Float64Array,
  sign: 1 | -1,
  phi: 1 | -1,
  logs: Float64Array,
): Conditional {
  const { mean, loading } = law
  for (let i = 0; i < logs.length; i += 1) logs[i] = (mean[i] ?? 0) + sign * (rest[i] ?? 0)
  const [z, slope] = atTheMoney(law, logs)
  let inside = 0
  let all = 0
  for (let i = 0; i < logs.length; i += 1) {
    const c = loading[i] ?? 0
    const grown = Math.exp((logs[i] ?? 0) + (c * c) / 2)
    all += grown
    inside += grown * normalCdf(phi * (c - z))
  }
  const share = normalCdf(-phi * z)
  const sum = Math.exp(law.logSum)
  return {
    price: phi * (inside - sum * share),
    delta: phi * (inside + sure * share),
    gamma: ((sum + sure) ** 2 * normalPdf(z)) / (sum * slope),
    mean: all,
  }
}

/** Running mean, square and product with the control of one variable, and those of the control (Welford 1962). */
function moments() {
  const m = { n: 0, x: 0, y: 0, xx: 0, xy: 0, yy: 0 }
  return {
    add: (x: number, y: number) => {
      m.n += 1
      const dx = x - m.x
      const dy = y - m.y
      m.x += dx / m.n
      m.y += dy / m.n
      m.xx += dx * (x - m.x)
      m.xy += dx * (y - m.y)
      m.yy += dy * (y - m.y)
    },
    /** The mean of y where x is known to have a mean of `expected`, and its standard error; both times `scale`. */
    estimate: (expected: number, scale: number): readonly [mean: number, error: number] => {
      const beta = m.xx > 0 ? m.xy / m.xx : 0
      const left = Math.max(0, m.yy - beta * m.xy)
      return [scale * (m.y - beta * (m.x - expected)), scale * Math.sqrt(left / (m.n - 2) / m.n)]
    },
  }
}

/** Nothing to draw: the payoff is sure to be exercised, or is not. */
function sureValue(option: DiscreteAsian, phi: 1 | -1, mean: number, strike: number, paths: number): AsianEstimate {
  const paid = phi * (mean - strike)
  const share = paid > 0 ? phi * Math.exp(-option.rate * option.time) : 0
  return {
    price: share * (mean - strike),
    delta: (share * mean) / option.spot,
    gamma: 0,
    standardError: 0,
    deltaStandardError: 0,
    gammaStandardError: 0,
    paths,
  }
}

function requirePaths(kernel: string, option: DiscreteAsian, paths: number): Float64Array {
  const variances = fixingVariances(kernel, option)
  requireRisingVariance(kernel, variances)
  if (!(Number.isInteger(paths) && paths >= 100 && paths <= 1e8))
    throw outOfDomain(kernel, 'paths has to be whole, 100 to 1e8.', { field: 'paths', paths })
  return variances
}

/**
 * Price, delta and gamma with standard errors from `paths` antithetic pairs (100..1e8) of the seed's stream: the same seed, the same price, and common
 * random numbers across bumped inputs. Of each path only what the geometric average does not tell is drawn; over the rest the payoff is integrated, so
 * that the estimate is smooth in all inputs and its differences are Greeks. The control variate is the mean of the average given the path, whose own mean
 * is known; its coefficient is estimated from the same pairs (bias of order 1 / paths). Some 50 ns a fixing of a pair's path.
 * Curran (1994), "Valuing Asian and portfolio options by conditioning on the geometric mean price"; Glasserman (2004), sections 4.1 and 7.2.3.
 * Throws `out-of-domain` by field, also where total variance falls from one fixing to the next.
 */
export function monteCarloAsian(
  option: DiscreteAsian & { readonly paths: number; readonly seed: number },
): AsianEstimate {
  const kernel = 'monteCarloAsian'
  const { kind, spot, strike, rate, carry, time, past, fixings, paths, seed } = option
  const variances = requirePaths(kernel, option, paths)
  const phi = kind === 'call' ? 1 : -1
  const n = fixings.length + (past?.count ?? 0)
  const known = ((past?.count ?? 0) * (past?.average ?? 0)) / n
  const forward = (from: number, to: number) => fixings.slice(from, to).reduce((sum, t) => sum + Math.exp(carry * t), 0)
  const uncertain = variances.findIndex((variance) => variance >= NO_DEVIATION * NO_DEVIATION)
  const first = uncertain < 0 ? fixings.length : uncertain
  const sure = forward(0, first)
  const expected = forward(first, fixings.length)
  /** The sum of the uncertain prices in spots at which the option is at the money. */
  const atMoney = ((strike - known) * n) / spot - sure
  if (first === fixings.length || atMoney <= 0)
    return sureValue(option, phi, known + (spot * (sure + expected)) / n, strike, paths)
  const law = lawOf(option, variances, first, atMoney)
  const [price, delta, gamma] = simulate({ law, sure, phi, paths, seed })
  const scale = (Math.exp(-rate * time) * spot) / n
  const [value, standardError] = price.estimate(expected, scale)
  const [slope, deltaStandardError] = delta.estimate(expected, scale / spot)
  const [bend, gammaStandardError] = gamma.estimate(expected, scale / spot / spot)
  return {
    price: representable(kernel, Math.max(0, value)),
    delta: slope,
    gamma: bend,
    standardError,
    deltaStandardError,
    gammaStandardError,
    paths,
  }
}

function simulate(task: {
  readonly law: Law
  readonly sure: number
  readonly phi: 1 | -1
  readonly paths: number
  readonly seed: number
}) {
  const { law, sure, phi, paths, seed } = task
  const rng = random(seed)
  const m = law.mean.length
  const [normals, rest, logs] = [new Float64Array(m), new Float64Array(m), new Float64Array(m)]
  const [price, delta, gamma] = [moments(), moments(), moments()]
  for (let path = 0; path < paths; path += 1) {
    rng.fillNormal(normals)
    drawRest(law, normals, rest)
    const one = conditional(law, sure, rest, 1, phi, logs)
    const mirrored = conditional(law, sure, rest, -1, phi, logs)
    const control = (one.mean + mirrored.mean) / 2
    price.add(control, (one.price + mirrored.price) / 2)
    delta.add(control, (one.delta + mirrored.delta) / 2)
    gamma.add(control, (one.gamma + mirrored.gamma) / 2)
  }
  return [price, delta, gamma] as const
}
