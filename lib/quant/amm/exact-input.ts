// What every curve answers when an exact amount is sold into it, so that venues can be compared and split over.

/** An exact-input exchange within one region of liquidity, at the state before it. Amounts are in whole tokens. */
export interface ExactInput {
  /** What the trader receives, after the fee. */
  readonly amountOut: number
  /** What the curve keeps as its fee, in the token that the curve takes it in (its function says which). */
  readonly fee: number
  /** 1 - average price / marginal price before the exchange, the fee left out; 0..1. */
  readonly priceImpact: number
  /**
   * Marginal price x amount in - amount out, in the token received: fee and impact together. Convex and rising in the
   * amount in.
   */
  readonly exitCost: number
}
