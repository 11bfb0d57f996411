// What a desk configures, after validation: plain data that is stored per version and read by every door.

import type { UnixSeconds } from '../base/units.ts'
import type { PositionTerms } from '../instruments/index.ts'
import type { MarketData } from '../instruments/market/market-schema.ts'
import type { HistoryConfig } from './history.ts'
import type { Address, AssetSymbol, Hash, Underlying } from './identity.ts'
import type { MacroSeriesConfig } from './macro.ts'
import type { AssetPricing, FeedPins } from './price-quote.ts'

export type Severity = 'info' | 'warning' | 'critical'
export const severities = ['info', 'warning', 'critical'] as const satisfies readonly Severity[]

/** An RPC provider: a plain URL, or the name of the secret that holds it. */
export type RpcProvider =
  | { readonly name: string; readonly url: string; readonly secret?: undefined }
  | { readonly name: string; readonly secret: string; readonly url?: undefined }

export interface FeedConfig extends FeedPins {
  readonly address: Address
  /** The feed promises an update at least this often. */
  readonly heartbeatSeconds: number
  /** Late by more than heartbeat + grace means stale. */
  readonly graceSeconds: number
  /** Pinned: a feed that answers with other decimals is refused. */
  readonly decimals: number
  /** Bounds in USD; an answer outside is not a price. */
  readonly minUsd?: number
  readonly maxUsd?: number
}

export interface AssetConfig extends AssetPricing {
  readonly symbol: AssetSymbol
  readonly address: Address
  readonly decimals: number
  readonly underlying: Underlying
  /** Absent: the first of `prices` is what it is valued with. */
  readonly feed?: FeedConfig
}

export interface AaveV3Config {
  readonly pool: Address
  readonly dataProvider: Address
  readonly oracle: Address
}

export interface UniswapV3Config {
  readonly factory: Address
  readonly positions: Address
  readonly router: Address
  readonly quoter: Address
  /** Fee tiers to look for pools in, in hundredths of a basis point (500 = 0.05 %). */
  readonly feeTiers: readonly number[]
}

/** The contracts that a Safe transaction of ours may touch beside the venues. */
export interface SafeConfig {
  readonly multiSendCallOnly: Address
  /** Its empty `execute` reverts after the order's deadline. */
  readonly universalRouter: Address
}

/** The uptime feed of a rollup's sequencer: an AggregatorV3 that answers 0 while it is up. */
export interface SequencerConfig {
  readonly address: Address
  /** For so long after it came back, the chain still counts as FROZEN. */
  readonly graceSeconds: number
}

/** How the events of a chain are followed; what is absent has its default. */
export interface EventsConfig {
  /** Blocks within which a replaced one is noticed. */
  readonly reorgDepth?: number
  /** A pool's price counts as moved from here on. */
  readonly poolMoveBps?: number
  /** Transfers of configured tokens between others are told from here on; absent: never. */
  readonly largeTransferUsd?: number
  /** The same as a share of the supply. */
  readonly largeTransferShare?: number
}

/** A block that a chain has for certain. */
export interface CheckpointConfig {
  readonly number: number
  /** Its hash, or the first 32 digits of it and more, in small letters. */
  readonly hash: Hash
}

export interface ChainConfig {
  readonly id: string
  readonly chainId: number
  readonly rpc: readonly RpcProvider[]
  /** How many providers must agree (k of n). */
  readonly quorum: number
  readonly multicall3: Address
  /** Tells the chain from another one with its id. */
  readonly checkpoint?: CheckpointConfig
  /** A head older than this means that the provider lags or the chain has stopped. */
  readonly maxBlockAgeSeconds: number
  /** The newest final block is older than this: CONGESTED; FROZEN at four times as much. Absent: 1,800. */
  readonly maxFinalityLagSeconds?: number
  readonly sequencer?: SequencerConfig
  /** Blocks on top before a transaction counts as confirmed. */
  readonly confirmations: number
  readonly assets: readonly AssetConfig[]
  readonly aaveV3?: AaveV3Config
  readonly uniswapV3?: UniswapV3Config
  readonly safe?: SafeConfig
  readonly events?: EventsConfig
  /** Settings of further protocols by the name of each, as its own schema made them. */
  readonly protocols?: Readonly<Record<string, unknown>>
}

export interface PlanConfig {
  readonly kind: 'restore-health'
  /** Health factor to come back to. */
  readonly target: number
}

export interface RuleConfig {
  readonly id: string
  /** An expression of the rule language, e.g. `healthFactor < 1.3`. */
  readonly when: string
  readonly severity: Severity
  readonly message?: string
  readonly plan?: PlanConfig
  /** The rule leaves its breach only once its value is this far (a fraction of the limit) on the good side ... */
  readonly deadBand: number
  /** ... for this many snapshots in a row. */
  readonly calmSamples: number
}

export interface OrderLimits {
  readonly maxSlippageBps: number
  readonly maxGasUsd: number
  /** An approved order is executed only if no price that it reads has moved further than this since its quote. */
  readonly maxPriceMoveBps: number
  readonly validitySeconds: number
  /** The largest sum that one order may move. */
  readonly maxOrderUsd: number
}

/** A position that no source reads: an over-the-counter option, a perpetual at an exchange. A person vouches for it, for a while. */
export interface DeclaredPosition {
  readonly id: string
  readonly label: string
  readonly instrument: PositionTerms
  /** Assets and underlyings whose prices it reads. */
  readonly assets: readonly string[]
  /** When a person last compared it with the venue. */
  readonly confirmedAt: UnixSeconds
  /** Beyond this age it is DEGRADED. */
  readonly goodForSeconds: number
}

/** What is known of the market beside prices, until sources read it: a person vouches for it, for a while. */
export type DeclaredMarket = MarketData & { readonly asOf: UnixSeconds; readonly goodForSeconds: number }

export const venueKinds = ['deribit'] as const
export type VenueKind = (typeof venueKinds)[number]

/** An exchange that keeps positions and quotes options; without a secret only its market is read. */
export interface VenueConfig {
  readonly id: string
  readonly kind: VenueKind
  /** Scheme and host. */
  readonly url: string
  /** Name of the secret that holds a read-only key. */
  readonly secret?: string
  /** Whose options and perpetuals are read. */
  readonly underlyings: readonly Underlying[]
}

export interface AccountElsewhere {
  /** Id of a configured chain. */
  readonly chain: string
  readonly account: Address
}

export interface PortfolioConfig {
  readonly id: string
  readonly name: string
  /** Id of a configured chain. */
  readonly chain: string
  /** The account that holds the positions: a Safe, or a plain account (then plans are written instructions). */
  readonly account: Address
  /** Accounts on further chains: read, valued and watched; no order is made there. */
  readonly elsewhere?: readonly AccountElsewhere[]
  /** Ids of configured venues. */
  readonly venues?: readonly string[]
  readonly everySeconds: number
  readonly rules: readonly RuleConfig[]
  /** Ids of approvers. */
  readonly approvers: readonly string[]
  /** Ids of notifiers. */
  readonly notifiers: readonly string[]
  readonly limits: OrderLimits
  readonly positions?: readonly DeclaredPosition[]
  readonly marketData?: DeclaredMarket
}

export interface ApproverConfig {
  readonly id: string
  readonly address: Address
}

export type NotifierConfig =
  | { readonly id: string; readonly kind: 'console'; readonly minSeverity: Severity }
  | { readonly id: string; readonly kind: 'sms'; readonly minSeverity: Severity; readonly phone: string }
  | { readonly id: string; readonly kind: 'slack'; readonly minSeverity: Severity; readonly secret: string }

/** A provider that calls us when something happens on a chain. */
export interface WebhookConfig {
  /** Its path at the door. */
  readonly id: string
  readonly kind: 'alchemy' | 'quicknode'
  /** Id of a configured chain. */
  readonly chain: string
  /** Name of the secret that it signs with. */
  readonly secret: string
}

export interface Configuration {
  readonly chains: readonly ChainConfig[]
  readonly portfolios: readonly PortfolioConfig[]
  readonly approvers: readonly ApproverConfig[]
  /** Wallets that may open the console, beside the approvers. */
  readonly viewers: readonly Address[]
  readonly notifiers: readonly NotifierConfig[]
  readonly webhooks?: readonly WebhookConfig[]
  readonly venues?: readonly VenueConfig[]
  /** Where past prices come from besides our own snapshots. */
  readonly history?: HistoryConfig
  /** Series of the wider world that betas are measured against. */
  readonly macro?: readonly MacroSeriesConfig[]
}

/** One portfolio with all that its flows need, at one version of the configuration. */
export interface PortfolioSettings {
  readonly version: string
  readonly portfolio: PortfolioConfig
  readonly chain: ChainConfig
  /** Further chains with the account on each. */
  readonly elsewhere?: readonly { readonly chain: ChainConfig; readonly account: Address }[]
  readonly venues?: readonly VenueConfig[]
  readonly approvers: readonly ApproverConfig[]
  readonly notifiers: readonly NotifierConfig[]
}
