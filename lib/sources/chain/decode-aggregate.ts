// What a multicall answered, read strictly: an encoding may let all its answers point to one text, and 6 MB then decode to gigabytes.

import type { Hex } from '../../model/identity.ts'

export interface SubResult {
  readonly success: boolean
  readonly returnData: Hex
}

/** Hexadecimal digits of a word. */
const wordDigits = 64

/**
 * The results of Multicall3's `aggregate3`, `(bool success, bytes returnData)[]`. Only the encoding that compilers write is taken (Solidity's "Contract ABI
 * Specification", strict mode): each answer right behind the one before, and nothing behind the last. Undefined if it is another one.
 */
export function decodeAggregate(data: Hex): readonly SubResult[] | undefined {
  if (!/^0x[0-9a-f]*$/i.test(data)) return undefined
  /** The word at a byte as a number; undefined beyond the end, or if it is not a length that could be. */
  const word = (byte: number): number | undefined => {
    const start = 2 + 2 * byte
    const digits = data.slice(start, start + wordDigits)
    if (digits.length < wordDigits || !digits.startsWith('0'.repeat(wordDigits - 12))) return undefined
    return Number.parseInt(digits.slice(-12), 16)
  }
  const count = word(32)
  if (word(0) !== 32 || count === undefined) return undefined
  const base = 64
  const results: SubResult[] = []
  let place = 32 * count
  for (let index = 0; index < count; index++) {
    const start = base + place
    const [success, offset, length] = [word(start), word(start + 32), word(start + 64)]
    if (word(base + 32 * index) !== place || offset !== 64 || length === undefined) return undefined
    if (success !== 0 && success !== 1) return undefined
    const from = 2 + 2 * (start + 96)
    const padded = 32 * Math.ceil(length / 32)
    if (from + 2 * padded > data.length) return undefined
    results.push({ success: success === 1, returnData: `0x${data.slice(from, from + 2 * length)}` })
    place += 96 + padded
  }
  return data.length === 2 + 2 * (base + place) ? results : undefined
}
