// A share of a constant-product pool: Uniswap v2 and its many copies.

import * as z from '../../base/schema.ts'
import { constantProduct, constantProductImpermanentLoss } from '../../quant/amm/constant-product.ts'
import { defineInstrument } from '../define-instrument.ts'
import { assetTerm, optionalTerm, quantityTerm } from '../term-schemas.ts'
import { pairRule, pairState } from './pair-position.ts'
import { type Curve, type Share, sharePosition } from './share-position.ts'
import { balanceTerm, entryTerm, shareTerms, supplyRule } from './share-terms.ts'

const owedTerm = (token: string) =>
  optionalTerm(quantityTerm(`fees in ${token} that wait to be claimed (pools that keep fees apart)`, 'whole tokens'))

interface Terms {
  readonly asset0: string
  readonly asset1: string
  readonly reserve0: number
  readonly reserve1: number
  readonly lpTokens: number
  readonly totalSupply: number
  readonly owed0?: number | undefined
  readonly owed1?: number | undefined
  readonly entryAmount0?: number | undefined
  readonly entryAmount1?: number | undefined
  readonly feeRate?: number | undefined
}

/** x y = L^2, in the order token 0, token 1. */
const curve: Curve = {
  invariant: ([x = 0, y = 0]) => Math.sqrt(x) * Math.sqrt(y),
  stateAt: (L, [price0 = 0, price1 = 0]) => pairState(constantProduct({ L, P: price0 / price1 }), price0, price1),
  pricesAt: (balances) => balances.map((balance) => 1 / balance),
  impermanentLoss: ([x = 0, y = 0], [price0 = 0, price1 = 0]) =>
    constantProductImpermanentLoss({ r: (price0 * x) / (price1 * y) }),
}

function shareOf(terms: Terms): Share {
  const { asset0, asset1, reserve0, reserve1, lpTokens, totalSupply, feeRate, owed0 = 0, owed1 = 0 } = terms
  return {
    coins: [
      { asset: asset0, balance: reserve0, entryAmount: terms.entryAmount0 },
      { asset: asset1, balance: reserve1, entryAmount: terms.entryAmount1 },
    ],
    curve,
    lpTokens,
    totalSupply,
    owed: [
      { asset: asset0, quantity: owed0 },
      { asset: asset1, quantity: owed1 },
    ],
    feeRate,
  }
}

/** Terms are what getReserves, totalSupply and balanceOf answer. Adams, Zinsmeister & Robinson (2020), Uniswap v2 whitepaper. */
export const uniswapV2Pool = defineInstrument({
  kind: 'uniswap-v2-pool',
  family: 'pool',
  title: 'Share of a Uniswap v2 pool (constant product)',
  method: 'Adams et al. 2020 at the market price; closed-form delta, gamma, cross-gamma; LVR of Milionis et al. 2022',
  terms: z
    .strictObject({
      asset0: assetTerm("the pool's token 0"),
      asset1: assetTerm("the pool's token 1"),
      reserve0: balanceTerm('how much of token 0 the whole pool holds'),
      reserve1: balanceTerm('how much of token 1 the whole pool holds'),
      ...shareTerms(),
      owed0: owedTerm('token 0'),
      owed1: owedTerm('token 1'),
      entryAmount0: entryTerm('token 0'),
      entryAmount1: entryTerm('token 1'),
    })
    .check(
      pairRule(),
      supplyRule(),
      z.refine((terms) => (terms.entryAmount0 === undefined) === (terms.entryAmount1 === undefined), {
        path: ['entryAmount0'],
        message: 'must stand with entryAmount1, or neither',
      }),
    ),
  example: {
    asset0: 'WETH',
    asset1: 'USDC',
    reserve0: 12_010,
    reserve1: 35_970_000,
    lpTokens: 0.0042,
    totalSupply: 0.6,
    entryAmount0: 88,
    entryAmount1: 240_000,
    feeRate: 0.09,
  },
  scaled: (terms, factor) => ({
    ...terms,
    lpTokens: terms.lpTokens * factor,
    ...scaledAmounts(terms, factor),
  }),
  ...sharePosition(shareOf),
  legs: (terms) => {
    const { asset0, asset1, reserve0, reserve1, lpTokens, totalSupply } = terms
    const liquidity = (lpTokens / totalSupply) * curve.invariant(Float64Array.of(reserve0, reserve1))
    const everywhere = { lowerPrice: 0, upperPrice: Number.POSITIVE_INFINITY }
    const owed = shareOf(terms).owed.filter(({ quantity }) => quantity !== 0)
    return [
      ...(lpTokens === 0 ? [] : [{ kind: 'range', asset0, asset1, liquidity, ...everywhere } as const]),
      ...owed.map((one) => ({ kind: 'holding', ...one }) as const),
    ]
  },
})

/** Those that are stated. */
function scaledAmounts(terms: Terms, factor: number): Partial<Terms> {
  const { owed0, owed1, entryAmount0, entryAmount1 } = terms
  return Object.fromEntries(
    Object.entries({ owed0, owed1, entryAmount0, entryAmount1 }).flatMap(([name, amount]) =>
      amount === undefined ? [] : [[name, amount * factor]],
    ),
  )
}
