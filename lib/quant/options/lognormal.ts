// What every kernel on one lognormal price shares: its inputs, their refusal by name, and the plain European price.
import { outOfDomain } from '../out-of-domain.ts'
import { blackScholesPrice } from './black.ts'

/** A price that follows dS = carry S dt + volatility S dW. */
export interface LognormalMarket {
  /** S, above 0, in units of the quote currency. */
  readonly spot: number
  /** r, continuous, per year. */
  readonly rate: number
  /** b, the growth rate of the forward, per year: rate - q on an asset that yields q, 0 on a future. */
  readonly carry: number
  /** sigma per square root of a year, 0 or above. */
  readonly volatility: number
  /** T in years to expiry, 0 or above. */
  readonly time: number
}

/** Below this deviation of the log price doubles cannot tell the price from a sure one: kernels return the limit. */
export const NO_DEVIATION = 1e-16

function refuse(kernel: string, field: string, rule: string, value: number): never {
  throw outOfDomain(kernel, `${field} has to be ${rule}.`, { field, value })
}

/** Throws `out-of-domain` naming the field unless it is a positive double. */
export function requirePositive(kernel: string, field: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) refuse(kernel, field, 'above 0 and finite', value)
}

/** Throws `out-of-domain` naming the field unless it is 0 or a positive double. */
export function requireNotNegative(kernel: string, field: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) refuse(kernel, field, '0 or above and finite', value)
}

/** Throws `out-of-domain` naming the field unless it is a finite double. */
export function requireFinite(kernel: string, field: string, value: number): void {
  if (!Number.isFinite(value)) refuse(kernel, field, 'finite', value)
}

/** Throws `out-of-domain` naming the first field that is out of its range. */
export function requireMarket(kernel: string, market: LognormalMarket): void {
  requirePositive(kernel, 'spot', market.spot)
  requireFinite(kernel, 'rate', market.rate)
  requireFinite(kernel, 'carry', market.carry)
  requireNotNegative(kernel, 'volatility', market.volatility)
  requireNotNegative(kernel, 'time', market.time)
}

/** The value itself; throws `out-of-domain` where growth over the time is beyond a double. */
export function representable(kernel: string, value: number): number {
  if (Number.isFinite(value)) return value
  throw outOfDomain(kernel, 'Growth and discount over the time have to stay within 1e-300..1e300.', {
    field: 'time',
    value,
  })
}

export interface VanillaParams extends LognormalMarket {
  readonly kind: 'call' | 'put'
  /** X, above 0. */
  readonly strike: number
}

/** European price at the argument names of this folder's exotics. */
export function vanilla({ kind, spot, strike, rate, carry, volatility, time }: VanillaParams): number {
  return blackScholesPrice({ kind, spot, strike, rate, carry, volatility, time })
}
