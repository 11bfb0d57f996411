// The shape of an off-chain venue that is read: its market, and with a read-only key the account.

import type { Redacted } from '../../base/redacted.ts'
import type { UnixSeconds } from '../../base/units.ts'
import type { VenueConfig, VenueKind } from '../../model/configuration.ts'
import type { VenueReading } from '../../model/venue-reading.ts'

export interface VenueDeps {
  /** The value of a secret by its name. */
  readonly secret: (name: string) => Promise<Redacted>
  /** Timeout of one HTTP request; some are repeated once. Default 2,500. */
  readonly requestMs?: number
  /** Hard end of one reading. Default 8,000. */
  readonly deadlineMs?: number
}

export interface VenueParams {
  readonly venue: VenueConfig
  readonly at: UnixSeconds
}

export interface VenueSource<Kind extends VenueKind = VenueKind> {
  readonly kind: Kind
  /** One line for people. */
  readonly title: string
  /** What its tests read: a server of ours that speaks the documented format, or the venue itself. */
  readonly evidence: 'fixture' | 'real venue'
  /** Never throws: what could not be read is a gap that touches the venue's own positions, or the context. */
  readonly read: (deps: VenueDeps, params: VenueParams) => Promise<VenueReading>
}

export function defineVenueSource<const Kind extends VenueKind>(source: VenueSource<Kind>): VenueSource<Kind> {
  return source
}
