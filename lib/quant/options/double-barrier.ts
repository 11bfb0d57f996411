// European options that live or die between two barriers, watched continuously.
import { expMinus } from '../exp-minus.ts'
import { millsRatio } from '../mills-ratio.ts'
import { normalCdf, normalPdf } from '../normal.ts'
import { outOfDomain } from '../out-of-domain.ts'
import type { Continuation } from './continuation.ts'
import {
  type LognormalMarket,
  NO_DEVIATION,
  representable,
  requireFinite,
  requireMarket,
  requirePositive,
  type VanillaParams,
  vanilla,
} from './lognormal.ts'

interface Corridor {
  /** L, above 0. */
  readonly lower: number
  /** U, above L. */
  readonly upper: number
}

/** All logs of prices over L, so that the corridor is 0..w. */
interface Interval {
  /** ln(U / L). */
  readonly w: number
  /** ln(S / L). */
  readonly x: number
  /** sigma sqrt(T). */
  readonly s: number
}

/** What all images of one interval of ends share. */
interface Ends {
  /** (y - x) / s at both ends. */
  readonly u1: number
  readonly u2: number
  /** n(u - theta s) at both. */
  readonly density1: number
  readonly density2: number
  readonly thetaS: number
  readonly s: number
}

/** Exponents below add nothing to a price in double precision. */
const NEGLIGIBLE = -45

/** exp(-theta c) [cdf(z) - cdf of the lower end], as one tail, with the factor inside: see `image`. */
function tail(density: number, u: number, c: number, z: number, s: number): number {
  const exponent = (-c * (2 * u * s + c)) / (2 * s * s)
  if (exponent < NEGLIGIBLE || density === 0) return 0
  return density * millsRatio(Math.abs(z)) * (exponent > 0 ? Math.exp(exponent) : expMinus(-exponent))
}

/**
 * The part of `between` that one image at distance c contributes: exp(-theta c) [cdf(z2) - cdf(z1)], z = u + c/s - theta s, u = (y - x)/s.
 * Where z1 and z2 lie on one side of 0 the factor is taken into the tails, exp(-theta c) n(z) = n(u - theta s) exp(-c (2 u s + c) / 2 s^2),
 * whose last exponent is never above 0 for the images of a corridor, and slightly where a formula is continued beyond it.
 */
function image(c: number, { u1, u2, density1, density2, thetaS, s }: Ends): number {
  const shift = c / s - thetaS
  const z1 = u1 + shift
  const z2 = u2 + shift
  if (z2 <= 0) return tail(density2, u2, c, z2, s) - tail(density1, u1, c, z1, s)
  if (z1 >= 0) return tail(density1, u1, c, z1, s) - tail(density2, u2, c, z2, s)
  return Math.exp((-thetaS * c) / s) * (normalCdf(z2) - normalCdf(z1))
}

/** By reflection at both barriers; terms fall as exp(-2 n^2 w^2 / s^2). Ikeda & Kunitomo (1992), theorem 3.1, flat barriers. */
function byImages({ w, x, s }: Interval, y1: number, y2: number, thetaS: number): number {
  const u1 = (y1 - x) / s
  const u2 = (y2 - x) / s
  const ends = { u1, u2, density1: normalPdf(u1 - thetaS), density2: normalPdf(u2 - thetaS), thetaS, s }
  const most = Math.ceil((4.5 * s) / w) + 1
  let sum = 0
  for (let n = -most; n <= most; n += 1) sum += image(2 * n * w, ends) - image(2 * (n * w + x), ends)
  return sum
}

/** By eigenfunctions of the corridor; terms fall as exp(-k^2 pi^2 s^2 / 2 w^2). Pelsser (2000), "Pricing double barrier options". */
function byModes({ w, x, s }: Interval, y1: number, y2: number, thetaS: number): number {
  const theta = thetaS / s
  const most = Math.ceil((2.8 * w) / s) + 1
  let sum = 0
  for (let k = 1; k <= most; k += 1) {
    const kappa = (k * Math.PI) / w
    const decay = -0.5 * (thetaS * thetaS + kappa * kappa * s * s)
    const end = (y: number): number =>
      Math.exp(theta * (y - x) + decay) * (theta * Math.sin(kappa * y) - kappa * Math.cos(kappa * y))
    sum += (Math.sin(kappa * x) * (end(y2) - end(y1))) / (theta * theta + kappa * kappa)
  }
  return (2 / w) * sum
}

/**
 * P(the log price stays inside of 0..w and ends in y1..y2), 0 <= y1 <= y2 <= w, its drift over the time being theta s^2. Images while the
 * deviation is narrower than the corridor, modes above.
 */
function between(interval: Interval, y1: number, y2: number, thetaS: number): number {
  return interval.s < interval.w ? byImages(interval, y1, y2, thetaS) : byModes(interval, y1, y2, thetaS)
}

function requireCorridor(kernel: string, params: LognormalMarket & Corridor): void {
  requireMarket(kernel, params)
  requirePositive(kernel, 'lower', params.lower)
  requirePositive(kernel, 'upper', params.upper)
  if (!(params.lower < params.upper))
    throw outOfDomain(kernel, 'lower has to be below upper.', {
      field: 'lower',
      lower: params.lower,
      upper: params.upper,
    })
}

/** True where the spot itself is at a barrier or beyond. A touch in the past is the caller's to know. */
function isCorridorBreached({ spot, lower, upper }: Corridor & Pick<LognormalMarket, 'spot'>): boolean {
  return spot <= lower || spot >= upper
}

/** The limit sigma sqrt(T) = 0: the price moves on its forward, and stays inside if that ends inside. */
function staysWithoutDeviation({ spot, lower, upper, carry, time }: LognormalMarket & Corridor): boolean {
  const forward = spot * Math.exp(carry * time)
  return forward > lower && forward < upper
}

export interface DoubleBarrierParams extends VanillaParams, Corridor, Continuation {
  readonly knock: 'in' | 'out'
}

function knockOut(params: DoubleBarrierParams): number {
  const { kind, spot, strike, lower, upper, rate, carry, volatility, time } = params
  const s = volatility * Math.sqrt(time)
  const isContinued = params.isContinued === true && s >= NO_DEVIATION
  if (isCorridorBreached(params) && !isContinued) return 0
  if (s < NO_DEVIATION) return staysWithoutDeviation(params) ? vanilla(params) : 0
  const w = Math.log(upper / lower)
  const interval = { w, x: Math.log(spot / lower), s }
  const atStrike = Math.max(0, Math.min(w, Math.log(strike / lower)))
  const [y1, y2] = kind === 'call' ? [atStrike, w] : [0, atStrike]
  if (y1 === y2) return 0
  const thetaS = (carry * time) / s + s / 2
  const asset = spot * Math.exp((carry - rate) * time) * between(interval, y1, y2, thetaS)
  const cost = strike * Math.exp(-rate * time) * between(interval, y1, y2, thetaS - s)
  const value = kind === 'call' ? asset - cost : cost - asset
  return isContinued ? value : Math.max(0, value)
}

/**
 * Price in quote units of a European option with two flat barriers and no rebate: `out` dies at either, `in` lives from the first touch.
 * At a barrier or beyond, out is 0 and in is the vanilla option. Continuous everywhere, smooth between the barriers (at 1e-15 of the
 * spot, where images give way to modes); delta jumps at them, for derivatives close by: `isContinued`. Time 0 and volatility 0 are limits. In + out is vanilla.
 * Ikeda & Kunitomo (1992), "Pricing options with curved boundaries", with no curvature; Pelsser (2000) for wide deviations.
 * Throws `out-of-domain`: spot, strike, lower above 0; lower < upper; volatility, time 0 or above; all finite.
 */
export function doubleBarrierValue(params: DoubleBarrierParams): number {
  requireCorridor('doubleBarrierValue', params)
  requirePositive('doubleBarrierValue', 'strike', params.strike)
  const out = knockOut(params)
  if (params.knock === 'out') return representable('doubleBarrierValue', out)
  const knockedIn = vanilla(params) - out
  return representable('doubleBarrierValue', params.isContinued === true ? knockedIn : Math.max(0, knockedIn))
}

export interface DoubleNoTouchParams extends LognormalMarket, Corridor, Continuation {
  /** Paid at expiry in quote units if neither barrier was touched. */
  readonly cash: number
}

/** Price in quote units of `cash` at expiry if the price stays strictly inside of the barriers. Sources, limits, errors as `doubleBarrierValue`. */
export function doubleNoTouchValue(params: DoubleNoTouchParams): number {
  requireCorridor('doubleNoTouchValue', params)
  requireFinite('doubleNoTouchValue', 'cash', params.cash)
  const { spot, lower, upper, cash, rate, carry, volatility, time } = params
  const paid = cash * Math.exp(-rate * time)
  const s = volatility * Math.sqrt(time)
  const isContinued = params.isContinued === true && s >= NO_DEVIATION
  if (isCorridorBreached(params) && !isContinued) return 0
  if (s < NO_DEVIATION) return staysWithoutDeviation(params) ? paid : 0
  const w = Math.log(upper / lower)
  const stays = between({ w, x: Math.log(spot / lower), s }, 0, w, (carry * time) / s - s / 2)
  return representable('doubleNoTouchValue', paid * (isContinued ? stays : Math.max(0, Math.min(1, stays))))
}
