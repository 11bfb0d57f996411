// What a sudden move of spot prices does to net asset value and health, by revaluing everything.

import type { Ratio } from '../../base/units.ts'
import { withSpot } from '../../instruments/market/bump.ts'
import type { Market } from '../../instruments/market/market.ts'
import type { Underlying } from '../../model/identity.ts'
import type { StressRow } from '../../model/report.ts'
import { heldRates, type StressParams, stressRow } from './revalue.ts'

const spotShocks = [-0.5, -0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3] as const

/** An underlying within this of 1 USD is taken for a stablecoin and not shocked; a depeg is a stress of its own. */
const stableBand: Ratio = 0.03

/** Each risky underlying alone, then all together, under every shock. */
export function spotStress(params: StressParams): readonly StressRow[] {
  const { market, lens } = params
  const held = new Set([...heldRates(params).values()].map((one) => one.underlying))
  const risky = [...held].filter((underlying) => !isStable(market, lens, underlying)).toSorted()
  const groups = [
    ...risky.map((underlying) => ({ name: underlying, moved: [underlying] })),
    ...(risky.length > 1 ? [{ name: 'all', moved: risky }] : []),
  ]
  return groups.flatMap(({ name, moved }) =>
    spotShocks.map((shock) => stressRow(params, { name, shock, move: (one) => shocked(one, moved, shock) })),
  )
}

function isStable(market: Market, lens: Market, underlying: Underlying): boolean {
  const spot = market.spot[underlying] ?? lens.spot[underlying]
  return spot !== undefined && Math.abs(spot - 1) <= stableBand
}

function shocked(market: Market, moved: readonly Underlying[], shock: Ratio): Market {
  return moved.reduce((next, underlying) => {
    const spot = next.spot[underlying]
    return spot === undefined ? next : withSpot(next, underlying, spot * (1 + shock))
  }, market)
}
