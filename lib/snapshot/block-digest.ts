// Which blocks a snapshot stands on, in sixteen digits: part of its id, so that a reorganised block gives another snapshot.

import type { PinnedBlock } from '../model/identity.ts'

const offset = 0xcbf29ce484222325n
const prime = 0x100000001b3n

/**
 * FNV-1a, 64 bit (Fowler, Noll, Vo 1991), over the sorted (chainId, number, hash). It tells states apart and proves nothing:
 * orders are bound to block hashes themselves. A chain that could not be read counts as `unread`.
 */
export function blockDigest(params: { readonly chainId: number; readonly blocks: readonly PinnedBlock[] }): string {
  const { chainId, blocks } = params
  const lines = blocks.map((block) => `${block.chainId}:${block.number}:${block.hash}`).sort()
  const text = lines.length > 0 ? lines.join(' ') : `${chainId}:unread`
  let digest = offset
  for (const character of text) {
    digest = BigInt.asUintN(64, (digest ^ BigInt(character.charCodeAt(0))) * prime)
  }
  return digest.toString(16).padStart(16, '0')
}
