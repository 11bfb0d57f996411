// What a two-token curve is worth and holds at one price, the same for every curve.

/** A two-token curve at one price, in token 1, the price being token 1 per token 0. */
export interface CurveState {
  readonly value: number
  /** Units of token 0 held: also delta, dV/dP. */
  readonly amount0: number
  /** Units of token 1 held: V - P V'. */
  readonly amount1: number
  /** d2V/dP2, 0 or below. */
  readonly gamma: number
}
