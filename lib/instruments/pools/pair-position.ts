// A position in a pool of two coins, from what the pool's curve says at their price ratio: shared by every pool of two.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import type { CurveState } from '../../quant/amm/curve-state.ts'
import { pairGreeks } from '../../quant/amm/pair-greeks.ts'
import type { PoolState } from '../../quant/amm/pool-state.ts'
import { type Market, priceOf } from '../market/market.ts'

export interface Pair {
  readonly asset0: string
  readonly asset1: string
}

export function pairRule() {
  return z.refine<Pair>(({ asset0, asset1 }) => asset0 !== asset1, {
    path: ['asset1'],
    message: 'must be another asset than asset0',
  })
}

/** P = p0 / p1, token 1 per token 0. @throws HomeostatError `no-price` */
export function pairPrice({ asset0, asset1 }: Pair, market: Market): number {
  return priceOf(market, asset0) / priceOf(market, asset1)
}

/** USD of so much of both. @throws HomeostatError `no-price` */
export function pairUsd({ asset0, asset1 }: Pair, amount0: number, amount1: number, market: Market): Usd {
  return amount0 * priceOf(market, asset0) + amount1 * priceOf(market, asset1)
}

/** A curve in token 1 as a pool of two coins in USD (QUANT conventions: gamma00 = V''/p1, gamma01 = -P V''/p1, gamma11 = P^2 V''/p1). */
export function pairState({ amount0, amount1, gamma }: CurveState, price0: Usd, price1: Usd): PoolState {
  const usd = pairGreeks({ price0, price1, amount0, amount1, gamma })
  return {
    value: usd.value,
    amounts: Float64Array.of(amount0, amount1),
    gamma: Float64Array.of(usd.gamma00, usd.gamma01, usd.gamma01, usd.gamma11),
  }
}
