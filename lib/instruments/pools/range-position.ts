// A concentrated-liquidity position, the same curve in Uniswap v3 and v4.

import * as z from '../../base/schema.ts'
import { concentrated, concentratedImpermanentLoss } from '../../quant/amm/concentrated.ts'
import type { Edges } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import type { Leg } from '../revaluation/leg.ts'
import { assetTerm, optionalTerm, priceTerm, quantityTerm, rateTerm } from '../term-schemas.ts'
import { type Pair, pairPrice, pairRule, pairState, pairUsd } from './pair-position.ts'
import { type Divergence, type PoolPosition, poolDetails, poolGreeks, poolWarnings } from './pool-position.ts'

const pairUnit = 'asset 1 per asset 0, in whole tokens'

/** Fresh schemas for one instrument's terms. */
export function rangeTerms() {
  return {
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
    poolPrice: optionalTerm(priceTerm("the pool's own price now, for what it holds there (details)", pairUnit)),
    entryPrice: optionalTerm(priceTerm('price at which it was put in, for impermanent loss', pairUnit)),
    feeRate: optionalTerm(rateTerm('fees earned while in range', 'fraction of the value in the range per year')),
  }
}

/** What binds two of these terms. */
export function rangeRules() {
  const order = z.refine<Pick<RangeTerms, 'lowerPrice' | 'upperPrice'>>(
    ({ lowerPrice, upperPrice }) => lowerPrice < upperPrice,
    { path: ['lowerPrice'], message: 'must be below upperPrice' },
  )
  return [order, pairRule()] as const
}

export interface RangeTerms extends Pair {
  readonly liquidity: number
  readonly lowerPrice: number
  readonly upperPrice: number
  readonly owed0: number
  readonly owed1: number
  readonly poolPrice?: number | undefined
  readonly entryPrice?: number | undefined
  readonly feeRate?: number | undefined
}

function isEmpty({ liquidity, owed0, owed1 }: RangeTerms): boolean {
  return liquidity === 0 && owed0 === 0 && owed1 === 0
}

function curveAt({ liquidity, lowerPrice, upperPrice }: RangeTerms, P: number) {
  return concentrated({ L: liquidity, P, a: lowerPrice, b: upperPrice })
}

function isOutside({ lowerPrice, upperPrice }: RangeTerms, P: number): boolean {
  return P <= lowerPrice || P >= upperPrice
}

/** Against what the same liquidity took at the entry price. */
function divergenceOf(terms: RangeTerms, P: number, market: Market): Divergence | undefined {
  const { liquidity, lowerPrice: a, upperPrice: b, entryPrice: P0 } = terms
  if (P0 === undefined || liquidity === 0) return undefined
  const then = curveAt(terms, P0)
  return {
    heldUsd: pairUsd(terms, then.amount0, then.amount1, market),
    ratio: concentratedImpermanentLoss({ P, P0, a, b }),
  }
}

function positionOf(terms: RangeTerms, market: Market): PoolPosition {
  const { asset0, asset1, owed0, owed1, poolPrice } = terms
  const P = pairPrice(terms, market)
  const own = poolPrice === undefined ? undefined : curveAt(terms, poolPrice)
  return {
    coins: [asset0, asset1],
    state: pairState(curveAt(terms, P), priceOf(market, asset0), priceOf(market, asset1)),
    owed: [
      { asset: asset0, quantity: owed0 },
      { asset: asset1, quantity: owed1 },
    ],
    feeRate: isOutside(terms, P) ? 0 : terms.feeRate,
    divergence: divergenceOf(terms, P, market),
    own: own && {
      amounts: Float64Array.of(own.amount0, own.amount1),
      prices: Float64Array.of(poolPrice ?? 0, 1),
    },
  }
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
  edges: ({ liquidity, asset0, asset1, lowerPrice, upperPrice }: RangeTerms, market: Market): Edges => {
    if (liquidity === 0) return {}
    const [one, two] = [rateOf(market, asset0), rateOf(market, asset1)]
    if (one.underlying === two.underlying) return {}
    const [price0, price1] = [priceOf(market, asset0), priceOf(market, asset1)]
    const bounds = [lowerPrice, upperPrice]
    return {
      [one.underlying]: bounds.map((bound) => (bound * price1) / one.rate),
      [two.underlying]: bounds.map((bound) => price0 / bound / two.rate),
    }
  },
  value: (terms: RangeTerms, market: Market): number => {
    if (isEmpty(terms)) return 0
    const { amount0, amount1 } = curveAt(terms, pairPrice(terms, market))
    return pairUsd(terms, amount0 + terms.owed0, amount1 + terms.owed1, market)
  },
  legs: (terms: RangeTerms): readonly Leg[] => {
    if (isEmpty(terms)) return []
    const { asset0, asset1, liquidity, lowerPrice, upperPrice, owed0, owed1 } = terms
    return [
      { kind: 'range', asset0, asset1, liquidity, lowerPrice, upperPrice },
      { kind: 'holding', asset: asset0, quantity: owed0 },
      { kind: 'holding', asset: asset1, quantity: owed1 },
    ]
  },
  greeks: (terms: RangeTerms, market: Market): Greeks =>
    isEmpty(terms) ? noGreeks : poolGreeks(positionOf(terms, market), market),
  /** `poolDetails`, and how far the market's price is from both ends of the range. */
  details: (terms: RangeTerms, market: Market): Readonly<Record<string, number>> => {
    if (isEmpty(terms)) return {}
    const P = pairPrice(terms, market)
    return {
      ...poolDetails(positionOf(terms, market), market),
      lowerPriceDistanceRatio: terms.lowerPrice / P - 1,
      upperPriceDistanceRatio: terms.upperPrice / P - 1,
    }
  },
  warnings: (terms: RangeTerms, market: Market): readonly string[] => {
    if (isEmpty(terms)) return []
    const isIdle = terms.liquidity > 0 && isOutside(terms, pairPrice(terms, market))
    return [...(isIdle ? ['out of range: it earns no fees'] : []), ...poolWarnings(positionOf(terms, market), market)]
  },
}
