// A token that is simply held.

import * as z from '../../base/schema.ts'
import { defineInstrument } from '../define-instrument.ts'
import { noGreeks } from '../greeks/greeks.ts'
import { heldGreeks } from '../greeks/held-greeks.ts'
import { priceOf } from '../market/market.ts'
import { assetTerm, signedTerm } from '../term-schemas.ts'

export const spot = defineInstrument({
  kind: 'spot',
  family: 'holding',
  title: 'Token held',
  method: 'price x quantity; a wrapped token is its underlying times its rate',
  terms: z.strictObject({ asset: assetTerm(), quantity: signedTerm() }),
  example: { asset: 'ETH', quantity: 12.5 },
  assets: ({ asset, quantity }) => (quantity === 0 ? [] : [asset]),
  scaled: (terms, factor) => ({ ...terms, quantity: terms.quantity * factor }),
  value: ({ asset, quantity }, market) => (quantity === 0 ? 0 : quantity * priceOf(market, asset)),
  legs: ({ asset, quantity }) => (quantity === 0 ? [] : [{ kind: 'holding', asset, quantity }]),
  greeks: (terms, market) => (terms.quantity === 0 ? noGreeks : heldGreeks([terms], market)),
})
