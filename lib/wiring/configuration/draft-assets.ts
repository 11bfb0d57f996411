// The assets of a draft: each with how much there is, and by what its feed was found.

import { describeSpan } from '../../base/time.ts'
import type { FoundAsset } from '../../sources/discovery/assets-found.ts'
import { checksummed } from '../../sources/discovery/checksummed.ts'
import type { Discovery } from '../../sources/discovery/discover.ts'
import type { Draft } from './draft.ts'

/** More would bury what matters. */
const mostUnpriced = 200

export function draftAssets(draft: Draft, { assets, unpriced }: Discovery): readonly unknown[] {
  const lines = unpriced
    .slice(0, mostUnpriced)
    .map(({ what, address, reason }) => `not priced: ${what} at ${address}: ${reason}`)
  if (unpriced.length > mostUnpriced) lines.push(`not priced: ${unpriced.length - mostUnpriced} more`)
  if (lines.length > 0) draft.notes.push({ path: ['chains', 0, 'assets'], at: 'below', text: lines.join('\n') })
  return assets.map((asset, index) => draftAsset(draft, asset, ['chains', 0, 'assets', index]))
}

function draftAsset(draft: Draft, asset: FoundAsset, path: readonly (string | number)[]) {
  const { address, name, decimals, quantity } = asset
  const held = quantity > 0 ? `${quantity} in the account` : 'none in the account itself'
  draft.notes.push({ path, at: 'above', text: `${held}; ${evidenceOf(asset.feed)}` })
  return {
    symbol: name.symbol,
    address: checksummed(address),
    decimals,
    underlying: name.underlying,
    ...('configured' in asset.feed
      ? checksummed(asset.feed.configured)
      : { feed: draftFeed(draft, asset.feed, [...path, 'feed']) }),
  }
}

function evidenceOf(feed: FoundAsset['feed']): string {
  if ('configured' in feed) return 'as configured'
  if ('reason' in feed) return `no price: ${feed.reason}`
  const through = feed.through === undefined ? '' : `, behind its adapter ${feed.through}`
  return `feed ${feed.description === '' ? 'without a description' : `"${feed.description}"`}, ${feed.evidence}${through}`
}

type NewFeed = Exclude<FoundAsset['feed'], { readonly configured: unknown }>

function draftFeed(draft: Draft, feed: NewFeed, path: readonly (string | number)[]) {
  if ('reason' in feed) {
    const text = 'CHANGE: a feed with the AggregatorV3 interface that tells its price in dollars, and its heartbeat'
    draft.notes.push({ path: [...path, 'address'], at: 'line', text })
    return { address: checksummed(draft.placeholder()), heartbeatSeconds: 86_400 }
  }
  const { address, decimals, heartbeatSeconds, longestGapSeconds } = feed
  const seen =
    longestGapSeconds === undefined
      ? 'it has one round'
      : `the longest of its last gaps was ${describeSpan(longestGapSeconds)}`
  const text = `CHANGE to what the feed promises: estimated, ${seen}`
  draft.notes.push({ path: [...path, 'heartbeatSeconds'], at: 'line', text })
  return { address: checksummed(address), heartbeatSeconds, decimals }
}
