// A concentrated-liquidity position: closed-form value, delta and gamma from its liquidity and price range.

import * as z from '../base/schema.ts'
import { defineInstrument } from './define-instrument.ts'
import { priceOf, rateOf } from './market.ts'
import { assetTerm, priceTerm, quantityTerm } from './term-schemas.ts'

/**
 * Prices are `asset1` per `asset0` in whole tokens, liquidity is for whole tokens (L / 10^((d0 + d1) / 2)).
 * The pool is taken to stand at the market's own price ratio (arbitraged); uncollected fees are held apart and count one to one.
 * Uniswap v3 whitepaper (Adams et al. 2021), eqs. 6.29 and 6.30.
 */
export const uniswapV3Range = defineInstrument({
  kind: 'uniswap-v3-range',
  title: 'Uniswap v3 range position',
  terms: z
    .object({
      asset0: assetTerm,
      asset1: assetTerm,
      liquidity: quantityTerm,
      lowerPrice: priceTerm,
      upperPrice: priceTerm,
      owed0: quantityTerm,
      owed1: quantityTerm,
    })
    .check(
      z.refine((terms) => terms.lowerPrice < terms.upperPrice, {
        path: ['lowerPrice'],
        message: 'must be below upperPrice',
      }),
    ),
  assets: (terms) => (isEmpty(terms) ? [] : [terms.asset0, terms.asset1]),
  value: (terms, market) => {
    if (isEmpty(terms)) return 0
    const price0 = priceOf(market, terms.asset0)
    const price1 = priceOf(market, terms.asset1)
    const { amount0, amount1 } = holdings(terms, price0 / price1)
    return (amount0 + terms.owed0) * price0 + (amount1 + terms.owed1) * price1
  },
  greeks: (terms, market) => {
    if (isEmpty(terms)) return { delta: {}, gamma: {} }
    const price1 = priceOf(market, terms.asset1)
    const price = priceOf(market, terms.asset0) / price1
    const { amount0, amount1 } = holdings(terms, price)
    const one = rateOf(market, terms.asset0)
    const two = rateOf(market, terms.asset1)
    const delta: Record<string, number> = {}
    const gamma: Record<string, number> = {}
    // dV/dp0 and dV/dp1 are the amounts themselves (the envelope theorem: the pool holds the minimum).
    delta[one.underlying] = (amount0 + terms.owed0) * one.rate
    delta[two.underlying] = (delta[two.underlying] ?? 0) + (amount1 + terms.owed1) * two.rate
    // With one underlying on both sides the ratio never moves with its spot: no gamma.
    if (price > terms.lowerPrice && price < terms.upperPrice && one.underlying !== two.underlying) {
      const curvature = -terms.liquidity / (2 * price ** 1.5)
      // V'' / p1 and P^2 V'' / p1 (QUANT conventions), per unit of the underlying.
      gamma[one.underlying] = (curvature / price1) * one.rate ** 2
      gamma[two.underlying] = ((price * price * curvature) / price1) * two.rate ** 2
    }
    return { delta, gamma }
  },
})

function isEmpty(terms: { readonly liquidity: number; readonly owed0: number; readonly owed1: number }): boolean {
  return terms.liquidity === 0 && terms.owed0 === 0 && terms.owed1 === 0
}

/** What the liquidity holds at a price: 1/sqrt P - 1/sqrt b and sqrt P - sqrt a, arranged so that nothing cancels at the edges. */
function holdings(
  terms: { readonly liquidity: number; readonly lowerPrice: number; readonly upperPrice: number },
  price: number,
): { readonly amount0: number; readonly amount1: number } {
  const { liquidity, lowerPrice, upperPrice } = terms
  const inside = Math.min(Math.max(price, lowerPrice), upperPrice)
  const root = Math.sqrt(inside)
  const rootUpper = Math.sqrt(upperPrice)
  return {
    amount0: (liquidity * ((upperPrice - inside) / (rootUpper + root))) / root / rootUpper,
    amount1: liquidity * ((inside - lowerPrice) / (root + Math.sqrt(lowerPrice))),
  }
}
