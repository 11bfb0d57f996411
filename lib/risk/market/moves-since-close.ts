// What prices have done since the last bar that the market model knows: the part of today that no history holds yet.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import { barSeconds } from '../../model/history.ts'
import type { Underlying } from '../../model/identity.ts'
import type { MarketModel, ModelAsset } from '../../model/market-model.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { marketThrough, referencePrice } from '../price-lens.ts'

export interface MoveSinceClose {
  readonly asset: Underlying
  readonly interval: ModelAsset['interval']
  /** End of the last bar. */
  readonly closedAt: UnixSeconds
  /** ln(price now / last close). */
  readonly move: number
  /** Bars since, the one that is not over as a whole one; at least 1. */
  readonly bars: number
  /** False: the close made no return (a single wrong bar, a bar after a gap), and a move from it may be the close's own error. */
  readonly isSound: boolean
}

/**
 * One an asset and interval that has a last close before the snapshot and a price that is FRESH: a wrong print, which a snapshot distrusts, says nothing.
 * In the order of the model.
 */
export function movesSinceClose(
  { assets }: Pick<MarketModel, 'assets'>,
  snapshot: Pick<Snapshot, 'at' | 'prices'>,
): readonly MoveSinceClose[] {
  const spot = freshSpot(snapshot)
  return assets.flatMap(({ asset, interval, lastClose, lastAt }): MoveSinceClose[] => {
    const usd = spot(asset)
    if (usd === undefined || lastClose === undefined || lastClose.at > snapshot.at) return []
    const seconds = barSeconds[interval]
    return [
      {
        asset,
        interval,
        closedAt: lastClose.at,
        move: Math.log(usd / lastClose.usd),
        bars: Math.max(1, Math.ceil((snapshot.at - lastClose.at) / seconds)),
        isSound: lastAt !== undefined && lastAt + seconds === lastClose.at,
      },
    ]
  })
}

/** Spot by feed of who has a price that is FRESH. */
export function freshSpot(snapshot: Pick<Snapshot, 'at' | 'prices'>): (underlying: Underlying) => Usd | undefined {
  const { spot } = marketThrough('feed', snapshot)
  return (underlying) => {
    const group = snapshot.prices.filter((one) => one.underlying === underlying)
    return referencePrice('feed', underlying, group)?.dataState.kind === 'FRESH' ? spot[underlying] : undefined
  }
}
