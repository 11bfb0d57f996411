// Noun 3: the risk in one snapshot.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'
import type { Greeks } from '../instruments/greeks/greeks.ts'
import type { GreeksUsd } from '../instruments/greeks/in-usd.ts'
import type { ChainHealth } from './chain-health.ts'
import type { DataState } from './data-state.ts'
import type { DayChanges, FigureChanges } from './figure-change.ts'
import type { AssetSymbol, PinnedBlock, Underlying } from './identity.ts'
import type { MacroBeta, ModelStanding, SurfaceSummary, VolatilityForecast } from './market-model.ts'
import type { PriceMemory, PriceSignal } from './price-memory.ts'
import type { RegimeView } from './regime.ts'
import type { MarketSource } from './snapshot.ts'
import type { StressTest } from './stress.ts'
import type { TailRisk } from './tail-risk.ts'
import type { Telemetry } from './telemetry.ts'
import type { VenueAccount } from './venue-reading.ts'

export interface PositionRisk {
  readonly positionId: string
  readonly label: string
  readonly kind: string
  /** Whose prices it reads; absent for a position that was not read. */
  readonly assets?: readonly AssetSymbol[]
  readonly valueUsd: Usd
  /** Absent for a position that is left out. */
  readonly greeks?: Greeks
  /** Further figures that people of the field look for, by names that end in their unit; absent: none. */
  readonly details?: Readonly<Record<string, number>>
  /** What a reader of the value has to know: expired, extrapolated, stale; absent: nothing. */
  readonly warnings?: readonly string[]
  readonly dataState: DataState
}

/** The price of one underlying, all else equal, at which the account can be liquidated. */
export interface LiquidationPrice {
  readonly underlying: Underlying
  readonly usd: Usd
  /** Liquidated when the price falls below, or rises above. */
  readonly side: 'below' | 'above'
  /** usd / spot - 1: -0.25 is a fall by a quarter. */
  readonly distance: Ratio
}

export interface LendingLegRisk {
  readonly asset: AssetSymbol
  readonly collateral: number
  readonly collateralUsd: Usd
  readonly liquidationThreshold: Ratio
  readonly debt: number
  readonly debtUsd: Usd
  /** The part of `debt` that is owed at the variable rate; absent: all of it. */
  readonly variableDebt?: number
  /** Frozen: no new supply or debt. Paused: nothing moves at all. Absent: not known to be. */
  readonly frozen?: boolean
  readonly paused?: boolean
}

export interface SafeCollateral {
  /** What counts as collateral, at the lower of protocol and market, without what is marked above its market. */
  readonly collateralUsd: Usd
  /** The health factor with that. Absent without debt. */
  readonly healthFactor?: number
  /** Collateral that does not count, at the protocol's price. */
  readonly excluded: readonly { readonly asset: AssetSymbol; readonly usd: Usd; readonly reason: string }[]
  /** Absent where the market of a collateral is not known, and without debt. */
  readonly liquidation?: Liquidation
}

/** Selling the collateral into the pools that are known, until each pays 2 % less. */
export interface Liquidation {
  readonly fetchesUsd: Usd
  /** Debt that the collateral is worth, and that selling it could not repay; 0 if it could. */
  readonly shortfallUsd: Usd
  /** Collateral of which more is held than its pools take. */
  readonly thin: readonly { readonly asset: AssetSymbol; readonly collateralUsd: Usd; readonly fetchesUsd: Usd }[]
}

export interface AccountHealth {
  readonly positionId: string
  readonly protocol: string
  readonly collateralUsd: Usd
  readonly debtUsd: Usd
  /** Sum of collateral x liquidation threshold. */
  readonly borrowingPowerUsd: Usd
  /** The lower of the model's and the protocol's own: the protocol decides liquidation. Absent without debt in both. */
  readonly healthFactor?: number
  /** What the legs that we know add up to. */
  readonly modelHealthFactor?: number
  /** What the protocol itself says. */
  readonly protocolHealthFactor?: number
  /** Why the model and the protocol's own summary are apart; absent if they agree within the protocol's rounding. */
  readonly disagreement?: readonly string[]
  /** What the collateral is good for if its protocol is wrong; absent: not known. */
  readonly safe?: SafeCollateral
  /** The debt, beyond `debtUsd`, that would explain a lower factor of the protocol's. */
  readonly unexplainedDebtUsd?: Usd
  readonly legs: readonly LendingLegRisk[]
  readonly liquidationPrices: readonly LiquidationPrice[]
}

export interface StressRow {
  /** `ETH -20 %`, `all -50 %`. */
  readonly scenario: string
  readonly navUsd: Usd
  readonly changeUsd: Usd
  readonly healthFactor?: number
}

/** What is freely held outside protocols, by asset: what a repayment could use. */
export interface SpareHolding {
  readonly asset: AssetSymbol
  readonly quantity: number
  readonly usd: Usd
}

export interface PriceView {
  readonly asset: AssetSymbol
  readonly underlying: Underlying
  readonly usd?: Usd
  readonly ageSeconds?: number
  readonly protocolUsd?: Usd
  readonly marketUsd?: Usd
  readonly lensGap?: Ratio
  /** As the snapshot has them: who is believed instead, that the first source says what cannot be, and what is told without distrusting it. */
  readonly source?: string
  readonly isRefused?: true
  readonly signals?: readonly PriceSignal[]
  readonly dataState: DataState
}

/** A pool in which a plan could swap, with its depth. */
export interface PoolView {
  readonly pool: string
  readonly base: AssetSymbol
  readonly quote: AssetSymbol
  readonly feeTier: number
  readonly price: number
}

export interface Report {
  /** `snapshotId~policyVersion`, and where there is a market model `~` and its id. */
  readonly id: string
  readonly snapshotId: string
  readonly portfolioId: string
  readonly configVersion: string
  readonly at: UnixSeconds
  readonly blocks: readonly PinnedBlock[]
  /** How each chain does; absent: not known. */
  readonly chains?: readonly ChainHealth[]
  readonly navUsd: Usd
  /** The sum over all positions that could be valued; wstETH counts as ETH, a pool position as both its sides. */
  readonly netGreeks: Greeks
  /** The same in the units that people trade in. */
  readonly netGreeksUsd: GreeksUsd
  /** Spot by underlying. */
  readonly price: Readonly<Record<Underlying, Usd>>
  /** The lowest of all accounts; absent without debt. */
  readonly healthFactor?: number
  readonly positions: readonly PositionRisk[]
  readonly accounts: readonly AccountHealth[]
  readonly stress: readonly StressRow[]
  /** Grid, crises, the smallest breach and who is to blame; absent in reports from before there was one. */
  readonly stressTest?: StressTest
  /** Why the headline numbers are not those of the report before; absent: that was not at hand. */
  readonly changes?: FigureChanges
  /** The same since the UTC day began; absent: there is no report before. */
  readonly dayChanges?: DayChanges
  readonly spare: readonly SpareHolding[]
  readonly prices: readonly PriceView[]
  readonly pools: readonly PoolView[]
  /** Who told forwards, volatilities and funding, and when; absent: nobody. */
  readonly marketSources?: readonly MarketSource[]
  /** What secures positions at exchanges; absent: there is none. */
  readonly venueAccounts?: readonly VenueAccount[]
  /** What the next snapshot compares prices with; absent: nothing was read. */
  readonly priceMemory?: readonly PriceMemory[]
  /** How the markets do that the portfolio depends on; absent: not known. */
  readonly telemetry?: readonly Telemetry[]
  /** Of the model that regime and tail risk stand on; absent: there is none yet, and `marketModelMissing` says why. */
  readonly marketModelId?: string
  readonly marketModel?: ModelStanding
  readonly marketModelMissing?: string
  /** With the moves of the day so far; absent: the model has none. */
  readonly regime?: RegimeView
  /** Absent: there is no model, or `tailMissing` says what stands in the way. */
  readonly tail?: TailRisk
  readonly tailMissing?: string
  /** Of the model, for what the snapshot prices; absent: there is no model. */
  readonly volatility?: readonly VolatilityForecast[]
  readonly macro?: readonly MacroBeta[]
  readonly surfaces?: readonly SurfaceSummary[]
  /** Seconds between the oldest price and the snapshot. */
  readonly dataAgeSeconds: number
  readonly dataState: DataState
}
