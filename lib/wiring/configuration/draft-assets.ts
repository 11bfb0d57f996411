// The assets of a draft: each with how much there is, and by what its feed was found.

import { describeSpan } from '../../base/time.ts'
import type { FoundAsset } from '../../sources/discovery/assets-found.ts'
import { checksummed } from '../../sources/discovery/checksummed.ts'
import type { Discovery } from '../../sources/discovery/discover.ts'
import type { FoundPrice } from '../../sources/discovery/prices-found.ts'
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
  const { address, name, decimals, quantity, price } = asset
  const held = quantity > 0 ? `${quantity} in the account` : 'none in the account itself'
  draft.notes.push({ path, at: 'above', text: `${held}; ${evidenceOf(price)}` })
  return {
    symbol: name.symbol,
    address: checksummed(address),
    decimals,
    underlying: name.underlying,
    ...draftPrice(draft, asset, path),
  }
}

function evidenceOf(price: FoundPrice): string {
  if ('configured' in price) return 'as configured'
  if ('reason' in price) return `no price: ${price.reason}`
  if ('rate' in price) return price.evidence
  const through = price.through === undefined ? '' : `, behind its adapter ${price.through}`
  const described = price.description === '' ? 'without a description' : `"${price.description}"`
  return `feed ${described}, ${price.evidence}${through}`
}

function draftPrice(draft: Draft, { price, measure }: FoundAsset, path: readonly (string | number)[]) {
  if ('configured' in price) {
    // As a file states them: each source beside its kind.
    const { prices, ...rest } = price.configured
    const sources = prices?.map(({ kind, settings }) => ({ kind, ...(settings as object) }))
    return checksummed(sources === undefined ? rest : { ...rest, prices: sources })
  }
  if ('reason' in price) {
    const text = 'CHANGE: a feed with the AggregatorV3 interface that tells its price in dollars, and its heartbeat'
    draft.notes.push({ path: [...path, 'feed', 'address'], at: 'line', text })
    return { feed: { address: checksummed(draft.placeholder()), heartbeatSeconds: 86_400 } }
  }
  if ('rate' in price) {
    const text = 'CHANGE: add since: { rate, at } and maxGrowthPerDay, so that a rate that was pushed is not believed'
    draft.notes.push({ path: [...path, 'prices'], at: 'above', text })
    return { prices: [{ kind: 'exchange-rate', per: measure, call: price.rate.call }] }
  }
  const { address, decimals, heartbeatSeconds, longestGapSeconds } = price
  const seen =
    longestGapSeconds === undefined
      ? 'it has one round'
      : `the longest of its last gaps was ${describeSpan(longestGapSeconds)}`
  const text = `CHANGE to what the feed promises: estimated, ${seen}`
  draft.notes.push({ path: [...path, 'feed', 'heartbeatSeconds'], at: 'line', text })
  return { feed: { address: checksummed(address), heartbeatSeconds, decimals } }
}
