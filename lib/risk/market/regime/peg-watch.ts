// Distance of stablecoins from their peg, told apart from the regime: it is about one issuer and not about the market.

import type { Usd } from '../../../base/units.ts'
import type { AssetSymbol } from '../../../model/identity.ts'
import type { PegDeviation } from '../../../model/regime.ts'

/** Away from the peg further than this on two observations in a row: broken. Back within it on two in a row: mended. */
const limit = 0.02
const inARow = 2

/** Plain data, by asset. */
export type PegState = Readonly<Record<AssetSymbol, { readonly isBroken: boolean; readonly contrary: number }>>

/** One observation further. Whoever has no price in it keeps what was known, and is not shown. */
export function updatePegs(
  state: PegState,
  prices: Readonly<Record<AssetSymbol, Usd | undefined>>,
): { readonly state: PegState; readonly pegs: readonly PegDeviation[] } {
  const next: Record<AssetSymbol, PegState[AssetSymbol]> = { ...state }
  const pegs: PegDeviation[] = []
  for (const [asset, usd] of Object.entries(prices)) {
    if (usd === undefined || !(usd >= 0 && usd < Infinity)) continue
    const deviation = usd - 1
    const before = state[asset] ?? { isBroken: false, contrary: 0 }
    const isAway = Math.abs(deviation) > limit
    const contrary = isAway === before.isBroken ? 0 : before.contrary + 1
    const turns = contrary >= inARow
    const isBroken = turns ? !before.isBroken : before.isBroken
    next[asset] = { isBroken, contrary: turns ? 0 : contrary }
    pegs.push({ asset, usd, deviation, limit, isBroken })
  }
  return { state: next, pegs }
}
