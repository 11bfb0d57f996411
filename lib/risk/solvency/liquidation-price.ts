// At which price of one underlying, all else equal, an account can be liquidated.

import type { Usd } from '../../base/units.ts'
import type { Underlying } from '../../model/identity.ts'
import type { LiquidationPrice } from '../../model/report.ts'

/** What one underlying contributes to an account, in USD through the protocol's lens. */
export interface UnderlyingShare {
  readonly underlying: Underlying
  /** The protocol's spot. */
  readonly spot: Usd
  /** Sum of collateral x liquidation threshold. */
  readonly borrowingPowerUsd: Usd
  readonly debtUsd: Usd
}

/**
 * Closed form: borrowing power B and debt D are linear in one spot, so HF = 1 where
 * (B - B_u) + f B_u = (D - D_u) + f D_u, that is at f = ((D - D_u) - (B - B_u)) / (B_u - D_u) times today's spot.
 * Collateral outweighs debt in the underlying: liquidated below; debt outweighs: above. No entry where f <= 0 or nothing moves.
 * For an account that can be liquidated already, the price to come back to; its distance then has the other sign.
 */
export function liquidationPrices(shares: readonly UnderlyingShare[]): readonly LiquidationPrice[] {
  if (shares.reduce((sum, share) => sum + share.debtUsd, 0) <= 0) return []
  return shares.flatMap((share) => {
    // Summed over the others, not total less own: the difference of two large sums would lose the small one.
    const others = shares
      .filter((one) => one !== share)
      .reduce((sum, one) => sum + one.debtUsd - one.borrowingPowerUsd, 0)
    const slope = share.borrowingPowerUsd - share.debtUsd
    const factor = others / slope
    const usd = factor * share.spot
    if (!Number.isFinite(usd) || factor <= 0) return []
    return [
      {
        underlying: share.underlying,
        usd,
        side: slope > 0 ? ('below' as const) : ('above' as const),
        distance: factor - 1,
      },
    ]
  })
}
