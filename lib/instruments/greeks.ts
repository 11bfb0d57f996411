// Delta and gamma of a position, whatever it is: closed form where its instrument has one, else by bump and revalue.

import { bumpGreeks } from './bump-greeks.ts'
import type { Greeks } from './define-instrument.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'
import type { Market } from './market.ts'

/** By underlying: delta in its units, gamma per 1 USD. @throws HomeostatError `no-price` */
export function greeks(position: PositionTerms, market: Market): Greeks {
  const instrument = instrumentOf(position.kind)
  const terms = position.terms as never
  if (instrument.greeks !== undefined) return instrument.greeks(terms, market)
  return bumpGreeks({
    value: (bumped) => instrument.value(terms, bumped),
    assets: instrument.assets(terms),
    market,
  })
}
