// A European option as what a book's revaluation knows: an option, or cash once it is settled.

import type { Market } from '../market/market.ts'
import { isPast } from '../market/years-to.ts'
import type { Leg } from '../revaluation/leg.ts'
import { type EuropeanTerms, europeanValue } from './european.ts'

/** Of `europeanValue`. @throws HomeostatError as it does */
export function europeanLegs(terms: EuropeanTerms, market: Market): readonly Leg[] {
  const { asset, type, strike, expiry, quantity, settlementPrice } = terms
  if (quantity === 0) return []
  if (settlementPrice !== undefined && isPast(market, expiry))
    return [{ kind: 'cash', usd: europeanValue(terms, market) }]
  return [{ kind: 'european', asset, type, strike, expiry, quantity }]
}
