// The weighted geometric mean curve (Balancer): value, Greeks, losses and exchange for n tokens in closed form.
import { outOfDomain } from '../out-of-domain.ts'
import type { ExactInput } from './exact-input.ts'
import { log1pMinus } from './log1p-minus.ts'
import type { PoolState } from './pool-state.ts'

/**
 * V = k prod (p_i / w_i)^w_i with the invariant k = prod B_i^w_i; amounts w_i V / p_i; gamma_ij = V w_i (w_j - [i = j])
 * / (p_i p_j). The pool stands at the market's prices (arbitraged). Shapes: `w` and `prices` n >= 2, weights above 0
 * with sum 1 (to 1e-9), USD prices above 0. Relative error about eps (1 + abs(log k) + sum w abs(log p)). Else
 * `out-of-domain`. Martinelli & Mushegian (2019), Balancer whitepaper.
 */
export function weighted(params: {
  readonly k: number
  readonly w: Float64Array
  readonly prices: Float64Array
}): PoolState {
  const { k, w, prices } = params
  checkWeights('weighted', w, prices)
  if (!(k >= 0 && k < Number.POSITIVE_INFINITY))
    throw outOfDomain('weighted', 'k has to be 0 or above and finite.', { k })
  const n = w.length
  let log = 0
  for (let i = 0; i < n; i += 1) log += (w[i] as number) * Math.log((prices[i] as number) / (w[i] as number))
  const value = k === 0 ? 0 : Math.exp(Math.log(k) + log)
  const amounts = new Float64Array(n)
  const gamma = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    const wi = w[i] as number
    const amount = (wi * value) / (prices[i] as number)
    amounts[i] = amount
    let rest = 0
    for (let j = 0; j < n; j += 1) {
      if (i === j) continue
      rest += w[j] as number
      gamma[i * n + j] = (amount * (w[j] as number)) / (prices[j] as number)
    }
    // w_i - 1 as minus the others' sum, so that gamma p = 0 holds although the weights only sum to 1 - eps.
    gamma[i * n + i] = -(amount * rest) / (prices[i] as number)
  }
  return { value, amounts, gamma }
}

/**
 * The invariant k = prod B_i^w_i from balances in whole tokens. Shapes and domain as `weighted`, balances above 0; else
 * `out-of-domain`.
 */
export function weightedInvariant(params: { readonly balances: Float64Array; readonly w: Float64Array }): number {
  const { balances, w } = params
  checkWeights('weightedInvariant', w, balances)
  let log = 0
  for (let i = 0; i < w.length; i += 1) log += (w[i] as number) * Math.log(balances[i] as number)
  return Math.exp(log)
}

/**
 * Impermanent loss V_lp / V_hold - 1 = prod r_i^w_i / sum w_i r_i - 1, in -1..0, after each price has moved by its
 * ratio r_i; fees apart. Shapes and domain as `weighted` with ratios above 0; else `out-of-domain`. No cancellation for
 * small moves.
 */
export function weightedImpermanentLoss(params: { readonly w: Float64Array; readonly r: Float64Array }): number {
  const { w, r } = params
  checkWeights('weightedImpermanentLoss', w, r)
  let mean = 0
  for (let i = 0; i < w.length; i += 1) mean += (w[i] as number) * (r[i] as number)
  let log = 0
  for (let i = 0; i < w.length; i += 1) log += (w[i] as number) * log1pMinus(((r[i] as number) - mean) / mean)
  return log < 0 ? Math.expm1(log) : 0
}

/**
 * Sells `amountIn` of the token with balance and weight `balanceIn`, `weightIn`; the fee (fraction of the amount in) is
 * kept in the token sold. out = B_o (1 - (B_i / (B_i + dx'))^(w_i / w_o)) with dx' = dx (1 - fee). The contracts allow
 * 30% of the balance in at most; this has no limit. Domain: balances and weights above 0, amount 0 or above, fee within
 * 0..1, finite; else `out-of-domain`.
 */
export function weightedExactInput(params: {
  readonly balanceIn: number
  readonly weightIn: number
  readonly balanceOut: number
  readonly weightOut: number
  readonly amountIn: number
  readonly fee: number
}): ExactInput {
  const { balanceIn, weightIn, balanceOut, weightOut, amountIn, fee } = params
  if (!(balanceIn > 0 && balanceOut > 0 && weightIn > 0 && weightOut > 0 && amountIn >= 0 && fee >= 0 && fee <= 1)) {
    throw outOfDomain('weightedExactInput', 'Balances and weights above 0, amount 0 or above, fee within 0..1.', {
      ...params,
    })
  }
  const e = weightIn / weightOut
  const feeAmount = amountIn * fee
  const net = amountIn * (1 - fee)
  const u = net / balanceIn
  const amountOut = -balanceOut * Math.expm1(-e * Math.log1p(u))
  const priceImpact = impact(e, u)
  const exitCost = ((balanceOut * weightIn) / (balanceIn * weightOut)) * (feeAmount + net * priceImpact)
  if (!Number.isFinite(amountOut + exitCost)) {
    throw outOfDomain('weightedExactInput', 'All amounts have to be finite.', { ...params })
  }
  return { amountOut, fee: feeAmount, priceImpact, exitCost }
}

/** 1 - (1 - (1 + u)^-e) / (e u): by its binomial series where the two sides would cancel. */
function impact(e: number, u: number): number {
  if (u * (e + 12) > 0.05) return 1 + Math.expm1(-e * Math.log1p(u)) / (e * u)
  let term = 1
  let sum = 0
  for (let k = 1; k <= 12; k += 1) {
    term *= (-u * (e + k)) / (k + 1)
    sum -= term
  }
  return sum
}

function checkWeights(kernel: string, w: Float64Array, positive: Float64Array): void {
  let sum = 0
  for (let i = 0; i < w.length; i += 1) {
    const [weight, one] = [w[i] as number, positive[i] ?? Number.NaN]
    if (!(weight > 0 && one > 0 && one < Number.POSITIVE_INFINITY)) {
      throw outOfDomain(kernel, 'Weights, prices, ratios and balances have to be above 0 and finite.', {
        index: i,
        w: weight,
        value: one,
      })
    }
    sum += weight
  }
  if (!(w.length >= 2 && positive.length === w.length && Math.abs(sum - 1) <= 1e-9)) {
    throw outOfDomain(kernel, 'As many weights as values, 2 or more, with the sum 1.', {
      weights: w.length,
      values: positive.length,
      sum,
    })
  }
}
