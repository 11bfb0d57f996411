// A concentrated-liquidity position: closed-form value, delta and gamma from its liquidity and price range.

import { z } from '../base/schema.ts'
import { defineInstrument } from './define-instrument.ts'
import { priceOf, rateOf } from './market.ts'

const asset = z.string().check(z.minLength(1))

/**
 * Prices are `asset1` per `asset0` in whole tokens, liquidity is for whole tokens (L / 10^((d0 + d1) / 2)).
 * Uniswap v3 whitepaper (Adams et al. 2021), eqs. 6.29 and 6.30; uncollected fees are held apart and count one to one.
 */
export const uniswapV3Range = defineInstrument({
  kind: 'uniswap-v3-range',
  title: 'Uniswap v3 range position',
  terms: z
    .object({
      asset0: asset,
      asset1: asset,
      liquidity: z.number().check(z.gte(0)),
      lowerPrice: z.number().check(z.gt(0)),
      upperPrice: z.number().check(z.gt(0)),
      owed0: z.number().check(z.gte(0)),
      owed1: z.number().check(z.gte(0)),
    })
    .check(z.refine((terms) => terms.lowerPrice < terms.upperPrice, 'lowerPrice must be below upperPrice')),
  value: (terms, market) => {
    const price0 = priceOf(market, terms.asset0)
    const price1 = priceOf(market, terms.asset1)
    const { amount0, amount1 } = holdings(terms, price0 / price1)
    return (amount0 + terms.owed0) * price0 + (amount1 + terms.owed1) * price1
  },
  greeks: (terms, market) => {
    const price0 = priceOf(market, terms.asset0)
    const price1 = priceOf(market, terms.asset1)
    const price = price0 / price1
    const { amount0, amount1 } = holdings(terms, price)
    const one = rateOf(market, terms.asset0)
    const two = rateOf(market, terms.asset1)
    const delta: Record<string, number> = {}
    const gamma: Record<string, number> = {}
    // dV/dp0 and dV/dp1 are the amounts themselves (the envelope theorem: the pool holds the minimum).
    delta[one.underlying] = (amount0 + terms.owed0) * one.rate
    delta[two.underlying] = (delta[two.underlying] ?? 0) + (amount1 + terms.owed1) * two.rate
    if (price > terms.lowerPrice && price < terms.upperPrice) {
      const curvature = -terms.liquidity / (2 * price ** 1.5)
      if (one.underlying !== two.underlying) {
        // V'' / p1 and P^2 V'' / p1 (QUANT conventions), per unit of the underlying.
        gamma[one.underlying] = (curvature / price1) * one.rate ** 2
        gamma[two.underlying] = ((price * price * curvature) / price1) * two.rate ** 2
      }
    }
    return { delta, gamma }
  },
})

function holdings(
  { liquidity, lowerPrice, upperPrice }: { liquidity: number; lowerPrice: number; upperPrice: number },
  price: number,
): { amount0: number; amount1: number } {
  const root = Math.sqrt(Math.min(Math.max(price, lowerPrice), upperPrice))
  return {
    amount0: liquidity * (1 / root - 1 / Math.sqrt(upperPrice)),
    amount1: liquidity * (root - Math.sqrt(lowerPrice)),
  }
}
