// The cursor of a chain against scripted providers: each event once, over reorgs, refused ranges and providers that leave logs out.

import { toEventHash } from 'viem/utils'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { ChainCursor } from '../../lib/model/chain-cursor.ts'
import type { Address, Hash } from '../../lib/model/identity.ts'
import type { Followed } from '../../lib/model/ports.ts'
import { type ChainEventsDeps, chainEvents } from '../../lib/sources/chain-events.ts'
import { aggregatorAbi } from '../../lib/sources/events/feed-answer.ts'
import { topicOf } from '../../lib/sources/events/log-words.ts'
import { mine, type ScriptedChain, startScriptedChain, unmine } from './fixture/scripted-chain.ts'
import { aave, account, at, chainConfig, seedTreasury, wethFeed } from './fixture/treasury.ts'

const aggregator: Address = `0x${'f1'.repeat(20)}`
const implementation: Address = `0x${'f2'.repeat(20)}`

let chains: readonly ScriptedChain[]
beforeEach(async () => {
  chains = await Promise.all([1, 2, 3].map(() => startScriptedChain(at)))
  for (const chain of chains) {
    seedTreasury(chain)
    chain.say(wethFeed, aggregatorAbi, 'aggregator', [], aggregator)
  }
})
afterEach(async () => {
  await Promise.all(chains.map((chain) => chain.stop()))
})

const nth = (index: number): ScriptedChain => {
  const chain = chains[index]
  if (chain === undefined) throw new Error(`there is no provider ${index}`)
  return chain
}
const everywhere = (act: (chain: ScriptedChain) => void) => chains.forEach(act)
const answer = (block: number) => ({
  block,
  address: aggregator,
  topics: [toEventHash('AnswerUpdated(int256,uint256,uint256)'), topicOf('0x0b'), topicOf('0x01')] as Hash[],
})
const upgraded = (block: number, address = aave.pool) => ({
  block,
  address,
  topics: [toEventHash('Upgraded(address)'), topicOf(implementation)] as Hash[],
})

type Done = Extract<Followed, { kind: 'followed' }>

function follower(deps: Partial<ChainEventsDeps> = {}, some = chains, quorum = 2) {
  const rpc = some.map(({ url }, index) => ({ name: ['alpha', 'beta', 'gamma'][index] ?? 'other', url }))
  const events = chainEvents({
    secret: async (name) => new Redacted(name),
    requestMs: 500,
    announcedMs: 300,
    ...deps,
  })
  const settings = { version: 'v1', chain: chainConfig(rpc, quorum), portfolios: [{ id: 'treasury', account }] }
  const follow = (cursor?: ChainCursor, atLeast?: number) =>
    events.follow({ settings, cursor, at, ...(atLeast === undefined ? {} : { atLeast }) })
  return {
    follow,
    async on(cursor?: ChainCursor, atLeast?: number): Promise<Done> {
      const outcome = await follow(cursor, atLeast)
      if (outcome.kind === 'unread') throw new Error(outcome.reason)
      return outcome
    },
  }
}
const ids = ({ events }: Done) => events.map(({ id }) => id)
const told = ({ touched }: Done) => touched.map(({ block, causes }) => `${block} ${causes.join('+')}`)
const outcomes = ({ providers }: Followed) => providers.map(({ name, code = 'ok' }) => `${name} ${code}`)

describe('a chain that is followed', () => {
  it('begins at its head, with nothing heard, and says nothing new until there is a block', async () => {
    const { on } = follower()
    const first = await on()
    expect(first).toMatchObject({ isNew: true, touched: [], events: [], cursor: { lagBlocks: 0 } })
    expect(first.cursor.blocks.map(({ number }) => number)).toEqual([1_000])
    expect(await on(first.cursor)).toMatchObject({ isNew: false, touched: [] })
  })

  it('tells of the answer of the aggregator behind a feed, and keeps an upgrade for people', async () => {
    const { on } = follower()
    const { cursor } = await on()
    everywhere((chain) => {
      chain.logs = [answer(mine(chain)), upgraded(mine(chain))]
    })
    const next = await on(cursor)
    expect(told(next)).toEqual(['1002 feed-answer+upgrade'])
    expect(next.heard).toBe(2)
    expect(next.events).toMatchObject([
      { kind: 'upgrade', subject: 'aaveV3.pool', severity: 'warning', says: 'aaveV3.pool was upgraded: 0xf2f2…f2f2' },
    ])
    expect(ids(next)).toEqual([`1:${nth(0).head.hash}:0`])
    expect(await on(next.cursor)).toMatchObject({ isNew: false })
  })

  it('reads a backlog in runs of so many blocks, each event once, and says how far it lags', async () => {
    const { on } = follower({ blocksPerRun: 50 })
    let { cursor } = await on()
    everywhere((chain) => {
      for (let count = 0; count < 120; count++) mine(chain)
      chain.logs = [1_001, 1_050, 1_051, 1_120].map((block) => upgraded(block))
    })
    const seen: string[] = []
    const lags: number[] = []
    for (let run = 0; run < 3; run++) {
      const step = await on(cursor)
      seen.push(...ids(step))
      lags.push(step.cursor.lagBlocks)
      cursor = step.cursor
    }
    expect(lags).toEqual([70, 20, 0])
    expect(new Set(seen).size).toBe(4)
    expect(seen).toHaveLength(4)
  })
})

describe('a reorg', () => {
  it('takes back what was heard in blocks that are gone, hears the new ones and queues whom the old ones touched', async () => {
    const { on } = follower()
    const start = await on()
    everywhere((chain) => {
      chain.logs = [upgraded(mine(chain))]
    })
    const heard = await on(start.cursor)
    everywhere((chain) => {
      unmine(chain, 1)
      mine(chain, 'b')
      mine(chain, 'b')
    })
    const after = await on(heard.cursor)
    expect(after.orphaned).toBe(1)
    expect(told(after)).toEqual(['1002 reorg'])
    expect(after.cursor.events).toEqual([])
    everywhere((chain) => {
      chain.logs = [upgraded(mine(chain, 'b'))]
    })
    const again = await on(after.cursor)
    expect(told(again)).toEqual(['1003 upgrade'])
    expect(ids(again)).not.toEqual(ids(heard))
  })

  it('deeper than is remembered touches everybody', async () => {
    const { on } = follower()
    const start = await on()
    everywhere((chain) => {
      chain.head = { ...chain.head, hash: `0x${'cd'.repeat(32)}` }
      mine(chain, 'c')
    })
    const after = await on(start.cursor)
    expect(told(after)).toEqual(['1001 reorg'])
    expect(after.cursor.blocks.map(({ number }) => number)).toEqual([1_001])
  })

  it('is not seen in providers that are behind: the cursor stays', async () => {
    const { on } = follower()
    const start = await on()
    everywhere((chain) => void mine(chain))
    const ahead = await on(start.cursor)
    everywhere((chain) => unmine(chain, 1))
    expect(await on(ahead.cursor)).toMatchObject({ isNew: false, orphaned: 0 })
  })
})

describe('providers', () => {
  const withEvent = async (run: ReturnType<typeof follower>) => {
    const { cursor } = await run.on()
    everywhere((chain) => {
      chain.logs = [upgraded(mine(chain))]
    })
    return cursor
  }

  it('one of three that leaves logs out is named, and the event is heard', async () => {
    const run = follower()
    const cursor = await withEvent(run)
    nth(1).logs = []
    const next = await run.on(cursor)
    expect(ids(next)).toHaveLength(1)
    expect(outcomes(next)).toEqual(['alpha ok', 'beta provider-liar', 'gamma ok'])
  })

  it('two that do not agree move nothing: the range is read again by the next run', async () => {
    const run = follower({}, chains.slice(0, 2))
    const cursor = await withEvent(run)
    nth(1).logs = []
    const outcome = await run.follow(cursor)
    expect(outcome).toMatchObject({ kind: 'unread', code: 'logs-disagree' })
    expect(JSON.stringify(outcome)).toContain('alpha has 1, beta has 0')
    nth(1).logs = nth(0).logs
    expect(ids(await run.on(cursor))).toHaveLength(1)
  })

  it('logs of another fork than the header are not believed', async () => {
    const run = follower({}, chains.slice(0, 1), 1)
    const cursor = await withEvent(run)
    nth(0).misbehave = ({ method, params }) => {
      if (method !== 'eth_getLogs') return undefined
      if ((params[0] as { topics: unknown[] }).topics.length > 1) return { kind: 'result', result: [] }
      const forked = { ...upgradedAsRpc, blockHash: `0x${'ee'.repeat(32)}`, blockNumber: '0x3e9' }
      return { kind: 'result', result: [forked] }
    }
    expect(await run.follow(cursor)).toMatchObject({ kind: 'unread', code: 'reorged' })
  })

  const upgradedAsRpc = {
    address: aave.pool,
    topics: upgraded(0).topics,
    data: '0x',
    transactionHash: `0x${'11'.repeat(32)}`,
    logIndex: '0x0',
  }

  it.each([
    { code: -32_005, message: 'limit exceeded' },
    { code: -32_000, message: 'query returned more than 10000 results' },
    { code: -32_602, message: 'You can make eth_getLogs requests with up to a 10 block range' },
    { code: -32_614, message: 'eth_getLogs is limited to a 10,000 range' },
  ])(
    'that refuse a range ($message) are asked for halves, and later ranges are as short',
    async ({ code, message }) => {
      const run = follower()
      const { cursor } = await run.on()
      everywhere((chain) => {
        for (let count = 0; count < 40; count++) mine(chain)
        chain.logs = [upgraded(1_003), upgraded(1_038)]
        chain.misbehave = ({ method, params }) => {
          if (method !== 'eth_getLogs') return undefined
          const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
          return Number(toBlock) - Number(fromBlock) < 10 ? undefined : { kind: 'error', code, message }
        }
      })
      const next = await run.on(cursor)
      expect(ids(next)).toHaveLength(2)
      expect(next.cursor.rangeBlocks).toBeLessThan(16)
      everywhere((chain) => {
        chain.misbehave = undefined
        mine(chain)
      })
      const same = await run.on(next.cursor)
      expect(same.cursor.rangeBlocks).toBe(next.cursor.rangeBlocks)
      everywhere((chain) => {
        for (let count = 0; count < next.cursor.rangeBlocks; count++) mine(chain)
      })
      const grown = await run.on(same.cursor)
      expect(grown.cursor.rangeBlocks).toBe(next.cursor.rangeBlocks * 2)
    },
  )

  it('a block that was announced is waited for, and one that cannot be true is not', async () => {
    const run = follower()
    const { cursor } = await run.on()
    setTimeout(() => everywhere((chain) => void mine(chain)), 120)
    expect((await run.on(cursor, 1_001)).cursor.blocks.at(-1)?.number).toBe(1_001)
    const began = performance.now()
    await run.on(cursor, 5_000_000)
    expect(performance.now() - began).toBeLessThan(280)
  })
})
