// What is known of code by its hash: which getters it answers and which addresses are written into it, so that equal code is not asked again.

import * as z from '../../base/schema.ts'
import type { Address, Hash } from '../../model/identity.ts'

const addressText = z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value))
const entry = z.object({
  /** Names of getters that may answer; absent: it was never asked. */
  getters: z.optional(z.array(z.string())),
  /** Constants that may be addresses; absent: the code was never read. */
  embedded: z.optional(z.array(addressText)),
})

/** Plain JSON, by the hash of the code, of a proxy `hash>implementation`. */
export const codeCacheSchema = z.object({ version: z.literal(1), entries: z.record(z.string(), entry) })
export type CodeCache = z.output<typeof codeCacheSchema>

/** Of entries in a cache: about 400 bytes each. */
const mostEntries = 4_000

export interface CodeMemory {
  getters(key: string): readonly string[] | undefined
  keepGetters(key: string, names: readonly string[]): void
  embedded(hash: Hash): readonly Address[] | undefined
  keepEmbedded(hash: Hash, addresses: readonly Address[]): void
  /** Used ones last; the oldest are forgotten. */
  toJson(): CodeCache
}

/** @param cache of an earlier run; what is no cache is an empty one: it costs requests, no more */
export function codeMemory(cache?: unknown): CodeMemory {
  const parsed = z.safeParse(codeCacheSchema, cache)
  const entries = new Map(parsed.success ? Object.entries(parsed.data.entries) : [])
  const used = (key: string) => {
    const found = entries.get(key)
    if (found === undefined) return undefined
    entries.delete(key)
    entries.set(key, found)
    return found
  }
  const keep = (key: string, more: z.output<typeof entry>) => void entries.set(key, { ...used(key), ...more })
  return {
    getters: (key) => used(key)?.getters,
    keepGetters: (key, names) => keep(key, { getters: [...names] }),
    embedded: (hash) => used(hash)?.embedded,
    keepEmbedded: (hash, addresses) => keep(hash, { embedded: [...addresses] }),
    toJson: () => ({ version: 1, entries: Object.fromEntries([...entries].slice(-mostEntries)) }),
  }
}
