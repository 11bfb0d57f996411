// The StableSwap curve (Curve) at given balances: its invariant, its marginal price and the exchange along it.
import { outOfDomain } from '../out-of-domain.ts'
import type { ExactInput } from './exact-input.ts'

/** Newton from above on a convex function: quadratic at the end, and n/(n+1) a step far from it. */
const MOST_STEPS = 300

/**
 * The invariant D in the unit of the balances: A n sum x + D = A n D + D^(n+1) / (n^n prod x); sum x in balance, never
 * above it. `A` is what the contracts' A() answers. Shapes: `balances` n in 2..8, above 0 (rates multiplied in).
 * Relative error a few eps. Domain: A > 0 (contracts: 1 or more), finite; else `out-of-domain`. Newton's method of
 * Egorov (2019), StableSwap, from a bound that is never below D.
 */
export function stableSwapInvariant(params: { readonly A: number; readonly balances: Float64Array }): number {
  const { A, balances } = params
  checkBalances('stableSwapInvariant', A, balances)
  const n = balances.length
  const K = A * n
  let sum = 0
  for (const x of balances) sum += x
  let log = Math.log(Math.max(K, 1)) + Math.log(sum)
  for (const x of balances) log += Math.log(n) + Math.log(x)
  // D_P = K (S - D) + D <= max(K, 1) S bounds D by the product of the balances, D <= S by their sum.
  let D = Math.min(sum, Math.exp(log / (n + 1)) * (1 + 1e-12))
  for (let steps = 0; steps < MOST_STEPS; steps += 1) {
    let DP = D
    for (const x of balances) DP *= D / (n * x)
    const next = ((K * sum + n * DP) * D) / ((K - 1) * D + (n + 1) * DP)
    const done = Math.abs(next - D) <= 2e-16 * D || (next > D && steps > 0)
    D = next
    if (done) break
  }
  return D
}

/**
 * Marginal price of token i in units of token j (both as balances count them), the fee left out: (K + D_P/x_i) / (K +
 * D_P/x_j). Domain as `stableSwapInvariant`, i and j different indices; else `out-of-domain`.
 */
export function stableSwapMarginalPrice(params: {
  readonly A: number
  readonly balances: Float64Array
  readonly i: number
  readonly j: number
}): number {
  const { A, balances, i, j } = params
  const D = stableSwapInvariant({ A, balances })
  const [xi, xj] = pair('stableSwapMarginalPrice', balances, i, j)
  const K = A * balances.length
  const DP = balances.reduce((product, x) => (product * D) / (balances.length * x), D)
  return (K + DP / xi) / (K + DP / xj)
}

/**
 * Sells `amountIn` of token i for token j; the fee (fraction of what comes out) is kept in the token received, as the
 * contracts do. The new balance y solves y^2 + (b - D) y = c; its change is solved for instead, so that small amounts
 * do not cancel. Amounts in the unit of the balances. Domain as `stableSwapInvariant`, amount 0 or above, fee within
 * 0..1; else `out-of-domain`.
 */
export function stableSwapExactInput(params: {
  readonly A: number
  readonly balances: Float64Array
  readonly i: number
  readonly j: number
  readonly amountIn: number
  readonly fee: number
}): ExactInput {
  const { A, balances, i, j, amountIn, fee } = params
  const D = stableSwapInvariant({ A, balances })
  const [x, y] = pair('stableSwapExactInput', balances, i, j)
  if (!(amountIn >= 0 && amountIn < Number.POSITIVE_INFINITY && fee >= 0 && fee <= 1)) {
    throw outOfDomain('stableSwapExactInput', 'The amount has to be 0 or above and finite, the fee within 0..1.', {
      amountIn,
      fee,
    })
  }
  const n = balances.length
  const K = A * n
  let others = 0
  let c = D / (n * K)
  for (let k = 0; k < n; k += 1) {
    if (k === j) continue
    others += balances[k] as number
    c *= D / (n * (balances[k] as number))
  }
  c *= D
  // sqrt((b - D)^2 + 4 c) = 2 y + b - D on the curve: first before, then after the exchange.
  const tilt = others + D / K - D
  const before = Math.sqrt(tilt * tilt + 4 * c)
  const after = Math.sqrt((tilt + amountIn) ** 2 + (4 * c * x) / (x + amountIn))
  const grown = y + c / (x + amountIn)
  const gross = (2 * amountIn * grown) / (before + amountIn + after)
  const marginal = (y + c / x) / before
  // Marginal price x amount - gross, over the amount: by the difference of the two quotients, not of their values.
  const rest = before + amountIn - gross
  const bend = ((c * amountIn) / (x * (x + amountIn))) * before + (y + c / x) * (amountIn - gross)
  const lost = Math.max(bend / (before * rest), 0)
  return {
    amountOut: gross * (1 - fee),
    fee: gross * fee,
    priceImpact: Math.min(lost / marginal, 1),
    exitCost: amountIn * lost + gross * fee,
  }
}

function pair(kernel: string, balances: Float64Array, i: number, j: number): readonly [number, number] {
  const [xi, xj] = [balances[i], balances[j]]
  if (i === j || xi === undefined || xj === undefined) {
    throw outOfDomain(kernel, 'i and j have to be two different indices of balances.', { i, j, n: balances.length })
  }
  return [xi, xj]
}

function checkBalances(kernel: string, A: number, balances: Float64Array): void {
  if (!(balances.length >= 2 && balances.length <= 8 && A > 0 && A < Number.POSITIVE_INFINITY)) {
    throw outOfDomain(kernel, '2..8 balances, and A above 0 and finite.', { A, n: balances.length })
  }
  for (const [index, x] of balances.entries()) {
    if (!(x > 0 && x < Number.POSITIVE_INFINITY)) {
      throw outOfDomain(kernel, 'Balances have to be above 0 and finite.', { index, balance: x })
    }
  }
}
