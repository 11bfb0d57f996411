// The vital signs of a chain: what agreed providers tell, and that a sign which is missing is a gap and costs nothing else.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { Address } from '../../lib/model/identity.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { feedAbi } from '../../lib/sources/prices/chainlink-feed.ts'
import { type Misbehaviour, type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { at, chainConfig, seedTreasury, settingsOf } from './fixture/treasury.ts'

let chains: readonly ScriptedChain[]
beforeEach(async () => {
  chains = await Promise.all([1, 2, 3].map(() => startScriptedChain(at)))
  for (const chain of chains) seedTreasury(chain)
})
afterEach(async () => {
  await Promise.all(chains.map((chain) => chain.stop()))
})

const names = ['alpha', 'beta', 'gamma']
const uptime: Address = `0x${'77'.repeat(20)}`

interface ReadParams {
  readonly count?: number
  readonly quorum?: number
  readonly hasSequencer?: boolean
}

async function read({ count = 3, quorum = 2, hasSequencer = false }: ReadParams = {}): Promise<Reading> {
  const rpc = chains.slice(0, count).map(({ url }, index) => ({ name: names[index] ?? 'other', url }))
  const config = chainConfig(rpc, quorum)
  const settings = settingsOf(
    hasSequencer ? { ...config, sequencer: { address: uptime, graceSeconds: 3_600 } } : config,
  )
  return await chainSources({ secret: async (name) => new Redacted(name), requestMs: 500 }).read({ settings, at })
}

const alone = (more: ReadParams = {}) => read({ count: 1, quorum: 1, ...more })
const each = (change: (chain: ScriptedChain) => void) => chains.forEach(change)
const nth = (index: number): ScriptedChain => {
  const chain = chains[index]
  if (chain === undefined) throw new Error(`there is no provider ${index}`)
  return chain
}
const bend = (method: string, misbehaviour: Misbehaviour) => (chain: ScriptedChain) => {
  chain.misbehave = (call) =>
    call.method === method && (method !== 'eth_getBlockByNumber' || call.params[0] === 'finalized')
      ? misbehaviour
      : undefined
}
const gapsOf = ({ gaps }: Reading) => gaps.map(({ subject, code, touches }) => [subject, code, touches.kind])

/** Nothing but the sign is missing. */
function expectOnlyGap(reading: Reading, subject: string, code: string): void {
  expect(gapsOf(reading)).toEqual([[subject, code, 'context']])
  expect(reading.feeds).toHaveLength(2)
  expect(reading.lending).toHaveLength(1)
  expect(reading.providers.map(({ ok }) => ok)).not.toContain(false)
}

describe('a healthy chain', () => {
  it('has every sign at the pinned block', async () => {
    const reading = await read({ quorum: 3 })
    expect(reading.gaps).toEqual([])
    expect(reading.vitals).toEqual({
      headAgeSeconds: 5,
      baseFeeGwei: 2,
      feeHistory: { blocks: 100, percentile: 0.5, medianGwei: 2 },
      gasUsedShare: 0.5,
      finalised: { number: 936, lagBlocks: 64, lagSeconds: 768 },
      providers: { configured: 3, quorum: 3, agreed: 3, behind: [], contradicting: [] },
    })
  })

  it('is asked for them beside its head and the first multicall: two more requests, and no round more', async () => {
    await alone()
    const methods = nth(0).requests.map(({ method, params }) =>
      method === 'eth_getBlockByNumber' ? params[0] : method,
    )
    expect(methods.filter((method) => method === 'eth_feeHistory' || method === 'finalized')).toHaveLength(2)
    expect(methods.slice(0, 3).toSorted()).toEqual(['eth_chainId', 'finalized', 'latest'])
    expect(methods.slice(3, 5).toSorted()).toEqual(['eth_call', 'eth_feeHistory'])
  })

  it.each([
    ['rises to its top', [2, 3, 4, 5, 6], 0.9, 4],
    ['falls to its bottom', [6, 5, 4, 3, 2], 0.1, 4],
    ['stands still', [2, 2, 2, 2], 0.5, 2],
    ['has an even number of blocks', [1, 4, 2, 3], 0.625, 2.5],
  ])('whose base fee %s has its percentile and median', async (_, baseFeesGwei, percentile, medianGwei) => {
    each((chain) => Object.assign(chain, { baseFeesGwei }))
    const { vitals } = await read()
    expect(vitals).toMatchObject({
      baseFeeGwei: baseFeesGwei.at(-1),
      feeHistory: { blocks: baseFeesGwei.length, percentile: expect.closeTo(percentile, 12), medianGwei },
    })
  })
})

describe('the fee history', () => {
  const history = (change: object) => ({
    kind: 'result' as const,
    result: {
      oldestBlock: '0x3e7',
      baseFeePerGas: ['0x77359400', '0x77359400', '0x0'],
      gasUsedRatio: [0.5, 1],
      ...change,
    },
  })

  it('is read where it is right', async () => {
    each(bend('eth_feeHistory', history({})))
    expect((await read()).vitals?.feeHistory).toEqual({ blocks: 2, percentile: 0.5, medianGwei: 2 })
  })

  const faults: readonly (readonly [string, Misbehaviour, string])[] = [
    ['ends at another block', history({ oldestBlock: '0x3e6' }), 'rpc-malformed'],
    ['has too few fees', history({ baseFeePerGas: ['0x77359400', '0x77359400'] }), 'rpc-malformed'],
    ['is empty', history({ baseFeePerGas: ['0x0'], gasUsedRatio: [] }), 'rpc-malformed'],
    ['has another fee for the pinned block', history({ baseFeePerGas: ['0x1', '0x2', '0x3'] }), 'rpc-malformed'],
    ['has text for a fee', history({ baseFeePerGas: ['0x77359400', 'two', '0x0'] }), 'rpc-malformed'],
    ['uses more gas than there is', history({ gasUsedRatio: [0.5, 1.5] }), 'rpc-malformed'],
    ['is null', { kind: 'result', result: null }, 'rpc-malformed'],
    ['is not known to the provider', { kind: 'error', code: -32_601, message: 'no such method' }, 'rpc-error'],
    ['does not come', { kind: 'hang' }, 'rpc-timeout'],
  ]
  it.each(faults)('that %s is a gap', async (_, misbehaviour, code) => {
    bend('eth_feeHistory', misbehaviour)(nth(0))
    const reading = await alone()
    expectOnlyGap(reading, 'chain fee history', code)
    expect(reading.vitals).not.toHaveProperty('feeHistory')
    expect(reading.vitals).not.toHaveProperty('gasUsedShare')
  })

  it('of one that lies is outvoted', async () => {
    nth(0).misbehave = ({ method }) => (method === 'eth_feeHistory' ? history({ gasUsedRatio: [0, 0] }) : undefined)
    const reading = await read()
    expect(reading.gaps).toEqual([])
    expect(reading.vitals).toMatchObject({ gasUsedShare: 0.5, feeHistory: { blocks: 100 } })
  })

  it('on which no two agree is a gap', async () => {
    chains.forEach((chain, index) => {
      chain.gasUsedShare = index / 10
    })
    expectOnlyGap(await read({ count: 2 }), 'chain fee history', 'quorum-lost')
  })

  it('that clients print with other digits is the same', async () => {
    nth(0).gasUsedShare = 0.1 + 0.2
    for (const other of [nth(1), nth(2)]) other.gasUsedShare = 0.3
    expect((await read({ quorum: 3 })).vitals?.gasUsedShare).toBe(0.3)
  })
})

describe('the finalised block', () => {
  it('is the newest that the quorum has: one cannot push it forward or hold it back', async () => {
    nth(0).finalLag = { blocks: 1, seconds: 12 }
    expect((await read()).vitals?.finalised).toEqual({ number: 936, lagBlocks: 64, lagSeconds: 768 })
    nth(0).finalLag = { blocks: 900, seconds: 10_800 }
    expect((await read()).vitals?.finalised).toEqual({ number: 936, lagBlocks: 64, lagSeconds: 768 })
  })

  const faults: readonly (readonly [string, (chain: ScriptedChain) => void, string])[] = [
    [
      'is not known to the provider',
      bend('eth_getBlockByNumber', { kind: 'error', code: -32_602, message: 'no tag' }),
      'rpc-error',
    ],
    ['is null', bend('eth_getBlockByNumber', { kind: 'result', result: null }), 'block-missing'],
    [
      'is ahead of the pinned one',
      (chain) => Object.assign(chain, { finalLag: { blocks: 0, seconds: -12 } }),
      'rpc-malformed',
    ],
    [
      'is the first of all',
      (chain) => Object.assign(chain, { finalLag: { blocks: 1_000, seconds: 9_000 } }),
      'block-missing',
    ],
  ]
  it.each(faults)('that %s is a gap', async (_, misbehave, code) => {
    misbehave(nth(0))
    const reading = await alone()
    expectOnlyGap(reading, 'chain finalised block', code)
    expect(reading.vitals).not.toHaveProperty('finalised')
  })
})

describe('the providers', () => {
  it('that are behind or contradict are named apart', async () => {
    nth(2).head = { ...nth(2).head, number: 998 }
    expect((await read()).vitals?.providers).toMatchObject({ agreed: 2, behind: ['gamma'], contradicting: [] })
    nth(2).head = { ...nth(1).head, hash: `0x${'cd'.repeat(32)}` }
    expect((await read()).vitals?.providers).toMatchObject({ agreed: 2, behind: [], contradicting: ['gamma'] })
  })
})

describe('the sequencer', () => {
  const say = (answer: bigint, startedAt: bigint) =>
    each((chain) => chain.say(uptime, feedAbi, 'latestRoundData', [], [1n, answer, startedAt, startedAt, 1n]))

  it.each([
    ['up', 0n],
    ['down', 1n],
  ])('is %s since its last change', async (status, answer) => {
    say(answer, BigInt(at - 500))
    const reading = await read({ hasSequencer: true })
    expect(reading.gaps).toEqual([])
    expect(reading.vitals?.sequencer).toEqual({ status, since: at - 500 })
  })

  it.each([
    ['answers 2', () => say(2n, 1n), 'malformed-return'],
    ['has not begun its round', () => say(0n, 0n), 'round-incomplete'],
    ['changed tomorrow', () => say(0n, BigInt(at + 86_400)), 'feed-in-future'],
    ['is no contract', () => undefined, 'reverted'],
  ])('whose feed %s is a gap', async (_, prepare, code) => {
    prepare()
    const reading = await alone({ hasSequencer: true })
    expectOnlyGap(reading, 'chain sequencer', code)
    expect(reading.vitals).not.toHaveProperty('sequencer')
  })

  it('is not asked where none is configured', async () => {
    say(1n, BigInt(at - 500))
    expect((await read()).vitals).not.toHaveProperty('sequencer')
  })
})
