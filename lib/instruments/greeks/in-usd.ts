// Greeks in the units that people trade in: dollars, a per cent of spot, a point of volatility or rate, a day.

import { type Market, spotOf } from '../market/market.ts'
import type { ByUnderlying, Greeks, Theta } from './greeks.ts'

/** QUANT conventions: USD delta = delta x S; gammaUsd1pct = gamma S^2 / 100; per point = / 100; per day = / 365. */
export interface GreeksUsd {
  /** USD gained per 100 % of spot, to first order. */
  readonly deltaUsd: ByUnderlying
  /** Change of deltaUsd per 1 % of spot (its gamma part). */
  readonly gammaUsd1pct: ByUnderlying
  /** d2V/dS dS' x S S' / 100, by pair. */
  readonly crossGammaUsd1pct: ByUnderlying
  /** USD per point (0.01) of volatility, by underlying, all expiries together. */
  readonly vegaPerPoint: ByUnderlying
  /** Change of deltaUsd per point of volatility. */
  readonly vannaUsdPerPoint: ByUnderlying
  /** Change of vegaPerPoint per point of volatility. */
  readonly volgaPerPoint: ByUnderlying
  /** USD per point (0.01) of the dollar rate. */
  readonly rhoPerPoint: number
  /** USD per day. */
  readonly thetaPerDay: Theta & { readonly total: number }
  /** USD per day: reported, not part of theta. */
  readonly lossVersusRebalancingPerDay: number
}

const perPoint = 1 / 100
const perDay = 1 / 365

/** @throws HomeostatError `no-price` for an underlying without a spot */
export function greeksInUsd(greeks: Greeks, market: Market): GreeksUsd {
  const spot = (underlying: string) => spotOf(market, underlying)
  const { decay, funding, interest, fees } = greeks.theta
  return {
    deltaUsd: mapped(greeks.delta, (delta, key) => delta * spot(key)),
    gammaUsd1pct: mapped(greeks.gamma, (gamma, key) => (gamma * spot(key) ** 2) / 100),
    crossGammaUsd1pct: mapped(
      greeks.crossGamma,
      (gamma, pair) => pair.split('/').reduce((product, key) => product * spot(key), gamma) / 100,
    ),
    vegaPerPoint: mapped(
      greeks.vega,
      (buckets) => Object.values(buckets).reduce((sum, one) => sum + one, 0) * perPoint,
    ),
    vannaUsdPerPoint: mapped(greeks.vanna, (vanna, key) => vanna * spot(key) * perPoint),
    volgaPerPoint: mapped(greeks.volga, (volga) => volga * perPoint * perPoint),
    rhoPerPoint: greeks.rho * perPoint,
    thetaPerDay: {
      decay: decay * perDay,
      funding: funding * perDay,
      interest: interest * perDay,
      fees: fees * perDay,
      total: (decay + funding + interest + fees) * perDay,
    },
    lossVersusRebalancingPerDay: greeks.pool.lossVersusRebalancing * perDay,
  }
}

function mapped<T>(record: Readonly<Record<string, T>>, figure: (one: T, key: string) => number): ByUnderlying {
  return Object.fromEntries(Object.entries(record).map(([key, one]) => [key, figure(one, key)]))
}
