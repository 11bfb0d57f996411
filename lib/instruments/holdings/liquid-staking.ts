// A staked token that is worth so much of what is staked: stETH and its wrapping, rETH, sfrxETH and the like.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf, rateOf } from '../market/market.ts'
import { assetTerm, fractionTerm, optionalTerm, quantityTerm, signedTerm } from '../term-schemas.ts'
import { type StalenessRule, stalenessOf, stalenessTerm } from './staleness-haircut.ts'

/** Rates are reported daily; a reward of 3 % a year is a hundredth of a per cent a day, what a late report may hide is a slashing. */
const defaultStaleness: StalenessRule = { expectedDays: 1.5, perDay: 0.002, cap: 0.1 }

interface StakingTerms {
  readonly asset: string
  readonly quantity: number
  readonly marketDiscount?: number | undefined
  readonly withdrawalDays?: number | undefined
  readonly staleness?: StalenessRule | undefined
}

/** What the holding counts for: less by the market's discount. */
const counted = ({ asset, quantity, marketDiscount = 0 }: StakingTerms) => ({
  asset,
  quantity: quantity * (1 - marketDiscount),
})

function ageOf({ asset, staleness = defaultStaleness }: StakingTerms, market: Market) {
  const { asOf } = rateOf(market, asset)
  return asOf === undefined ? undefined : stalenessOf(staleness, { asOf, at: market.at })
}

export const liquidStaking = defineInstrument({
  kind: 'liquid-staking',
  family: 'holding',
  title: 'Liquid staking token',
  method: 'quantity x exchange rate x spot of what is staked; delta through the rate; staking growth is theta.interest',
  terms: z.strictObject({
    asset: assetTerm('the staking token, whose exchange rate the market knows'),
    quantity: signedTerm(),
    marketDiscount: optionalTerm(
      fractionTerm('how far below its exchange rate it trades', 'fraction of the rate, 0 to 1'),
    ),
    withdrawalDays: optionalTerm(quantityTerm('how long the withdrawal queue is', 'days')),
    staleness: stalenessTerm('the exchange rate, told in details and warnings', defaultStaleness),
  }),
  example: { asset: 'wstETH', quantity: 250, withdrawalDays: 4 },
  assets: ({ asset, quantity }) => (quantity === 0 ? [] : [asset]),
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  value: (terms, market) => {
    if (terms.quantity === 0) return 0
    const { asset, quantity } = counted(terms)
    return quantity * priceOf(market, asset)
  },
  legs: (terms) => (terms.quantity === 0 ? [] : [{ kind: 'holding', ...counted(terms) }]),
  greeks: (terms, market) => (terms.quantity === 0 ? noGreeks : heldGreeks([counted(terms)], market)),
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { rate, growth } = rateOf(market, terms.asset)
    const redemptionUsd = terms.quantity * priceOf(market, terms.asset)
    const age = ageOf(terms, market)
    return {
      exchangeRate: rate,
      underlyingUnits: terms.quantity * rate,
      redemptionUsd,
      ...(growth === undefined ? {} : { stakingYieldPerYear: growth }),
      ...(terms.marketDiscount === undefined ? {} : { discountUsd: redemptionUsd * terms.marketDiscount }),
      ...(terms.withdrawalDays === undefined ? {} : { withdrawalDays: terms.withdrawalDays }),
      ...(age === undefined
        ? {}
        : {
            rateAgeDays: age.ageDays,
            stalenessHaircutRatio: age.haircut,
            afterHaircutUsd: redemptionUsd * (1 - (terms.marketDiscount ?? 0)) * (1 - age.haircut),
          }),
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const age = ageOf(terms, market)
    return [
      ...(age !== undefined && age.haircut > 0
        ? [
            `the exchange rate is ${age.ageDays.toFixed(1)} days old: a haircut of ${(100 * age.haircut).toFixed(2)} % is due, which the value does not contain`,
          ]
        : []),
      ...(rateOf(market, terms.asset).growth === undefined
        ? ['the staking yield is not known: theta.interest leaves it out']
        : []),
    ]
  },
})
