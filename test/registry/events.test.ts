// Every event of the registry keeps the promises that the cursor relies on, whatever a contract says.

import fc from 'fast-check'
import { toEventHash } from 'viem/utils'
import { describe, expect, it } from 'vitest'
import { severities } from '../../lib/model/configuration.ts'
import type { Address, Hash, Hex } from '../../lib/model/identity.ts'
import type { EventKind, HeardLog } from '../../lib/sources/events/define-event.ts'
import { eventKinds } from '../../lib/sources/events/index.ts'
import { logWords, topicOf } from '../../lib/sources/events/log-words.ts'
import { account, chainConfig, usdc, weth } from '../sources/fixture/treasury.ts'

const kinds: readonly EventKind[] = eventKinds
const scope = {
  chain: chainConfig([{ name: 'one', url: 'https://rpc.example' }]),
  portfolios: [{ id: 'treasury', account }],
}
const speaker = { address: weth, subject: 'asset WETH', portfolios: ['treasury'], least: 10n }

const word = fc.oneof(
  fc.constantFrom(topicOf(account), topicOf(weth), topicOf(usdc), topicOf('0x01'), topicOf('0x00')),
  fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value): Hash => `0x${value.toString(16).padStart(64, '0')}`),
)
/** Any words, any of them indexed, and a tail that is no whole word. */
const said = fc
  .tuple(fc.array(word, { maxLength: 9 }), fc.nat(3), fc.constantFrom('', 'ab', '00'.repeat(31)))
  .map(([words, indexed, tail]) => ({
    topics: [topicOf('0x00'), ...words.slice(0, indexed)],
    data: `0x${words
      .slice(indexed)
      .map((one) => one.slice(2))
      .join('')}${tail}` as Hex,
  }))

describe('the registry of events', () => {
  it('has each name once, and no two kinds in which one name of an event means two things', () => {
    expect(new Set(kinds.map(({ name }) => name)).size).toBe(kinds.length)
    const hashes = new Set(kinds.flatMap(({ signatures }) => signatures.map((text) => toEventHash(text))))
    expect(hashes.size).toBe(new Set(kinds.flatMap(({ signatures }) => signatures)).size)
  })

  describe.each(kinds.map((kind) => [kind.name, kind] as const))('%s', (_, kind) => {
    it('is described in one line, and names its events in the canonical form', () => {
      expect(kind.title).toMatch(/^[A-Z].{10,110}$/)
      expect(kind.signatures.length).toBeGreaterThan(0)
      for (const text of kind.signatures)
        expect(text).toMatch(/^[A-Z]\w+\(((address|bool|string|u?int\d+|bytes\d+)(,(?!\)))?)*\)$/)
    })

    it('makes a sentence of whatever is said, or nothing', () => {
      const signature = fc.constantFrom(...kind.signatures)
      fc.assert(
        fc.property(signature, said, (text, log) => {
          const heard: HeardLog = { signature: text, words: logWords(log), speaker, scope, transactionHash: '0x' }
          const meaning = kind.meaning(heard)
          if (meaning === undefined) return
          expect(severities).toContain(meaning.severity)
          expect(meaning.says).toMatch(/^[\w].{3,200}$/)
          expect(meaning.says).not.toMatch(/undefined|NaN|\[object/)
          for (const id of meaning.portfolios ?? []) expect(['treasury']).toContain(id)
          if (meaning.tick !== undefined) expect(Number.isFinite(meaning.tick.value)).toBe(true)
        }),
        { numRuns: 150 },
      )
    })
  })
})

describe('the words of a log', () => {
  it('are the same whichever of them are indexed', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 3, maxLength: 3 }), fc.nat(3), (words, indexed) => {
        const read = logWords({
          topics: [topicOf('0x00'), ...words.slice(0, indexed)],
          data: `0x${words
            .slice(indexed)
            .map((one) => one.slice(2))
            .join('')}`,
        })
        expect([0, 1, 2].map((place) => read.hash(place))).toEqual(words)
        expect(read.hash(3)).toBeUndefined()
        expect(topicOf(read.address(0) as Address).slice(-40)).toBe(words[0]?.slice(-40))
      }),
    )
  })

  it('have a sign where they are asked for one', () => {
    const words = logWords({ topics: [topicOf('0x00')], data: `0x${'f'.repeat(64)}` })
    expect([words.signed(0), words.unsigned(0)]).toEqual([-1n, 2n ** 256n - 1n])
  })
})
