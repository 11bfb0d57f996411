// What is told between two looks, and what the curated registry adds: graphs of our own, no chain.

import { describe, expect, it } from 'vitest'
import type { ChainDependencies, ChainLink, ChainNode } from '../../../lib/model/dependencies.ts'
import { dependencyChanges } from '../../../lib/model/dependency-changes.ts'
import type { Address } from '../../../lib/model/identity.ts'
import { curatedEntries } from '../../../lib/sources/dependencies/curated/registry.ts'
import { withCurated } from '../../../lib/sources/dependencies/curated/with-curated.ts'

const block = { chainId: 1, number: 7, hash: '0x07', timestamp: 1_000, baseFeeGwei: 1 } as const
const id = (name: string) => `1:${name}`
const node = (name: string, more: Partial<ChainNode> = {}): ChainNode => ({
  id: id(name),
  kind: 'protocol',
  label: name,
  codeHash: '0x11',
  evidence: 'this test',
  ...more,
})
const link = (from: string, to: string, role: ChainLink['role']): ChainLink => ({
  from: id(from),
  to: id(to),
  kind: 'controlled-by',
  role,
  evidence: 'this test',
})
const look = (
  nodes: readonly ChainNode[],
  links: readonly ChainLink[],
  doubtful: readonly string[] = [],
): ChainDependencies => ({
  chainId: 1,
  account: '0x01',
  block,
  nodes,
  links,
  notes: [],
  isWhole: doubtful.length === 0,
  doubtful,
})
const told = (before: ChainDependencies, after: ChainDependencies) =>
  dependencyChanges(before, after).map(({ kind, severity, says }) => `${severity} ${kind}: ${says}`)

describe('between two looks', () => {
  const all = [node('pool'), node('a'), node('b'), node('oracle'), node('safe', { threshold: { of: 3, all: 5 } })]
  const links = [link('a', 'pool', 'implementation'), link('oracle', 'pool', 'oracle'), link('safe', 'pool', 'owner')]
  const before = look(all, links)

  it('nothing is told where nothing changed, where there was no look before, or whatever the order', () => {
    expect(dependencyChanges(before, look([...all].reverse(), [...links].reverse()))).toEqual([])
    expect(dependencyChanges(undefined, before)).toEqual([])
  })

  it('a holder that is replaced is one change, told first if it is bad', () => {
    const after = look(
      all.map((one) => (one.id === id('safe') ? { ...one, threshold: { of: 2, all: 5 } } : one)),
      [
        link('b', 'pool', 'implementation'),
        link('a', 'pool', 'owner'),
        link('oracle', 'pool', 'oracle'),
        link('b', 'a', 'code'),
      ],
    )
    expect(told(before, after)).toEqual([
      'critical implementation: pool has as implementation b instead of a',
      'critical owner: pool has as owner a instead of safe',
      'critical threshold: safe needs 2 of 5 signatures, 3 of 5 before',
      'info new-dependency: a stands on b as its code, which is new',
    ])
  })

  it('more signatures and longer delays are told too, and are no emergency', () => {
    const lock = (delaySeconds: number | undefined) =>
      look(
        [node('lock', { threshold: { of: 1, all: 2 }, ...(delaySeconds === undefined ? {} : { delaySeconds }) })],
        [],
      )
    expect(told(lock(60), lock(600))).toEqual(['warning delay: lock waits 600 s, 60 s before'])
    expect(told(lock(600), lock(60))).toEqual(['critical delay: lock waits 60 s, 600 s before'])
    expect(told(lock(600), lock(undefined))).toEqual(['critical delay: lock waits no known time, 600 s before'])
    const safe = (of: number) => look([node('safe', { threshold: { of, all: 3 } })], [])
    expect(told(safe(1), safe(2))).toEqual(['warning threshold: safe needs 2 of 3 signatures, 1 of 3 before'])
  })

  it('other code at an address is an emergency, and what is gone is called gone only where the look saw everything', () => {
    const recoded = look([node('pool', { codeHash: '0x22' }), ...all.slice(1)], links)
    expect(told(before, recoded)).toEqual(['critical code: pool has other code: 0x11… before, 0x22… now'])
    const without = links.filter(({ role }) => role !== 'oracle')
    expect(told(before, look(all, without))).toEqual(['critical oracle: pool no longer has as oracle oracle'])
    expect(told(before, look(all, without, [id('pool')]))).toEqual([])
    // A doubt about something else is none about this.
    expect(told(before, look(all, without, [id('safe')]))).toHaveLength(1)
    // The look before had not seen everything: what is there now may have been there.
    expect(told(look(all, without, [id('pool')]), before)).toEqual([
      'info new-dependency: pool stands on oracle as its oracle, which is new',
    ])
  })

  it('a new branch is told where it begins', () => {
    const after = look(
      [...all, node('vault'), node('deep')],
      [...links, link('vault', 'pool', 'component'), link('deep', 'vault', 'owner')],
    )
    expect(told(before, after)).toEqual(['info new-dependency: pool stands on vault as its component, which is new'])
  })
})

describe('the curated registry', () => {
  const usdc: Address = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
  const at = Date.parse('2026-12-01T00:00:00Z') / 1_000

  it('has for every entry a source, a day, and what it stands on, in lower case and once', () => {
    for (const { address, source, date, standsOn } of curatedEntries) {
      expect(address).toMatch(/^0x[0-9a-f]{40}$/)
      expect(source.length).toBeGreaterThan(10)
      expect(Date.parse(date)).toBeGreaterThan(0)
      expect(standsOn.length).toBeGreaterThan(0)
    }
    const keys = curatedEntries.map(({ chainId, address }) => `${chainId}:${address}`)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keys.length).toBeGreaterThanOrEqual(10)
  })

  it('adds issuers to tokens that were found, and nothing to others', () => {
    const found = withCurated(look([node(usdc, { kind: 'token' })], []), { at })
    expect(found.nodes.map(({ id: one }) => one)).toEqual([id(usdc), 'issuer:circle'])
    expect(found.links).toMatchObject([{ from: 'issuer:circle', to: id(usdc), kind: 'backed-by', role: 'curated' }])
    expect(found.links[0]?.evidence).toContain('read on 2026-11-24')
    expect(found.notes).toEqual([])
    const nothing = look([node('other')], [])
    expect(withCurated(nothing, { at })).toEqual(nothing)
  })

  it('ages: after a year each entry that is used asks to be read again', () => {
    const later = withCurated(look([node(usdc)], []), { at: at + 365 * 86_400 })
    expect(later.notes).toMatchObject([{ code: 'curated-old', node: id(usdc) }])
    expect(later.links).toHaveLength(1)
  })

  it('is no change of the chain', () => {
    const bare = look([node(usdc)], [])
    expect(dependencyChanges(bare, withCurated(bare, { at }))).toEqual([])
  })
})
