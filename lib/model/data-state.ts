// How far the data behind a number can be trusted; every number, alert and order carries one.

import type { AssetSymbol } from './identity.ts'

export type DataState =
  | { readonly kind: 'FRESH' }
  | { readonly kind: 'DEGRADED'; readonly reasons: readonly string[] }
  | { readonly kind: 'BLIND'; readonly reasons: readonly string[] }

export const fresh: DataState = { kind: 'FRESH' }

/** Something that should have been read and was not. It stands where the value would: a gap is never a zero. */
export interface Gap {
  /** What is missing, e.g. `feed WETH`, `aave-v3 account`, `chain`. */
  readonly subject: string
  /** A literal such as `rpc-timeout`, `wrong-chain`, `price-not-positive`, `feed-stale`, `reverted`, `malformed-return`. */
  readonly code: string
  /** What happened, in words, without secrets. */
  readonly reason: string
  /** What the gap touches. `everything`: nothing can be trusted, of this chain in a reading, of the portfolio in a snapshot. */
  readonly touches: GapReach
}

export type GapReach =
  | { readonly kind: 'everything' }
  /** Nothing of one chain can be trusted; the portfolio's other chains can. */
  | { readonly kind: 'chain'; readonly chain: string }
  | { readonly kind: 'asset'; readonly asset: AssetSymbol }
  /** `mayOwe`: a loan that nobody sees may stand there. */
  | { readonly kind: 'position'; readonly positionId: string; readonly mayOwe?: true }
  /** Context only: the number is shown without it, e.g. the market lens. */
  | { readonly kind: 'context' }

/** The worse of two states; reasons are joined. */
export function worse(a: DataState, b: DataState): DataState {
  if (a.kind === 'FRESH') return b
  if (b.kind === 'FRESH') return a
  const reasons = [...new Set([...a.reasons, ...b.reasons])]
  return { kind: a.kind === 'BLIND' || b.kind === 'BLIND' ? 'BLIND' : 'DEGRADED', reasons }
}
