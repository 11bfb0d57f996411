// What many values are simple sums of, so that a book of them can be revalued as columns of numbers.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { OptionKind } from '../../quant/options/black.ts'

/** So many dollars, whatever happens. */
interface CashLeg {
  readonly kind: 'cash'
  readonly usd: Usd
}

/** So many units of an asset at its price; below 0 is owed. */
interface HoldingLeg {
  readonly kind: 'holding'
  readonly asset: string
  readonly quantity: number
}

/** A European option on one unit of an asset, worth `europeanValue` (a settled one is cash). */
export interface EuropeanLeg {
  readonly kind: 'european'
  readonly asset: string
  readonly type: OptionKind
  /** USD. */
  readonly strike: Usd
  readonly expiry: UnixSeconds
  readonly quantity: number
}

/** Liquidity between two prices, uncollected fees apart; 0 and infinity are edges too. */
export interface RangeLeg {
  readonly kind: 'range'
  readonly asset0: string
  readonly asset1: string
  /** sqrt(token 0 x token 1), 0 or more. */
  readonly liquidity: number
  /** Asset 1 per asset 0. */
  readonly lowerPrice: number
  readonly upperPrice: number
}

export type Leg = CashLeg | HoldingLeg | EuropeanLeg | RangeLeg
