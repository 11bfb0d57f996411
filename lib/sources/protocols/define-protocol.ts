// The shape of everything that can be read from a chain: a price feed, a token, a lending market, an exchange.

import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Gap, GapReach } from '../../model/data-state.ts'
import type { Address } from '../../model/identity.ts'
import type { Reading } from '../../model/reading.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Unread } from '../chain/contract-call.ts'

/** What one protocol adds to a reading. */
export type ReadingPart = Partial<
  Pick<Reading, 'feeds' | 'protocolPrices' | 'poolPrices' | 'balances' | 'lending' | 'ranges' | 'gaps'>
>

export interface ProtocolParams {
  readonly chain: ChainConfig
  readonly account: Address
  readonly at: UnixSeconds
}

export interface Protocol<Name extends string = string> {
  readonly name: Name
  /** One line for people and for the README's table. */
  readonly title: string
  /** Empty if the chain does not configure it. A failed call becomes a gap; only faults of the whole chain are thrown. */
  readonly read: (reader: ChainReader, params: ProtocolParams) => Promise<ReadingPart>
}

export function defineProtocol<const Name extends string>(protocol: Protocol<Name>): Protocol<Name> {
  return protocol
}

/** The gap that stands where an unread value would. */
export function gapOf(
  unread: Pick<Unread, 'reason'> & { readonly code: string },
  place: { readonly subject: string; readonly touches: GapReach },
): Gap {
  return {
    subject: place.subject,
    code: unread.code,
    reason: `${place.subject}: ${unread.reason}`,
    touches: place.touches,
  }
}

/** All lists of all parts, joined. */
export function joinParts(parts: readonly ReadingPart[]): Required<ReadingPart> {
  return {
    feeds: parts.flatMap(({ feeds = [] }) => feeds),
    protocolPrices: parts.flatMap(({ protocolPrices = [] }) => protocolPrices),
    poolPrices: parts.flatMap(({ poolPrices = [] }) => poolPrices),
    balances: parts.flatMap(({ balances = [] }) => balances),
    lending: parts.flatMap(({ lending = [] }) => lending),
    ranges: parts.flatMap(({ ranges = [] }) => ranges),
    gaps: parts.flatMap(({ gaps = [] }) => gaps),
  }
}
