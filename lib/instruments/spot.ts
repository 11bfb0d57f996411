// A token that is simply held.

import * as z from '../base/schema.ts'
import { defineInstrument } from './define-instrument.ts'
import { priceOf, rateOf } from './market.ts'
import { assetTerm, signedTerm } from './term-schemas.ts'

export const spot = defineInstrument({
  kind: 'spot',
  title: 'Token held',
  terms: z.object({ asset: assetTerm, quantity: signedTerm }),
  assets: ({ asset, quantity }) => (quantity === 0 ? [] : [asset]),
  value: ({ asset, quantity }, market) => (quantity === 0 ? 0 : quantity * priceOf(market, asset)),
  greeks: ({ asset, quantity }, market) => {
    if (quantity === 0) return { delta: {}, gamma: {} }
    const { underlying, rate } = rateOf(market, asset)
    return { delta: { [underlying]: quantity * rate }, gamma: {} }
  },
})
