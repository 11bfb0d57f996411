// American prices in closed form that are what a stated exercise rule earns: lower bounds.
import { bivariateNormalCdf } from '../bivariate-normal.ts'
import { normalLogCdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { asPut, intrinsicValue, neverExercisedEarly, putWithoutVolatility, requireAmerican } from './american-option.ts'
import { NO_DEVIATION, type VanillaParams, vanilla } from './lognormal.ts'

/** The call that is priced: a put is the call of the mirrored market. */
interface CallTask {
  readonly S: number
  readonly X: number
  readonly r: number
  readonly b: number
  readonly volatility: number
  readonly T: number
  /** beta > 1: the growth exponent of the perpetual call. */
  readonly beta: number
  /** B0: the exercise boundary just before expiry. */
  readonly B0: number
  /** B infinity - B0, the boundary of the perpetual call above it. */
  readonly rise: number
}

/** Above this exponent the absolute error of a probability would show in its product. */
const LARGEST_LOG = 18

/** The flat boundary for a time to expiry; `shape` is what (b T + 2 sigma sqrt(T)) is multiplied with in its exponent. */
function flatBoundary({ b, volatility, B0, rise }: CallTask, T: number, shape: number): number {
  const h = -(b * T + 2 * volatility * Math.sqrt(T)) * shape
  return rise > 0 && h < 0 ? B0 - rise * Math.expm1(h) : B0
}

function growth({ r, b, volatility }: CallTask, gamma: number, T: number): number {
  return (-r + gamma * b + 0.5 * gamma * (gamma - 1) * volatility * volatility) * T
}

function kappaOf({ b, volatility }: CallTask, gamma: number): number {
  return (2 * b) / (volatility * volatility) + (2 * gamma - 1)
}

/** phi(S, T, gamma, H, I) / scale^gamma (1993, eq. 7), its products taken in logarithms: the factors may be beyond a double. */
function phi(task: CallTask, T: number, gamma: number, H: number, I: number, scale: number): number {
  const { S, b, volatility } = task
  const sd = volatility * Math.sqrt(T)
  const d = -(Math.log(S / H) + (b + (gamma - 0.5) * volatility * volatility) * T) / sd
  const log = Math.log(I / S)
  const start = growth(task, gamma, T) + gamma * Math.log(S / scale)
  const reflected = start + kappaOf(task, gamma) * log + normalLogCdf(d - (2 * log) / sd)
  return Math.exp(start + normalLogCdf(d)) - Math.exp(reflected)
}

/** Psi(S, T, gamma, H, I2, I1, t1) / scale^gamma (2002, eq. 18); absent where a factor is too large for it. */
function psi(
  task: CallTask,
  gamma: number,
  H: number,
  bounds: { readonly I1: number; readonly I2: number; readonly t1: number },
  scale: number,
): number {
  const { S, b, volatility, T } = task
  const { I1, I2, t1 } = bounds
  const drift = b + (gamma - 0.5) * volatility * volatility
  const sd1 = volatility * Math.sqrt(t1)
  const sd = volatility * Math.sqrt(T)
  const rho = Math.sqrt(t1 / T)
  const kappa = kappaOf(task, gamma)
  const start = growth(task, gamma, T) + gamma * Math.log(S / scale)
  const up = Math.log(I2 / S)
  const down = Math.log(I1 / S)
  const own = Math.log(S / H)
  const e = (level: number, sign: number) => -(level + sign * drift * t1) / sd1
  const f = (level: number) => -(level + drift * T) / sd
  const term = (log: number, x: number, y: number, correlation: number) => {
    const most = log + Math.min(normalLogCdf(x), normalLogCdf(y))
    if (most < -45) return 0
    return log > LARGEST_LOG ? Number.NaN : Math.exp(log) * bivariateNormalCdf(x, y, correlation)
  }
  return (
    term(start, e(-down, 1), f(own), rho) -
    term(start + kappa * up, e(2 * up - down, 1), f(own + 2 * up), rho) -
    term(start + kappa * down, e(-down, -1), f(own + 2 * down), -rho) +
    term(start + kappa * (down - up), e(2 * up - down, -1), f(own + 2 * down - 2 * up), -rho)
  )
}

/** A call with one flat boundary (1993, eqs. 4-12). */
function oneStep(task: CallTask): number {
  const { S, X, T, beta, B0, rise } = task
  const I = flatBoundary(task, T, B0 / rise)
  if (S >= I) return S - X
  return (
    (I - X) * (Math.exp(beta * Math.log(S / I)) - phi(task, T, beta, I, I, I)) +
    phi(task, T, 1, I, I, 1) -
    phi(task, T, 1, X, I, 1) -
    X * (phi(task, T, 0, I, I, 1) - phi(task, T, 0, X, I, 1))
  )
}

/** A call whose flat boundary steps down once, at t1 = (sqrt 5 - 1) T / 2 (2002, eqs. 15-19). */
function twoStep(task: CallTask): number {
  const { S, X, T, beta, B0, rise } = task
  const shape = (X / rise) * (X / B0)
  const t1 = ((Math.sqrt(5) - 1) / 2) * T
  const I1 = flatBoundary(task, t1, shape)
  const I2 = flatBoundary(task, T, shape)
  if (S >= I2) return S - X
  const bounds = { I1, I2, t1 }
  const value =
    (I2 - X) * (Math.exp(beta * Math.log(S / I2)) - phi(task, t1, beta, I2, I2, I2)) +
    phi(task, t1, 1, I2, I2, 1) -
    phi(task, t1, 1, I1, I2, 1) -
    X * (phi(task, t1, 0, I2, I2, 1) - phi(task, t1, 0, I1, I2, 1)) +
    (I1 - X) * (phi(task, t1, beta, I1, I2, I1) - psi(task, beta, I1, bounds, I1)) +
    psi(task, 1, I1, bounds, 1) -
    psi(task, 1, X, bounds, 1) -
    X * (psi(task, 0, I1, bounds, 1) - psi(task, 0, X, bounds, 1))
  return Number.isNaN(value) ? oneStep(task) : value
}

/**
 * American price by the exercise rule of Bjerksund & Stensland: `1993` exercises at one flat boundary ("Closed-form approximation
 * of American options", Scand. J. Management 9), `2002` at one that steps down once ("Closed form valuation of American options",
 * NHH 2002/09), except where volatility is so small that its probabilities lose their digits: there 1993. Never below European or
 * intrinsic value. Throws `out-of-domain` beyond the bounds of `requireAmerican`, and where the perpetual option is infinite.
 */
export function bjerksundStensland(option: VanillaParams & { readonly version: '1993' | '2002' }): number {
  requireAmerican('bjerksundStensland', option)
  const { kind, rate, carry, volatility, time, version } = option
  const put = asPut(option)
  if (volatility * Math.sqrt(time) < NO_DEVIATION) return putWithoutVolatility(put.S, put.K, put.r, put.q, time).price
  const floor = Math.max(vanilla(option), intrinsicValue(option))
  if (neverExercisedEarly(put.r, put.q)) return floor
  const [r, b] = [put.q, put.q - put.r]
  const variance = volatility * volatility
  const a = 0.5 - b / variance
  const square = a * a + (2 * r) / variance
  if (square < 0)
    throw outOfDomain(
      'bjerksundStensland',
      'The perpetual option has to be finite: rate (of a put, rate - carry) is too far below 0.',
      {
        kind,
        rate,
        carry,
        volatility,
      },
    )
  const root = Math.sqrt(square)
  const beta = a > 0 ? a + root : (2 * r) / variance / (root - a)
  const B0 = r > b ? Math.max(1, r / (r - b)) : 1
  const rise = beta / (beta - 1) - B0
  if (!(beta > 1 && rise < 1e100)) return floor
  const task = { S: put.K / put.S, X: 1, r, b, volatility, T: time, beta, B0, rise }
  return Math.max(floor, put.S * (version === '1993' ? oneStep(task) : twoStep(task)))
}
