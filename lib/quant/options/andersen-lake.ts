// American options to near machine precision in microseconds, for everything that may be exercised early.
import { normalCdf } from '../normal.ts'
import { asPut, intrinsicValue, neverExercisedEarly, putWithoutVolatility, requireAmerican } from './american-option.ts'
import { blackScholes } from './black.ts'
import { type CollocationScheme, collocationTables } from './collocation.ts'
import { logBoundary, putBoundary } from './exercise-boundary.ts'
import { NO_DEVIATION, type VanillaParams } from './lognormal.ts'
import { perpetualAmerican } from './perpetual-american.ts'

const INV_SQRT_2_PI = 0.3989422804014327

/** Errs by less than 1e-7 of the strike (a call's: of the spot), 1e-6 beyond two years or where drift outweighs volatility. */
const STANDARD: CollocationScheme = {
  quadrature: 16,
  iterations: 12,
  tolerance: 1e-5,
  nodes: 12,
  priceQuadrature: 48,
  equation: 'auto',
  substitution: 'sine',
}

export interface AmericanValue {
  readonly price: number
  /** Price less the European one, >= 0. */
  readonly earlyExercisePremium: number
  /** The spot at which it is exercised today; absent where it is never exercised before expiry. */
  readonly exerciseBoundary: number | undefined
  /** dV/dS; of the exercised option, +-1. */
  readonly delta: number
  /** d2V/dS2; of the exercised option, 0. */
  readonly gamma: number
  /** Per year, as calendar time passes; of the exercised option, 0. */
  readonly theta: number
}

export interface AndersenLakeParams extends VanillaParams {
  /** How finely to compute; absent: to 1e-7 of the strike (a call's: of the spot) or 1e-6, see `andersenLake`. */
  readonly scheme?: CollocationScheme | undefined
}

interface PutValue {
  readonly price: number
  readonly premium: number
  readonly delta: number
  readonly gamma: number
  readonly boundary: number | undefined
  readonly isExercised: boolean
}

interface PutTask {
  readonly S: number
  readonly r: number
  readonly q: number
  readonly volatility: number
  readonly T: number
}

/** European put with strike 1, for volatility sqrt(T) > 0. */
function europeanValue({ S, r, q, volatility, T }: PutTask): PutValue {
  const put = blackScholes({ kind: 'put', spot: S, strike: 1, rate: r, carry: r - q, volatility, time: T })
  const { price, delta, gamma } = put
  return { price, premium: 0, delta, gamma, boundary: undefined, isExercised: false }
}

/** Adds what early exercise is worth (Kim 1990, eq. 8), with tau - u = T sin(theta)^2, which makes both ends smooth. */
function americanValue(task: PutTask, option: AndersenLakeParams): PutValue {
  const { S, r, q, volatility, T } = task
  const tables = collocationTables(option.scheme ?? STANDARD)
  const { X, H } = putBoundary({ r, q, volatility, T, tables })
  const boundary = X * Math.exp(-Math.sqrt(H[0] ?? 0))
  const european = europeanValue(task)
  if (S <= boundary) return { ...exercised(S, european.price), boundary }
  const { priceRoot, priceWeight, priceRows } = tables
  let premium = 0
  let delta = 0
  let gamma = 0
  for (let k = 0; k < priceRoot.length; k += 1) {
    const rootS = Math.sqrt(T) * (priceRoot[k] ?? 0)
    const s = rootS * rootS
    const sd = volatility * rootS
    const logB = logBoundary(priceRows, k, H)
    const plus = (Math.log(S / X) - logB + (r - q) * s) / sd + sd / 2
    const minus = plus - sd
    const w = (priceWeight[k] ?? 0) * T
    const Dr = Math.exp(-r * s)
    const payout = q * Math.exp(-q * s) * normalCdf(-plus)
    const density = (Dr * INV_SQRT_2_PI * Math.exp(-0.5 * minus * minus)) / (S * sd)
    const gain = r - q * X * Math.exp(logB)
    premium += w * (r * Dr * normalCdf(-minus) - S * payout)
    delta -= w * (gain * density + payout)
    gamma += (w * density * ((gain * minus) / sd + r)) / S
  }
  // Where drift dwarfs volatility, two bounds are sharper than the quadrature: the perpetual option, and (Jensen) no volatility.
  const most = perpetualAmerican({ kind: 'put', spot: S, strike: 1, rate: r, carry: r - q, volatility }).price
  const price = Math.max(
    european.price,
    Math.min(european.price + premium, most),
    putWithoutVolatility(S, 1, r, q, T).price,
  )
  return {
    price,
    premium: price - european.price,
    delta: european.delta + delta,
    gamma: european.gamma + gamma,
    boundary,
    isExercised: false,
  }
}

function exercised(S: number, european: number): PutValue {
  return {
    price: 1 - S,
    premium: Math.max(0, 1 - S - european),
    delta: -1,
    gamma: 0,
    boundary: undefined,
    isExercised: true,
  }
}

/** No volatility, or no time. */
function limitValue({ S, r, q, T }: PutTask): PutValue {
  const { price, t } = putWithoutVolatility(S, 1, r, q, T)
  const european = Math.max(0, Math.exp(-r * T) - S * Math.exp(-q * T))
  if (price > 0 && t === 0) return exercised(S, european)
  const delta = price > 0 ? -Math.exp(-q * t) : 0
  const gamma = price > 0 && t < T ? (q * delta) / (S * (r - q)) : 0
  return { price, premium: price - european, delta, gamma, boundary: undefined, isExercised: false }
}

/**
 * American option with its Greeks. The standard scheme errs by less than 1e-7 of the strike (a call: of the spot) to two
 * years while abs(b) sqrt(T) < 0.5 sigma, 1e-6 to ten years or beyond that drift, 1e-4 at 40 sigma; l = 100, m = 30,
 * n = 40, p = 300 by 1e-13.
 * Limits: no time pays the intrinsic value, no volatility the best exercise date's. Delta, gamma and theta are of the limit too:
 * where that has a kink, of the exercised side.
 * Throws `out-of-domain` beyond the bounds of `requireAmerican`.
 * Andersen, Lake & Offengenden (2016), "High-performance American option pricing", J. Computational Finance 20(1).
 */
export function andersenLake(option: AndersenLakeParams): AmericanValue {
  requireAmerican('andersenLake', option)
  const { kind, rate, carry, spot, strike, volatility, time } = option
  const { S, K, r, q } = asPut(option)
  const never = neverExercisedEarly(r, q)
  const task = { S: S / K, r, q, volatility, T: time }
  const isLimit = volatility * Math.sqrt(time) < NO_DEVIATION
  const value = isLimit ? limitValue(task) : never ? europeanValue(task) : americanValue(task, option)
  const price = value.isExercised ? intrinsicValue(option) : K * value.price
  const isPut = kind === 'put'
  const delta = isPut ? value.delta : value.price - task.S * value.delta
  const gamma = (isPut ? value.gamma : value.gamma * task.S * task.S) / K
  const theta = value.isExercised
    ? 0
    : rate * price - carry * spot * delta - 0.5 * volatility * volatility * spot * spot * gamma
  const { boundary } = value
  return {
    price,
    earlyExercisePremium: K * value.premium,
    exerciseBoundary: boundary === undefined ? undefined : isPut ? boundary * strike : strike / boundary,
    delta,
    gamma,
    theta,
  }
}
