// A concentrated-liquidity position, the same curve in Uniswap v3 and v4.

import * as z from '../../base/schema.ts'
import { concentrated, concentratedImpermanentLoss } from '../../quant/amm/concentrated.ts'
import type { Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetTerm, optionalTerm, priceTerm, quantityTerm, rateTerm } from '../term-schemas.ts'
import {
  type PairCurve,
  type PairTerms,
  pairDetails,
  pairPositionGreeks,
  pairPrice,
  pairValue,
  pairWarnings,
} from './pair-position.ts'

const pairUnit = 'asset 1 per asset 0, in whole tokens'

/** Fresh schemas for one instrument's terms. */
export function rangeTerms() {
  return z
    .strictObject({
      asset0: assetTerm("the pool's token 0"),
      asset1: assetTerm("the pool's token 1, in which the pool's price is told"),
      liquidity: quantityTerm(
        'liquidity for whole tokens: raw L / 10^((decimals0 + decimals1) / 2)',
        'sqrt(token 0 x token 1)',
      ),
      lowerPrice: priceTerm('where the range begins', pairUnit),
      upperPrice: priceTerm('where the range ends', pairUnit),
      owed0: quantityTerm('uncollected fees in token 0', 'whole tokens'),
      owed1: quantityTerm('uncollected fees in token 1', 'whole tokens'),
      entryPrice: optionalTerm(priceTerm('price at which it was put in, for impermanent loss', pairUnit)),
      feeRate: optionalTerm(rateTerm('fees earned', 'fraction of the value in the range per year')),
    })
    .check(
      z.refine((terms) => terms.lowerPrice < terms.upperPrice, {
        path: ['lowerPrice'],
        message: 'must be below upperPrice',
      }),
    )
}

export interface RangeTerms extends PairTerms {
  readonly liquidity: number
  readonly lowerPrice: number
  readonly upperPrice: number
  readonly entryPrice?: number | undefined
}

function isEmpty({ liquidity, owed0, owed1 }: RangeTerms): boolean {
  return liquidity === 0 && owed0 === 0 && owed1 === 0
}

function curveAt({ liquidity, lowerPrice, upperPrice, entryPrice }: RangeTerms, P: number): PairCurve {
  const [a, b] = [lowerPrice, upperPrice]
  const curve = concentrated({ L: liquidity, P, a, b })
  if (entryPrice === undefined || liquidity === 0) return curve
  return { ...curve, impermanentLoss: concentratedImpermanentLoss({ P, P0: entryPrice, a, b }) }
}

/** All that an instrument of this curve says of itself, but for its kind and words. */
export const rangePosition = {
  assets: (terms: RangeTerms): readonly string[] => (isEmpty(terms) ? [] : [terms.asset0, terms.asset1]),
  scaled: <Terms extends RangeTerms>(terms: Terms, factor: number): Terms => ({
    ...terms,
    liquidity: terms.liquidity * factor,
    owed0: terms.owed0 * factor,
    owed1: terms.owed1 * factor,
  }),
  edges: ({ asset0, asset1, lowerPrice, upperPrice }: RangeTerms, market: Market): Edges => {
    const [one, two] = [rateOf(market, asset0), rateOf(market, asset1)]
    if (one.underlying === two.underlying) return {}
    const [price0, price1] = [priceOf(market, asset0), priceOf(market, asset1)]
    const bounds = [lowerPrice, upperPrice]
    return {
      [one.underlying]: bounds.map((bound) => (bound * price1) / one.rate),
      [two.underlying]: bounds.map((bound) => price0 / bound / two.rate),
    }
  },
  value: (terms: RangeTerms, market: Market): number =>
    isEmpty(terms) ? 0 : pairValue(terms, curveAt(terms, pairPrice(terms, market)), market),
  greeks: (terms: RangeTerms, market: Market): Greeks =>
    isEmpty(terms) ? noGreeks : pairPositionGreeks(terms, curveAt(terms, pairPrice(terms, market)), market),
  details: (terms: RangeTerms, market: Market) =>
    isEmpty(terms) ? {} : pairDetails(terms, curveAt(terms, pairPrice(terms, market)), market),
  warnings: (terms: RangeTerms, market: Market): readonly string[] => {
    if (isEmpty(terms)) return []
    const P = pairPrice(terms, market)
    const isOutside = P <= terms.lowerPrice || P >= terms.upperPrice
    return [...(isOutside ? ['out of range: it earns no fees'] : []), ...pairWarnings(terms, market)]
  },
}
