// The StableSwap curve (Curve) at given prices: what an arbitraged pool of n tokens is worth and holds, and its Greeks.
import { brentRoot } from '../brent.ts'
import { outOfDomain } from '../out-of-domain.ts'
import type { PoolState } from './pool-state.ts'
import { stableSwapInvariant } from './stable-swap-invariant.ts'

/**
 * Value, amounts and gamma of a pool with invariant D whose marginal prices are the market's: it holds the x >= 0 that
 * minimises p'x on the curve A n sum x + D = A n D + D^(n+1) / (n^n prod x), so that dV/dp_i = x_i (envelope theorem)
 * and V is D times a function of p. `A` is what the contracts' A() answers, the paper's A times n^(n-1). Shapes:
 * `prices` n in 2..8, in USD, above 0, of one unit of the balances that D counts (with rates multiplied in for tokens
 * that earn). V to 1e-14 relative, amounts to 1e-12, gamma to 1e-11. Domain: D >= 0, A > 0 (contracts: 1 or more),
 * finite, price ratios up to 1e12; else `out-of-domain`. Egorov (2019), StableSwap; the minimum is derived here: with
 * q = D_P / D, K = A n and m the inverse multiplier, x_i = q / s_i, s_i = m p_i - K, q = (prod s / n^n)^(1/(n+1)), and
 * the curve leaves one equation in s = min s_i, which changes its sign once: for K >= 1 between n^-n / 2 and n K, and
 * below, where K / s <= 1 and n / s >= 1 hold at the root, between K and n.
 */
export function stableSwap(params: {
  readonly D: number
  readonly A: number
  readonly prices: Float64Array
}): PoolState {
  const { D, A, prices } = params
  const n = prices.length
  const cheapest = checked(D, A, prices)
  const K = A * n
  const spread = prices.map((price) => (K * (price - cheapest)) / cheapest)
  const ratios = prices.map((price) => price / cheapest)
  const excess = (logS: number): number => imbalance(Math.exp(logS), K, ratios, spread)
  const bracket = K < 1 ? { from: K / 2, to: n } : { from: n ** -n / 2, to: n * K }
  const [from, to] = [Math.log(bracket.from), Math.log(bracket.to) + 1e-9]
  const s = Math.exp(brentRoot(excess, { from, to, tolerance: 1e-15 }))
  const slack = ratios.map((ratio, i) => (spread[i] as number) + s * ratio)
  const q = Math.exp(slack.reduce((sum, one) => sum + Math.log(one / n), 0) / (n + 1))
  const raw = slack.map((one) => q / one)
  // The rounding of s moves along the curve, where the value is stationary; the rest is taken back onto it.
  const unit = stableSwapInvariant({ A, balances: raw })
  const x = raw.map((one) => one / unit)
  return poolState(D, x, prices, cheapest / (K + s), q)
}

/**
 * The two sides of the curve, K sum 1/s_i - 1 = (K - 1) / q, apart by how much, times s, scaled for large K: above 0
 * below the root, below 0 above it.
 */
function imbalance(s: number, K: number, ratios: Float64Array, spread: Float64Array): number {
  const n = ratios.length
  let inverse = 0
  let log = 0
  for (let i = 0; i < n; i += 1) {
    const slack = (spread[i] as number) + s * (ratios[i] as number)
    inverse += s / slack
    log += Math.log(slack / n)
  }
  const scale = Math.max(K - 1, 1)
  return (K * inverse - s) / scale - ((K - 1) / scale) * s * Math.exp(-log / (n + 1))
}

/**
 * Amounts D x and gamma D Gamma for the unit curve: the bordered Hessian inverted by Sherman-Morrison, arranged so that
 * pairs do not cancel.
 */
function poolState(D: number, x: Float64Array, prices: Float64Array, lambda: number, q: number): PoolState {
  const n = x.length
  const y = x.map((amount, i) => amount * (prices[i] as number))
  const total = y.reduce((sum, one) => sum + one, 0)
  const squares = y.reduce((sum, one) => sum + one * one, 0)
  const norm = squares * (n + 1) - total * total
  const gamma = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    let across = 0
    for (let j = 0; j < n; j += 1) {
      if (j === i) continue
      const [yi, yj] = [y[i] as number, y[j] as number]
      let weight = yi * yj
      for (let k = 0; k < n; k += 1) {
        if (k !== i && k !== j) weight += ((y[k] as number) - yi) * ((y[k] as number) - yj)
      }
      const one = (D * (x[i] as number) * (x[j] as number) * weight) / (lambda * q * norm)
      gamma[i * n + j] = one
      across += one * (prices[j] as number)
    }
    // The pool does not care for the unit of account: gamma p = 0.
    gamma[i * n + i] = -across / (prices[i] as number)
  }
  return { value: D * total, amounts: x.map((amount) => D * amount), gamma }
}

/**
 * Impermanent loss V_lp / V_hold - 1, in -1..0, of a pool entered at `prices0` and seen at `prices`; fees apart;
 * absolute error 1e-14. Shapes and domain as `stableSwap`; else `out-of-domain`.
 */
export function stableSwapImpermanentLoss(params: {
  readonly A: number
  readonly prices0: Float64Array
  readonly prices: Float64Array
}): number {
  const { A, prices0, prices } = params
  const { amounts } = stableSwap({ D: 1, A, prices: prices0 })
  const now = stableSwap({ D: 1, A, prices })
  if (prices.length !== prices0.length) {
    throw outOfDomain('stableSwapImpermanentLoss', 'As many prices then as now.', {
      before: prices0.length,
      now: prices.length,
    })
  }
  const held = amounts.reduce((sum, amount, i) => sum + amount * (prices[i] as number), 0)
  return Math.min(now.value / held - 1, 0)
}

/** The lowest price, after all arguments have been looked at. */
function checked(D: number, A: number, prices: Float64Array): number {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0]
  for (const [index, price] of prices.entries()) {
    if (!(price > 0 && price < Number.POSITIVE_INFINITY)) {
      throw outOfDomain('stableSwap', 'Prices have to be above 0 and finite.', { index, price })
    }
    lowest = Math.min(lowest, price)
    highest = Math.max(highest, price)
  }
  const shape = prices.length >= 2 && prices.length <= 8
  if (
    !(
      shape &&
      D >= 0 &&
      D < Number.POSITIVE_INFINITY &&
      A > 0 &&
      A < Number.POSITIVE_INFINITY &&
      highest / lowest <= 1e12
    )
  ) {
    throw outOfDomain('stableSwap', '2..8 prices with ratios up to 1e12, D 0 or above, A above 0, finite.', {
      D,
      A,
      n: prices.length,
      lowest,
      highest,
    })
  }
  return lowest
}
