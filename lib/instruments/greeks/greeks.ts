// What the Greeks of a position are, in one place: names, units, sums. The glossary stands in docs/greeks.md.

import type { Usd } from '../../base/units.ts'

export type ByUnderlying = Readonly<Record<string, number>>

/** US dollars per year, each kind apart; above 0 the holder gains. */
export interface Theta {
  /** What the passing of time alone does to the value of options, everything else unchanged: dV/dt. */
  readonly decay: number
  /** Funding received on perpetuals (below 0: paid). */
  readonly funding: number
  /** Interest earned less interest owed: lending, borrowing, staking, vaults, the pull to par of fixed yield. */
  readonly interest: number
  /** Trading fees that a pool position earns at its stated rate. */
  readonly fees: number
}

/** Figures of pools that are reported and are never part of theta, scenarios or attribution of price (QUANT conventions). */
export interface PoolFigures {
  /** What arbitrage is expected to take, USD per year, 0 or more (Milionis et al. 2022). */
  readonly lossVersusRebalancing: number
  /** Value less that of having held what was put in, USD, 0 or less; fees apart. */
  readonly impermanentLoss: number
}

/**
 * Derivatives of a position's value in USD. Keys are underlyings; a key that is absent is 0. Vega and volga are per 1.00 of volatility, rho per 1.00 of rate.
 */
export interface Greeks {
  /** dV/dS, units of the underlying. */
  readonly delta: ByUnderlying
  /** d2V/dS2, units of the underlying per USD. */
  readonly gamma: ByUnderlying
  /** d2V/dS dS', 1/USD, by `pairKey` of two different underlyings. */
  readonly crossGamma: ByUnderlying
  /** dV/dsigma, USD, by underlying and by expiry bucket (`expiryBucket`). */
  readonly vega: Readonly<Record<string, ByUnderlying>>
  /** d2V/dS dsigma, units of the underlying. */
  readonly vanna: ByUnderlying
  /** d2V/dsigma2, USD. */
  readonly volga: ByUnderlying
  /** dV/dr by a parallel move of the dollar rate, USD: forwards that the market states stay, those it does not follow. */
  readonly rho: Usd
  /** dV/db by the carry of an underlying's forward, USD; stated forwards move by it. */
  readonly carryRho: ByUnderlying
  readonly theta: Theta
  readonly pool: PoolFigures
}

export const noTheta: Theta = { decay: 0, funding: 0, interest: 0, fees: 0 }

export const noGreeks: Greeks = {
  delta: {},
  gamma: {},
  crossGamma: {},
  vega: {},
  vanna: {},
  volga: {},
  rho: 0,
  carryRho: {},
  theta: noTheta,
  pool: { lossVersusRebalancing: 0, impermanentLoss: 0 },
}

/** The sum, key by key: Greeks of a book are the sums of those of its positions. */
export function addGreeks(parts: readonly Greeks[]): Greeks {
  const total = (pick: (one: Greeks) => number) => parts.reduce((sum, one) => sum + pick(one), 0)
  return {
    delta: addKeyed(parts.map((one) => one.delta)),
    gamma: addKeyed(parts.map((one) => one.gamma)),
    crossGamma: addKeyed(parts.map((one) => one.crossGamma)),
    vega: Object.fromEntries(
      keysOf(parts.map((one) => one.vega)).map((key) => [key, addKeyed(parts.map((one) => one.vega[key] ?? {}))]),
    ),
    vanna: addKeyed(parts.map((one) => one.vanna)),
    volga: addKeyed(parts.map((one) => one.volga)),
    rho: total((one) => one.rho),
    carryRho: addKeyed(parts.map((one) => one.carryRho)),
    theta: {
      decay: total((one) => one.theta.decay),
      funding: total((one) => one.theta.funding),
      interest: total((one) => one.theta.interest),
      fees: total((one) => one.theta.fees),
    },
    pool: {
      lossVersusRebalancing: total((one) => one.pool.lossVersusRebalancing),
      impermanentLoss: total((one) => one.pool.impermanentLoss),
    },
  }
}

/** Every figure times a factor. */
export function scaleGreeks(greeks: Greeks, factor: number): Greeks {
  const scaled = <T>(part: T): T =>
    (typeof part === 'number'
      ? part * factor
      : Object.fromEntries(Object.entries(part as object).map(([key, one]) => [key, scaled(one)]))) as T
  return scaled(greeks)
}

function keysOf(records: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted()
}

function addKeyed(records: readonly ByUnderlying[]): ByUnderlying {
  return Object.fromEntries(
    keysOf(records).map((key) => [key, records.reduce((sum, record) => sum + (record[key] ?? 0), 0)]),
  )
}

/** Every number of the Greeks with the path to it, for checks. */
export function* figuresOf(greeks: Greeks): Generator<readonly [string, number]> {
  const walk = function* (path: string, found: unknown): Generator<readonly [string, number]> {
    if (typeof found === 'number') yield [path, found]
    else
      for (const [key, part] of Object.entries(found as object)) yield* walk(path === '' ? key : `${path}.${key}`, part)
  }
  yield* walk('', greeks)
}
