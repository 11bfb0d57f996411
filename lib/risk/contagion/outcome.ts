// What a failure does to each node, whatever method computed it.

import type { Ratio, Usd } from '../../base/units.ts'
import type { BalanceSheets } from './balance-sheets.ts'
import type { Failure, Shock } from './failure.ts'

export interface NodeOutcome {
  readonly id: string
  readonly kind: string
  /** What it pays of what it owes. */
  readonly payment: Usd
  readonly owed: Usd
  /** Fall of its own equity. What it hands on to its creditors is not its loss. */
  readonly loss: Usd
  /** What it gets less from others, before it hands anything on: a vault without equity loses nothing of its own and all for its depositors. */
  readonly claimsLost: Usd
  readonly failed: boolean
  /** Share of its equity that is lost, where the method knows it. */
  readonly debtRank?: Ratio
  /** Lent out, of what it has lent out and at hand; 1: nobody can withdraw. */
  readonly utilisation?: Ratio
}

/** What every method hands to the rest: arrays by node. */
export interface Propagation {
  readonly payments: Float64Array
  readonly received: Float64Array
  readonly loss: Float64Array
  readonly failed: (node: number) => boolean
  readonly debtRank?: Float64Array
  readonly utilisation?: ReadonlyMap<number, Ratio>
  /** Largest violation of the fixed point, relative; absent: there is none in this method. */
  readonly residual?: number
  readonly notes: readonly string[]
}

export interface PropagationParams {
  readonly sheets: BalanceSheets
  readonly failure: Failure
  /** Of a defaulting node's external assets and claims, for methods that have such costs. */
  readonly defaultRecovery: Ratio
}

export interface Contagion {
  readonly method: string
  readonly shocks: readonly Shock[]
  readonly nodes: readonly NodeOutcome[]
  /** Sum of the losses of all nodes. */
  readonly lossUsd: Usd
  /** What creditors outside of the graph lose. */
  readonly externalLossUsd: Usd
  /** What the failure destroyed: in a clearing without costs the two above sum to it. */
  readonly destroyedUsd: Usd
  readonly residual?: number
  readonly notes: readonly string[]
}
