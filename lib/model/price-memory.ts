// What is remembered of a price between two snapshots, so that a feed that goes back, jumps or stands still is seen to.

import type { UnixSeconds, Usd } from '../base/units.ts'
import type { AssetSymbol } from './identity.ts'

/** The last answer that was believed, of the first source of an asset's price. */
export interface PriceMemory {
  readonly asset: AssetSymbol
  /** Its source: a feed's address, or the kind of another. One that has been replaced says nothing of its successor. */
  readonly from: string
  /** When it was read. */
  readonly at: UnixSeconds
  readonly usd: Usd
  readonly updatedAt: UnixSeconds
  /** Of a feed: `phase << 64 | round` behind a proxy, as decimal text. */
  readonly roundId?: string
  /** The number itself is no newer than this: later rounds repeated it. */
  readonly sameSince: UnixSeconds
}

/** What is worth telling of a price and makes it no less trusted. */
export interface PriceSignal {
  readonly code: 'lens-gap' | 'lone-opinion' | 'second-opinion' | 'price-jumped' | 'feed-frozen' | 'thin-market'
  readonly reason: string
}
