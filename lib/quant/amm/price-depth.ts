// How much can be exchanged before a pool's price has moved so far: the depth of a market, exact over any stretch of liquidity.
import { outOfDomain } from '../out-of-domain.ts'

/** Liquidity that is constant between two square-root prices, token 1 per 0, from < to (0 and infinity: v2). */
export interface LiquiditySpan {
  readonly from: number
  readonly to: number
  readonly L: number
}

/** What moves the price: token 0 in and token 1 out for a fall, token 1 in and token 0 out for a rise. */
export interface PriceDepth {
  /** Fee included. */
  readonly amountIn: number
  readonly amountOut: number
}

/**
 * The exchange that moves the square-root price from `s` to `target`. Net of the fee, a rise takes the sum of L (to -
 * from) and pays that of L (1/from - 1/to), a fall the other way round; the fee (a fraction of the amount in) comes on
 * top, as in every version of Uniswap. Spans may come in any order and reach beyond; where none is, nothing is
 * exchanged. Amounts are in the units of L and s. Domain: s and target above 0 and finite, 0 <= from < to, L >= 0
 * finite, fee within 0..1 and below 1; else `out-of-domain`. Adams et al. (2021), v3 whitepaper, eqs. 6.13 to 6.16.
 */
export function priceDepth(params: {
  readonly s: number
  readonly target: number
  readonly spans: readonly LiquiditySpan[]
  readonly fee: number
}): PriceDepth {
  const { s, target, spans, fee } = params
  if (!(s > 0 && target > 0 && s + target < Number.POSITIVE_INFINITY && fee >= 0 && fee < 1)) {
    throw outOfDomain('priceDepth', 'Square-root prices above 0 and finite, the fee within 0..1 and below 1.', {
      s,
      target,
      fee,
    })
  }
  const [low, high] = target >= s ? [s, target] : [target, s]
  let amount0 = 0
  let amount1 = 0
  for (const { from, to, L } of spans) {
    if (!(L >= 0 && L < Number.POSITIVE_INFINITY && from >= 0 && from < to)) {
      throw outOfDomain('priceDepth', 'A span of liquidity has 0 <= from < to, and L of 0 or above and finite.', {
        from,
        to,
        L,
      })
    }
    const a = Math.max(from, low)
    const b = Math.min(to, high)
    if (a >= b) continue
    amount1 += L * (b - a)
    amount0 += (L * ((b - a) / a)) / b
  }
  const [net, amountOut] = target >= s ? [amount1, amount0] : [amount0, amount1]
  return { amountIn: net / (1 - fee), amountOut }
}

/**
 * The same for two tokens of a weighted pool: the exchange after which what goes out is dearer by `factor`, in what goes
 * in. With r = factor^(w_o / (w_i + w_o)): net B_i (r - 1) in, B_o (1 - r^(-w_i / w_o)) out. Equal weights: x y = k.
 * Domain: balances, weights and factor above 0, factor 1 or above, finite, fee within 0..1 and below 1; else
 * `out-of-domain`. Martinelli & Mushegian (2019), Balancer whitepaper.
 */
export function weightedPriceDepth(params: {
  readonly balanceIn: number
  readonly weightIn: number
  readonly balanceOut: number
  readonly weightOut: number
  readonly factor: number
  readonly fee: number
}): PriceDepth {
  const { balanceIn, weightIn, balanceOut, weightOut, factor, fee } = params
  const amounts = balanceIn > 0 && balanceOut > 0 && balanceIn + balanceOut < Number.POSITIVE_INFINITY
  const weights = weightIn > 0 && weightOut > 0 && weightIn + weightOut < Number.POSITIVE_INFINITY
  if (!(amounts && weights && factor >= 1 && factor < Number.POSITIVE_INFINITY && fee >= 0 && fee < 1)) {
    throw outOfDomain('weightedPriceDepth', 'Balances, weights above 0, factor 1 or above, fee within 0..1 below 1.', {
      ...params,
    })
  }
  const log = (Math.log(factor) * weightOut) / (weightIn + weightOut)
  return {
    amountIn: (balanceIn * Math.expm1(log)) / (1 - fee),
    amountOut: -balanceOut * Math.expm1((-log * weightIn) / weightOut),
  }
}
