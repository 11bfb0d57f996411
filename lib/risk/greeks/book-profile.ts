// A book over the spot of one underlying: what it is worth, and its delta and gamma, at each of many spots.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { addGreeks } from '../../instruments/greeks/greeks.ts'
import { greeksOf } from '../../instruments/greeks/greeks-of.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import { withSpot, withTime } from '../../instruments/market/bump.ts'
import { type Market, own, rateOf } from '../../instruments/market/market.ts'
import { assetsOf, value } from '../../instruments/value.ts'
import { isDollar } from '../is-dollar.ts'

export interface ProfilePoint {
  readonly spot: Usd
  readonly valueUsd: Usd
  /** Units of the underlying. */
  readonly delta: number
  /** Change of the dollar delta per 1 % of spot. */
  readonly gammaUsd1pct: number
}

/**
 * The book at each spot, everything else as in the market, seen at `at` (with the market itself: at its own instant). Volatilities move by the market's
 * dynamics; an option that has expired by then is worth what it settles to. @throws what value and Greeks throw
 */
export function bookProfile(params: {
  readonly positions: readonly PositionTerms[]
  readonly market: Market
  readonly underlying: string
  readonly spots: readonly Usd[]
  readonly at: UnixSeconds
}): readonly ProfilePoint[] {
  const { positions, underlying, spots, at } = params
  const market = withTime(params.market, at)
  return spots.map((spot) => {
    const moved = withSpot(market, underlying, spot)
    const { delta, gamma } = addGreeks(positions.map((position) => greeksOf(position, moved)))
    return {
      spot,
      valueUsd: positions.reduce((sum, position) => sum + value(position, moved), 0),
      delta: delta[underlying] ?? 0,
      gammaUsd1pct: ((gamma[underlying] ?? 0) * spot * spot) / 100,
    }
  })
}

/** Underlyings that the book reads, largest dollar exposure first, dollars last. @throws what Greeks throw */
export function underlyingsOf(positions: readonly PositionTerms[], market: Market): readonly string[] {
  const { delta, gamma } = addGreeks(positions.map((position) => greeksOf(position, market)))
  const read = positions.flatMap((position) => assetsOf(position).map((asset) => rateOf(market, asset).underlying))
  const sizeOf = (name: string) => {
    const spot = own(market.spot, name) ?? 0
    return Math.abs(delta[name] ?? 0) * spot + Math.abs(gamma[name] ?? 0) * spot * spot
  }
  const rank = (name: string) => (isDollar(own(market.spot, name)) ? 1 : 0)
  return [...new Set(read)].toSorted((one, other) => rank(one) - rank(other) || sizeOf(other) - sizeOf(one))
}

/** The first instant after now at which something in the book expires. */
export function firstExpiry(positions: readonly PositionTerms[], market: Market): UnixSeconds | undefined {
  const expiries = positions.flatMap(({ kind, terms }) =>
    (instrumentOf(kind).optionality?.(terms as never) ?? []).flatMap(({ expiry }) => expiry ?? []),
  )
  const ahead = expiries.filter((expiry) => expiry > market.at)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

/** Spots at which something kinks: strikes, barriers, edges of ranges. */
export function kinksOf(
  positions: readonly PositionTerms[],
  market: Market,
  underlying: string,
): readonly { readonly at: Usd; readonly label: string }[] {
  const found = positions.flatMap(({ kind, terms }) => {
    const edges = instrumentOf(kind).edges?.(terms as never, market)[underlying] ?? []
    const { asset, strike } = terms as { readonly asset?: string; readonly strike?: number }
    const rate = asset === undefined ? undefined : own(market.exchangeRates, asset)
    const strikes = strike !== undefined && rate?.underlying === underlying ? [strike / rate.rate] : []
    return [
      ...strikes.map((at) => ({ at, label: 'strike' })),
      ...edges.map((at) => ({ at, label: kind.endsWith('range') ? 'edge of a range' : 'edge' })),
    ]
  })
  const seen = new Set<number>()
  return found
    .toSorted((one, other) => one.at - other.at)
    .filter(({ at }) => {
      const isNew = !seen.has(at)
      seen.add(at)
      return isNew
    })
}
