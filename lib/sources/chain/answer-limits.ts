// How much of a provider's answer is read at all: what an honest one needs, with room, so that three hostile ones together stay far under a Lambda's memory.

const largestAnswer = 4_000_000
/** Bytes by method. A header of a full block with the hashes of its transactions has some 100 kB. Any other method may need the largest answer there is. */
const maxBytes: Readonly<Record<string, number>> = {
  eth_chainId: 10_000,
  eth_blockNumber: 10_000,
  eth_getBlockByNumber: 1_000_000,
  eth_feeHistory: 1_000_000,
}
/** Of all answers of one provider that are being read at the same moment. */
const maxBytesAtOnce = 6_000_000
/** Commas and brackets: each may become an object of 50 bytes and more. 10,000 logs have 160,000. */
const maxMarks = 300_000
/** Below this no answer has too many. */
const smallBody = 100_000

export function maxBytesOf(method: string): number {
  return maxBytes[method] ?? largestAnswer
}

/** Counts the bytes of a provider's answers that are held at the same moment. */
export interface Held {
  /** False if there is no room for them. */
  take(bytes: number): boolean
  release(bytes: number): void
}

export function heldBytes(): Held {
  let held = 0
  return {
    take(bytes) {
      held += bytes
      return held <= maxBytesAtOnce
    },
    release(bytes) {
      held -= bytes
    },
  }
}

/** Would it become more values than any answer of ours has? Asked before it is parsed: 10 MB of `{},` are 500 MB of objects. */
export function hasTooManyValues(body: string): boolean {
  if (body.length < smallBody) return false
  let marks = 0
  for (let index = 0; index < body.length; index++) {
    const code = body.charCodeAt(index)
    // , [ {
    if (code === 0x2c || code === 0x5b || code === 0x7b) marks += 1
    if (marks > maxMarks) return true
  }
  return false
}
