// Greeks for any value function, so that a new instrument needs nothing but a value.

import { secondsPerYear } from '../../base/time.ts'
import type { Usd } from '../../base/units.ts'
import { differences } from '../../quant/bump.ts'
import type { Edges, Optionality } from '../define-instrument.ts'
import { withCarryShift, withInterestShift, withSpot, withTime, withVolatilityShift } from '../market/bump.ts'
import { type Market, own, pairKey, rateOf, spotOf } from '../market/market.ts'
import { assetVolatility } from '../market/volatility.ts'
import { yearsTo } from '../market/years-to.ts'
import { expiryBucket } from './expiry-bucket.ts'
import { addGreeks, type Greeks, noGreeks, noTheta, scaleGreeks } from './greeks.ts'

export interface BumpParams {
  readonly value: (market: Market) => Usd
  /** The assets that the value reads. */
  readonly assets: readonly string[]
  readonly optionality?: readonly Optionality[]
  readonly edges?: Edges
  readonly market: Market
}

/** The largest step is 2/256 of a scale: half of the way to the nearest edge is not passed. */
const edgeReach = 64
/** Nearer to an edge than this fraction of spot, steps would be so small that rounding is all they show. */
const edgeBand = 2e-5

/**
 * Fourth-order central differences of `differences`, each underlying and each volatility alone and in pairs. Errors are some 1e-9 of V/S for delta and 1e-7
 * of V/S^2 for gamma where the value is smooth. Steps end before an edge; within 2e-5 of spot of one the Greeks are those of that distance on the same side,
 * and on an edge itself the mean of both sides, with gamma 0 for that underlying.
 * @throws what the value throws
 */
export function bumpGreeks(given: BumpParams): Greeks {
  for (const [underlying, edges] of Object.entries(given.edges ?? {})) {
    const spot = own(given.market.spot, underlying)
    if (spot === undefined) continue
    const nearest = edges.reduce(
      (best, edge) => (Math.abs(edge - spot) < Math.abs(best - spot) ? edge : best),
      Infinity,
    )
    const distance = spot - nearest
    if (!(Math.abs(distance) < edgeBand * spot)) continue
    const beside = (side: 1 | -1) =>
      smoothGreeks({ ...given, market: withSpot(given.market, underlying, nearest + side * edgeBand * spot) })
    if (distance !== 0) return beside(distance > 0 ? 1 : -1)
    const mean = scaleGreeks(addGreeks([beside(1), beside(-1)]), 0.5)
    return { ...mean, gamma: { ...mean.gamma, [underlying]: 0 } }
  }
  return smoothGreeks(given)
}

function smoothGreeks(given: BumpParams): Greeks {
  // What has expired reads no volatility, and the market need not know one.
  const alive = (given.optionality ?? []).filter(({ expiry }) => expiry === undefined || expiry > given.market.at)
  const params = { ...given, optionality: alive }
  const { value, market, optionality } = params
  const underlyings = [...new Set(params.assets.map((asset) => rateOf(market, asset).underlying))]
  if (underlyings.length === 0) return noGreeks
  const volatile = [...new Set(optionality.map(({ asset }) => rateOf(market, asset).underlying))]
  const spots = underlyings.map((underlying) => spotOf(market, underlying))
  const vols = volatile.map((underlying) => volScale(market, underlying))
  const { gradient, hessian } = differences({
    f: (x) => {
      const moved = underlyings.reduce((next, underlying, i) => withSpot(next, underlying, x[i] ?? 0), market)
      const bumped = volatile.reduce(
        (next, underlying, j) => withVolatilityShift(next, underlying, x[underlyings.length + j] ?? 0),
        moved,
      )
      return value(bumped)
    },
    x: [...spots, ...volatile.map(() => 0)],
    scales: [...underlyings.map((underlying, i) => spotScale(params, underlying, spots[i] ?? 0)), ...vols],
  })
  const n = underlyings.length + volatile.length
  const second = (i: number, j: number) => hessian[i * n + j] ?? 0
  const keyed = (names: readonly string[], figure: (index: number) => number) =>
    Object.fromEntries(names.map((name, index) => [name, figure(index)]))
  const m = underlyings.length
  return {
    ...noGreeks,
    delta: keyed(underlyings, (i) => gradient[i] ?? 0),
    gamma: keyed(underlyings, (i) => second(i, i)),
    crossGamma: Object.fromEntries(
      underlyings.flatMap((one, i) =>
        underlyings.slice(0, i).map((other, j) => [pairKey(one, other), second(i, j)] as const),
      ),
    ),
    vega: Object.fromEntries(volatile.map((name, j) => [name, bucketed(params, name, gradient[m + j] ?? 0)])),
    vanna: keyed(volatile, (j) =>
      underlyings.includes(volatile[j] ?? '') ? second(m + j, underlyings.indexOf(volatile[j] ?? '')) : 0,
    ),
    volga: keyed(volatile, (j) => second(m + j, m + j)),
    rho: slope((shift) => value(withInterestShift(market, shift)), 1e-3),
    carryRho: keyed(underlyings, (i) =>
      slope((shift) => value(withCarryShift(market, underlyings[i] ?? '', shift)), 1e-3),
    ),
    theta: { ...noTheta, decay: decay(params) },
  }
}

/** An instrument has one expiry for each underlying. */
function bucketed({ market, optionality = [] }: BumpParams, underlying: string, vega: number): Record<string, number> {
  const own = optionality.filter(({ asset }) => rateOf(market, asset).underlying === underlying)
  return { [expiryBucket(own[0]?.expiry)]: vega }
}

function spotScale({ market, optionality = [], edges }: BumpParams, underlying: string, spot: number): number {
  const own = optionality.filter(({ asset }) => rateOf(market, asset).underlying === underlying)
  const deviations = own.map(({ expiry }) => {
    const years = expiry === undefined ? 1 : yearsTo(market, expiry)
    return volScale(market, underlying) * Math.sqrt(years)
  })
  const natural = spot * Math.min(0.5, ...deviations.filter((one) => one > 1e-6))
  const distances = (edges?.[underlying] ?? []).map((edge) => Math.abs(edge - spot)).filter((one) => one > 0)
  return Math.max(Math.min(natural, ...distances.map((one) => edgeReach * one)), spot * edgeReach * edgeBand * 0.5)
}

function volScale(market: Market, underlying: string): number {
  const { surface } = assetVolatility(market, underlying)
  const level = surface.kind === 'flat' ? surface.volatility : 0.5
  return Math.max(level, 0.01)
}

function slope(f: (shift: number) => number, step: number): number {
  const central = (h: number) => (f(h) - f(-h)) / (2 * h)
  return (4 * central(step) - central(2 * step)) / 3
}

/** dV/dt per year; steps stay well before the nearest expiry, and on it there is no decay left. */
function decay({ value, market, optionality = [] }: BumpParams): number {
  const left = optionality.flatMap(({ expiry }) => (expiry === undefined ? [] : [expiry - market.at]))
  const nearest = Math.min(86_400 * 30, ...left)
  if (nearest <= 0) return 0
  return slope((seconds) => value(withTime(market, market.at + seconds)), nearest / 128) * secondsPerYear
}
