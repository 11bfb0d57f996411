// Oracles repeat themselves once a heartbeat even when nothing moves; without it, a quiet local market would go stale within the hour.

import type { UnixSeconds } from '../../base/units.ts'
import { type AssetId, assetIds } from './addresses.ts'
import type { FeedState } from './drive-feeds.ts'
import type { WorldDrive } from './drive-world.ts'

export interface FeedKeeper {
  /** Resolves when no renewal is under way any more. */
  stop(): Promise<void>
}

/**
 * The feeds that are due: well behaved and in the last half of their heartbeat. Older ones were made so on purpose.
 * @param params.heartbeatSeconds the longest that an answer may stand
 */
export function feedsDue(params: {
  readonly feeds: Readonly<Record<AssetId, FeedState>>
  readonly at: UnixSeconds
  readonly heartbeatSeconds: number
}): readonly AssetId[] {
  const { feeds, at, heartbeatSeconds } = params
  return assetIds.filter((asset) => {
    const { updatedAt, mode, usd } = feeds[asset]
    const age = at - updatedAt
    return mode === 'normal' && usd > 0 && age >= heartbeatSeconds / 2 && age <= heartbeatSeconds
  })
}

/** Looks four times a heartbeat. A look that fails is reported, and the next one tries again. */
export function startFeedKeeper(
  deps: {
    readonly drive: Pick<WorldDrive, 'feeds' | 'renewFeed' | 'blockTime'>
    readonly onFailure: (error: unknown) => void
  },
  heartbeatSeconds: number,
): FeedKeeper {
  const { drive, onFailure } = deps
  let underWay: Promise<void> | undefined
  const renew = async () => {
    const [feeds, at] = await Promise.all([drive.feeds(), drive.blockTime()])
    await Promise.all(feedsDue({ feeds, at, heartbeatSeconds }).map((asset) => drive.renewFeed(asset)))
  }
  const timer = setInterval(() => {
    underWay ??= renew()
      .catch(onFailure)
      .finally(() => {
        underWay = undefined
      })
  }, heartbeatSeconds * 250)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await underWay
    },
  }
}
