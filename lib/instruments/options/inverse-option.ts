// A European option that is quoted, margined and settled in the coin it is written on, as Deribit and OKX list them.

import * as z from '../../base/schema.ts'
import type { Usd } from '../../base/units.ts'
import { inverseOption as inverseKernel } from '../../quant/options/inverse-option.ts'
import { defineInstrument } from '../define-instrument.ts'
import { type Greeks, noGreeks } from '../greeks/greeks.ts'
import { forwardOf } from '../market/forwards.ts'
import { type Market, rateOf, spotOf } from '../market/market.ts'
import { isPast } from '../market/years-to.ts'
import type { Leg } from '../revaluation/leg.ts'
import { priceTerm } from '../term-schemas.ts'
import { type EuropeanTerms, europeanEdges, europeanGreeks, europeanValue, intrinsic } from './european.ts'
import { europeanLegs } from './european-legs.ts'
import { optionMarket } from './option-market.ts'
import { optionAssets, optionTerms, optionWarnings } from './option-terms.ts'
import { finiteFigures } from './path-option.ts'

/** Coins paid per option at the venue's settlement price; absent before that. */
function coinsPaid(terms: EuropeanTerms, market: Market): number | undefined {
  const { settlementPrice, expiry } = terms
  if (settlementPrice === undefined || !isPast(market, expiry)) return undefined
  return intrinsic(terms, settlementPrice) / settlementPrice
}

/** USD: that of the same option settled in dollars, since the coins are delivered at the settlement price. Coins once paid follow the spot. */
function inverseValue(terms: EuropeanTerms, market: Market): Usd {
  if (terms.quantity === 0) return 0
  const coins = coinsPaid(terms, market)
  if (coins === undefined) return europeanValue(terms, market)
  const { underlying, rate } = rateOf(market, terms.asset)
  return terms.quantity * coins * spotOf(market, underlying, terms.asset) * rate
}

/** Coins once paid are held. */
function inverseLegs(terms: EuropeanTerms, market: Market): readonly Leg[] {
  const coins = terms.quantity === 0 ? undefined : coinsPaid(terms, market)
  if (coins === undefined) return europeanLegs(terms, market)
  return [{ kind: 'holding', asset: terms.asset, quantity: terms.quantity * coins }]
}

function inverseGreeks(terms: EuropeanTerms, market: Market): Greeks {
  if (terms.quantity === 0) return noGreeks
  const coins = coinsPaid(terms, market)
  if (coins === undefined) return europeanGreeks(terms, market)
  const { underlying, rate } = rateOf(market, terms.asset)
  spotOf(market, underlying, terms.asset)
  return { ...noGreeks, delta: { [underlying]: terms.quantity * coins * rate } }
}

/** Per option on one coin, at a held volatility, as venues show them; USD figures say so. */
function inverseDetails(terms: EuropeanTerms, market: Market): Readonly<Record<string, number>> {
  if (terms.quantity === 0) return {}
  const coins = coinsPaid(terms, market)
  if (coins !== undefined) return { priceCoin: coins }
  const { spot, time, volatility, rate, carry } = optionMarket(market, terms)
  const its = inverseKernel({ kind: terms.type, strike: terms.strike, spot, time, volatility, rate, carry })
  // At the strike without volatility gamma and decay are not defined.
  return finiteFigures({
    priceCoin: its.priceCoin,
    priceUsd: its.price,
    deltaBlack: its.deltaBlack,
    deltaPremiumAdjusted: its.deltaPremiumAdjusted,
    gamma: its.gammaBlack,
    gammaCoin: its.gammaCoin,
    vega: its.vega,
    vegaCoin: its.vegaCoin,
    thetaCoin: its.thetaCoin,
    forwardUsd: forwardOf(market, terms.asset, terms.expiry),
    volatility,
    years: time,
  })
}

export const inverseOption = defineInstrument({
  kind: 'inverse-option',
  family: 'option',
  title: 'European option, quoted and settled in the coin it is written on',
  method:
    'Black 1976 paid in coin at the settlement price (Alexander & Imeraj 2021); closed-form Greeks with the smile',
  terms: z.strictObject({
    ...optionTerms(),
    strike: priceTerm('strike, in dollars as venues quote it; the premium is in coin', 'USD per coin'),
  }),
  example: { asset: 'BTC', type: 'call', strike: 100_000, expiry: '2027-03-26T08:00:00Z', quantity: -5 },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: (terms, market) => (coinsPaid(terms, market) === undefined ? europeanEdges(terms, market) : {}),
  value: inverseValue,
  legs: inverseLegs,
  greeks: inverseGreeks,
  details: inverseDetails,
  warnings: optionWarnings,
})
