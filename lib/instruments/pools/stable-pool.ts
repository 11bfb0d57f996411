// A share of a StableSwap pool: Curve, and the stable pools of Balancer.

import * as z from '../../base/schema.ts'
import { stableSwap } from '../../quant/amm/stable-swap.ts'
import { stableSwapInvariant, stableSwapMarginalPrice } from '../../quant/amm/stable-swap-invariant.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Market, priceOf } from '../market/market.ts'
import { assetTerm, listTerm, optionalTerm } from '../term-schemas.ts'
import { percent } from './pool-position.ts'
import { type Curve, type Share, sharePosition } from './share-position.ts'
import {
  amountTerm,
  balanceTerm,
  type CoinsTerms,
  coinsRules,
  entryTerm,
  owedTerm,
  scaledCoins,
  shareTerms,
} from './share-terms.ts'

interface Terms extends CoinsTerms {
  readonly coins: readonly (CoinsTerms['coins'][number] & { readonly rate?: number | undefined })[]
  readonly amplification: number
}

/**
 * The curve counts balances times rates, and so prices over rates; per coin again, amounts are over the rate and gamma over both rates. D is in the pool's unit.
 */
function curveOf({ coins, amplification: A }: Terms): Curve {
  const rates = Float64Array.from(coins, ({ rate = 1 }) => rate)
  const counted = (balances: Float64Array) => balances.map((balance, i) => balance * (rates[i] ?? 1))
  return {
    invariant: (balances) => stableSwapInvariant({ A, balances: counted(balances) }),
    stateAt: (D, prices) => {
      const { value, amounts, gamma } = stableSwap({ D, A, prices: prices.map((price, i) => price / (rates[i] ?? 1)) })
      const n = rates.length
      const perCoin = (one: number, k: number) => one / (rates[Math.floor(k / n)] ?? 1) / (rates[k % n] ?? 1)
      return { value, amounts: amounts.map((amount, i) => amount / (rates[i] ?? 1)), gamma: gamma.map(perCoin) }
    },
    pricesAt: (balances) =>
      rates.map((rate, i) =>
        i === 0 ? rate : rate * stableSwapMarginalPrice({ A, balances: counted(balances), i, j: 0 }),
      ),
  }
}

function shareOf(terms: Terms): Share {
  const { coins, lpTokens, totalSupply, owed = [], feeRate } = terms
  const warnings = (market: Market) => depegWarnings(terms, market)
  return { coins, curve: curveOf(terms), lpTokens, totalSupply, owed, feeRate, warnings }
}

/** Beyond this a coin has left its peg, whatever the pool's fee. */
const wideDepeg = 0.02

/** Coins below the dearest one by the pool's rates: arbitrage leaves the pool mostly in them. */
function depegWarnings({ coins }: Terms, market: Market): readonly string[] {
  const counted = coins.map(({ asset, rate = 1 }) => ({ asset, price: priceOf(market, asset) / rate }))
  const dearest = counted.reduce((best, one) => (one.price > best.price ? one : best))
  return counted
    .filter(({ price }) => price < dearest.price * (1 - wideDepeg))
    .map(({ asset, price }) => {
      const part = percent(price / dearest.price)
      return `${asset} stands at ${part} of ${dearest.asset} by the pool's rates: arbitrage fills the pool with it`
    })
}

/**
 * Valued as arbitraged: the pool holds what minimises its value at market prices on its invariant, so that a coin that loses its peg takes the pool with it.
 * Terms are what balances, A, stored_rates (over 1e18), totalSupply and balanceOf answer. Egorov (2019), StableSwap.
 */
export const stablePool = defineInstrument({
  kind: 'stable-pool',
  family: 'pool',
  title: 'Share of a StableSwap pool (Curve, Balancer stable)',
  method:
    'Egorov 2019, the balances that arbitrage leaves at market prices; closed-form delta, gamma, cross-gamma for n coins; LVR of Milionis et al. 2022',
  terms: z
    .strictObject({
      coins: listTerm(
        z.strictObject({
          asset: assetTerm('a coin of the pool'),
          balance: balanceTerm(),
          rate: optionalTerm(
            amountTerm(
              "what the pool counts one coin for, such as wstETH's exchange rate in a pool of ETH; absent: 1",
              "the pool's unit per coin",
            ),
          ),
          entryAmount: entryTerm(),
        }),
        'what the pool holds',
      ),
      amplification: amountTerm("what the contract's A() answers (Balancer: without its precision)", 'number'),
      ...shareTerms('LP tokens in circulation (Balancer: getActualSupply)'),
      owed: owedTerm(),
    })
    .check(...coinsRules()),
  example: {
    coins: [
      { asset: 'WETH', balance: 10_400, entryAmount: 61 },
      { asset: 'wstETH', balance: 7_900, rate: 1.23, entryAmount: 55 },
    ],
    amplification: 200,
    lpTokens: 130,
    totalSupply: 19_500,
    feeRate: 0.02,
  },
  scaled: scaledCoins,
  ...sharePosition(shareOf),
})
