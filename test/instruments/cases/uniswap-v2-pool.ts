import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'

const pairs = [
  ['WETH', 'USDC'],
  ['WBTC', 'WETH'],
  ['wstETH', 'WETH'],
  ['wstETH', 'USDC'],
] as const

interface Size {
  readonly amount: fc.Arbitrary<number>
  readonly totalSupply: fc.Arbitrary<number>
}

/** A share of 0 to all of the pool. */
const share = fc.oneof(fc.constant(0), fc.constant(1), within(1e-9, 1))

const poolTerms = ({ amount, totalSupply }: Size) =>
  fc
    .record({
      pair: fc.constantFrom(...pairs),
      reserve0: amount,
      reserve1: amount,
      share,
      totalSupply,
      owed: fc.option(fc.tuple(fc.oneof(fc.constant(0), amount), amount), { nil: undefined }),
      entry: fc.option(fc.tuple(amount, amount), { nil: undefined }),
      feeRate: within(0, 1),
    })
    .map(({ pair, share: part, owed, entry, totalSupply: supply, ...rest }) => ({
      asset0: pair[0],
      asset1: pair[1],
      ...rest,
      lpTokens: part * supply,
      totalSupply: supply,
      ...(owed === undefined ? {} : { owed0: owed[0], owed1: owed[1] }),
      ...(entry === undefined ? {} : { entryAmount0: entry[0], entryAmount1: entry[1] }),
    }))

function gross(terms: TermsOf<'uniswap-v2-pool'>, market: Market): number {
  const { reserve0, reserve1, lpTokens, totalSupply, owed0 = 0, owed1 = 0 } = terms
  if (lpTokens + owed0 + owed1 === 0) return 1
  const [price0, price1] = [priceOf(market, terms.asset0), priceOf(market, terms.asset1)]
  const liquidity = (lpTokens / totalSupply) * Math.sqrt(reserve0 * reserve1)
  return liquidity * Math.sqrt(price0 * price1) + owed0 * price0 + owed1 * price1
}

export const uniswapV2PoolCase: InstrumentCase<'uniswap-v2-pool'> = {
  terms: poolTerms({ amount: within(1e-3, 1e9), totalSupply: within(1e-6, 1e9) }),
  wild: poolTerms({ amount: fc.oneof(within(1e-18, 1), within(1, 1e18)), totalSupply: within(1e-18, 1e18) }),
  gross,
  refused: [
    { change: { asset0: 'USDC' }, says: /asset1: must be another asset than asset0/ },
    { change: { reserve0: 0 }, says: /reserve0: must be above 0/ },
    { change: { reserve1: Number.NaN }, says: /reserve1: must be a finite number/ },
    { change: { lpTokens: -1 }, says: /lpTokens: must be 0 or more/ },
    { change: { lpTokens: 0.7 }, says: /lpTokens: must be at most totalSupply/ },
    { change: { totalSupply: 0 }, says: /totalSupply: must be above 0/ },
    { change: { entryAmount0: undefined }, says: /entryAmount0: must stand with entryAmount1, or neither/ },
    { change: { entryAmount1: 0 }, says: /entryAmount1: must be above 0/ },
    { change: { owed1: -3 }, says: /owed1: must be 0 or more/ },
    { change: { feeRate: 900 }, says: /feeRate: must be a rate per year/ },
    { change: { liquidity: 5 }, says: /liquidity: is not known here/ },
  ],
}
