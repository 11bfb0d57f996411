// The regime with the day so far: the last whole days' memory, moved on by what a snapshot's prices have done since the last close.

import { barStartOf } from '../../model/history.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { RegimeView } from '../../model/regime.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { freshSpot, movesSinceClose } from './moves-since-close.ts'
import { provisionalRegime } from './regime/update-regime.ts'

/**
 * The moves of today count as a whole day's, so a storm is seen before midnight, and nothing of it is kept. Only prices that are FRESH move it: one wrong
 * print, which a snapshot distrusts, says nothing. Who has no close of yesterday has a gap. Without any move the regime is that of the last whole day.
 */
export function regimeNow(model: MarketModel, snapshot: Pick<Snapshot, 'at' | 'prices'>): RegimeView | undefined {
  const { regime, regimeState } = model
  if (regime === undefined || regimeState === undefined) return regime
  const start = barStartOf(snapshot.at, '1d')
  const spot = freshSpot(snapshot)
  const moves = movesSinceClose(model, snapshot).flatMap(({ asset, interval, closedAt, move }) =>
    interval === '1d' && closedAt === start ? [[asset, move] as const] : [],
  )
  if (!moves.some(([asset]) => regime.universe.includes(asset))) return regime
  const pegs = Object.fromEntries(
    regime.pegs.flatMap(({ asset }) => {
      const usd = spot(asset)
      return usd === undefined ? [] : [[asset, usd]]
    }),
  )
  return provisionalRegime(regimeState, { start, returns: Object.fromEntries(moves), pegs }) ?? regime
}
