// The shape of everything that can be read from a chain: a price feed, a token, a lending market, an exchange.

import type * as z from '../../base/schema.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { ChainConfig } from '../../model/configuration.ts'
import type { Gap, GapReach } from '../../model/data-state.ts'
import type { Address } from '../../model/identity.ts'
import type { PriceQuote } from '../../model/price-quote.ts'
import type { ChainReading } from '../../model/reading.ts'
import type { Telemetry } from '../../model/telemetry.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { Unread } from '../chain/contract-call.ts'
import type { Found } from '../dependencies/found.ts'
import type { Findings, Surroundings } from '../discovery/findings.ts'

/** What one protocol adds to a reading. */
export type ReadingPart = Partial<
  Pick<
    ChainReading,
    'feeds' | 'protocolPrices' | 'poolPrices' | 'balances' | 'lending' | 'ranges' | 'positions' | 'gaps'
  >
> & { readonly quotes?: readonly PriceQuote[]; readonly telemetry?: readonly Telemetry[] }

export interface ProtocolParams<Settings = undefined> {
  readonly chain: ChainConfig
  readonly account: Address
  readonly at: UnixSeconds
  /** What the chain configures under `protocols.NAME`. */
  readonly settings: Settings
}

/** `real contracts`: its test reads the protocol's own bytecode and compares with its own view. `fixture`: contracts of ours with the protocol's ABI. */
export type Evidence = 'real contracts' | 'fixture'

export interface Protocol<Name extends string = string, Schema extends z.ZodMiniType | undefined = undefined> {
  readonly name: Name
  /** One line for people and for the README's table. */
  readonly title: string
  /** Accounts on it owe, and can be liquidated: one that could not be read leaves the portfolio's health factor unknown. Absent: they do not. */
  readonly lends?: true
  /** What its tests read. */
  readonly evidence: Evidence
  /** Of `protocols.NAME` in a chain's configuration; a chain that has none is not read. Absent: nothing to configure. */
  readonly settings?: Schema
  /** A failed call becomes a gap; only faults of the whole chain are thrown. */
  readonly read: (
    reader: ChainReader,
    params: ProtocolParams<Schema extends z.ZodMiniType ? z.output<Schema> : undefined>,
  ) => Promise<ReadingPart>
  /** Finds what an account holds, for `homeostat discover`. Absent: only what is named in a configuration is ever found. */
  readonly discover?: (reader: ChainReader, around: Surroundings) => Promise<Findings>
  /** Tells which contracts its positions stand on, beyond what every contract is asked. Absent: the addresses in its settings. */
  readonly dependencies?: (
    reader: ChainReader,
    params: ProtocolParams<Schema extends z.ZodMiniType ? z.output<Schema> : undefined>,
  ) => Promise<Found>
  /** Role of the contract whose own logs name the accounts that hold something, where no token does. */
  readonly witness?: string
}

export function defineProtocol<const Name extends string, Schema extends z.ZodMiniType | undefined = undefined>(
  protocol: Protocol<Name, Schema>,
): Protocol<Name, Schema> {
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
    positions: parts.flatMap(({ positions = [] }) => positions),
    quotes: parts.flatMap(({ quotes = [] }) => quotes),
    telemetry: parts.flatMap(({ telemetry = [] }) => telemetry),
    gaps: parts.flatMap(({ gaps = [] }) => gaps),
  }
}
