import fc from 'fast-check'
import { priceOf } from '../../../lib/instruments/market/market.ts'
import { within } from '../arbitrary-market.ts'
import type { InstrumentCase } from '../instrument-case.ts'
import { normalAmount, poolAssets, refusedShares, shareGross, shareOf, wildAmount } from './pool-shares.ts'

const coins = (amount: fc.Arbitrary<number>, part: fc.Arbitrary<number>) =>
  fc.tuple(poolAssets, fc.boolean()).chain(([assets, hasEntry]) =>
    fc
      .array(fc.record({ balance: amount, part, entryAmount: amount }), {
        minLength: assets.length,
        maxLength: assets.length,
      })
      .map((all) => {
        const total = all.reduce((sum, one) => sum + one.part, 0)
        return all.map((one, i) => ({
          asset: assets[i] ?? '',
          balance: one.balance,
          weight: one.part / total,
          ...(hasEntry ? { entryAmount: one.entryAmount } : {}),
        }))
      }),
  )

const coin = { asset: 'WETH', balance: 1, weight: 0.5 }

export const weightedPoolCase: InstrumentCase<'weighted-pool'> = {
  terms: fc
    .tuple(coins(normalAmount, within(0.02, 1)), shareOf(normalAmount, within(1e-6, 1e9)))
    .map(([all, share]) => ({ coins: all, ...share })),
  wild: fc
    .tuple(coins(wildAmount, within(1e-12, 1)), shareOf(wildAmount, wildAmount))
    .map(([all, share]) => ({ coins: all, ...share })),
  gross: (terms, market) =>
    shareGross(
      terms,
      () =>
        Math.exp(
          terms.coins.reduce(
            (log, { asset, balance, weight }) => log + weight * Math.log((balance * priceOf(market, asset)) / weight),
            0,
          ),
        ),
      market,
    ),
  refused: [
    ...refusedShares(coin),
    {
      change: { coins: [coin, { ...coin, asset: 'WBTC', weight: 0.4 }] },
      says: /coins: must have weights that sum to 1/,
    },
    {
      change: {
        coins: [
          { ...coin, weight: 0 },
          { ...coin, asset: 'WBTC', weight: 1 },
        ],
      },
      says: /coins\.0\.weight: must be above 0/,
    },
  ],
}
