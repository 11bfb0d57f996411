// What was asked last time is asked at once next time: known positions are read in one round, however many rounds it took to find them.

import type { EncodedCall } from './provider.ts'

export interface CallMemory {
  /** The calls of the last reading of this name; none if it is not remembered. */
  recall(name: string): readonly EncodedCall[]
  keep(name: string, calls: readonly EncodedCall[]): void
}

/** About 200 bytes each. */
const defaultLimit = 50_000

/**
 * In the memory of one process: a new one, a cold Lambda for instance, takes the rounds that finding takes, once. Beyond so many calls the readings
 * that were not repeated for longest are forgotten. Calls that a reading does not ask any more are forgotten with it.
 */
export function callMemory(limit: number = defaultLimit): CallMemory {
  const known = new Map<string, readonly EncodedCall[]>()
  let count = 0
  const forget = (name: string) => {
    count -= known.get(name)?.length ?? 0
    known.delete(name)
  }
  return {
    recall: (name) => known.get(name) ?? [],
    keep(name, calls) {
      forget(name)
      known.set(name, calls)
      count += calls.length
      for (const oldest of known.keys()) {
        if (count <= limit) return
        forget(oldest)
      }
    },
  }
}
