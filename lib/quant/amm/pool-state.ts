// What a curve of n tokens is worth and holds at their prices, the same for every curve.

/** A curve of n tokens at their prices. */
export interface PoolState {
  /** USD. */
  readonly value: number
  /** n: units held, also delta (dV/dp_i). */
  readonly amounts: Float64Array
  /** n x n by rows: d2V / dp_i dp_j, units of token i per USD of token j; symmetric, gamma p = 0. */
  readonly gamma: Float64Array
}
