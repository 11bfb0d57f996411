// What each position of a snapshot is worth and how it moves, or why it cannot be said.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Usd } from '../base/units.ts'
import type { Greeks } from '../instruments/greeks/greeks.ts'
import { greeksOf } from '../instruments/greeks/greeks-of.ts'
import { type Market, own } from '../instruments/market/market.ts'
import { assetsOf, detailsOf, value, warningsOf } from '../instruments/value.ts'
import type { DataState } from '../model/data-state.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { Position } from '../model/snapshot.ts'

export type Valuation =
  | {
      readonly kind: 'valued'
      readonly valueUsd: Usd
      readonly greeks: Greeks
      readonly details: Readonly<Record<string, number>>
      readonly warnings: readonly string[]
    }
  | { readonly kind: 'left-out'; readonly reason: string }

/** Assets that a position reads and a market has no price of. */
export function missingIn(market: Market, { instrument }: Pick<Position, 'instrument'>): readonly AssetSymbol[] {
  return assetsOf(instrument).filter((asset) => own(market.exchangeRates, asset) === undefined)
}

/** Never throws for what a market lacks or a number cannot hold: the position is left out, with the reason. */
export function valuationOf(position: Position, market: Market, inherited: DataState): Valuation {
  const { instrument, label } = position
  const leftOut = (why: string): Valuation => ({ kind: 'left-out', reason: `${label} is left out: ${why}` })
  const missing = missingIn(market, position)
  if (missing.length > 0) return leftOut(`no price for ${missing.join(', ')}`)
  if (inherited.kind === 'BLIND') return leftOut(inherited.reasons.join('; '))
  try {
    return {
      kind: 'valued',
      valueUsd: value(instrument, market),
      greeks: greeksOf(instrument, market),
      details: detailsOf(instrument, market),
      warnings: warningsOf(instrument, market),
    }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return leftOut(error.message)
  }
}
