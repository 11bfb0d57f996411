// Addresses as people compare them: with their checksum, wherever they stand in settings.

import { getAddress } from 'viem/utils'

/** The same value, with every address in it in mixed case (EIP-55). */
export function checksummed<T>(value: T): T {
  if (typeof value === 'string') return (/^0x[0-9a-f]{40}$/.test(value) ? getAddress(value) : value) as T
  if (Array.isArray(value)) return value.map(checksummed) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, checksummed(inner)])) as T
}
