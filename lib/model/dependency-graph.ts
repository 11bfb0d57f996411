// What a portfolio depends on: typed nodes and edges, of which each edge says who is hurt if the other fails.

import type { Ratio, UnixSeconds, Usd } from '../base/units.ts'

export const nodeKinds = [
  'portfolio',
  'asset',
  'token',
  'protocol',
  'market',
  'vault',
  'pool',
  'oracle',
  'feed',
  'bridge',
  'issuer',
  'venue',
  'admin-key',
  'multisig',
  'timelock',
  'chain',
] as const
export type NodeKind = (typeof nodeKinds)[number]

/**
 * Of all edges `from` is what `to` stands on. Claims are debts that `from` owes `to` and pays as far as it can; a control or an oracle owes nothing, but if it fails,
 * `to` loses what it governs there.
 */
export const edgeKinds = [
  'holds',
  'collateral-for',
  'wraps',
  'lends-to',
  'backed-by',
  'bridged-by',
  'priced-by',
  'upgradable-by',
  'controlled-by',
] as const
export type EdgeKind = (typeof edgeKinds)[number]

export interface DependencyNode {
  readonly id: string
  /** One of `nodeKinds`; a graph from a file may have others, which behave like `protocol`. */
  readonly kind: string
  readonly label?: string
  /** External assets + claims - liabilities - external liabilities. */
  readonly equityUsd?: Usd
  readonly externalAssetsUsd?: Usd
  readonly externalLiabilitiesUsd?: Usd
  /** Annual probability of failure, as a range with its reasons. */
  readonly hazard?: Hazard
}

export interface Hazard {
  readonly low: Ratio
  readonly mid: Ratio
  readonly high: Ratio
  readonly reasons: readonly string[]
}

export interface DependencyEdge {
  readonly from: string
  readonly to: string
  /** One of `edgeKinds`; a graph from a file may have others, which are claims. */
  readonly kind: string
  /** What `from` owes `to`, or what `to` loses at most if `from` fails. */
  readonly usd: Usd
  /** Loss given failure, 0..1; absent: that of its kind. */
  readonly lossGivenFailure?: Ratio
  /** Of a multisig or a role: how many must agree, of how many. */
  readonly threshold?: { readonly of: number; readonly all: number }
  /** Seconds between a decision and its effect. */
  readonly delaySeconds?: number
  /** Where it was found: a getter, a storage slot, a curated entry with its date. */
  readonly evidence?: string
}

export interface DependencyGraph {
  readonly nodes: readonly DependencyNode[]
  readonly edges: readonly DependencyEdge[]
  readonly at?: UnixSeconds
}
