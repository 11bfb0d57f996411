// What one off-chain venue told about the account and its market at one moment, before anybody judges it.

import type { UnixSeconds, Usd } from '../base/units.ts'
import type { MarketData } from '../instruments/market/market-schema.ts'
import type { VenueKind } from './configuration.ts'
import type { Gap } from './data-state.ts'
import type { Underlying } from './identity.ts'
import type { PositionReading, ProviderOutcome } from './reading.ts'

export interface IndexReading {
  readonly underlying: Underlying
  readonly usd: Usd
  /** By the venue's clock. */
  readonly at: UnixSeconds
}

/** What secures the account's positions in one currency, in units of it. */
export interface VenueAccount {
  /** Id of the configured venue. */
  readonly venue: string
  readonly currency: string
  readonly equity: number
  readonly marginBalance: number
  readonly initialMargin: number
  readonly maintenanceMargin: number
}

export interface VenueReading {
  /** Id of the configured venue. */
  readonly venue: string
  readonly kind: VenueKind
  readonly at: UnixSeconds
  /** Whether what is held there is known; `not-asked` without a key. */
  readonly account: 'read' | 'unread' | 'not-asked'
  /** Ids are `VENUE:...`. */
  readonly positions: readonly PositionReading[]
  readonly accounts: readonly VenueAccount[]
  readonly indices: readonly IndexReading[]
  /** Forwards, volatilities, funding and premiums of what was quoted; `asOf` by the venue's clock. */
  readonly marketData: MarketData & { readonly asOf: UnixSeconds }
  readonly gaps: readonly Gap[]
  readonly outcome: ProviderOutcome
}
