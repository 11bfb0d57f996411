// A share of a pool by its LP tokens: what pools that all providers own together (v2, StableSwap, weighted) say of a position, whatever their curve.

import type { Usd } from '../../base/units.ts'
import type { PoolState } from '../../quant/amm/pool-state.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import type { Holding } from '../greeks/held-greeks.ts'
import { type Market, priceOf } from '../market/market.ts'
import { type PoolPosition, poolDetails, poolGreeks, poolValue, poolWarnings } from './pool-position.ts'

/** A curve of n coins. Its invariant grows in proportion to all balances; balances and prices are in the coins' order. */
export interface Curve {
  readonly invariant: (balances: Float64Array) => number
  /** USD, at USD prices: what a pool of this invariant is worth and holds there. */
  readonly stateAt: (invariant: number, prices: Float64Array) => PoolState
  /** Marginal prices at these balances, up to a common factor. */
  readonly pricesAt: (balances: Float64Array) => Float64Array
  /** V_lp / V_hold - 1 at USD prices for what was put in, -1 to 0; without it the difference is taken. */
  readonly impermanentLoss?: (entry: Float64Array, prices: Float64Array) => number
}

export interface ShareCoin {
  readonly asset: string
  /** Of the whole pool. */
  readonly balance: number
  /** Of the position, when it was put in. */
  readonly entryAmount?: number | undefined
}

export interface Share {
  readonly coins: readonly ShareCoin[]
  readonly curve: Curve
  readonly lpTokens: number
  readonly totalSupply: number
  readonly owed: readonly Holding[]
  readonly feeRate?: number | undefined
  readonly warnings?: (market: Market) => readonly string[]
}

const pricesOf = ({ coins }: Share, market: Market) => Float64Array.from(coins, ({ asset }) => priceOf(market, asset))
const balancesOf = ({ coins }: Share) => Float64Array.from(coins, ({ balance }) => balance)
const openOwed = ({ owed }: Share) => owed.filter(({ quantity }) => quantity !== 0)

/** The curve is solved for the whole pool and its share taken: value, amounts and gamma are linear in the invariant. */
function stateOf(share: Share, market: Market): PoolState {
  const { curve, lpTokens, totalSupply } = share
  return curve.stateAt((lpTokens / totalSupply) * curve.invariant(balancesOf(share)), pricesOf(share, market))
}

/** What the position stood for when it was put in; absent unless it is stated for every coin. */
function entryOf({ coins }: Share): Float64Array | undefined {
  const amounts = coins.map(({ entryAmount }) => entryAmount)
  return amounts.some((one) => one === undefined) ? undefined : Float64Array.from(amounts, (one) => one ?? 0)
}

function divergenceOf(share: Share, entry: Float64Array, market: Market) {
  const { curve } = share
  const prices = pricesOf(share, market)
  const heldUsd = entry.reduce((sum, amount, i) => sum + amount * (prices[i] ?? 0), 0)
  const ratio =
    curve.impermanentLoss?.(entry, prices) ??
    Math.min(curve.stateAt(curve.invariant(entry), prices).value / heldUsd - 1, 0)
  return { heldUsd, ratio }
}

function positionOf(share: Share, market: Market): PoolPosition {
  const { coins, curve, lpTokens, totalSupply, feeRate } = share
  const owed = openOwed(share)
  if (lpTokens === 0)
    return { coins: [], state: { value: 0, amounts: new Float64Array(), gamma: new Float64Array() }, owed }
  const balances = balancesOf(share)
  const entry = entryOf(share)
  return {
    coins: coins.map(({ asset }) => asset),
    state: stateOf(share, market),
    owed,
    feeRate,
    divergence: entry && divergenceOf(share, entry, market),
    own: {
      amounts: balances.map((balance) => (balance * lpTokens) / totalSupply),
      prices: curve.pricesAt(balances),
    },
  }
}

/**
 * What the curve has earned in fees since the entry, by the growth of its invariant per share: value less that of the invariant of what was put in, so that
 * value = held + impermanent loss + fees earned + owed.
 */
function feesEarned(share: Share, entry: Float64Array, market: Market): Usd {
  const { curve, lpTokens, totalSupply } = share
  const now = (lpTokens / totalSupply) * curve.invariant(balancesOf(share))
  return stateOf(share, market).value * (1 - curve.invariant(entry) / now)
}

const isEmpty = (share: Share) => share.lpTokens === 0 && openOwed(share).length === 0

/** All that an instrument of this kind says of itself, but for its kind, words and terms. */
export function sharePosition<Terms>(shareOf: (terms: Terms) => Share) {
  return {
    assets: (terms: Terms): readonly string[] => {
      const share = shareOf(terms)
      const coins = share.lpTokens === 0 ? [] : share.coins
      return [...new Set([...coins, ...openOwed(share)].map(({ asset }) => asset))]
    },
    value: (terms: Terms, market: Market): Usd => {
      const share = shareOf(terms)
      const owed = openOwed(share)
      if (share.lpTokens === 0) return poolValue(positionOf(share, market), market)
      return poolValue({ coins: [], state: stateOf(share, market), owed }, market)
    },
    greeks: (terms: Terms, market: Market): Greeks => {
      const share = shareOf(terms)
      return isEmpty(share) ? noGreeks : poolGreeks(positionOf(share, market), market)
    },
    /** `poolDetails`; the position's invariant; with entry amounts, what it has earned in fees that stay in the pool. */
    details: (terms: Terms, market: Market): Readonly<Record<string, number>> => {
      const share = shareOf(terms)
      if (share.lpTokens === 0) return {}
      const { curve, lpTokens, totalSupply } = share
      const entry = entryOf(share)
      return {
        ...poolDetails(positionOf(share, market), market),
        invariant: (lpTokens / totalSupply) * curve.invariant(balancesOf(share)),
        ...(entry === undefined ? {} : { feesEarnedUsd: feesEarned(share, entry, market) }),
      }
    },
    warnings: (terms: Terms, market: Market): readonly string[] => {
      const share = shareOf(terms)
      if (share.lpTokens === 0) return []
      return [...(share.warnings?.(market) ?? []), ...poolWarnings(positionOf(share, market), market)]
    },
  }
}
