// The volatilities that a venue quotes, as a surface of the market: a smile for each expiry where there are quotes enough, else a term structure.

import { isoDate } from '../../base/calendar.ts'
import { isHomeostatError } from '../../base/homeostat-error.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { MarketData } from '../../instruments/market/market-schema.ts'
import { calibrateSvi } from '../../quant/surface/calibrate-svi.ts'
import { type SviParameters, sviMinimum } from '../../quant/surface/svi.ts'

export interface ExpiryQuotes {
  readonly expiry: UnixSeconds
  readonly forward: Usd
  /** One a strike. */
  readonly quotes: readonly { readonly strike: Usd; readonly volatility: number }[]
}

type StatedVolatility = NonNullable<MarketData['volatility']>[string]

export interface FittedSurface {
  /** Absent if nothing was quoted. */
  readonly volatility?: StatedVolatility
  /** Expiries that were left out or fit badly, in words. */
  readonly doubts: readonly string[]
}

/** A smile that misses its quotes by more, root mean square in volatility, is told. */
const poorFit = 0.03
/** Quotes further out than this many standard deviations say little and are quoted wide. */
const farOut = 4

/** Expiries ascend. `anchor`: the spot of the quotes. */
export function fitSurface(params: {
  readonly at: UnixSeconds
  readonly anchor: Usd
  readonly expiries: readonly ExpiryQuotes[]
}): FittedSurface {
  const { at, anchor } = params
  const expiries = params.expiries.filter(({ quotes }) => quotes.length > 0)
  const fits = expiries.map((one) => ({ expiry: one.expiry, ...fitSlice(one, at) }))
  const slices = fits.flatMap(({ expiry, slice }) => (slice === undefined ? [] : [{ expiry, ...slice }]))
  const [first, ...others] = fits.flatMap(({ doubt }) => doubt ?? [])
  const doubts = first === undefined ? [] : [others.length === 0 ? first : `${first}; so ${others.length} more`]
  const stated = { asOf: at, anchor }
  if (slices.length > 0) return { volatility: { svi: slices, ...stated }, doubts }
  if (expiries.length === 0) return { doubts }
  const term = expiries.map((one) => ({ expiry: one.expiry, volatility: atTheMoney(one) }))
  return {
    volatility: { term, ...stated },
    doubts: [...doubts, 'no expiry has a smile: all strikes have one volatility'],
  }
}

/** That of the strike nearest to the forward. */
function atTheMoney({ forward, quotes }: ExpiryQuotes): number {
  const distance = ({ strike }: { readonly strike: Usd }) => Math.abs(Math.log(strike / forward))
  return quotes.reduce((best, one) => (distance(one) < distance(best) ? one : best)).volatility
}

interface Fit {
  readonly slice?: SviParameters
  readonly doubt?: string
}

function fitSlice(one: ExpiryQuotes, at: UnixSeconds): Fit {
  const { expiry, forward, quotes } = one
  const time = (expiry - at) / secondsPerYear
  const width = atTheMoney(one) * Math.sqrt(time)
  const near = quotes
    .map(({ strike, volatility }) => ({ k: Math.log(strike / forward), volatility }))
    .filter(({ k }) => Math.abs(k) <= farOut * width)
  try {
    const { parameters, rmse } = calibrateSvi(
      {
        time,
        logMoneyness: Float64Array.from(near, ({ k }) => k),
        volatility: Float64Array.from(near, ({ volatility }) => volatility),
        // Nearly vega: what a quote is worth knowing by.
        weight: Float64Array.from(near, ({ k }) => Math.exp(-0.5 * (k / width) ** 2)),
      },
      'repair',
    )
    const slice = nowhereNegative(parameters)
    if (rmse <= poorFit) return { slice }
    return { slice, doubt: `${isoDate(expiry)}: the smile misses its quotes by ${(rmse * 100).toFixed(1)} points` }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return { doubt: `${isoDate(expiry)}: ${near.length} quotes give no smile (${error.code})` }
  }
}

/** Lifted by what rounding has left below zero. */
function nowhereNegative(svi: SviParameters): SviParameters {
  const least = sviMinimum(svi)
  return least < 1e-12 ? { ...svi, a: svi.a - least + 1e-12 } : svi
}
