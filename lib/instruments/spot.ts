// A token that is simply held.

import { z } from '../base/schema.ts'
import { defineInstrument } from './define-instrument.ts'
import { priceOf, rateOf } from './market.ts'

export const spot = defineInstrument({
  kind: 'spot',
  title: 'Token held',
  terms: z.object({ asset: z.string().check(z.minLength(1)), quantity: z.number() }),
  value: ({ asset, quantity }, market) => quantity * priceOf(market, asset),
  greeks: ({ asset, quantity }, market) => {
    const { underlying, rate } = rateOf(market, asset)
    return { delta: { [underlying]: quantity * rate }, gamma: {} }
  },
})
