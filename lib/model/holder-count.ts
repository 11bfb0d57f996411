// Who holds a token, counted from its logs: how far the count has come, what it remembers, and what it says of the token.

import type { UnixSeconds } from '../base/units.ts'
import type { ChainConfig } from './configuration.ts'
import type { Address, AssetSymbol } from './identity.ts'
import type { HolderTelemetry } from './telemetry.ts'

/** A token whose holders a chain's configuration wants counted. */
export interface CountedToken {
  readonly asset: AssetSymbol
  /** Of its first transfer, or earlier. */
  readonly fromBlock: number
}

/** One item a token. A count that begins anew (another token, another first block) forgets everything. */
export interface HolderCount {
  readonly chainId: number
  readonly asset: AssetSymbol
  readonly token: Address
  /** Of the stored item; 0 before it exists. */
  readonly version: number
  readonly fromBlock: number
  /** The last block whose transfers were counted; fromBlock - 1 before any was. */
  readonly toBlock: number
  /** How many blocks one request for logs may span, as the providers have let it. */
  readonly rangeBlocks: number
  /** The largest, in the smallest unit as decimal text. */
  readonly balances: Readonly<Record<Address, string>>
  /** Somebody was forgotten for want of room, or sent what the count had not seen coming: it can no longer be complete. */
  readonly isPartial: boolean
  readonly at: UnixSeconds
  /** What was said last; absent: nothing yet. */
  readonly told?: HolderTelemetry
}

/** Tokens under `protocols.holders`, whose schema is in lib/sources/protocols/holders.ts. */
export function countedTokens({ protocols }: Pick<ChainConfig, 'protocols'>): readonly CountedToken[] {
  const settings = protocols?.holders as { readonly tokens?: readonly CountedToken[] } | undefined
  return settings?.tokens ?? []
}
