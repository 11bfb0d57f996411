// Balances counted from transfers against balances kept as a token keeps them, and what is said when memory does not suffice.

import * as fc from 'fast-check'
import { numberToHex, padHex, toEventSelector } from 'viem/utils'
import { describe, expect, it } from 'vitest'
import type { Address } from '../../../lib/model/identity.ts'
import { addTransfers, largest, ranked, sumOf, transferTopic } from '../../../lib/sources/holders/transfer-balances.ts'

const nobody: Address = `0x${'0'.repeat(40)}`
const holder = (n: number): Address => `0x${n.toString(16).padStart(40, '0')}`
const transfer = (from: Address, to: Address, amount: bigint) => ({
  topics: [transferTopic, padHex(from, { size: 32 }), padHex(to, { size: 32 })],
  data: numberToHex(amount, { size: 32 }),
})
const nothing = { of: new Map<Address, bigint>(), isPartial: false }

/** A token's own books: nobody sends more than they have. */
const history = fc.array(fc.tuple(fc.nat(8), fc.nat(8), fc.bigInt(1n, 1_000n)), { maxLength: 60 }).map((moves) => {
  const books = new Map<Address, bigint>()
  const logs = moves.flatMap(([from, to, amount]) => {
    const [sender, receiver] = [holder(from), holder(to)]
    const has = from === 0 ? amount : (books.get(sender) ?? 0n)
    const moved = amount < has ? amount : has
    if (moved === 0n) return []
    if (from !== 0) books.set(sender, has - moved)
    if (to !== 0) books.set(receiver, (books.get(receiver) ?? 0n) + moved)
    return [transfer(sender, receiver, moved)]
  })
  return { logs, books: new Map([...books].filter(([, units]) => units > 0n)) }
})

it('the topic is the hash of the event', () => {
  expect(transferTopic).toBe(toEventSelector('Transfer(address,address,uint256)'))
})

describe('a count from the first transfer on', () => {
  it('is the books of the token, in whatever pieces it is counted', () => {
    fc.assert(
      fc.property(history, fc.nat(60), ({ logs, books }, cut) => {
        const whole = addTransfers(nothing, logs)
        expect(new Map(whole.of)).toEqual(books)
        expect(whole.isPartial).toBe(false)
        expect(addTransfers(addTransfers(nothing, logs.slice(0, cut)), logs.slice(cut))).toEqual(whole)
        expect(sumOf(whole)).toBe([...books.values()].reduce((sum, one) => sum + one, 0n))
      }),
    )
  })

  it('passes over what is no transfer of a fungible token', () => {
    const [from, to] = [padHex(nobody, { size: 32 }), padHex(holder(1), { size: 32 })]
    const nft = { topics: [transferTopic, from, to, padHex('0x7', { size: 32 })], data: '0x' } as const
    const other = { ...transfer(nobody, holder(1), 5n), topics: [padHex('0x1', { size: 32 }), from, to] } as const
    const short = { ...transfer(nobody, holder(1), 5n), data: '0x05' } as const
    expect(addTransfers(nothing, [nft, other, short])).toEqual(nothing)
  })
})

describe('a count that is not whole', () => {
  it('says so, and counts nobody for more than they have', () => {
    fc.assert(
      fc.property(history, fc.nat(60), fc.integer({ min: 1, max: 4 }), ({ logs, books }, cut, most) => {
        const first = largest(addTransfers(nothing, logs.slice(0, cut)), most)
        const forgot = addTransfers(first, logs.slice(cut))
        const late = addTransfers(nothing, logs.slice(cut))
        for (const count of [forgot, late]) {
          for (const [one, units] of count.of) expect(units).toBeLessThanOrEqual(books.get(one) ?? 0n)
          const isWhole = sumOf(count) === sumOf({ of: books })
          expect(count.isPartial || isWhole || count === late).toBe(true)
        }
      }),
    )
  })

  it('keeps the largest', () => {
    const logs = [1, 2, 3, 4, 5].map((n) => transfer(nobody, holder(n), BigInt(n * 10)))
    const kept = largest(addTransfers(nothing, logs), 2)
    expect(ranked(kept)).toEqual([
      [holder(5), 50n],
      [holder(4), 40n],
    ])
    expect(kept.isPartial).toBe(true)
    expect(largest(kept, 2)).toBe(kept)
  })
})
