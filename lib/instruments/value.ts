// What a position is worth, whatever it is: the one entry to every registered value function.

import type { Usd } from '../base/units.ts'
import type { PositionTerms } from './index.ts'
import { instrumentOf } from './instrument-of.ts'
import type { Market } from './market.ts'

/** USD, negative for a net debt. @throws HomeostatError `no-price` if the market lacks one of `assetsOf(position)` */
export function value(position: PositionTerms, market: Market): Usd {
  return instrumentOf(position.kind).value(position.terms as never, market)
}

/** The assets whose prices the value reads. */
export function assetsOf(position: PositionTerms): readonly string[] {
  return instrumentOf(position.kind).assets(position.terms as never)
}
