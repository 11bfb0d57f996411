// The terms that a share of a pool is stated in: what a chain answers to balanceOf, totalSupply and the pool's balances, in whole tokens.

import * as z from '../../base/schema.ts'
import { assetTerm, listTerm, optionalTerm, priceTerm, quantityTerm, rateTerm } from '../term-schemas.ts'

/** A number above 0 that is no price. */
export const amountTerm = (meaning: string, unit = 'whole tokens') => priceTerm(meaning, unit)

export const balanceTerm = (meaning = 'how much of it the whole pool holds, rates not applied') => amountTerm(meaning)

export const entryTerm = (coin = 'it') =>
  optionalTerm(
    amountTerm(
      `how much of ${coin} the position stood for when it was put in (what leaving at once would have given), for impermanent loss`,
    ),
  )

/** Fresh schemas for one instrument's terms. */
export function shareTerms(supply = 'LP tokens in circulation') {
  return {
    lpTokens: quantityTerm('LP tokens held, staked ones included', 'LP tokens'),
    totalSupply: amountTerm(supply, 'LP tokens'),
    feeRate: optionalTerm(rateTerm('fees earned; they stay in the pool', 'fraction of the value in the pool per year')),
  }
}

/** Rewards and fees that are not in the pool. */
export function owedTerm() {
  return optionalTerm(
    listTerm(
      z.strictObject({ asset: assetTerm('what is owed'), quantity: quantityTerm('how much of it') }),
      'fees and rewards that wait to be claimed, apart from the pool',
    ),
  )
}

export function supplyRule() {
  return z.refine<{ readonly lpTokens: number; readonly totalSupply: number }>(
    ({ lpTokens, totalSupply }) => lpTokens <= totalSupply,
    { path: ['lpTokens'], message: 'must be at most totalSupply (both in whole LP tokens)' },
  )
}

interface Coin {
  readonly asset: string
  readonly balance: number
  readonly entryAmount?: number | undefined
}

export interface CoinsTerms {
  readonly coins: readonly Coin[]
  readonly lpTokens: number
  readonly totalSupply: number
  readonly owed?: readonly { readonly asset: string; readonly quantity: number }[] | undefined
  readonly feeRate?: number | undefined
}

/** The most that the curves are tried with; no pool in use has more. */
const mostCoins = 8

/** What binds the coins of a pool together. */
export function coinsRules() {
  const rule = (holds: (coins: readonly Coin[]) => boolean, message: string) =>
    z.refine<CoinsTerms>(({ coins }) => holds(coins), { path: ['coins'], message })
  return [
    rule(({ length }) => length >= 2 && length <= mostCoins, `must be 2 to ${mostCoins} coins`),
    rule((coins) => new Set(coins.map(({ asset }) => asset)).size === coins.length, 'must list each asset once'),
    rule(
      (coins) => new Set(coins.map(({ entryAmount }) => entryAmount === undefined)).size <= 1,
      'must have an entryAmount for every coin or for none',
    ),
    supplyRule(),
  ] as const
}

export function scaledCoins<Terms extends CoinsTerms>(terms: Terms, factor: number): Terms {
  const { coins, owed } = terms
  return {
    ...terms,
    lpTokens: terms.lpTokens * factor,
    coins: coins.map((coin) =>
      coin.entryAmount === undefined ? coin : { ...coin, entryAmount: coin.entryAmount * factor },
    ),
    ...(owed === undefined ? {} : { owed: owed.map((one) => ({ ...one, quantity: one.quantity * factor })) }),
  }
}
