// The strict decoding of a multicall takes what a contract answers, and nothing that is written otherwise.

import fc from 'fast-check'
import { encodeFunctionResult, parseAbi } from 'viem/utils'
import { expect, it } from 'vitest'
import type { Hex } from '../../lib/model/identity.ts'
import { decodeAggregate } from '../../lib/sources/chain/decode-aggregate.ts'

const abi = parseAbi([
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3() view returns (Result[] returnData)',
])
const bytes = fc.uint8Array({ maxLength: 100 }).map((all): Hex => `0x${Buffer.from(all).toString('hex')}`)
const results = fc.array(fc.record({ success: fc.boolean(), returnData: bytes }), { maxLength: 6 })
const encoded = (result: readonly { success: boolean; returnData: Hex }[]) =>
  encodeFunctionResult({ abi, functionName: 'aggregate3', result })

it('gives back whatever was encoded', () => {
  fc.assert(
    fc.property(results, (all) => {
      expect(decodeAggregate(encoded(all))).toEqual(all)
    }),
  )
})

it('refuses every encoding of which a structural word, or the length, is another', () => {
  fc.assert(
    fc.property(results, fc.nat(5), fc.integer({ min: 1, max: 2 ** 40 }), (all, place, change) => {
      const data = encoded([...all, { success: true, returnData: '0x' }])
      const start = 2 + 64 * (place % 2)
      const word = BigInt(`0x${data.slice(start, start + 64)}`) + BigInt(change)
      const bent = `${data.slice(0, start)}${word.toString(16).padStart(64, '0')}${data.slice(start + 64)}` as Hex
      expect(decodeAggregate(bent)).toBeUndefined()
      expect(decodeAggregate(`${data}${'00'.repeat(32)}`)).toBeUndefined()
      expect(decodeAggregate(data.slice(0, -2) as Hex)).toBeUndefined()
    }),
  )
})

it('refuses answers that point to one text', () => {
  const twice = encoded([1, 2].map(() => ({ success: true, returnData: '0x1234' as const })))
  // The second of the two offsets becomes the first.
  const first = twice.slice(2 + 64 * 2, 2 + 64 * 3)
  expect(decodeAggregate(`${twice.slice(0, 2 + 64 * 3)}${first}${twice.slice(2 + 64 * 4)}` as Hex)).toBeUndefined()
})
