// Nets delta and gamma of all positions per underlying, and keeps whose share is whose.

import type { Underlying } from '../../model/identity.ts'
import type { PositionRisk } from '../../model/report.ts'

type ByUnderlying = Readonly<Record<Underlying, number>>
type Exposure = Pick<PositionRisk, 'positionId' | 'delta' | 'gamma'>

/** One position's part of a net exposure. */
interface Share {
  readonly positionId: string
  readonly delta: number
  readonly gamma: number
}

export interface NetGreeks {
  /** Units of the underlying. */
  readonly delta: ByUnderlying
  /** Change of delta per 1 USD. */
  readonly gamma: ByUnderlying
  /** By underlying; the parts sum to delta and gamma. */
  readonly shares: Readonly<Record<Underlying, readonly Share[]>>
}

/** An underlying that nobody holds is absent, not zero; gamma is there wherever delta is. */
export function netGreeks(positions: readonly Exposure[]): NetGreeks {
  const underlyings = [...new Set(positions.flatMap((one) => [...Object.keys(one.delta), ...Object.keys(one.gamma)]))]
  const shares = Object.fromEntries(
    underlyings.toSorted().map((underlying) => [underlying, sharesOf(positions, underlying)]),
  )
  const total = (pick: (share: Share) => number): ByUnderlying =>
    Object.fromEntries(
      Object.entries(shares).map(([underlying, parts]) => [
        underlying,
        parts.reduce((sum, part) => sum + pick(part), 0),
      ]),
    )
  return { delta: total((share) => share.delta), gamma: total((share) => share.gamma), shares }
}

function sharesOf(positions: readonly Exposure[], underlying: Underlying): readonly Share[] {
  return positions.flatMap(({ positionId, delta, gamma }) => {
    const share = { positionId, delta: delta[underlying] ?? 0, gamma: gamma[underlying] ?? 0 }
    return share.delta === 0 && share.gamma === 0 ? [] : [share]
  })
}
