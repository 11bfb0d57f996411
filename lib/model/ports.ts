// The doors between the corridor and everything impure, as types only: flows are handed these and know no vendor.

import type { UnixSeconds, Usd } from '../base/units.ts'
import type { ChainCursor, ChainEvent, Touched } from './chain-cursor.ts'
import type { ChainSettings, WebhookInForce } from './chain-settings.ts'
import type { AssetConfig, ChainConfig, Configuration, NotifierConfig, PortfolioSettings } from './configuration.ts'
import type { HistoryConfig } from './history.ts'
import type { HolderCount } from './holder-count.ts'
import type { Address, AssetSymbol, Hash, Hex, PinnedBlock } from './identity.ts'
import type { MacroSeriesConfig } from './macro.ts'
import type { Message } from './messages.ts'
import type { Action, Call, Order, SignedTransaction, SignerLedger, Simulation } from './order.ts'
import type { ProviderOutcome, Reading } from './reading.ts'
import type { Delivery, DeliveryReceipt, Notice } from './receipt.ts'
import type { Report } from './report.ts'
import type { Snapshot } from './snapshot.ts'
import type { VenueReading } from './venue-reading.ts'
import type { Alert, Intent, Plan, PortfolioMemory } from './verdict.ts'

export type { Clock } from '../base/time.ts'

/** Hands out unguessable text; the only source of chance. */
export interface RandomText {
  /** 32 hexadecimal digits. */
  key(): string
}

// ---------------------------------------------------------------- store

/** An item of one aggregate: state and outbox change together, conditionally on `version`. */
export interface Item<Body = unknown> {
  readonly partition: string
  readonly sort: string
  /** 1 for the first write, one more for each change. */
  readonly version: number
  readonly body: Body
  /** Set while the outbox is not empty: oldest entry. Puts the item into the pending index. */
  readonly pendingSince?: UnixSeconds
  /** The store may forget the item from here on. */
  readonly expiresAt?: UnixSeconds
}

export interface ItemKey {
  readonly partition: string
  readonly sort: string
}

/** What every store is built on: DynamoDB in the cloud, a map in tests; one contract suite for both. Bodies are plain JSON. */
export interface Table {
  get(key: ItemKey): Promise<Item | undefined>
  /** Writes an item that must not exist yet. `exists` is an expected outcome, not an error. */
  create(item: Omit<Item, 'version'>): Promise<'created' | 'exists'>
  /** Writes version `expected + 1` if the stored version is `expected`. */
  replace(item: Omit<Item, 'version'>, expected: number): Promise<'replaced' | 'conflict'>
  /** Sorted by `sort`. */
  list(params: {
    readonly partition: string
    readonly prefix: string
    readonly newestFirst: boolean
    readonly limit: number
  }): Promise<readonly Item[]>
  /** Keys of items whose outbox has waited since before `before`, over all shards. */
  pending(params: { readonly before: UnixSeconds; readonly limit: number }): Promise<readonly ItemKey[]>
}

export interface WatchStore {
  memory(portfolioId: string): Promise<PortfolioMemory | undefined>
  /** `conflict`: somebody else changed it since `memory.version` was read. */
  saveMemory(memory: PortfolioMemory): Promise<'saved' | 'conflict'>
  putSnapshot(snapshot: Snapshot): Promise<void>
  snapshot(portfolioId: string, snapshotId: string): Promise<Snapshot | undefined>
  latestSnapshots(portfolioId: string, limit: number): Promise<readonly Snapshot[]>
  putReport(report: Report): Promise<void>
  report(portfolioId: string, reportId: string): Promise<Report | undefined>
  latestReports(portfolioId: string, limit: number): Promise<readonly Report[]>
  putAlert(alert: Alert): Promise<void>
  alert(portfolioId: string, alertId: string): Promise<Alert | undefined>
  latestAlerts(portfolioId: string, limit: number): Promise<readonly Alert[]>
  putPlan(plan: Plan): Promise<void>
  plan(portfolioId: string, planId: string): Promise<Plan | undefined>
  receipt(portfolioId: string, noticeId: string, notifierId: string): Promise<DeliveryReceipt | undefined>
  putReceipt(receipt: DeliveryReceipt): Promise<void>
  latestReceipts(portfolioId: string, limit: number): Promise<readonly DeliveryReceipt[]>
  /** Portfolios whose outbox has leftovers. */
  pendingPortfolios(before: UnixSeconds): Promise<readonly string[]>
}

export interface OrderStore {
  order(orderId: string): Promise<Order | undefined>
  /** Newest first. */
  orders(portfolioId: string, limit: number): Promise<readonly Order[]>
  latestOf(portfolioId: string, purpose: Order['purpose']): Promise<Order | undefined>
  create(order: Order): Promise<'created' | 'exists'>
  save(order: Order): Promise<'saved' | 'conflict'>
  ledger(signerId: string): Promise<SignerLedger | undefined>
  saveLedger(ledger: SignerLedger): Promise<'saved' | 'conflict'>
  pendingOrders(before: UnixSeconds): Promise<readonly string[]>
}

export interface ConfigPointer {
  readonly version: string
  /** Hash of the file that the last deploy carried. */
  readonly deployedFileHash?: string
  readonly movedAt: UnixSeconds
  readonly movedBy: string
  /** Of the item; 0 before it exists. */
  readonly itemVersion: number
}

export interface ConfigStore {
  pointer(): Promise<ConfigPointer | undefined>
  /** Ids of the portfolios under a version. */
  portfolios(version: string): Promise<readonly { readonly id: string; readonly everySeconds: number }[]>
  settings(version: string, portfolioId: string): Promise<PortfolioSettings | undefined>
  /** The chains under a version that a portfolio has an account on. */
  chains(
    version: string,
  ): Promise<readonly { readonly id: string; readonly chainId: number; readonly countsHolders?: true }[]>
  /** One of them with its portfolios; undefined if it is not there. */
  chain(version: string, chainId: number): Promise<ChainSettings | undefined>
  /** Providers that may tell us of a chain. */
  webhooks(version: string): Promise<readonly WebhookInForce[]>
  /** Where past prices are fetched from; no sources if none are configured. */
  history(version: string): Promise<HistoryConfig>
  /** Series that betas are measured against; none if none are configured. */
  macro(version: string): Promise<readonly MacroSeriesConfig[]>
  /** Who may look: approvers and viewers. */
  viewers(version: string): Promise<readonly Address[]>
  /** Writes every item of a version; safe to repeat. */
  putVersion(version: string, configuration: Configuration): Promise<void>
  movePointer(next: Omit<ConfigPointer, 'itemVersion'>, expectedItemVersion: number): Promise<'moved' | 'conflict'>
}

export interface ChainStore {
  cursor(chainId: number): Promise<ChainCursor | undefined>
  /** `conflict`: another run moved it since `cursor.version` was read. */
  saveCursor(cursor: ChainCursor): Promise<'saved' | 'conflict'>
}

export interface HolderStore {
  count(chainId: number, asset: AssetSymbol): Promise<HolderCount | undefined>
  /** `conflict`: another run moved it since `count.version` was read. */
  saveCount(count: HolderCount): Promise<'saved' | 'conflict'>
}

/** What may happen once, such as the use of a signed request. */
export interface OnceStore {
  /** True for exactly one caller; may be forgotten after `until`. */
  first(key: string, until: UnixSeconds): Promise<boolean>
}

/** Console sessions and login nonces; keys are hashed before they come here. */
export interface SessionStore {
  put(session: {
    readonly key: string
    readonly who: string
    readonly purpose: 'session' | 'link' | 'nonce'
    readonly expiresAt: UnixSeconds
  }): Promise<void>
  get(
    key: string,
  ): Promise<{ readonly who: string; readonly purpose: string; readonly expiresAt: UnixSeconds } | undefined>
  /** True for exactly one caller: uses up a link or a nonce. */
  take(key: string, at: UnixSeconds): Promise<boolean>
}

// ---------------------------------------------------------------- bus

export interface Sending {
  readonly message: Message
  /** Equal ids within five minutes are one message on a FIFO queue; elsewhere a hint. */
  readonly deduplicationId: string
  /** FIFO group; only executions (`chainId:account`) and chains (`chainId`) have groups. */
  readonly group?: string
  readonly delaySeconds?: number
}

export interface Bus {
  /** Resolves when the queue has accepted all; throws `bus-refused` naming those that it has not. */
  send(sendings: readonly Sending[]): Promise<void>
}

// ---------------------------------------------------------------- the outer rooms

/** Room 1. Never throws for a failed read: failures are gaps of the reading. */
export interface Sources {
  read(params: { readonly settings: PortfolioSettings; readonly at: UnixSeconds }): Promise<Reading>
}

/** Readings of the portfolio's venues in the order of the settings. Never throws for what a venue does: that is a gap. */
export interface VenueSources {
  read(params: { readonly settings: PortfolioSettings; readonly at: UnixSeconds }): Promise<readonly VenueReading[]>
}

/** What following a chain came to. */
export type Followed =
  | {
      readonly kind: 'followed'
      /** Where the next run goes on; `version` is that of the cursor that was given. */
      readonly cursor: ChainCursor
      /** False: nothing is new, and there is nothing to store. */
      readonly isNew: boolean
      readonly touched: readonly Touched[]
      /** Those of this run that are kept for people. */
      readonly events: readonly ChainEvent[]
      /** Logs of this run that meant something. */
      readonly heard: number
      /** Blocks that left the chain since the last run. */
      readonly orphaned: number
      readonly providers: readonly ProviderOutcome[]
    }
  | {
      readonly kind: 'unread'
      readonly code: string
      readonly reason: string
      readonly providers: readonly ProviderOutcome[]
    }

/** Room 1, the other half: what contracts said since the cursor. Never throws for a failed read. */
export interface ChainEvents {
  follow(params: {
    readonly settings: ChainSettings
    /** Absent: the chain is heard from its head on. */
    readonly cursor: ChainCursor | undefined
    readonly at: UnixSeconds
    /** A block that should be there by now: waited for, briefly. */
    readonly atLeast?: number
  }): Promise<Followed>
}

/** What counting a token's holders further came to. `isCaughtUp`: there is no more to count for now. */
export type Counted =
  | { readonly kind: 'counted'; readonly count: HolderCount; readonly isCaughtUp: boolean }
  | { readonly kind: 'unread'; readonly code: string; readonly reason: string }

/** Room 1, in its own time: who holds a token. Never throws for a failed read. */
export interface HolderCounts {
  advance(params: {
    readonly chain: ChainConfig
    readonly asset: AssetConfig
    readonly fromBlock: number
    /** As it was stored; absent: never. */
    readonly count: HolderCount | undefined
    readonly at: UnixSeconds
  }): Promise<Counted>
}

/** A plan made exact: quotes, amounts, calls and the Safe's nonce, all read at one block. */
export interface PreparedOrder {
  readonly block: PinnedBlock
  readonly actions: readonly Action[]
  /** The Safe at that block. */
  readonly account: { readonly nonce: number; readonly owners: readonly Address[]; readonly threshold: number }
  readonly expectedCostUsd: Usd
}

/** Room 5, chain side. Throws HomeostatError with retry later/never. */
export interface Venues {
  /** Quotes and exact amounts for a plan's intents; the first action is the deadline. */
  prepare(params: {
    readonly settings: PortfolioSettings
    readonly intents: readonly Intent[]
    readonly validUntil: UnixSeconds
    readonly prices: Readonly<Record<AssetSymbol, Usd>>
  }): Promise<PreparedOrder>
  /** Typed actions as calls, not yet sealed with the order's digest (`sealCalls` in order-hash.ts). Pure. */
  encode(params: { readonly settings: PortfolioSettings; readonly actions: readonly Action[] }): readonly Call[]
  /** Pre-flight of the calls from the Safe on the latest block, with the account's state afterwards. */
  simulate(params: {
    readonly settings: PortfolioSettings
    readonly calls: readonly Call[]
    readonly actions: readonly Action[]
    readonly at: UnixSeconds
  }): Promise<Simulation>
  /** The Safe as it is now. */
  account(params: { readonly settings: PortfolioSettings }): Promise<{
    readonly block: PinnedBlock
    readonly nonce: number
    readonly owners: readonly Address[]
    readonly threshold: number
  }>
  /** The lending account's health and debt as the protocol reports them, at a block or now. */
  health(params: { readonly settings: PortfolioSettings; readonly blockNumber?: number }): Promise<{
    readonly block: PinnedBlock
    readonly healthFactor?: number
    readonly collateralUsd: Usd
    readonly debtUsd: Usd
    readonly prices: Readonly<Record<AssetSymbol, Usd>>
    /** In the account itself, whole tokens. */
    readonly balances: Readonly<Record<AssetSymbol, number>>
    /** In the account and supplied, less owed, whole tokens: what an order can change. */
    readonly holdings: Readonly<Record<AssetSymbol, number>>
  }>
}

export interface FeePlan {
  readonly gasLimit: number
  readonly maxFeePerGasGwei: number
  readonly maxPriorityFeePerGasGwei: number
  readonly gasCostUsd: Usd
}

export interface ChainReceipt {
  readonly hash: Hash
  readonly blockNumber: number
  readonly blockHash: Hash
  readonly succeeded: boolean
  readonly gasUsed: number
  readonly effectiveGasPriceGwei: number
  /** Blocks on top, counting its own: 1 when just mined. */
  readonly confirmations: number
}

/** Room 5, the key that pays gas and owns nothing. */
export interface Relayer {
  address(): Promise<Address>
  /** The next nonce that a block can take: mined transactions only, for those that hang in the pool are the ledger's business. */
  nonce(params: { readonly settings: PortfolioSettings }): Promise<number>
  /** Simulates the whole `execTransaction` with the real signatures and prices its gas. */
  estimate(params: {
    readonly settings: PortfolioSettings
    readonly order: Order
    readonly ethUsd: Usd
  }): Promise<FeePlan>
  /** Signs `execTransaction`; touches no network but the key's. */
  sign(params: {
    readonly settings: PortfolioSettings
    readonly order: Order
    readonly nonce: number
    readonly fees: FeePlan
    readonly at: UnixSeconds
  }): Promise<SignedTransaction>
  /** Sends stored bytes; bytes that the chain already knows are a success. */
  broadcast(params: { readonly settings: PortfolioSettings; readonly raw: Hex }): Promise<void>
  receipt(params: { readonly settings: PortfolioSettings; readonly hash: Hash }): Promise<ChainReceipt | undefined>
}

/** Room 5, people side. Never throws: what went wrong is the delivery. */
export interface Notifiers {
  deliver(params: { readonly notifier: NotifierConfig; readonly notice: Notice }): Promise<Delivery>
}

/** One structured line a run. */
export interface Log {
  line(event: string, facts: Readonly<Record<string, unknown>>): void
}
