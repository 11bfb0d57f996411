// Greeks of so much of each asset: all that holdings and loans have.

import { type Market, priceOf, rateOf } from '../market/market.ts'
import { type Greeks, noGreeks, noTheta } from './greeks.ts'

export interface Holding {
  readonly asset: string
  /** Units of the asset; below 0 is owed. */
  readonly quantity: number
  /** Interest on it beyond the growth of its exchange rate, continuous, per year; absent: 0. */
  readonly rate?: number | undefined
}

/** Delta through each asset's rate to its underlying; interest and staking growth as theta.interest. Linear: no gamma. @throws HomeostatError `no-price` */
export function heldGreeks(holdings: readonly Holding[], market: Market): Greeks {
  const delta: Record<string, number> = {}
  let interest = 0
  for (const { asset, quantity, rate: earned = 0 } of holdings) {
    const { underlying, rate, growth = 0 } = rateOf(market, asset)
    delta[underlying] = (delta[underlying] ?? 0) + quantity * rate
    interest += quantity * priceOf(market, asset) * (earned + growth)
  }
  return { ...noGreeks, delta, theta: { ...noTheta, interest } }
}
