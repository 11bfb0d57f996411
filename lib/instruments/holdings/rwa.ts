// A fund or note on real-world assets: worth its last published net asset value, less for its age, and to be had back only by its terms.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { type Market, priceOf } from '../market/market.ts'
import {
  assetTerm,
  fractionTerm,
  groupTerm,
  instantTerm,
  optionalTerm,
  priceTerm,
  quantityTerm,
  rateTerm,
  signedTerm,
} from '../term-schemas.ts'
import { type RedemptionTerms, redemptionOf } from './redemption.ts'
import { type Staleness, type StalenessRule, stalenessOf, stalenessTerm } from './staleness-haircut.ts'

/** A NAV of each business day is at most four days old over a long weekend. Beyond, half a per cent a day: a week's move of a credit fund in stress. */
const defaultStaleness: StalenessRule = { expectedDays: 4, perDay: 0.005, cap: 0.5 }

interface RwaTerms {
  readonly currency: string
  readonly quantity: number
  readonly nav: number
  readonly navAsOf: number
  readonly rate?: number | undefined
  readonly staleness?: StalenessRule | undefined
  readonly redemption?: RedemptionTerms | undefined
}

function ageOf({ navAsOf, staleness = defaultStaleness }: RwaTerms, market: Market): Staleness {
  return stalenessOf(staleness, { asOf: navAsOf, at: market.at })
}

/** NAV x quantity x (1 - haircut) of the currency. */
function holdingOf(terms: RwaTerms, market: Market) {
  const { haircut } = ageOf(terms, market)
  return { asset: terms.currency, quantity: terms.quantity * terms.nav * (1 - haircut), rate: terms.rate }
}

/** The growth of the haircut is what the passing of time alone does to the value: theta.decay, until a new NAV ends it. */
function rwaGreeks(terms: RwaTerms, market: Market): Greeks {
  const held = heldGreeks([holdingOf(terms, market)], market)
  const usd = terms.quantity * terms.nav * priceOf(market, terms.currency)
  const decay = -usd * ageOf(terms, market).haircutPerYear
  return { ...held, theta: { ...held.theta, decay: decay === 0 ? 0 : decay } }
}

export const rwa = defineInstrument({
  kind: 'rwa',
  family: 'holding',
  title: 'Real-world asset with a published NAV',
  method: 'NAV x quantity x (1 - haircut), haircut = min(cap, perDay x days past due); redemption terms in details',
  terms: z.strictObject({
    currency: assetTerm('the asset in which its NAV is told and in which it is redeemed'),
    quantity: signedTerm('units held; below 0 is short', 'units'),
    nav: priceTerm('last published net asset value', 'currency per unit'),
    navAsOf: instantTerm('when that NAV was true'),
    rate: optionalTerm(rateTerm('how fast the NAV is expected to grow')),
    staleness: stalenessTerm('the NAV', defaultStaleness),
    redemption: optionalTerm(
      groupTerm(
        z.strictObject({
          fee: optionalTerm(fractionTerm('part of a redemption that is kept')),
          noticeDays: optionalTerm(quantityTerm('from the request to the payment', 'days')),
          gate: optionalTerm(fractionTerm('the largest part of the holding that is redeemed in a period; 0 is closed')),
          periodDays: optionalTerm(quantityTerm('from one redemption to the next', 'days')),
          minimum: optionalTerm(quantityTerm('the smallest redemption', 'currency')),
        }),
        'how it can be had back; without it all, at once and without a fee',
      ),
    ),
  }),
  example: {
    currency: 'USDC',
    quantity: 20_000,
    nav: 104.37,
    navAsOf: '2026-11-23T21:00:00Z',
    rate: 0.043,
    redemption: { fee: 0.001, noticeDays: 2, gate: 0.25, periodDays: 7, minimum: 100_000 },
  },
  assets: ({ currency, quantity }) => (quantity === 0 ? [] : [currency]),
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  value: (terms, market) => {
    if (terms.quantity === 0) return 0
    const { asset, quantity } = holdingOf(terms, market)
    return quantity * priceOf(market, asset)
  },
  legs: (terms, market) => {
    if (terms.quantity === 0) return []
    const { asset, quantity } = holdingOf(terms, market)
    return [{ kind: 'holding', asset, quantity }]
  },
  greeks: (terms, market) => (terms.quantity === 0 ? noGreeks : rwaGreeks(terms, market)),
  details: (terms, market) => {
    if (terms.quantity === 0) return {}
    const { ageDays, haircut } = ageOf(terms, market)
    const price = priceOf(market, terms.currency)
    const units = { quantity: terms.quantity, unitValue: terms.nav, at: market.at, terms: terms.redemption }
    const { redeemable, at, fullExitDays } = redemptionOf(units)
    const net = terms.nav * price * (1 - haircut) * (1 - (terms.redemption?.fee ?? 0))
    return {
      navUsd: terms.nav * price,
      navAgeDays: ageDays,
      stalenessHaircutRatio: haircut,
      grossUsd: terms.quantity * terms.nav * price,
      redeemableUnits: redeemable,
      redeemableUsd: redeemable * net,
      redeemableAtUnixSeconds: at,
      ...(fullExitDays === undefined ? {} : { fullExitDays }),
    }
  },
  warnings: (terms, market) => {
    if (terms.quantity === 0) return []
    const { ageDays, haircut } = ageOf(terms, market)
    const { quantity, nav, navAsOf, redemption } = terms
    const { obstacle } = redemptionOf({ quantity, unitValue: nav, at: market.at, terms: redemption })
    return [
      ...(navAsOf > market.at ? ['the NAV is dated later than the market'] : []),
      ...(haircut > 0
        ? [`the NAV is ${ageDays.toFixed(1)} days old: valued with a haircut of ${(100 * haircut).toFixed(2)} %`]
        : []),
      ...(obstacle === undefined ? [] : [obstacle]),
    ]
  },
})
