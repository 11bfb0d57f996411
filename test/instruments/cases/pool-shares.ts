import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { within } from '../arbitrary-market.ts'

/** What shares of pools of n coins are stated by, but for what is special to a curve. */

export const normalAmount = within(1e-3, 1e9)
export const wildAmount = fc.oneof(within(1e-18, 1), within(1, 1e18))

/** 2 to 5 assets, of which some share an underlying. */
export const poolAssets = fc.shuffledSubarray(['ETH', 'WETH', 'wstETH', 'WBTC', 'USDC'], { minLength: 2, maxLength: 5 })

export function shareOf(amount: fc.Arbitrary<number>, totalSupply: fc.Arbitrary<number>) {
  return fc
    .record({
      part: fc.oneof(fc.constant(0), fc.constant(1), within(1e-9, 1)),
      totalSupply,
      feeRate: within(0, 1),
      owed: fc.array(fc.record({ asset: fc.constantFrom('WETH', 'USDC', 'BTC'), quantity: amount }), { maxLength: 2 }),
    })
    .map(({ part, ...rest }) => ({ ...rest, lpTokens: part * rest.totalSupply }))
}

export interface ShareTerms {
  readonly lpTokens: number
  readonly totalSupply: number
  readonly owed?: readonly { readonly asset: string; readonly quantity: number }[] | undefined
}

/** USD: `poolUsd` is that of the whole pool. */
export function shareGross({ lpTokens, totalSupply, owed = [] }: ShareTerms, poolUsd: () => number, market: Market) {
  const curve = lpTokens === 0 ? 0 : (poolUsd() * lpTokens) / totalSupply
  return curve + owed.reduce((sum, { asset, quantity }) => sum + quantity * priceOf(market, asset), 0) || 1
}

/** Rules that all of them share; `coin` is a good coin of the example's kind without an entry amount. */
export const refusedShares = (coin: Readonly<Record<string, unknown>>) => {
  const two = [coin, { ...coin, asset: 'WBTC' }]
  return [
    { change: { coins: [] }, says: /coins: must be 2 to 8 coins/ },
    { change: { coins: 'WETH' }, says: /coins: must be a list/ },
    { change: { coins: [coin, coin] }, says: /coins: must list each asset once/ },
    {
      change: { coins: [coin, { ...coin, asset: 'WBTC', entryAmount: 1 }] },
      says: /coins: must have an entryAmount for every coin or for none/,
    },
    { change: { coins: two.map((one) => ({ ...one, balance: 0 })) }, says: /coins\.0\.balance: must be above 0/ },
    {
      change: { coins: two.map((one) => ({ ...one, entryAmount: -1 })) },
      says: /coins\.1\.entryAmount: must be above 0/,
    },
    { change: { lpTokens: -1 }, says: /lpTokens: must be 0 or more/ },
    { change: { lpTokens: 1e9 }, says: /lpTokens: must be at most totalSupply/ },
    { change: { totalSupply: 0 }, says: /totalSupply: must be above 0/ },
    { change: { feeRate: -200 }, says: /feeRate: must be a rate per year/ },
    { change: { owed: [{ asset: 'USDC', quantity: -1 }] }, says: /owed\.0\.quantity: must be 0 or more/ },
  ]
}
