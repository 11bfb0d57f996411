// Nets the Greeks of all positions per underlying; whose share is whose stands in the positions themselves.

import { addGreeks, type Greeks } from '../../instruments/greeks/greeks.ts'
import type { PositionRisk } from '../../model/report.ts'

/** An underlying that nobody holds is absent, not zero; gamma is there wherever delta is. */
export function netGreeks(positions: readonly Pick<PositionRisk, 'greeks'>[]): Greeks {
  const sum = addGreeks(positions.flatMap(({ greeks }) => greeks ?? []))
  const held = [...new Set([...Object.keys(sum.delta), ...Object.keys(sum.gamma)])].toSorted()
  return { ...sum, gamma: Object.fromEntries(held.map((name) => [name, sum.gamma[name] ?? 0])) }
}
