// Following a chain: whoever is touched is queued before the cursor moves, once a block, and is read at that block or later.

import { beforeEach, describe, expect, it } from 'vitest'
import { type MemoryBus, memoryBus } from '../../lib/bus/memory-bus.ts'
import { comeBack, isSuperseded } from '../../lib/flows/superseded.ts'
import { tick } from '../../lib/flows/tick.ts'
import { type WatchChainDeps, watchChain } from '../../lib/flows/watch-chain.ts'
import type { ChainCursor, Touched } from '../../lib/model/chain-cursor.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { MessageOf } from '../../lib/model/messages.ts'
import type { ChainEvents, Followed } from '../../lib/model/ports.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { chainStore } from '../../lib/store/chain-store.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { account, chainConfig, settingsOf } from '../sources/fixture/treasury.ts'
import { snapshotAt } from '../store/stored.ts'
import { fuse, runUntilDeath } from './dying-deps.ts'

const start = 1_722_816_000
const chain = chainConfig([{ name: 'one', url: 'https://rpc.example' }])
const { portfolio } = settingsOf(chain)
const configuration: Configuration = {
  chains: [chain],
  portfolios: [portfolio, { ...portfolio, id: 'desk', account }],
  approvers: [],
  viewers: [],
  notifiers: [],
}

let now = start
let bus: MemoryBus
let deps: WatchChainDeps
let lines: { event: string; facts: Readonly<Record<string, unknown>> }[]
let script: (params: Parameters<ChainEvents['follow']>[0]) => Partial<Extract<Followed, { kind: 'followed' }>>

beforeEach(async () => {
  now = start
  lines = []
  const clock = { now: () => now }
  bus = memoryBus({ clock })
  const config = configStore(memoryTable())
  await config.putVersion('v1', configuration)
  await config.movePointer({ version: 'v1', movedAt: now, movedBy: 'cli' }, 0)
  deps = {
    config,
    chains: chainStore(memoryTable()),
    events: {
      async follow(params) {
        const { cursor, at } = params
        const block = {
          number: (cursor?.blocks.at(-1)?.number ?? 99) + 1,
          hash: '0xab',
          logs: [],
          portfolios: [],
        } as const
        const blank: ChainCursor = {
          chainId: 1,
          version: 0,
          at,
          blocks: [],
          rangeBlocks: 64,
          lagBlocks: 0,
          ticks: {},
          events: [],
        }
        const next = { ...(cursor ?? blank), at, blocks: [block] }
        const plain = {
          kind: 'followed',
          isNew: true,
          touched: [],
          events: [],
          heard: 0,
          orphaned: 0,
          providers: [],
        } as const
        return { ...plain, cursor: next, ...script({ ...params, cursor: next }) }
      },
    },
    bus,
    clock,
    log: { line: (event, facts) => void lines.push({ event, facts }) },
  }
  script = () => ({})
})

const due = { kind: 'chain-due', chainId: 1, slot: start, cause: 'webhook' } as const
const touched = (portfolioId: string, block = 100): Touched => ({
  portfolioId,
  block,
  hash: '0xab',
  causes: ['upgrade', 'pause'],
})
const queued = () => bus.waiting('snapshots')

describe('following a chain', () => {
  it('is asked for once a minute for each chain in force, however often the clock ticks', async () => {
    await tick(deps)
    await tick(deps)
    expect(bus.waiting('chains')).toEqual([{ ...due, cause: 'schedule', slot: start - (start % 60) }])
  })

  it('queues each portfolio that is touched, with the block that its snapshot must hold', async () => {
    script = () => ({ touched: [touched('treasury'), touched('desk', 98)] })
    await watchChain(deps, due)
    expect(queued()).toEqual([
      {
        kind: 'portfolio-due',
        portfolioId: 'treasury',
        slot: start,
        cause: 'event:upgrade+pause',
        seen: { chainId: 1, block: 100, hash: '0xab' },
      },
      {
        kind: 'portfolio-due',
        portfolioId: 'desk',
        slot: start,
        cause: 'event:upgrade+pause',
        seen: { chainId: 1, block: 98, hash: '0xab' },
      },
    ])
    expect((await deps.chains.cursor(1))?.blocks[0]?.number).toBe(100)
  })

  it.each(['before', 'after'] as const)(
    'dies %s any of its calls and loses nothing when it is run again',
    async (when) => {
      let deaths = 0
      for (let call = 1; ; call++) {
        bus = memoryBus({ clock: deps.clock })
        deps = { ...deps, bus, chains: chainStore(memoryTable()) }
        // The event is in block 100: whoever has moved past it hears nothing any more.
        script = ({ cursor }) => ({ touched: cursor?.blocks[0]?.number === 100 ? [touched('treasury')] : [] })
        const burning = fuse(call, when)
        await runUntilDeath(deps, burning, (dying) => watchChain(dying, due)).catch(() => undefined)
        if (burning.blownAt === undefined) break
        deaths += 1
        await watchChain(deps, due)
        expect(queued()).toContainEqual(
          expect.objectContaining({ portfolioId: 'treasury', seen: { chainId: 1, block: 100, hash: '0xab' } }),
        )
      }
      expect(deaths).toBe(6)
    },
  )

  it('leaves the cursor where it is if the bus does not take what was heard', async () => {
    script = () => ({ touched: [touched('treasury')] })
    const deaf = { ...deps, bus: { send: async () => Promise.reject(new Error('down')) } }
    await expect(watchChain(deaf, due)).rejects.toThrow('down')
    expect(await deps.chains.cursor(1)).toBeUndefined()
  })

  it('comes back by the queue if another run moved the cursor meanwhile', async () => {
    script = ({ cursor }) => {
      void deps.chains.saveCursor({ ...(cursor as ChainCursor), version: 0 })
      return {}
    }
    await expect(watchChain(deps, due)).rejects.toMatchObject({ code: 'cursor-contended', retry: 'later' })
  })

  it('leaves what cannot be read for the next run, and says what is wrong with whom', async () => {
    const providers = [{ name: 'one', host: 'https://rpc.example', ok: false, milliseconds: 3, code: 'rpc-timeout' }]
    const events = { follow: async () => ({ kind: 'unread', code: 'quorum-lost', reason: 'none', providers }) as const }
    await watchChain({ ...deps, events }, due)
    expect(lines).toMatchObject([{ event: 'watch-chain.unread', facts: { code: 'quorum-lost', providers } }])
    expect(await deps.chains.cursor(1)).toBeUndefined()
  })

  it('goes on with a backlog at once, but not for ever, and says how far it lags', async () => {
    script = ({ cursor }) => ({ cursor: { ...(cursor as ChainCursor), lagBlocks: 500 } })
    await watchChain(deps, due)
    let runs = 1
    await bus.drain({
      chains: async (message) => {
        runs += 1
        await watchChain(deps, message as MessageOf<'chain-due'>)
      },
    })
    expect(runs).toBe(11)
    expect(lines.at(-1)).toMatchObject({ event: 'watch-chain.lagging', facts: { lagBlocks: 500 } })
  })

  it('of a chain that is not configured any more says so, and is done', async () => {
    await watchChain(deps, { ...due, chainId: 5 })
    expect(lines).toEqual([{ event: 'watch-chain.not-configured', facts: { chainId: 5 } }])
  })
})

describe('a message of an event', () => {
  const seen = { chainId: 1, block: 1_000 }
  const message = { kind: 'portfolio-due', portfolioId: 'main', slot: start, cause: 'event:x', seen } as const
  const blocksAt = (number: number) => snapshotAt(start).blocks.map((block) => ({ ...block, chainId: 1, number }))

  const superseded = async (lastAt: number, number: number, of: MessageOf<'portfolio-due'> = message) => {
    const watch = watchStore(memoryTable())
    const snapshot = { ...snapshotAt(lastAt), blocks: blocksAt(number) }
    await watch.putSnapshot(snapshot)
    const memory = { ...emptyMemory('main'), lastAt, lastSnapshotId: snapshot.id }
    return await isSuperseded({ watch }, { message: of, memory })
  }

  it('is done with by a snapshot that was begun later and holds its block', async () => {
    expect(await superseded(start + 1, 1_000)).toBe(true)
    expect(await superseded(start + 1, 1_005)).toBe(true)
  })

  it('is not by one of an older block, of providers that were behind, however late it was', async () => {
    expect(await superseded(start + 1, 999)).toBe(false)
    expect(await superseded(start + 50, 999)).toBe(false)
  })

  it('is not by one that was begun before it, whatever its block: after a reorg that is another fork', async () => {
    expect(await superseded(start, 1_000)).toBe(false)
    expect(await superseded(start - 5, 2_000)).toBe(false)
  })

  it('is done with by a snapshot of that very block, whenever that was taken, and not by one of another fork', async () => {
    const [{ hash = '' } = {}] = blocksAt(1_000)
    expect(await superseded(start - 5, 1_000, { ...message, seen: { ...seen, hash } })).toBe(true)
    expect(await superseded(start, 1_000, { ...message, seen: { ...seen, hash: '0xother' } })).toBe(false)
    expect(await superseded(start, 1_001, { ...message, seen: { ...seen, hash } })).toBe(false)
  })

  it('of the schedule is done with by any later snapshot, and none by no snapshot', async () => {
    const { seen: _, ...scheduled } = message
    expect(await superseded(start + 1, 1, scheduled)).toBe(true)
    expect(await superseded(start, 1, scheduled)).toBe(false)
    expect(await isSuperseded({ watch: watchStore(memoryTable()) }, { message, memory: undefined })).toBe(false)
  })

  it('comes back, a few times, if its snapshot was of an older block', () => {
    const at = start + 3
    const early = blocksAt(999)
    expect(comeBack(message, { blocks: early, at })).toMatchObject({
      message: { slot: at, round: 1, seen },
      delaySeconds: 2,
    })
    expect(comeBack({ ...message, round: 5 }, { blocks: early, at })).toBeUndefined()
    expect(comeBack(message, { blocks: blocksAt(1_000), at })).toBeUndefined()
    expect(comeBack(message, { blocks: [], at })).toBeUndefined()
    const { seen: _, ...scheduled } = message
    expect(comeBack(scheduled, { blocks: early, at })).toBeUndefined()
  })
})
