// Addresses that the example and drafts hold where a desk must put its own: checked files may keep them, installations may not.

import type { Address } from '../../model/identity.ts'

/** Nobody has their keys: money and questions sent there are lost. */
const examples: ReadonlySet<Address> = new Set<Address>([
  '0x5afe00000000000000000000000000000000cafe',
  '0xa11ce00000000000000000000000000000000001',
])

const draft = /^0xc4a6e0{31}[0-9a-f]{4}$/

/** Stands in a draft for the address that nobody could find: another one each time, because no two roles may share one. */
export function draftPlaceholder(number: number): Address {
  return `0xc4a6e${'0'.repeat(31)}${number.toString(16).padStart(4, '0')}`
}

/** @param address in lower case */
export function isPlaceholder(address: string): boolean {
  return examples.has(address as Address) || draft.test(address)
}
