// Turns the Greeks of a two-token curve in its own numeraire into Greeks in USD per token.
import { outOfDomain } from '../out-of-domain.ts'

export interface PairGreeks {
  /** USD. */
  readonly value: number
  /** dV/dp0, units of token 0. */
  readonly delta0: number
  /** dV/dp1, units of token 1. */
  readonly delta1: number
  /** Second derivatives by the USD prices, units of token per USD. The matrix has no gamma along p0/p1 = constant. */
  readonly gamma00: number
  readonly gamma01: number
  readonly gamma11: number
}

/**
 * W(p0, p1) = p1 V(P) with P = p0/p1, V in token 1: delta0 = V' = amount0, delta1 = V - P V' = amount1,
 * gamma00 = V''/p1, gamma01 = -P V''/p1, gamma11 = P^2 V''/p1. `gamma` is V'' in token 1 per (token 1 per token 0)^2.
 * Throws `out-of-domain` unless both USD prices are above 0 and everything is finite.
 */
export function pairGreeks(params: {
  readonly price0: number
  readonly price1: number
  readonly amount0: number
  readonly amount1: number
  readonly gamma: number
}): PairGreeks {
  const { price0, price1, amount0, amount1, gamma } = params
  const value = amount0 * price0 + amount1 * price1
  if (!(price0 > 0 && price1 > 0 && Number.isFinite(value) && Number.isFinite(gamma))) {
    throw outOfDomain('pairGreeks', 'Prices have to be above 0, amounts and gamma finite.', { ...params })
  }
  const P = price0 / price1
  const gamma00 = gamma / price1
  return { value, delta0: amount0, delta1: amount1, gamma00, gamma01: -P * gamma00, gamma11: P * P * gamma00 }
}
