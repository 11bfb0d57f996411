import { priceOf } from '../../../lib/instruments/market/market.ts'
import { realisticFixedYield, refusedFixedYields, wildFixedYield } from '../arbitrary-fixed-yield.ts'
import type { InstrumentCase } from '../instrument-case.ts'

export const principalTokenCase: InstrumentCase<'principal-token'> = {
  terms: realisticFixedYield,
  wild: wildFixedYield,
  gross: ({ asset, quantity }, market) => Math.abs(quantity) * priceOf(market, asset) || 1,
  refused: refusedFixedYields,
}
