// An order: exactly one transaction, from proposal to confirmation, in one item.

import type { Ratio, TokenUnits, UnixSeconds, Usd } from '../base/units.ts'
import type { OrderLimits } from './configuration.ts'
import type { DataState } from './data-state.ts'
import type { Address, AssetSymbol, Hash, Hex, PinnedBlock } from './identity.ts'
import type { OutboxEntry } from './outbox.ts'
import type { PlanCandidate } from './verdict.ts'

/** The whole life of an order. No other arrow exists. */
export const orderArrows = {
  PROPOSED: ['PROPOSED', 'APPROVED', 'REJECTED', 'EXPIRED', 'VOID'],
  APPROVED: ['SIGNED', 'EXPIRED', 'VOID', 'FAILED'],
  SIGNED: ['SUBMITTED', 'FAILED'],
  SUBMITTED: ['SUBMITTED', 'MINED', 'REVERTED', 'FAILED'],
  MINED: ['CONFIRMED', 'SUBMITTED', 'REVERTED'],
  CONFIRMED: [],
  REJECTED: [],
  EXPIRED: [],
  VOID: [],
  REVERTED: [],
  FAILED: [],
} as const satisfies Record<string, readonly string[]>

export type OrderStatus = keyof typeof orderArrows

/** A typed step with exact amounts; there is no generic call. */
export type Action =
  /** Reverts after the order's deadline; always first. Carries the order's digest, so that a signature covers it. */
  | { readonly kind: 'deadline'; readonly contract: Address; readonly validUntil: UnixSeconds }
  | { readonly kind: 'approve'; readonly asset: AssetSymbol; readonly spender: Address; readonly units: TokenUnits }
  | { readonly kind: 'aave-v3-withdraw'; readonly asset: AssetSymbol; readonly units: TokenUnits }
  | { readonly kind: 'aave-v3-repay'; readonly asset: AssetSymbol; readonly units: TokenUnits }
  | {
      readonly kind: 'uniswap-v3-swap'
      readonly assetIn: AssetSymbol
      readonly assetOut: AssetSymbol
      readonly feeTier: number
      readonly unitsIn: TokenUnits
      readonly minUnitsOut: TokenUnits
      readonly quotedUnitsOut: TokenUnits
    }

/** One call of the batch. */
export interface Call {
  readonly to: Address
  readonly value: TokenUnits
  readonly data: Hex
  /** For people: `withdraw 12.5 WETH from Aave v3`. */
  readonly label: string
}

/** The fields of a Safe transaction that owners sign (Safe 1.3 and later). */
export interface SafeTransaction {
  readonly to: Address
  readonly value: TokenUnits
  readonly data: Hex
  /** 0 call, 1 delegatecall: 1 only for the pinned MultiSendCallOnly. */
  readonly operation: 0 | 1
  readonly safeTxGas: TokenUnits
  readonly baseGas: TokenUnits
  readonly gasPrice: TokenUnits
  readonly gasToken: Address
  readonly refundReceiver: Address
  readonly nonce: number
}

export interface SimulatedStep {
  readonly label: string
  readonly ok: boolean
  readonly gasUsed: number
  /** Why it failed. */
  readonly reason?: string
}

export interface Simulation {
  readonly at: UnixSeconds
  readonly block: PinnedBlock
  readonly ok: boolean
  readonly reason?: string
  readonly gasUsed: number
  readonly steps: readonly SimulatedStep[]
  /** The account as the protocol would report it afterwards. */
  readonly after: {
    readonly healthFactor?: number
    readonly debtUsd?: Usd
    readonly collateralUsd?: Usd
    /** Spender allowances that are not zero afterwards; must be empty. */
    readonly leftoverAllowances: readonly string[]
    /** Net change of the account's token balances, whole tokens. */
    readonly balanceChanges: Readonly<Record<AssetSymbol, number>>
  }
  /** What happens if nothing is done, now. */
  readonly healthFactorBefore?: number
}

/** An owner's EIP-712 signature of the very Safe transaction. */
export interface Approval {
  readonly approver: Address
  readonly signature: Hex
  readonly safeTransactionHash: Hash
  readonly at: UnixSeconds
  readonly channel: 'page' | 'cli'
}

/** Signed bytes, stored before they were broadcast. */
export interface SignedTransaction {
  readonly hash: Hash
  readonly raw: Hex
  readonly nonce: number
  readonly maxFeePerGasGwei: number
  readonly maxPriorityFeePerGasGwei: number
  readonly gasLimit: number
  readonly signedAt: UnixSeconds
}

export interface OrderReceipt {
  readonly hash: Hash
  readonly blockNumber: number
  readonly blockHash: Hash
  readonly succeeded: boolean
  readonly gasUsed: number
  readonly effectiveGasPriceGwei: number
  readonly gasCostUsd: Usd
  readonly confirmations: number
}

/** Predicted and actual stand side by side. */
export interface Outcome {
  readonly healthFactor?: number
  readonly debtUsd?: Usd
  readonly collateralUsd?: Usd
  readonly gasUsd?: Usd
  /** Everything that the order costs: fees, slippage, gas. */
  readonly costUsd?: Usd
  readonly balanceChanges: Readonly<Record<AssetSymbol, number>>
}

/** One link of the order's hash chain. */
export interface OrderEvent {
  readonly at: UnixSeconds
  readonly kind: string
  readonly status: OrderStatus
  readonly note: string
  readonly previous: Hash
  readonly hash: Hash
}

export interface Order {
  /** `portfolio~purpose~0001`. */
  readonly id: string
  readonly version: number
  readonly status: OrderStatus
  /** Which installation made it: part of the digest, so that two that watch the same Safe cannot be confused. */
  readonly deployment: string
  readonly portfolioId: string
  readonly purpose: 'restore-health'
  readonly planId: string
  readonly alertId: string
  readonly snapshotId: string
  readonly chainId: number
  /** The Safe. */
  readonly account: Address
  /** 1 for the first quote, one more for each re-quote in place. */
  readonly quote: number
  readonly createdAt: UnixSeconds
  readonly quotedAt: UnixSeconds
  readonly validUntil: UnixSeconds
  readonly block: PinnedBlock
  readonly summary: string
  readonly why: string
  readonly chosen: PlanCandidate
  readonly alternatives: readonly PlanCandidate[]
  readonly targetHealthFactor: number
  readonly actions: readonly Action[]
  readonly calls: readonly Call[]
  readonly safeTransaction: SafeTransaction
  readonly safeTransactionHash: Hash
  /** Covers everything else here that was decided; embedded in the first call. */
  readonly digest: Hash
  readonly limits: OrderLimits
  /** What the lending protocol believed at the quote of each asset that the order moves or that the account's health stands on. */
  readonly prices: Readonly<Record<AssetSymbol, Usd>>
  /** USD for the coin that pays gas, at the quote. */
  readonly gasCoinUsd: Usd
  readonly maxPriceMove: Ratio
  readonly policyVersion: string
  /** Owners of the Safe that are configured approvers; their set is part of the digest. */
  readonly approvers: readonly Address[]
  /** The Safe's threshold. */
  readonly requiredApprovals: number
  readonly simulation: Simulation
  readonly predicted: Outcome
  readonly doNothing: { readonly healthFactor?: number; readonly text: string }
  readonly dataState: DataState
  /** Random; whoever has the link may look. */
  readonly linkKey: string
  readonly approvals: readonly Approval[]
  readonly transactions: readonly SignedTransaction[]
  readonly relayer?: Address
  readonly receipt?: OrderReceipt
  readonly actual?: Outcome
  readonly ending?: string
  readonly events: readonly OrderEvent[]
  readonly outbox: readonly OutboxEntry[]
}

/** A relayer's item: which nonces and how much gas money are spoken for. */
export interface SignerLedger {
  /** `chainId#address`. */
  readonly id: string
  readonly version: number
  readonly nextNonce: number
  readonly reservations: readonly {
    readonly orderId: string
    readonly nonce: number
    readonly maxGasUsd: Usd
    readonly at: UnixSeconds
    /** Fees of bytes with this nonce that were sent and never mined: a node takes new bytes in their place only for more. */
    readonly outbid?: { readonly maxFeePerGasGwei: number; readonly maxPriorityFeePerGasGwei: number }
  }[]
}
