// A range of concentrated liquidity (Uniswap v3 and v4): value, Greeks, impermanent loss and exchange in closed form.
import { outOfDomain } from '../out-of-domain.ts'
import type { CurveState } from './curve-state.ts'
import type { ExactInput } from './exact-input.ts'

export interface Range {
  /** Liquidity for whole tokens: L of the contract / 10^((decimals0 + decimals1) / 2). */
  readonly L: number
  /** Price in whole tokens 1 per token 0. */
  readonly P: number
  /** Lower and upper price, 0 <= a < b <= infinity (0 and infinity: v2). */
  readonly a: number
  readonly b: number
}

/**
 * V = L (2 sqrt P - sqrt a - P / sqrt b), delta = L (1/sqrt P - 1/sqrt b), gamma = -L / (2 P^1.5) for a < P < b; below
 * a only token 0 (V = delta P), above b only token 1 (delta 0), gamma 0. Value and delta are continuous, gamma jumps at
 * the edges, where it is 0. The pool stands at the market's price (arbitraged); uncollected fees are apart. Exact to a
 * few ulp, also next to an edge: nothing cancels. Domain: L >= 0, P >= 0 (above 0 if a is 0), 0 <= a < b, L, P, a
 * finite; else `out-of-domain`. Adams et al. (2021), eqs. 2.2, 6.29, 6.30.
 */
export function concentrated(params: Range): CurveState {
  const { L, P, a, b } = params
  if (!(L >= 0 && P >= 0 && a >= 0 && a < b && Math.max(P, a) > 0 && L + P < Number.POSITIVE_INFINITY)) {
    throw outOfDomain(
      'concentrated',
      'L and P have to be 0 or above and finite, and 0 <= a < b; P above 0 if a is 0.',
      {
        ...params,
      },
    )
  }
  const c = Math.min(Math.max(P, a), b)
  const amount0 = L * amount0Between(c, b)
  const amount1 = L * rootGap(a, c)
  const gamma = L > 0 && P > a && P < b ? -L / (2 * P * Math.sqrt(P)) : 0
  return { value: amount0 * P + amount1, amount0, amount1, gamma }
}

/** sqrt b - sqrt a for a <= b < infinity, without cancellation. */
function rootGap(a: number, b: number): number {
  return a === b ? 0 : (b - a) / (Math.sqrt(a) + Math.sqrt(b))
}

/** 1/sqrt a - 1/sqrt b for 0 < a <= b, without cancellation. */
function amount0Between(a: number, b: number): number {
  if (b === Number.POSITIVE_INFINITY) return 1 / Math.sqrt(a)
  return rootGap(a, b) / Math.sqrt(a) / Math.sqrt(b)
}

/**
 * Impermanent loss V_lp / V_hold - 1, in -1..0, of a range entered at price `P0` and seen at `P`; fees apart. With c
 * the price clamped to a..b: V_hold - V_lp = L (sqrt c - sqrt c0) (P - sqrt(c c0)) / sqrt(c c0), which vanishes without
 * cancellation. Domain: as `concentrated`, for both prices; else `out-of-domain`.
 */
export function concentratedImpermanentLoss(params: Omit<Range, 'L'> & { readonly P0: number }): number {
  const { P, P0, a, b } = params
  const now = concentrated({ L: 1, P, a, b })
  concentrated({ L: 1, P: P0, a, b })
  const c = Math.min(Math.max(P, a), b)
  const c0 = Math.min(Math.max(P0, a), b)
  const moved = c >= c0 ? rootGap(c0, c) : -rootGap(c, c0)
  const loss = (moved / Math.sqrt(c0)) * ((P - c) / Math.sqrt(c) + moved)
  return loss > 0 ? -loss / (now.value + loss) : 0
}

/** The exchange, how much of the amount in it could take, and where it leaves the price. */
export interface RangeExactInput extends ExactInput {
  /** Of the amount in, fee included: less than all of it if the range ends first. */
  readonly amountInUsed: number
  /** Price after the exchange, token 1 per token 0, within a..b. */
  readonly priceAfter: number
}

/**
 * Sells `amountIn` of `sell` (token 0 moves the price down, token 1 up) into liquidity L from P to the edge of its
 * range at most; the fee (fraction of the amount in) is kept in the token sold. Eqs. 6.13 to 6.16 ibid.; price impact
 * and exit cost are those of the used part. Domain: as `concentrated` with L above 0 and P within a..b, amount 0 or
 * above, fee in 0..1 below 1; else `out-of-domain`.
 */
export function concentratedExactInput(
  params: Range & { readonly amountIn: number; readonly sell: 'token0' | 'token1'; readonly fee: number },
): RangeExactInput {
  const { L, P, a, b, amountIn, sell, fee } = params
  if (
    !(
      L > 0 &&
      L < Number.POSITIVE_INFINITY &&
      P > 0 &&
      a >= 0 &&
      a <= P &&
      P <= b &&
      a < b &&
      P < Number.POSITIVE_INFINITY
    )
  ) {
    throw outOfDomain('concentratedExactInput', 'L above 0, and P within a..b, above 0 and finite.', { ...params })
  }
  if (!(amountIn >= 0 && amountIn < Number.POSITIVE_INFINITY && fee >= 0 && fee < 1)) {
    throw outOfDomain('concentratedExactInput', 'The amount has to be 0 or above, the fee within 0..1 and below 1.', {
      ...params,
    })
  }
  // Token 1 in at price P is token 0 in at price 1/P: one formula for both, with s = 1/sqrt of the price of what is
  // sold.
  const s = sell === 'token0' ? 1 / Math.sqrt(P) : Math.sqrt(P)
  const room =
    L *
    (sell === 'token0'
      ? a === 0
        ? Number.POSITIVE_INFINITY
        : amount0Between(a, P)
      : b === Number.POSITIVE_INFINITY
        ? b
        : rootGap(P, b))
  const wanted = amountIn * (1 - fee)
  const filled = wanted >= room
  const net = filled ? room : wanted
  const amountInUsed = filled ? room / (1 - fee) : amountIn
  const after = s + net / L
  const priceImpact = net / (L * after)
  const amountOut = net / (s * after)
  const edge = sell === 'token0' ? a : b
  const priceAfter = filled ? edge : sell === 'token0' ? 1 / (after * after) : after * after
  return {
    amountOut,
    fee: amountInUsed * fee,
    priceImpact,
    exitCost: (amountInUsed * fee + net * priceImpact) / (s * s),
    amountInUsed: Math.min(amountInUsed, amountIn),
    priceAfter,
  }
}
