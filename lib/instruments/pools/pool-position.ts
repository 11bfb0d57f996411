// Value and Greeks in USD of a position in any pool, from what its curve holds at the market's prices: shared by pools of two coins and of many.

import type { Usd } from '../../base/units.ts'
import type { PoolState } from '../../quant/amm/pool-state.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { type Holding, heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, pairKey, priceOf, rateOf, spotOf } from '../market/market.ts'
import { type Loss, lossVersusRebalancing, ratioVariance } from './pool-loss.ts'

/** What was put in, at the prices of now, and what the curve made of it; fees apart. */
export interface Divergence {
  readonly heldUsd: Usd
  /** V_lp / V_hold - 1, -1 to 0. */
  readonly ratio: number
}

/** What a pool holds at its own price, before arbitrage takes it to the market's. */
interface OwnState {
  /** Coins of the position, in their order. */
  readonly amounts: Float64Array
  /** Marginal prices of the pool, up to a common factor. */
  readonly prices: Float64Array
}

/** A position at the market's prices; without liquidity it has no coins. */
export interface PoolPosition {
  readonly coins: readonly string[]
  /** Of the coins in their order, the pool standing at the market's prices (arbitraged). */
  readonly state: PoolState
  /** Fees and rewards that wait outside of the curve: one to one in value. */
  readonly owed: readonly Holding[]
  /** Fees earned per year as a fraction of the value in the curve. */
  readonly feeRate?: number | undefined
  readonly divergence?: Divergence | undefined
  readonly own?: OwnState | undefined
}

/** USD, uncollected fees included. @throws HomeostatError `no-price` */
export function poolValue({ state, owed }: PoolPosition, market: Market): Usd {
  return owed.reduce((sum, { asset, quantity }) => sum + quantity * priceOf(market, asset), state.value)
}

/**
 * Per underlying, by the chain rule through each coin's rate: delta_u = sum rate_i x_i, gamma_uv = sum rate_i rate_j gamma_ij. A pool does not care for the unit
 * of account (gamma p = 0), so that gamma_uu = - sum_v gamma_uv S_v / S_u: exactly 0 where one underlying is on all sides. LVR and impermanent loss are apart.
 * @throws HomeostatError `no-price`
 */
export function poolGreeks(position: PoolPosition, market: Market): Greeks {
  const { coins, state, owed, feeRate = 0, divergence } = position
  const amounts = coins.map((asset, i) => ({ asset, quantity: state.amounts[i] ?? 0 }))
  const held = heldGreeks([...amounts, ...owed], market)
  const crossGamma = crossGammas(position, market)
  const gamma: Record<string, number> = {}
  for (const { one, other, second } of pairsOf(crossGamma)) {
    const ratio = spotOf(market, one) / spotOf(market, other)
    gamma[one] = (gamma[one] ?? 0) - second / ratio
    gamma[other] = (gamma[other] ?? 0) - second * ratio
  }
  return {
    ...noGreeks,
    delta: held.delta,
    gamma,
    crossGamma: Object.fromEntries(pairsOf(crossGamma).map(({ one, other, second }) => [pairKey(one, other), second])),
    theta: { ...held.theta, fees: state.value * feeRate },
    pool: {
      lossVersusRebalancing: lossVersusRebalancing(pairsOf(crossGamma), market).usdPerYear,
      impermanentLoss: divergence === undefined ? 0 : divergence.heldUsd * divergence.ratio,
    },
  }
}

type CrossGammas = ReadonlyMap<string, { readonly one: string; readonly other: string; readonly second: number }>

const pairsOf = (crossGamma: CrossGammas) => [...crossGamma.values()]

/** By pair of different underlyings; none where nothing bends. */
function crossGammas({ coins, state }: PoolPosition, market: Market): CrossGammas {
  const found = new Map<string, { readonly one: string; readonly other: string; readonly second: number }>()
  const rates = coins.map((asset) => rateOf(market, asset))
  for (const [i, { underlying: one, rate }] of rates.entries())
    for (const [j, other] of rates.slice(0, i).entries()) {
      const bend = (state.gamma[i * coins.length + j] ?? 0) * rate * other.rate
      if (bend === 0 || one === other.underlying) continue
      const key = pairKey(one, other.underlying)
      found.set(key, { one, other: other.underlying, second: (found.get(key)?.second ?? 0) + bend })
    }
  return found
}

/** LVR, or why it is not known. @throws HomeostatError `no-price` */
function poolLoss(position: PoolPosition, market: Market): Loss {
  return lossVersusRebalancing(pairsOf(crossGammas(position, market)), market)
}

/** Beyond this the pool is not where the market is: its fee explains no such gap. */
const wideGap = 0.01

/** That LVR could not be computed where it matters, and that the pool is not yet where it is valued. */
export function poolWarnings(position: PoolPosition, market: Market): readonly string[] {
  const { missing } = poolLoss(position, market)
  const gap = ownGap(position, market)
  return [
    ...(missing.length === 0
      ? []
      : [`loss-versus-rebalancing is not known and stands as 0: the market lacks ${missing.join(', ')}`]),
    ...(gap > wideGap
      ? [
          `the pool stands ${percent(gap)} from the market: it is valued as it will be once arbitrage has closed the gap`,
        ]
      : []),
  ]
}

export const percent = (ratio: number): string => `${Number((ratio * 100).toPrecision(3))} %`

/** Largest of the pool's own price ratios against the market's, less 1; 0 where the own price is not known. */
function ownGap({ coins, own }: PoolPosition, market: Market): number {
  if (own === undefined) return 0
  const ratios = coins.map((asset, i) => (own.prices[i] ?? 0) / priceOf(market, asset))
  return Math.max(...ratios) / Math.min(...ratios) - 1
}

/**
 * Two stories side by side: `amount*` and `price*Per0` are of the pool at the market's price, as it is valued; `pool*` are what it holds and what it asks at its
 * own price now; `arbitrageUsd` (0 or more) is what closing the gap takes from the position. @throws HomeostatError `no-price`
 */
export function poolDetails(position: PoolPosition, market: Market): Readonly<Record<string, number>> {
  const { coins, state, divergence, own } = position
  const prices = coins.map((asset) => priceOf(market, asset))
  const relative = (all: readonly number[] | Float64Array, name: string) =>
    coins.slice(1).map((_, i) => [`${name}${i + 1}Per0`, (all[0] ?? 0) / (all[i + 1] ?? 0)] as const)
  const figures = [
    ...coins.map((_, i) => [`amount${i}`, state.amounts[i] ?? 0] as const),
    ...relative(prices, 'price'),
    ...(divergence === undefined ? [] : [['impermanentLossRatio', divergence.ratio] as const]),
    ...volatilities(position, market),
  ]
  if (own === undefined) return Object.fromEntries(figures)
  const ownUsd = prices.reduce((sum, price, i) => sum + price * (own.amounts[i] ?? 0), 0)
  return Object.fromEntries([
    ...figures,
    ...coins.map((_, i) => [`poolAmount${i}`, own.amounts[i] ?? 0] as const),
    ...relative(own.prices, 'poolPrice'),
    ['poolValueUsd', ownUsd],
    ['poolPriceGapRatio', ownGap(position, market)],
    ['arbitrageUsd', Math.max(ownUsd - state.value, 0)],
  ])
}

/** Of the ratio of two underlyings: the market's, and the one at which fees just pay for LVR; absent where there is no such ratio or no fee. */
function volatilities(position: PoolPosition, market: Market): readonly (readonly [string, number])[] {
  const [pair, ...more] = pairsOf(crossGammas(position, market))
  if (pair === undefined || more.length > 0) return []
  const { variance } = ratioVariance(market, pair.one, pair.other)
  const half = (pair.second * spotOf(market, pair.one) * spotOf(market, pair.other)) / 2
  const fees = (position.feeRate ?? 0) * position.state.value
  return [
    ...(variance === undefined ? [] : [['ratioVolatility', Math.sqrt(variance)] as const]),
    ...(fees > 0 && half > 0 ? [['breakEvenVolatility', Math.sqrt(fees / half)] as const] : []),
  ]
}
