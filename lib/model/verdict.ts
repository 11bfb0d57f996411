// Noun 4: what follows from a report - alerts, plans and the portfolio's memory.

import type { UnixSeconds, Usd } from '../base/units.ts'
import type { ChainHealth } from './chain-health.ts'
import type { Severity } from './configuration.ts'
import type { DataState } from './data-state.ts'
import type { AssetSymbol } from './identity.ts'
import type { OutboxEntry } from './outbox.ts'
import type { PriceMemory } from './price-memory.ts'

/** `error`: the rule could not be evaluated (NaN, a gap, an unknown name); never the same as "not breached". */
export type AlertState = 'raised' | 'worsened' | 'recovered' | 'error' | 'blind'

export interface Alert {
  /** `portfolio~rule~episode~state`, with the count for `worsened`: the same edge has the same id however often it is computed. */
  readonly id: string
  readonly portfolioId: string
  readonly ruleId: string
  readonly state: AlertState
  readonly severity: Severity
  readonly at: UnixSeconds
  readonly snapshotId: string
  readonly reportId: string
  /** One line: what, how much, against which limit. */
  readonly title: string
  /** Why: what moved since the last snapshot, exact where it can be. */
  readonly why: string
  /** What to do, and what it costs. */
  readonly todo: string
  readonly value?: number
  readonly limit?: number
  readonly dataState: DataState
  readonly dataAgeSeconds: number
  /** For `recovered`: how long the breach lasted. */
  readonly durationSeconds?: number
}

/** A step as a plan means it, in whole tokens; `propose` turns it into exact calls. */
export type Intent =
  | { readonly kind: 'repay'; readonly protocol: 'aave-v3'; readonly asset: AssetSymbol; readonly quantity: number }
  | { readonly kind: 'withdraw'; readonly protocol: 'aave-v3'; readonly asset: AssetSymbol; readonly quantity: number }
  | {
      readonly kind: 'swap'
      readonly venue: 'uniswap-v3'
      readonly assetIn: AssetSymbol
      readonly assetOut: AssetSymbol
      readonly feeTier: number
      readonly quantityIn: number
      /** At the plan's prices, before slippage. */
      readonly expectedOut: number
    }

export interface PlanCandidate {
  readonly kind: 'repay-from-spare' | 'withdraw-repay' | 'withdraw-swap-repay'
  /** In words: `repay 12,000 USDC from the account`. */
  readonly summary: string
  readonly intents: readonly Intent[]
  /** Pool fees and expected slippage; gas is added by `propose`. */
  readonly costUsd: Usd
  readonly predictedHealthFactor: number
  /** False if it falls short of the target. */
  readonly reachesTarget: boolean
}

export interface Plan {
  /** `portfolio~purpose~rule~episode~n`. */
  readonly id: string
  readonly portfolioId: string
  readonly purpose: 'restore-health'
  readonly ruleId: string
  readonly alertId: string
  readonly snapshotId: string
  readonly reportId: string
  readonly at: UnixSeconds
  readonly positionId: string
  readonly targetHealthFactor: number
  readonly healthFactorBefore: number
  /** Cheapest that reaches the target first; never empty. */
  readonly candidates: readonly PlanCandidate[]
  readonly dataState: DataState
}

export interface RuleMemory {
  /** The text that this remembers; another text is another rule. */
  readonly when?: string
  readonly state: 'quiet' | 'breached' | 'error'
  /** Counts breaches of this rule since it exists. */
  readonly episode: number
  readonly since: UnixSeconds
  readonly value?: number
  /** The worst value that was told; only a value worse by a step tells again. */
  readonly toldValue?: number
  readonly worsenedCount: number
  readonly calmSamples: number
  readonly planCount: number
  readonly lastPlanAt?: UnixSeconds
}

/** An asset or a position that cannot be trusted, or could not be; by `_sight:<asset or position>`, or `_empty`. */
export interface PartMemory {
  readonly isBad: boolean
  readonly episode: number
  readonly since: UnixSeconds
  readonly goodSamples: number
  /** What it was told with. */
  readonly severity: Severity
}

/** A portfolio's memory: one item, one conditional write. */
export interface PortfolioMemory {
  readonly portfolioId: string
  /** Of the stored item; 0 before it exists. */
  readonly version: number
  readonly lastAt?: UnixSeconds
  readonly lastSnapshotId?: string
  readonly lastReportId?: string
  /** Of the rules that are configured. */
  readonly rules: Readonly<Record<string, RuleMemory>>
  /** Episodes of rules that were configured once: if one comes back, its alerts must not repeat an id. */
  readonly retiredEpisodes?: Readonly<Record<string, number>>
  /** Since when the portfolio cannot be seen. */
  readonly blindSince?: UnixSeconds
  readonly blindEpisode: number
  readonly parts?: Readonly<Record<string, PartMemory>>
  /** How the chains did when last seen, so that a mode is left only after enough calm snapshots. */
  readonly chains?: readonly ChainHealth[]
  /** What was last believed of each price, so that one that goes back or jumps is seen to. */
  readonly prices?: readonly PriceMemory[]
  /** Ids of the chains' events that were told, as long as the chains remember them; absent: none was looked at. */
  readonly toldEvents?: readonly string[]
  readonly outbox: readonly OutboxEntry[]
}

export interface Verdict {
  readonly alerts: readonly Alert[]
  readonly plans: readonly Plan[]
  readonly memory: PortfolioMemory
}

/** The memory of a portfolio that has never been assessed. */
export function emptyMemory(portfolioId: string): PortfolioMemory {
  return { portfolioId, version: 0, rules: {}, blindEpisode: 0, outbox: [] }
}
