import fc from 'fast-check'
import type { Market } from '../../../lib/instruments/market/market.ts'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { arbitraryQuantity, within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

const pairs = [
  ['WETH', 'USDC'],
  ['WBTC', 'WETH'],
  ['wstETH', 'WETH'],
  ['wstETH', 'USDC'],
] as const

export const rangeTerms = fc
  .record({
    pair: fc.constantFrom(...pairs),
    liquidity: arbitraryQuantity,
    lowerPrice: within(1e-4, 1e5),
    width: within(1.001, 100),
    owed0: arbitraryQuantity,
    owed1: arbitraryQuantity,
    entryPrice: within(1e-4, 1e5),
    poolPrice: within(1e-4, 1e5),
    feeRate: within(0, 1),
  })
  .map(({ pair, width, ...rest }) => ({
    asset0: pair[0],
    asset1: pair[1],
    ...rest,
    upperPrice: rest.lowerPrice * width,
  }))

export const wildRangeTerms = fc
  .record({
    pair: fc.constantFrom(...pairs),
    liquidity: within(0, 1e18),
    lowerPrice: within(1e-18, 1e17),
    width: within(1.000_000_1, 1e9),
    owed0: within(0, 1e18),
    owed1: within(0, 1e18),
    entryPrice: within(1e-18, 1e18),
    poolPrice: within(1e-18, 1e18),
  })
  .map(({ pair, width, ...rest }) => ({
    asset0: pair[0],
    asset1: pair[1],
    ...rest,
    upperPrice: rest.lowerPrice * width,
  }))

/** Not the width of the range but the scale of its liquidity. */
export function rangeGross(terms: TermsOf<'uniswap-v3-range'>, market: Market): number {
  const [price0, price1] = [priceOf(market, terms.asset0), priceOf(market, terms.asset1)]
  return terms.liquidity * Math.sqrt(price0 * price1) + terms.owed0 * price0 + terms.owed1 * price1 || 1
}

export function isInsideOfARange(terms: TermsOf<'uniswap-v3-range'>, market: Market): boolean {
  const P = priceOf(market, terms.asset0) / priceOf(market, terms.asset1)
  return [terms.lowerPrice, terms.upperPrice].every((edge) => Math.abs(edge / P - 1) > 1e-3)
}

export const refusedRanges = [
  { change: { lowerPrice: 3_700 }, says: /lowerPrice: must be below upperPrice/ },
  { change: { liquidity: -1 }, says: /liquidity: must be 0 or more/ },
  { change: { upperPrice: 0 }, says: /upperPrice: must be above 0/ },
  { change: { upperPrice: Number.POSITIVE_INFINITY }, says: /upperPrice: must be a finite number/ },
  { change: { owed0: -1 }, says: /owed0: must be 0 or more/ },
  { change: { entryPrice: 0 }, says: /entryPrice: must be above 0/ },
  { change: { poolPrice: -3_000 }, says: /poolPrice: must be above 0/ },
  { change: { feeRate: 1_200 }, says: /feeRate: must be a rate per year/ },
  { change: { asset0: 'USDC' }, says: /asset1: must be another asset than asset0/ },
  { change: { asset1: '' }, says: /asset1: must be an asset symbol/ },
] as const

export const uniswapV3RangeCase: InstrumentCase<'uniswap-v3-range'> = {
  terms: rangeTerms,
  wild: wildRangeTerms,
  gross: rangeGross,
  isSmooth: isInsideOfARange,
  refused: refusedRanges,
}
