// What a portfolio stands on as its chain tells it: contracts, keys and who governs whom, each with its evidence and without a dollar.

import type { EdgeKind, NodeKind } from './dependency-graph.ts'
import type { Address, Hash, PinnedBlock } from './identity.ts'

/** What a contract or key is to the one that stands on it. */
export type LinkRole =
  // What it consists of.
  | 'position'
  | 'market'
  | 'component'
  | 'reserve'
  | 'underlying'
  | 'token'
  // Where its prices come from.
  | 'oracle'
  | 'feed'
  | 'aggregator'
  // Which code it runs.
  | 'implementation'
  | 'beacon'
  | 'delegate'
  | 'code'
  | 'read'
  // Who governs it.
  | 'proxy-admin'
  | 'owner'
  | 'pending-owner'
  | 'role'
  | 'signer'
  | 'module'
  | 'guard'
  | 'registry'
  // What no chain read shows.
  | 'curated'

/** How many must agree, of how many. */
export interface Threshold {
  readonly of: number
  readonly all: number
}

export interface ChainNode {
  /** `chainId:address`; of what is on no chain `kind:name`, such as `issuer:circle`. */
  readonly id: string
  readonly address?: Address
  readonly chainId?: number
  readonly kind: NodeKind
  /** For people. Names that contracts give themselves are cut to what may be shown, and stand in quotes. */
  readonly label: string
  /** Absent: no code is there. */
  readonly codeHash?: Hash
  /** Of a multisig. */
  readonly threshold?: Threshold
  /** Of a timelock: seconds between a decision and its effect. */
  readonly delaySeconds?: number
  /** Where it was first found. */
  readonly evidence: string
}

/** As in DependencyEdge: `from` is what `to` stands on. */
export interface ChainLink {
  readonly from: string
  readonly to: string
  readonly kind: EdgeKind
  readonly role: LinkRole
  readonly evidence: string
  readonly threshold?: Threshold
  readonly delaySeconds?: number
}

/** Something that is not as it should be, or could not be looked at. */
export interface DependencyNote {
  readonly code:
    | 'limit'
    | 'no-code'
    | 'refers-to-itself'
    | 'answers-anything'
    | 'implementation-loop'
    | 'unread'
    | 'roles-not-listed'
    | 'no-access-list'
    | 'no-storage'
    | 'no-code-scan'
    | 'unclear-proxy'
    | 'inconsistent'
    | 'curated-old'
  readonly says: string
  /** Of the node that it is about. */
  readonly node?: string
}

export interface ChainDependencies {
  readonly chainId: number
  readonly account: Address
  readonly block: PinnedBlock
  readonly nodes: readonly ChainNode[]
  readonly links: readonly ChainLink[]
  readonly notes: readonly DependencyNote[]
  /** False if a limit was hit, or something could not be read. */
  readonly isWhole: boolean
  /** Nodes of which not everything that they stand on was seen: what is missing there is not gone. */
  readonly doubtful: readonly string[]
}
