// Options that pay all or nothing: at expiry by where the price stands, or by whether it ever touched a level.
import { normalCdf } from '../normal.ts'
import type { Continuation } from './continuation.ts'
import {
  continuedNoTouchProbability,
  continuedTouchProbability,
  discountedTouch,
  noTouchProbability,
  sureTouchTime,
  touchProbability,
} from './first-passage.ts'
import {
  type LognormalMarket,
  NO_DEVIATION,
  representable,
  requireFinite,
  requireMarket,
  requirePositive,
  type VanillaParams,
} from './lognormal.ts'

/** P(S_T beyond X) with the log price drifting by `drift` over the time. Without deviation: 1 strictly beyond, else 0. */
function beyond(params: VanillaParams, drift: number): number {
  const phi = params.kind === 'call' ? 1 : -1
  const s = params.volatility * Math.sqrt(params.time)
  const distance = Math.log(params.spot / params.strike) + params.carry * params.time
  if (s < NO_DEVIATION) return phi * distance > 0 ? 1 : 0
  return normalCdf(phi * (distance / s + drift * s))
}

function requireVanilla(kernel: string, params: VanillaParams): void {
  requireMarket(kernel, params)
  requirePositive(kernel, 'strike', params.strike)
}

export interface CashOrNothingParams extends VanillaParams {
  /** Paid in quote units if the option ends in the money. */
  readonly cash: number
}

/**
 * Price of `cash` paid at expiry if S_T > X (call) or S_T < X (put), in quote units. Smooth while sigma sqrt(T) > 0; at time 0 it jumps at
 * the strike, where it is 0. Reiner & Rubinstein (1991), "Unscrambling the binary code". Throws `out-of-domain`.
 */
export function cashOrNothingValue(params: CashOrNothingParams): number {
  requireVanilla('cashOrNothingValue', params)
  requireFinite('cashOrNothingValue', 'cash', params.cash)
  return representable('cashOrNothingValue', params.cash * Math.exp(-params.rate * params.time) * beyond(params, -0.5))
}

/** Price of one unit of the asset delivered at expiry if it ends in the money, in quote units; else as `cashOrNothingValue`. */
export function assetOrNothingValue(params: VanillaParams): number {
  requireVanilla('assetOrNothingValue', params)
  const { spot, rate, carry, time } = params
  return representable('assetOrNothingValue', spot * Math.exp((carry - rate) * time) * beyond(params, 0.5))
}

export interface GapParams extends VanillaParams {
  /** X2 above 0, in the payoff S_T - X2; `strike` is the X1 that decides whether it is paid. The value may be below 0. */
  readonly payoffStrike: number
}

/** Price of a gap option: S_T - X2 if S_T > X1 (call), X2 - S_T if S_T < X1 (put). Reiner & Rubinstein (1991). Throws `out-of-domain`. */
export function gapValue(params: GapParams): number {
  requireVanilla('gapValue', params)
  requirePositive('gapValue', 'payoffStrike', params.payoffStrike)
  const { kind, spot, payoffStrike, rate, carry, time } = params
  const asset = spot * Math.exp((carry - rate) * time) * beyond(params, 0.5)
  const cash = payoffStrike * Math.exp(-rate * time) * beyond(params, -0.5)
  return representable('gapValue', kind === 'call' ? asset - cash : cash - asset)
}

export interface TouchParams extends LognormalMarket, Continuation {
  /** Above 0. A spot at it or beyond has touched it. */
  readonly barrier: number
  readonly direction: 'down' | 'up'
  /** What is paid: an amount in quote units, or one unit of the asset. */
  readonly pays: { readonly in: 'cash'; readonly amount: number } | { readonly in: 'asset' }
}

interface Passage {
  readonly a: number
  readonly eta: number
  /** Drift of the log price in deviations, under the measure in which the payment is worth its discounted expectation. */
  readonly m: number
  /** Payment in quote units at expiry, discounted. */
  readonly atExpiry: number
}

function requireTouch(kernel: string, params: TouchParams): void {
  requireMarket(kernel, params)
  requirePositive(kernel, 'barrier', params.barrier)
  if (params.pays.in === 'cash') requireFinite(kernel, 'amount', params.pays.amount)
}

function passageOf(params: TouchParams): Passage {
  const { spot, barrier, direction, pays, rate, carry, volatility, time } = params
  const s = volatility * Math.sqrt(time)
  return {
    a: Math.log(barrier / spot) / s,
    eta: direction === 'down' ? 1 : -1,
    m: (carry * time) / s + (pays.in === 'cash' ? -s / 2 : s / 2),
    atExpiry: pays.in === 'cash' ? pays.amount * Math.exp(-rate * time) : spot * Math.exp((carry - rate) * time),
  }
}

function hasTouched({ direction, spot, barrier }: TouchParams): boolean {
  return direction === 'down' ? spot <= barrier : spot >= barrier
}

/** When the touch is sure to happen without volatility, years; 0 if it has; Infinity if never; undefined while there is volatility. */
function sureTouch(params: TouchParams): number | undefined {
  const diffuses = params.volatility * Math.sqrt(params.time) >= NO_DEVIATION
  if (hasTouched(params) && !(diffuses && params.isContinued === true)) return 0
  if (diffuses) return undefined
  return sureTouchTime(Math.log(params.barrier / params.spot), params.carry, params.time)
}

/**
 * Price of a payment at the moment of the first touch (an asset is worth the barrier then), in quote units; at once if touched. Continuous
 * at the barrier, delta is not. Rubinstein & Reiner (1991), cases 1 to 4. Throws `out-of-domain`.
 */
export function oneTouchAtHitValue(params: TouchParams): number {
  const kernel = 'oneTouchAtHitValue'
  requireTouch(kernel, params)
  const { spot, barrier, pays, rate, time } = params
  const sure = sureTouch(params)
  if (sure === 0) return pays.in === 'cash' ? pays.amount : spot
  const payment = pays.in === 'cash' ? pays.amount : barrier
  if (sure !== undefined) return sure <= time ? representable(kernel, payment * Math.exp(-rate * sure)) : 0
  const s = params.volatility * Math.sqrt(time)
  const m = (params.carry * time) / s - s / 2
  const touch = discountedTouch(Math.log(barrier / spot) / s, m, rate * time, params.direction === 'down' ? 1 : -1)
  return representable(kernel, payment * touch)
}

/** Price of a payment at expiry if the barrier was touched, in quote units. Rubinstein & Reiner (1991), cases 5 to 8. Throws `out-of-domain`. */
export function oneTouchAtExpiryValue(params: TouchParams): number {
  requireTouch('oneTouchAtExpiryValue', params)
  const { a, eta, m, atExpiry } = passageOf(params)
  const sure = sureTouch(params)
  if (sure !== undefined) return representable('oneTouchAtExpiryValue', sure <= params.time ? atExpiry : 0)
  return representable(
    'oneTouchAtExpiryValue',
    atExpiry * (params.isContinued === true ? continuedTouchProbability : touchProbability)(a, m, eta),
  )
}

/** Price of a payment at expiry if the barrier was not touched, in quote units. Rubinstein & Reiner (1991), cases 9 to 12. Throws `out-of-domain`. */
export function noTouchValue(params: TouchParams): number {
  requireTouch('noTouchValue', params)
  const { a, eta, m, atExpiry } = passageOf(params)
  const sure = sureTouch(params)
  if (sure !== undefined) return representable('noTouchValue', sure <= params.time ? 0 : atExpiry)
  return representable(
    'noTouchValue',
    atExpiry * (params.isContinued === true ? continuedNoTouchProbability : noTouchProbability)(a, m, eta),
  )
}
