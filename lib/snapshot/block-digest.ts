// Which blocks a snapshot stands on, in sixteen digits: part of its id, so that a reorganised block gives another snapshot.

import type { PinnedBlock } from '../model/identity.ts'

const offset = 0xcbf29ce484222325n
const prime = 0x100000001b3n

/**
 * FNV-1a, 64 bit (Fowler, Noll, Vo 1991), over the sorted (chainId, number, hash). It tells states apart and proves nothing:
 * orders are bound to block hashes themselves. A chain that could not be read counts as `unread`.
 */
export function blockDigest(
  chains: readonly { readonly chainId: number; readonly block?: PinnedBlock | undefined }[],
): string {
  const lines = chains.map(({ chainId, block }) =>
    block === undefined ? `${chainId}:unread` : `${block.chainId}:${block.number}:${block.hash}`,
  )
  const text = lines.sort().join(' ')
  let digest = offset
  for (const character of text) {
    digest = BigInt.asUintN(64, (digest ^ BigInt(character.charCodeAt(0))) * prime)
  }
  return digest.toString(16).padStart(16, '0')
}
