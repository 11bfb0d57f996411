// From a price back to the volatility that Black's formula needs for it, alone or for a whole chain of quotes.
import { HomeostatError } from '../../base/homeostat-error.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { type EuropeanOption, logRatio } from './black.ts'
import type { EuropeanBatch } from './black-batch.ts'
import { impliedTotalVolatility } from './implied-total-volatility.ts'

/** An option and its price in currency; units and domain as EuropeanOption, time above 0. */
export type PricedOption = Omit<EuropeanOption, 'volatility'> & { readonly price: number }

/**
 * Why a price has no implied volatility: the codes of the errors thrown and, by position from 1, of the statuses
 * written.
 */
export const IMPLIED_VOLATILITY_REFUSALS = [
  'out-of-domain',
  'moneyness-out-of-range',
  'price-below-intrinsic',
  'time-value-lost',
  'price-above-maximum',
] as const

export type ImpliedVolatilityRefusal = (typeof IMPLIED_VOLATILITY_REFUSALS)[number]

const HINTS: Readonly<Record<ImpliedVolatilityRefusal, string>> = {
  'out-of-domain':
    'spot, strike and time above 0, price 0 or more, abs(rate time) and abs(carry time) up to 700; all finite.',
  'moneyness-out-of-range': 'abs(ln(forward / strike)) up to 8.',
  'price-below-intrinsic': 'The price has to exceed the discounted intrinsic value.',
  'time-value-lost':
    'The time value is below what the digits of the price hold (or 1e-300 of its scale): quote the out-of-the-money side.',
  'price-above-maximum':
    'A call is worth less than the discounted forward, a put less than the discounted strike, by 1e-10 of it or more.',
}

/** The implied volatility, or minus the position (from 1) of the refusal. */
function volatilityOrRefusal(w: number, price: number, S: number, K: number, T: number, r: number, b: number): number {
  const positive =
    S > 0 && K > 0 && T > 0 && price >= 0 && S < Infinity && K < Infinity && T < Infinity && price < Infinity
  if (!(positive && Math.abs(r * T) <= 700 && Math.abs(b * T) <= 700)) return -1
  const x = logRatio(S, K) + b * T
  if (Math.abs(x) > 8) return -2
  const scale = Math.sqrt(S) * Math.sqrt(K) * Math.exp((0.5 * b - r) * T)
  const size = Math.abs(x)
  const most = Math.exp(-0.5 * size)
  // The intrinsic value over the scale, exp(size / 2) - exp(-size / 2), with its digits near the money.
  const over = size < 0.5 ? Math.expm1(size) * most : 1 / most - most
  const intrinsic = w * x > 0 ? scale * over : 0
  const timeValue = price - intrinsic
  if (timeValue <= 0 && intrinsic > 0) return timeValue < -1e-15 * intrinsic ? -3 : -4
  const beta = timeValue / scale
  if (!(beta >= 1e-300) || timeValue < 1e-15 * intrinsic) return -4
  if (!(beta <= most * (1 - 1e-10))) return -5
  return impliedTotalVolatility(-size, beta) / Math.sqrt(T)
}

/**
 * Volatility, per square root of a year, at which blackScholesPrice gives the price; relative error 4 eps max(1,
 * condition) for an out-of-the-money price, where condition = price / (volatility vega). In the money the intrinsic
 * value is taken off first, and the digits that it held are lost. Throws a code of {@link IMPLIED_VOLATILITY_REFUSALS}.
 * Jaeckel (2015).
 */
export function impliedVolatility(p: PricedOption): number {
  const { kind, price, spot, strike, time, rate, carry } = p
  if (kind !== 'call' && kind !== 'put') throw outOfDomain('impliedVolatility', 'kind is call or put.', { kind })
  const found = volatilityOrRefusal(kind === 'call' ? 1 : -1, price, spot, strike, time, rate, carry)
  if (found >= 0) return found
  const code = IMPLIED_VOLATILITY_REFUSALS[-found - 1] ?? 'out-of-domain'
  throw new HomeostatError(code, {
    message: 'No volatility gives this price.',
    retry: 'never',
    facts: { kind, price, spot, strike, time, rate, carry },
    hint: HINTS[code],
  })
}

/** n priced options, structure of arrays; `kind` 1 a call, -1 a put. */
export type PricedBatch = Omit<EuropeanBatch, 'volatility'> & { readonly price: Float64Array }

/**
 * Implied volatilities of n options into `volatility`. A refused row becomes NaN, its `status` the position (from 1) of
 * the reason in {@link IMPLIED_VOLATILITY_REFUSALS}; the others have status 0. Returns the number refused. Throws
 * `out-of-domain` only for columns of different lengths.
 */
export function impliedVolatilityBatch(options: PricedBatch, volatility: Float64Array, status: Uint8Array): number {
  const { kind, price, spot, strike, time, rate, carry } = options
  const n = volatility.length
  for (const column of [kind, price, spot, strike, time, rate, carry, status])
    if (column.length !== n)
      throw outOfDomain('impliedVolatilityBatch', 'All columns have one length.', { expected: n, found: column.length })
  let refused = 0
  for (let i = 0; i < n; i += 1) {
    const w = kind[i] as number
    const found =
      w === 1 || w === -1
        ? volatilityOrRefusal(
            w,
            price[i] as number,
            spot[i] as number,
            strike[i] as number,
            time[i] as number,
            rate[i] as number,
            carry[i] as number,
          )
        : -1
    const fine = found >= 0
    volatility[i] = fine ? found : Number.NaN
    status[i] = fine ? 0 : -found
    if (!fine) refused += 1
  }
  return refused
}
