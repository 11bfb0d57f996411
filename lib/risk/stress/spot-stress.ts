// What a sudden move of spot prices does to net asset value and health, by revaluing everything.

import type { Ratio } from '../../base/units.ts'
import { withSpot } from '../../instruments/market/bump.ts'
import type { Market } from '../../instruments/market/market.ts'
import type { Underlying } from '../../model/identity.ts'
import type { StressRow } from '../../model/report.ts'
import { isDollar } from '../is-dollar.ts'
import { heldRates, type StressParams, stressRow } from './revalue.ts'

const spotShocks = [-0.5, -0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3] as const

/** Each risky underlying alone, then all together, under every shock. */
export function spotStress(params: StressParams): readonly StressRow[] {
  const { market, lens } = params
  const held = new Set([...heldRates(params).values()].map((one) => one.underlying))
  const risky = [...held].filter((underlying) => !isDollar(market.spot[underlying] ?? lens.spot[underlying])).toSorted()
  const groups = [
    ...risky.map((underlying) => ({ name: underlying, moved: [underlying] })),
    ...(risky.length > 1 ? [{ name: 'all', moved: risky }] : []),
  ]
  return groups.flatMap(({ name, moved }) =>
    spotShocks.map((shock) => stressRow(params, { name, shock, move: (one) => shocked(one, moved, shock) })),
  )
}

function shocked(market: Market, moved: readonly Underlying[], shock: Ratio): Market {
  return moved.reduce((next, underlying) => {
    const spot = next.spot[underlying]
    return spot === undefined ? next : withSpot(next, underlying, spot * (1 + shock))
  }, market)
}
