// The x y = L^2 curve (Uniswap v2): value, Greeks, impermanent loss and exchange in closed form.
import { outOfDomain } from '../out-of-domain.ts'
import type { CurveState } from './curve-state.ts'
import type { ExactInput } from './exact-input.ts'

/**
 * V = 2 L sqrt P, delta = L / sqrt P, gamma = -L / (2 P^1.5), with L = sqrt(x y) for whole tokens; the pool stands at
 * the market's price P (arbitraged). Exact to a few ulp. Domain: L >= 0, P > 0, finite; else `out-of-domain`. Adams,
 * Zinsmeister & Robinson (2020), v2 whitepaper.
 */
export function constantProduct(params: { readonly L: number; readonly P: number }): CurveState {
  const { L, P } = params
  if (!(L >= 0 && P > 0 && L < Number.POSITIVE_INFINITY && P < Number.POSITIVE_INFINITY)) {
    throw outOfDomain('constantProduct', 'L has to be 0 or above, P above 0, both finite.', { ...params })
  }
  const root = Math.sqrt(P)
  const amount0 = L / root
  return { value: 2 * L * root, amount0, amount1: L * root, gamma: L === 0 ? 0 : -amount0 / (2 * P) }
}

/**
 * Impermanent loss V_lp / V_hold - 1 = -(sqrt r - 1)^2 / (1 + r), in -1..0, after the price has moved by the ratio r =
 * P1 / P0; fees apart. Domain: r >= 0 (infinity: -1); else `out-of-domain`.
 */
export function constantProductImpermanentLoss(params: { readonly r: number }): number {
  const { r } = params
  if (!(r >= 0)) throw outOfDomain('constantProductImpermanentLoss', 'The price ratio has to be 0 or above.', { r })
  // The loss is the same for r and 1/r; below 1 nothing overflows.
  const u = r > 1 ? 1 / r : r
  const gap = (1 - u) / (1 + Math.sqrt(u))
  return u === 1 ? 0 : -(gap * gap) / (1 + u)
}

/**
 * Sells `amountIn` into reserves `reserveIn`, `reserveOut`; the fee (fraction of the amount in) is kept in the token
 * sold. out = y dx' / (x + dx') with dx' = dx (1 - fee); impact = dx' / (x + dx'). Domain: reserves above 0, amount 0
 * or above, fee within 0..1, finite; else `out-of-domain`.
 */
export function constantProductExactInput(params: {
  readonly reserveIn: number
  readonly reserveOut: number
  readonly amountIn: number
  readonly fee: number
}): ExactInput {
  const { reserveIn, reserveOut, amountIn, fee } = params
  if (!(reserveIn > 0 && reserveOut > 0 && amountIn >= 0 && fee >= 0 && fee <= 1)) {
    throw outOfDomain('constantProductExactInput', 'Reserves above 0, amount 0 or above, fee within 0..1.', {
      ...params,
    })
  }
  const feeAmount = amountIn * fee
  const net = amountIn * (1 - fee)
  const priceImpact = net / (reserveIn + net)
  const amountOut = reserveOut * priceImpact
  const exitCost = (reserveOut / reserveIn) * (feeAmount + net * priceImpact)
  if (!Number.isFinite(amountOut + exitCost)) {
    throw outOfDomain('constantProductExactInput', 'All amounts have to be finite.', { ...params })
  }
  return { amountOut, fee: feeAmount, priceImpact, exitCost }
}
