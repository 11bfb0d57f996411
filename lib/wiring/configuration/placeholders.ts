// Addresses that the example holds where a desk must put its own: checked files may keep them, installations may not.

import type { Address } from '../../model/identity.ts'

/** Nobody has their keys: money and questions sent there are lost. */
export const placeholders: ReadonlySet<Address> = new Set<Address>([
  '0x5afe00000000000000000000000000000000cafe',
  '0xa11ce00000000000000000000000000000000001',
])
