// How far the events of a chain have been read, and what of the chain must still be the same for that to hold.

import type { UnixSeconds } from '../base/units.ts'
import type { Severity } from './configuration.ts'
import type { Address, Hash } from './identity.ts'

/** Something that the chain said and that a person may want to know: an upgrade, a pause, a liquidation. */
export interface ChainEvent {
  /** `chainId:blockHash:logIndex`: the same log on another fork is another event. */
  readonly id: string
  /** Name in the registry of events. */
  readonly kind: string
  readonly chainId: number
  readonly block: number
  readonly blockHash: Hash
  /** Absent for what was found by looking: code that is another. */
  readonly transactionHash?: Hash
  /** Of its block where that was read, else of the run that heard it. */
  readonly at: UnixSeconds
  readonly address: Address
  /** `feed WETH`, `aaveV3.pool`: what the configuration calls the contract. */
  readonly subject: string
  /** A hint: how much it may matter before anybody has looked. */
  readonly severity: Severity
  /** One sentence for people. */
  readonly says: string
  /** Ids of the portfolios that it touches. */
  readonly portfolios: readonly string[]
}

/** A block that was the newest of a run, or that held events. */
export interface SeenBlock {
  readonly number: number
  readonly hash: Hash
  /** Indices of the logs that were taken from it; with the hash they are the ids of its events. */
  readonly logs: readonly number[]
  /** Ids of the portfolios that they touched: queued again if the block leaves the chain. */
  readonly portfolios: readonly string[]
}

/** One item a chain. It moves only after what it has passed was handed on. */
export interface ChainCursor {
  readonly chainId: number
  /** Of the stored item; 0 before it exists. */
  readonly version: number
  readonly at: UnixSeconds
  /** Oldest first; the last is how far the chain has been read. Older ones than the reorg depth are forgotten. */
  readonly blocks: readonly SeenBlock[]
  /** How many blocks one request for logs may span, as the providers have let it. */
  readonly rangeBlocks: number
  /** How far the last run stayed behind the chain's head. */
  readonly lagBlocks: number
  /** Of pools: the last price tick that was handed on, by address or pool id. */
  readonly ticks: Readonly<Record<string, number>>
  /** The hash of the code of each configured contract, and when they were last compared. */
  readonly codes?: { readonly at: UnixSeconds; readonly hashes: Readonly<Record<Address, Hash>> }
  /** Of the last day, newest last. */
  readonly events: readonly ChainEvent[]
}

/** A portfolio that events touched, and the newest block in which they did. */
export interface Touched {
  readonly portfolioId: string
  readonly block: number
  readonly hash: Hash
  /** Kinds of the events. */
  readonly causes: readonly string[]
}
