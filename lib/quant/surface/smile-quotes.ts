// One expiry's quotes as a smile is fitted to them, checked and weighted.
import { HomeostatError } from '../../base/homeostat-error.ts'
import { outOfDomain } from '../out-of-domain.ts'
import { type SviParameters, sviTotalVariance } from './svi.ts'

/** n >= 5 quotes of one expiry. */
export interface SmileQuotes {
  /** Years, above 0. */
  readonly time: number
  /** n values ln(strike / forward), at least three of them different. */
  readonly logMoneyness: Float64Array
  /** n implied volatilities, per square root of a year, above 0. */
  readonly volatility: Float64Array
  /** n weights >= 0 of squared volatility errors, for instance vega over the spread squared; equal where absent. */
  readonly weight?: Float64Array
}

/** The quotes as total variance w at k, weighted so that the sum of weight (w' - w)^2 is the mean squared volatility error. */
export interface WeightedVariance {
  readonly k: Float64Array
  readonly w: Float64Array
  readonly weight: Float64Array
}

/** Throws `out-of-domain` and `too-few-quotes`. */
export function weightedVariance(quotes: SmileQuotes): WeightedVariance {
  const { time, logMoneyness: k, volatility, weight } = quotes
  const n = k.length
  if (volatility.length !== n || (weight !== undefined && weight.length !== n) || !(time > 0 && time < Infinity))
    throw outOfDomain('calibrateSvi', 'time > 0, and all columns have one length.', {
      time,
      n,
      volatilities: volatility.length,
    })
  for (let i = 0; i < n; i += 1) {
    const [ki, vol, wt] = [k[i] ?? Number.NaN, volatility[i] ?? Number.NaN, weight?.[i] ?? 1]
    if (!(Math.abs(ki) < Infinity && vol > 0 && vol < Infinity && wt >= 0 && wt < Infinity))
      throw outOfDomain('calibrateSvi', 'Finite log-moneyness, volatility above 0, weight 0 or more.', {
        i,
        k: ki,
        vol,
        weight: wt,
      })
  }
  const counted = [...k].filter((_, i) => (weight?.[i] ?? 1) > 0)
  if (counted.length < 5 || new Set(counted).size < 3)
    throw new HomeostatError('too-few-quotes', {
      message: 'Five quotes at three different strikes are the least a smile can be fitted to.',
      retry: 'later',
      facts: { quotes: counted.length, strikes: new Set(counted).size },
      hint: 'Interpolate this expiry between its neighbours.',
    })
  const total = volatility.reduce((sum, _, i) => sum + (weight?.[i] ?? 1), 0)
  if (!(total < Infinity)) throw outOfDomain('calibrateSvi', 'The weights have a finite sum.', { total })
  // An error of the volatility is one of the total variance over 2 vol t.
  const scaled = volatility.map((vol, i) => (weight?.[i] ?? 1) / total / (2 * vol * time) ** 2)
  return { k, w: volatility.map((vol) => vol * vol * time), weight: scaled }
}

/** Errors of a slice against the quotes, unweighted, in volatility. */
export function sviErrors(
  svi: SviParameters,
  quotes: SmileQuotes,
): { readonly rmse: number; readonly largestError: number } {
  let [sum, largest] = [0, 0]
  for (let i = 0; i < quotes.logMoneyness.length; i += 1) {
    const w = sviTotalVariance(svi, quotes.logMoneyness[i] ?? 0)
    const error = Math.abs(Math.sqrt(Math.max(0, w) / quotes.time) - (quotes.volatility[i] ?? 0))
    sum += error * error
    largest = Math.max(largest, error)
  }
  return { rmse: Math.sqrt(sum / quotes.logMoneyness.length), largestError: largest }
}
