// What code by itself tells: where minimal proxies point, which addresses are written into it and which functions it holds.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Address, Hex } from '../../../lib/model/identity.ts'
import { codeMemory } from '../../../lib/sources/dependencies/code-memory.ts'
import { delegateOf, minimalProxyTarget, sightsOfCode } from '../../../lib/sources/dependencies/code-sights.ts'

const target: Address = '0xbebebebebebebebebebebebebebebebebebebebe'
const digits = target.slice(2)

it.each([
  // The example of EIP-1167.
  ['EIP-1167', `0x363d3d373d3d3d363d73${digits}5af43d82803e903d91602b57fd5bf3`, target],
  ['a shorter form of it', `0x3d3d3d3d363d3d37363d73${digits}5af43d3d93803e602a57fd5bf3`, target],
  ['another end', `0x363d3d373d3d3d363d73${digits}5af43d82803e903d91602b57fd5bf4`, undefined],
  ['nothing', '0x', undefined],
] as const)('a minimal proxy by %s points where its code says', (_, code, expected) => {
  expect(minimalProxyTarget(code as Hex)).toBe(expected)
})

it('a delegated key names the contract whose code it runs, and nothing longer or shorter is one', () => {
  expect(delegateOf({ head: `0xef0100${digits}${'00'.repeat(41)}`, size: 23 })).toBe(target)
  expect(delegateOf({ head: `0xef0100${digits}${'00'.repeat(41)}`, size: 24 })).toBeUndefined()
  expect(delegateOf({ head: `0xef0000${digits}${'00'.repeat(41)}`, size: 23 })).toBeUndefined()
})

describe('constants of code', () => {
  const none = new Map<number, string>()
  const library = `73${digits}`
  const immutable = `7f${'00'.repeat(12)}${digits}`

  it('are libraries and immutables, and neither masks nor numbers nor the bytes of other constants', () => {
    expect(sightsOfCode(`0x6001${library}50`, none).embedded).toEqual([target])
    expect(sightsOfCode(`0x${immutable}50`, none).embedded).toEqual([target])
    expect(sightsOfCode(`0x73${'ff'.repeat(20)}50`, none).embedded).toEqual([])
    expect(sightsOfCode(`0x73${'00'.repeat(18)}beef50`, none).embedded).toEqual([])
    expect(sightsOfCode(`0x7f${'11'.repeat(12)}${digits}50`, none).embedded).toEqual([])
    // Inside of a PUSH32 the same bytes are data.
    expect(sightsOfCode(`0x7f${library}${'11'.repeat(11)}50`, none).embedded).toEqual([])
    // Cut off by the end of the code.
    expect(sightsOfCode(`0x73${digits.slice(0, 30)}`, none).embedded).toEqual([])
  })

  it('are found wherever they stand, after whatever whole instructions, and any bytes are read without a fault', () => {
    const instruction = fc.oneof(
      fc.constantFrom('00', '01', '50', '5b', '80', '90', 'f3'),
      // All ones: what looks like an address in it is none.
      fc.integer({ min: 1, max: 32 }).map((length) => (0x5f + length).toString(16) + 'ff'.repeat(length)),
    )
    fc.assert(
      fc.property(
        fc.array(instruction, { maxLength: 60 }),
        fc.array(instruction, { maxLength: 60 }),
        (before, after) => {
          const code = `0x${before.join('')}${library}${after.join('')}` as Hex
          expect(sightsOfCode(code, none).embedded).toContain(target)
        },
      ),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const { embedded } = sightsOfCode(`0x${Buffer.from(bytes).toString('hex')}`, none)
        expect(embedded.every((address) => /^0x[0-9a-f]{40}$/.test(address))).toBe(true)
      }),
    )
  })
})

it('functions are those whose selector the code holds, and all where it may hand a call on', () => {
  const selectors = new Map([
    [0x8da5cb5b, 'owner'],
    [0xf851a440, 'admin'],
    [0x00abcdef, 'leading'],
  ])
  expect(sightsOfCode('0x638da5cb5b14', selectors).functions).toEqual(['leading', 'owner'])
  expect(sightsOfCode('0x638da5cb5b14f4', selectors).functions).toBeUndefined()
  // As data of another constant it is no instruction.
  expect(sightsOfCode('0x61f4f4638da5cb5b', selectors).functions).toEqual(['leading', 'owner'])
})

describe('the memory of code', () => {
  it('is plain JSON, keeps what was used last, and forgets what it cannot read', () => {
    const memory = codeMemory()
    memory.keepGetters('0x01', ['owner'])
    memory.keepEmbedded('0x01', [target])
    const again = codeMemory(JSON.parse(JSON.stringify(memory.toJson())))
    expect(again.getters('0x01')).toEqual(['owner'])
    expect(again.embedded('0x01')).toEqual([target])
    for (const rubbish of [
      undefined,
      null,
      7,
      [],
      { version: 2, entries: {} },
      { version: 1, entries: { a: { embedded: ['0x1'] } } },
    ])
      expect(codeMemory(rubbish).toJson().entries).toEqual({})
    const full = codeMemory()
    for (let index = 0; index < 4_001; index++) full.keepGetters(`key ${index}`, [])
    full.getters('key 0')
    const kept = Object.keys(full.toJson().entries)
    expect(kept).toHaveLength(4_000)
    expect(kept).toContain('key 0')
    expect(kept).not.toContain('key 1')
  })
})
