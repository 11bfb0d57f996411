import fc from 'fast-check'
import { type Market, priceOf } from '../../../lib/instruments/market/market.ts'
import { within } from '../arbitrary-market.ts'
import type { InstrumentCase, TermsOf } from '../instrument-case.ts'
import { normalAmount, poolAssets, refusedShares, shareGross, shareOf, wildAmount } from './pool-shares.ts'

const coins = (amount: fc.Arbitrary<number>, rateOf: (asset: string) => fc.Arbitrary<number>) =>
  fc.tuple(poolAssets, fc.boolean()).chain(([assets, hasEntry]) =>
    fc.tuple(
      ...assets.map((asset) =>
        fc
          .record({ balance: amount, rate: rateOf(asset), entryAmount: amount })
          .map(({ balance, rate, entryAmount }) => ({
            asset,
            balance,
            rate,
            ...(hasEntry ? { entryAmount } : {}),
          })),
      ),
    ),
  )

/** Rates that bring prices near to each other or a few decades apart. */
const near: Readonly<Record<string, fc.Arbitrary<number>>> = { USDC: within(0.5, 2), WBTC: within(10_000, 60_000) }
const nearRate = (asset: string) => near[asset] ?? within(500, 3_000)

/** Prices by the pool's rates. */
const counted = ({ coins: all }: TermsOf<'stable-pool'>, market: Market) =>
  all.map(({ asset, rate = 1 }) => priceOf(market, asset) / rate)

const coin = { asset: 'WETH', balance: 1 }

export const stablePoolCase: InstrumentCase<'stable-pool'> = {
  terms: fc
    .tuple(
      coins(normalAmount, nearRate),
      fc.oneof(within(0.1, 5), within(5, 5_000)),
      shareOf(normalAmount, within(1e-6, 1e9)),
    )
    .map(([all, amplification, share]) => ({ coins: all, amplification, ...share })),
  wild: fc
    .tuple(
      coins(wildAmount, () => wildAmount),
      fc.oneof(within(1e-18, 1), within(1, 1e18)),
      shareOf(wildAmount, wildAmount),
    )
    .map(([all, amplification, share]) => ({ coins: all, amplification, ...share })),
  // D is at most the sum of what is counted, and the pool is worth no more than D at its dearest.
  gross: (terms, market) =>
    shareGross(
      terms,
      () =>
        terms.coins.reduce((sum, { balance, rate = 1 }) => sum + balance * rate, 0) *
        Math.max(...counted(terms, market)),
      market,
    ),
  // The curve bends within 1/A of the peg and, beyond it, within the distance to the peg: a step of a bump has to be small against that.
  isSmooth: (terms, market) => {
    const logs = counted(terms, market).map(Math.log)
    const bend = 1 / terms.amplification
    return logs.every((one, i) => logs.slice(0, i).every((other) => Math.abs(one - other) + bend > 0.3))
  },
  refused: [
    ...refusedShares(coin),
    { change: { amplification: 0 }, says: /amplification: must be above 0/ },
    { change: { amplification: '200' }, says: /amplification: must be a finite number/ },
    {
      change: {
        coins: [
          { ...coin, rate: 0 },
          { ...coin, asset: 'wstETH' },
        ],
      },
      says: /coins\.0\.rate: must be above 0/,
    },
    {
      change: {
        coins: [
          { ...coin, weight: 0.5 },
          { ...coin, asset: 'wstETH' },
        ],
      },
      says: /coins\.0\.weight: is not known here/,
    },
  ],
}
