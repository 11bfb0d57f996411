// A European option that is settled in dollars.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { forwardOf } from '../market/forwards.ts'
import { europeanEdges, europeanGreeks, europeanValue } from './european.ts'
import { europeanLegs } from './european-legs.ts'
import { optionMarket } from './option-market.ts'
import { optionAssets, optionTerms, optionWarnings } from './option-terms.ts'

export const vanillaOption = defineInstrument({
  kind: 'vanilla-option',
  family: 'option',
  title: 'European option, settled in dollars',
  method: 'Black 1976 on the forward of its expiry, volatility by strike; closed-form Greeks with the smile',
  terms: z.strictObject(optionTerms()),
  example: { asset: 'ETH', type: 'put', strike: 2_800, expiry: '2027-03-26T08:00:00Z', quantity: 100 },
  assets: optionAssets,
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  optionality: ({ asset, expiry }) => [{ asset, expiry }],
  edges: europeanEdges,
  value: europeanValue,
  legs: europeanLegs,
  greeks: europeanGreeks,
  details: (terms, market) => {
    const { volatility, time } = optionMarket(market, terms)
    return { forwardUsd: forwardOf(market, terms.asset, terms.expiry), volatility, years: time }
  },
  warnings: optionWarnings,
})
