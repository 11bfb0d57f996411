// The principal part of a split yield: a zero-coupon bond in an asset.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf } from '../market/market.ts'
import { datesPrice, type FixedYieldTerms, fixedYieldAt, fixedYieldTerms, statesYield } from './fixed-yield-terms.ts'

/** Discounted units of the asset; until maturity they grow at the implied yield. */
function holdingOf(terms: FixedYieldTerms, market: Market) {
  const { y, isMatured, principal } = fixedYieldAt(terms, market)
  return { asset: terms.asset, quantity: terms.quantity * principal, rate: isMatured ? 0 : y }
}

export const principalToken = defineInstrument({
  kind: 'principal-token',
  family: 'fixed yield',
  title: 'Principal token (PT)',
  method: 'quantity x exp(-implied yield x years) x price of the asset; the pull to par is theta.interest',
  terms: z.strictObject(fixedYieldTerms()).check(statesYield, datesPrice),
  example: { asset: 'ETH', quantity: 300, maturity: '2027-06-24T00:00:00Z', impliedYield: 0.034 },
  assets: ({ asset, quantity }) => (quantity === 0 ? [] : [asset]),
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  value: (terms, market) => {
    if (terms.quantity === 0) return 0
    const { asset, quantity } = holdingOf(terms, market)
    return quantity * priceOf(market, asset)
  },
  legs: (terms, market) => {
    if (terms.quantity === 0) return []
    const { asset, quantity } = holdingOf(terms, market)
    return [{ kind: 'holding', asset, quantity }]
  },
  ageing: 'interest',
  greeks: (terms, market) => (terms.quantity === 0 ? noGreeks : heldGreeks([holdingOf(terms, market)], market)),
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { y, years, isMatured, principal } = fixedYieldAt(terms, market)
    const parUsd = terms.quantity * priceOf(market, terms.asset)
    const usd = parUsd * principal
    return {
      principalPriceAsset: principal,
      impliedYieldPerYear: y,
      impliedApyRatio: Math.expm1(y),
      years,
      parUsd,
      pullToParUsdPerDay: isMatured ? 0 : (usd * y) / 365,
      // dV/dy per 1.00 of yield.
      impliedYieldRhoUsd: years === 0 ? 0 : -years * usd,
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { y, isMatured } = fixedYieldAt(terms, market)
    if (isMatured) return ['matured: redeemable at par, and it earns no more']
    return y < 0 ? ['its price is above par: held to maturity it loses'] : []
  },
})
