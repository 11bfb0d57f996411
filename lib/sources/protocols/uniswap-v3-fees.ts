// Uncollected fees of a range and the prices at its ticks, in the protocol's own arithmetic.

/** Fee growth per unit of liquidity, Q128.128, of one of the two tokens. */
export interface FeeGrowth {
  readonly global: bigint
  readonly outsideLower: bigint
  readonly outsideUpper: bigint
  /** Inside the range when the position was last touched. */
  readonly insideLast: bigint
}

const word = 2n ** 256n

function wrapped(value: bigint): bigint {
  return ((value % word) + word) % word
}

/**
 * Fees that have accrued since the position was last touched, in the token's smallest unit. Growth wraps around at 2^256
 * by design, only differences mean something. Adams et al. 2021, eqs. 6.17 to 6.21 and 6.28.
 */
export function accruedFees(
  growth: FeeGrowth,
  at: {
    readonly tick: number
    readonly tickLower: number
    readonly tickUpper: number
    readonly liquidity: bigint
  },
): bigint {
  const { global, outsideLower, outsideUpper, insideLast } = growth
  const below = at.tick >= at.tickLower ? outsideLower : global - outsideLower
  const above = at.tick < at.tickUpper ? outsideUpper : global - outsideUpper
  const inside = wrapped(global - below - above)
  return (wrapped(inside - insideLast) * at.liquidity) >> 128n
}

/**
 * `asset1` per `asset0` in whole tokens at a tick: 1.0001^tick x 10^(decimals0 - decimals1).
 * Through the logarithm, because the rounding error of 1.0001 itself would be raised to the power of the tick.
 */
export function tickToPrice(tick: number, decimals0: number, decimals1: number): number {
  return Math.exp(tick * Math.log1p(0.0001)) * 10 ** (decimals0 - decimals1)
}
