// What a protocol adapter tells of the contracts that its positions stand on; the walk adds what everybody can be asked.

import type { LinkRole } from '../../model/dependencies.ts'
import type { EdgeKind, NodeKind } from '../../model/dependency-graph.ts'
import type { Address } from '../../model/identity.ts'

export interface FoundNode {
  readonly address: Address
  readonly kind: NodeKind
  /** For a person, without anything that a stranger has named. */
  readonly label: string
}

/** `from` is what `to` stands on. */
export interface FoundLink {
  readonly from: Address
  readonly to: Address
  readonly kind: EdgeKind
  readonly role: LinkRole
  /** The getter or the storage slot that told it. */
  readonly evidence: string
}

export interface Found {
  readonly nodes: readonly FoundNode[]
  readonly links: readonly FoundLink[]
  readonly unseen: readonly Unseen[]
}

/** What could not be looked at. */
export interface Unseen {
  readonly says: string
  /** Contracts of which links are missing for it. */
  readonly doubts: readonly Address[]
}

export const nothingFound: Found = { nodes: [], links: [], unseen: [] }

export function joinFound(parts: readonly Found[]): Found {
  return {
    nodes: parts.flatMap(({ nodes }) => nodes),
    links: parts.flatMap(({ links }) => links),
    unseen: parts.flatMap(({ unseen }) => unseen),
  }
}

/** Zero and the precompiles are no contracts that anybody stands on. */
export function isPlace(address: string): boolean {
  return /^0x[0-9a-f]{40}$/i.test(address) && BigInt(address) > 0xffffn
}
