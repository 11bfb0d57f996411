// All that an instrument's value depends on, as one immutable value.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio, UnixSeconds, Usd } from '../../base/units.ts'
import type { RateCurve } from './rate-curve.ts'
import type { AssetVolatility } from './volatility-surface.ts'

/** How an asset follows its underlying: WETH is 1 ETH, wstETH its exchange rate. */
export interface AssetRate {
  readonly underlying: string
  /** Units of the underlying for one of the asset. */
  readonly rate: number
  /** When the rate was last true; absent: with the market. */
  readonly asOf?: UnixSeconds
  /** How fast the rate grows, continuous, per year: a staking or lending yield. Absent: not known. */
  readonly growth?: number
}

/** Keys are underlyings, but for `exchangeRates`, whose keys are asset symbols. Whatever is optional is absent where it is not known, never 0. */
export interface Market {
  readonly at: UnixSeconds
  /** USD per underlying. */
  readonly spot: Readonly<Record<string, Usd>>
  readonly exchangeRates: Readonly<Record<string, AssetRate>>
  /** US dollar rate, continuous, ACT/365; absent: 0. */
  readonly interest?: RateCurve
  /**
   * Growth rate of the forward, so that F(T) = S exp(carry T): the venue's forwards, kept as rates so that they follow the spot.
   * Without an entry an underlying carries the dollar rate (no yield).
   */
  readonly carry?: Readonly<Record<string, RateCurve>>
  readonly volatility?: Readonly<Record<string, AssetVolatility>>
  /** Perpetual funding per year as a fraction of notional; above 0 the long pays. */
  readonly funding?: Readonly<Record<string, number>>
  /** Perpetual mark / spot - 1; absent: 0. */
  readonly perpetualPremium?: Readonly<Record<string, Ratio>>
  /** Correlation of log returns by `pairKey`. */
  readonly correlation?: Readonly<Record<string, number>>
}

/** A record's own entry: a name such as `constructor` is no key. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

/** USD for one of the asset. @throws HomeostatError `no-price`: a missing price is never zero. */
export function priceOf(market: Market, asset: string): Usd {
  const { underlying, rate } = rateOf(market, asset)
  return spotOf(market, underlying, asset) * rate
}

/** USD for one of the underlying. @throws HomeostatError `no-price` */
export function spotOf(market: Market, underlying: string, asset = underlying): Usd {
  const spot = own(market.spot, underlying)
  if (spot === undefined) throw missingPrice(asset, `no spot for its underlying ${underlying}`)
  return spot
}

/** The asset's underlying and rate. @throws HomeostatError `no-price` */
export function rateOf(market: Market, asset: string): AssetRate {
  const rate = own(market.exchangeRates, asset)
  if (rate === undefined) throw missingPrice(asset, 'it is not part of this market')
  return rate
}

/** One name for a pair of underlyings in either order. */
export function pairKey(one: string, other: string): string {
  return one < other ? `${one}/${other}` : `${other}/${one}`
}

/** Of log returns; 1 with itself. @throws HomeostatError `no-correlation` */
export function correlationOf(market: Market, one: string, other: string): number {
  const correlation = one === other ? 1 : own(market.correlation, pairKey(one, other))
  if (correlation !== undefined) return correlation
  throw new HomeostatError('no-correlation', {
    message: `There is no correlation of ${one} and ${other}.`,
    retry: 'later',
    facts: { one, other },
    hint: `State it in the market: "correlation": { "${pairKey(one, other)}": 0.7 }.`,
  })
}

function missingPrice(asset: string, why: string): HomeostatError {
  return new HomeostatError('no-price', {
    message: `There is no price for ${asset}: ${why}.`,
    retry: 'later',
    facts: { asset, field: `market.spot.${asset}`, rule: 'must be there' },
    hint: `State it in the market, as spot.${asset} or exchangeRates.${asset}; if it was to be read, see the gaps of the snapshot.`,
  })
}
