// How well a chain itself does, beside what is held on it: its vital signs at one block, and the mode that follows from them.

import type { Ratio, UnixSeconds } from '../base/units.ts'

/** CONGESTED: only orders that reduce risk. FROZEN: none. */
export type ChainMode = 'NORMAL' | 'CONGESTED' | 'FROZEN'

/** What was read at the pinned block. A sign that could not be read is absent, and a gap says why. */
export interface ChainVitals {
  /** From the pinned block to the reading. */
  readonly headAgeSeconds: number
  /** Gwei per gas. */
  readonly baseFeeGwei: number
  /** The base fee among those of the last `blocks` blocks, the pinned one included. */
  readonly feeHistory?: {
    readonly blocks: number
    /** The part of them that is lower, and half of those that are equal: 0.5 where the fee stands still. */
    readonly percentile: Ratio
    readonly medianGwei: number
  }
  /** Gas used by the pinned block over its limit. */
  readonly gasUsedShare?: Ratio
  /** The newest block that can no longer be replaced, and how far the pinned one is ahead of it. */
  readonly finalised?: { readonly number: number; readonly lagBlocks: number; readonly lagSeconds: number }
  readonly providers: ProviderVitals
  /** Of a rollup, by its uptime feed; absent if none is configured, or if it could not be read. */
  readonly sequencer?: { readonly status: 'up' | 'down'; readonly since: UnixSeconds }
}

export interface ProviderVitals {
  readonly configured: number
  /** How many must agree. */
  readonly quorum: number
  /** How many agreed on the block and on every answer. */
  readonly agreed: number
  /** Names of those whose head was older than the agreed block. */
  readonly behind: readonly string[]
  /** Names of those that told another state of the same chain. */
  readonly contradicting: readonly string[]
}

export interface ChainCause {
  readonly code: 'base-fee' | 'head-age' | 'finality' | 'providers' | 'sequencer' | 'unseen'
  readonly mode: Exclude<ChainMode, 'NORMAL'>
  readonly reason: string
}

/** How one provider did over the runs of a portfolio. */
export interface ProviderRecord {
  readonly name: string
  /** Scheme and host only. */
  readonly host: string
  /** A letter for each of the last 20 runs at most, oldest first: `.` answered well, `l` lied, `w` told another state, `x` any other fault. */
  readonly runs: string
  /** Of the last 5 runs at most that it answered well, oldest first. */
  readonly milliseconds: readonly number[]
  readonly lastFault?: { readonly code: string; readonly at: UnixSeconds }
  /** It failed in most of its last 20 runs, and has not come back from that yet. */
  readonly isFailing: boolean
}

export interface ChainHealth {
  readonly chainId: number
  readonly at: UnixSeconds
  /** The worst of this snapshot's causes and of those in `earlier`: entered at once, left after enough calm snapshots. */
  readonly mode: ChainMode
  /** Why it is not NORMAL, in words; empty if it is. */
  readonly reasons: readonly string[]
  /** Absent if the chain could not be read. */
  readonly vitals?: ChainVitals
  /** What was wrong at this snapshot. */
  readonly causes: readonly ChainCause[]
  /** What was wrong at the snapshots before that still count, newest first. */
  readonly earlier: readonly (readonly ChainCause[])[]
  /** In the order of the settings; absent: nobody kept count. */
  readonly providers?: readonly ProviderRecord[]
}
