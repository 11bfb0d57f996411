// A share of a weighted pool: Balancer and its copies.

import * as z from '../../base/schema.ts'
import { weighted, weightedImpermanentLoss, weightedInvariant } from '../../quant/amm/weighted.ts'
import { defineInstrument } from '../define-instrument.ts'
import { assetTerm, listTerm } from '../term-schemas.ts'
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
  readonly coins: readonly (CoinsTerms['coins'][number] & { readonly weight: number })[]
}

function curveOf(coins: Terms['coins']): Curve {
  const w = Float64Array.from(coins, ({ weight }) => weight)
  return {
    invariant: (balances) => weightedInvariant({ balances, w }),
    stateAt: (k, prices) => weighted({ k, w, prices }),
    pricesAt: (balances) => balances.map((balance, i) => (w[i] ?? 0) / balance),
    // Prices at the entry were w_i / B_i up to a factor, of which the loss does not depend.
    impermanentLoss: (entry, prices) =>
      weightedImpermanentLoss({ w, r: prices.map((price, i) => (price * (entry[i] ?? 0)) / (w[i] ?? 0)) }),
  }
}

function shareOf({ coins, lpTokens, totalSupply, owed = [], feeRate }: Terms): Share {
  return { coins, curve: curveOf(coins), lpTokens, totalSupply, owed, feeRate }
}

/** The whole of it; weights of a chain sum to 1 exactly, so that more is a mistake. */
const weightTolerance = 1e-9

/** Terms are what getPoolTokens, getNormalizedWeights, totalSupply and balanceOf answer. Martinelli & Mushegian (2019), Balancer whitepaper. */
export const weightedPool = defineInstrument({
  kind: 'weighted-pool',
  family: 'pool',
  title: 'Share of a weighted pool (Balancer)',
  method:
    'Martinelli & Mushegian 2019 at market prices; closed-form delta, gamma, cross-gamma for n coins; LVR of Milionis et al. 2022',
  terms: z
    .strictObject({
      coins: listTerm(
        z.strictObject({
          asset: assetTerm('a coin of the pool'),
          balance: balanceTerm(),
          weight: amountTerm('its part of the value of the pool; all sum to 1', 'fraction'),
          entryAmount: entryTerm(),
        }),
        'what the pool holds',
      ),
      ...shareTerms('LP tokens in circulation (Balancer: getActualSupply)'),
      owed: owedTerm(),
    })
    .check(
      ...coinsRules(),
      z.refine<Terms>(
        ({ coins }) => Math.abs(coins.reduce((sum, { weight }) => sum + weight, 0) - 1) <= weightTolerance,
        { path: ['coins'], message: 'must have weights that sum to 1' },
      ),
    ),
  example: {
    coins: [
      { asset: 'wstETH', balance: 4_050, weight: 0.5, entryAmount: 20 },
      { asset: 'WBTC', balance: 100, weight: 0.3, entryAmount: 0.46 },
      { asset: 'USDC', balance: 5_975_000, weight: 0.2, entryAmount: 29_000 },
    ],
    lpTokens: 150,
    totalSupply: 30_000,
    feeRate: 0.06,
  },
  scaled: scaledCoins,
  ...sharePosition(shareOf),
})
