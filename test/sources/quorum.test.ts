// k of n providers: they must agree on the block and on every answer, and losing one never lowers k.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { Reading } from '../../lib/model/reading.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { key, type ScriptedChain, startScriptedChain } from './fixture/scripted-chain.ts'
import { at, chainConfig, sayRound, seedTreasury, settingsOf, wethFeed } from './fixture/treasury.ts'

let chains: readonly ScriptedChain[]
beforeEach(async () => {
  chains = await Promise.all([1, 2, 3].map(() => startScriptedChain(at)))
  for (const chain of chains) seedTreasury(chain)
})
afterEach(async () => {
  await Promise.all(chains.map((chain) => chain.stop()))
})

const names = ['alpha', 'beta', 'gamma']

async function read(quorum: number, some = chains, requestMs = 1_000): Promise<Reading> {
  const rpc = some.map(({ url }, index) => ({ name: names[index] ?? 'other', url }))
  const settings = settingsOf(chainConfig(rpc, quorum))
  const sources = chainSources({ secret: async (name) => new Redacted(name), requestMs })
  const reading = await sources.read({ settings, at })
  expect(JSON.stringify(reading)).not.toContain(key)
  return reading
}

const nth = (index: number): ScriptedChain => {
  const chain = chains[index]
  if (chain === undefined) throw new Error(`there is no provider ${index}`)
  return chain
}
const codes = ({ gaps }: Reading) => gaps.map(({ code }) => code)
const outcomes = ({ providers }: Reading) => providers.map(({ name, code = 'ok' }) => `${name} ${code}`)
const hangs = () => ({ kind: 'hang' }) as const

describe('two of three', () => {
  it('read what they agree on', async () => {
    const reading = await read(2)
    expect(codes(reading)).toEqual([])
    expect(outcomes(reading)).toEqual(['alpha ok', 'beta ok', 'gamma ok'])
  })

  it('outvote one that lies about a price', async () => {
    sayRound(nth(0), wethFeed, { answer: 1_500_00000000n })
    const reading = await read(2)
    expect(codes(reading)).toEqual([])
    expect(reading.feeds[0]?.usd).toBe(3_000)
    expect(outcomes(reading)).toEqual(['alpha provider-liar', 'beta ok', 'gamma ok'])
  })

  it('name nobody when each says something else', async () => {
    chains.forEach((chain, index) => {
      sayRound(chain, wethFeed, { answer: BigInt(3_000 + index) * 10n ** 8n })
    })
    const reading = await read(2)
    expect(reading.gaps).toMatchObject([{ subject: 'feed WETH', code: 'providers-disagree' }])
    expect(outcomes(reading)).toEqual(['alpha ok', 'beta ok', 'gamma ok'])
  })

  it('do without one that hangs', async () => {
    nth(1).misbehave = hangs
    const reading = await read(2)
    expect(codes(reading)).toEqual([])
    expect(outcomes(reading)).toEqual(['alpha ok', 'beta no-answer-yet', 'gamma ok'])
  })

  it('do without one that fails in the middle', async () => {
    nth(2).misbehave = ({ method }) => (method === 'eth_call' ? { kind: 'body', status: 500, body: '' } : undefined)
    expect(codes(await read(2))).toEqual([])
  })

  it('do not wait for one that hangs in the middle', async () => {
    nth(2).misbehave = ({ method }, count) => (count > 2 || method === 'eth_call' ? { kind: 'hang' } : undefined)
    const started = performance.now()
    const reading = await read(2)
    expect(codes(reading)).toEqual([])
    expect(outcomes(reading)).toEqual(['alpha ok', 'beta ok', 'gamma no-answer-yet'])
    // One timeout is a second.
    expect(performance.now() - started).toBeLessThan(1_000)
  })

  it('do not follow one that claims a higher block', async () => {
    nth(0).head = { ...nth(0).head, number: 1_001_000 }
    const reading = await read(2)
    expect(reading.block?.number).toBe(1_000)
    expect(outcomes(reading)).toEqual(['alpha wrong-state', 'beta ok', 'gamma ok'])
  })

  it('do not follow one that has another block at that height', async () => {
    nth(0).head = { ...nth(0).head, hash: `0x${'cd'.repeat(32)}` }
    expect((await read(2)).block?.hash).toBe(nth(1).head.hash)
  })

  it.each([
    ['hang', hangs, 'beta rpc-timeout, gamma rpc-timeout'],
    ['answer HTML', () => ({ kind: 'body', body: '<html>' }) as const, 'beta rpc-malformed, gamma rpc-malformed'],
  ])('are lost when two %s, and k stays', async (_, misbehave, told) => {
    nth(1).misbehave = misbehave
    nth(2).misbehave = misbehave
    const reading = await read(2, chains, 200)
    expect(codes(reading)).toEqual(['quorum-lost'])
    expect(reading.gaps[0]?.reason).toContain(told)
    expect([reading.feeds, reading.balances, reading.block]).toEqual([[], [], undefined])
  })

  it('are lost when all have different blocks', async () => {
    chains.forEach((chain, index) => {
      chain.head = { ...chain.head, hash: `0x${String(index + 1).repeat(64)}` }
    })
    expect(codes(await read(2))).toEqual(['quorum-lost'])
  })
})

describe('two of two', () => {
  it('that differ on one answer leave a gap for it alone', async () => {
    sayRound(nth(0), wethFeed, { answer: 1_500_00000000n })
    const reading = await read(2, chains.slice(0, 2))
    expect(reading.gaps).toMatchObject([{ subject: 'feed WETH', code: 'providers-disagree' }])
    expect(reading.feeds.map(({ asset }) => asset)).toEqual(['USDC'])
    expect(reading.lending).toHaveLength(1)
  })

  it('are lost with one', async () => {
    nth(1).chainId = 10
    const reading = await read(2, chains.slice(0, 2))
    expect(codes(reading)).toEqual(['quorum-lost'])
    expect(outcomes(reading)).toEqual(['alpha ok', 'beta wrong-chain'])
  })
})

it('one of two reads on when the first hangs', async () => {
  nth(0).misbehave = hangs
  expect(codes(await read(1, chains.slice(0, 2)))).toEqual([])
})

it('a quorum of more than there are providers is never reached', async () => {
  expect(codes(await read(2, chains.slice(0, 1)))).toEqual(['quorum-lost'])
})
