// Plays one run-book about logs: fault servers as the only providers, and the real cursor between them.

import { toEventHash } from 'viem/utils'
import { expect } from 'vitest'
import { Redacted } from '../../lib/base/redacted.ts'
import type { ChainCursor } from '../../lib/model/chain-cursor.ts'
import type { Address, Hash } from '../../lib/model/identity.ts'
import { chainEvents } from '../../lib/sources/chain-events.ts'
import { topicOf } from '../../lib/sources/events/log-words.ts'
import { key, mine, type ScriptedChain, type ScriptedLog, unmine } from '../sources/fixture/scripted-chain.ts'
import { aave, account, at, chainConfig, seedTreasury, weth, wethFeed } from '../sources/fixture/treasury.ts'
import { type FaultServer, startFaultServer } from './fault-server.ts'
import type { EventName, LogRunBook, Step } from './log-run-book.ts'
import { providerNames } from './run-book.ts'

type Target = 'all' | readonly string[]
type Expected = Extract<Step, { readonly follow: unknown }>['follow']

const topics = (event: string, ...indexed: readonly Address[]): readonly Hash[] => [
  toEventHash(event),
  ...indexed.map(topicOf),
]
const said: Readonly<Record<EventName, Omit<ScriptedLog, 'block'>>> = {
  answer: { address: wethFeed, topics: topics('AnswerUpdated(int256,uint256,uint256)', '0x0b', '0x01') },
  upgrade: { address: aave.pool, topics: topics('Upgraded(address)', wethFeed) },
  liquidation: {
    address: aave.pool,
    topics: topics('LiquidationCall(address,address,address,uint256,uint256,address,bool)', weth, weth, account),
  },
}

/** All expectations are checked; what was heard is returned, so that a test may look at the whole course. */
export async function followBook(book: LogRunBook): Promise<{ readonly ids: readonly string[] }> {
  const { of = 3, quorum = 2, faults = [] } = book
  const servers = await Promise.all(
    providerNames.slice(0, of).map(async (name) => {
      const own = faults.filter(({ target }) => target === 'all' || target.includes(name as never))
      const server = await startFaultServer({ at, faults: own })
      seedTreasury(server.chain)
      return { name, server, leftOut: [] as ScriptedLog[] }
    }),
  )
  const concerned = (target: Target | undefined) =>
    servers.filter(({ name }) => target === undefined || target === 'all' || target.includes(name))
  try {
    const rpc = servers.map(({ name, server }) => ({ name, url: server.url }))
    const settings = { version: 'v1', chain: chainConfig(rpc, quorum), portfolios: [{ id: 'treasury', account }] }
    const deps = { requestMs: 400, ...(book.blocksPerRun === undefined ? {} : { blocksPerRun: book.blocksPerRun }) }
    const events = chainEvents({ secret: async (name) => new Redacted(name), ...deps })
    const first = await events.follow({ settings, cursor: undefined, at })
    if (first.kind === 'unread') throw new Error(first.reason)
    let cursor: ChainCursor = first.cursor
    const ids: string[] = []
    for (const step of book.steps) {
      if ('mine' in step) for (const one of concerned(step.only)) addBlocks(one, step, concerned(step.missing ?? []))
      if ('unmine' in step) for (const { server } of concerned(step.only)) unmine(server.chain, step.unmine)
      if ('repair' in step) for (const one of concerned(step.repair)) repair(one)
      if ('spoil' in step) for (const { server } of concerned(step.target)) spoil(server.chain, step.spoil)
      if (!('follow' in step)) continue
      const outcome = await events.follow({ settings, cursor, at })
      expect(JSON.stringify(outcome)).not.toContain(key)
      if (outcome.kind === 'followed') {
        ids.push(...outcome.events.map(({ id }) => id))
        cursor = outcome.cursor
      }
      expect(summaryOf(outcome, cursor)).toEqual(expectedOf(step.follow))
      if (step.follow.says !== undefined) expect(JSON.stringify(outcome)).toContain(step.follow.says)
    }
    for (const { name, server } of servers) {
      const asked = server.requests.filter(({ method }) => method === 'eth_getLogs').length
      expect(asked).toBeLessThanOrEqual(book.asksAtMost?.[name] ?? Number.POSITIVE_INFINITY)
    }
    return { ids }
  } finally {
    await Promise.all(servers.map(({ server }) => server.stop()))
  }
}

interface Provided {
  readonly server: FaultServer
  leftOut: ScriptedLog[]
}

function addBlocks(
  one: Provided,
  { mine: blocks, fork }: Extract<Step, { readonly mine: unknown }>,
  missing: readonly Provided[],
): void {
  const { chain } = one.server
  for (const names of blocks) {
    const block = mine(chain, fork)
    const logs = names.map((name) => ({ block, ...said[name] }))
    if (missing.includes(one)) one.leftOut.push(...logs)
    else chain.logs = [...chain.logs, ...logs]
  }
}

function repair(one: Provided): void {
  one.server.chain.logs = [...one.server.chain.logs, ...one.leftOut].sort((a, b) => a.block - b.block)
  one.leftOut = []
}

function spoil(chain: ScriptedChain, how: Extract<Step, { readonly spoil: unknown }>['spoil']): void {
  chain.bendLogs =
    how === 'not'
      ? undefined
      : (logs) => {
          if (how === 'twice') return [...logs, ...logs]
          if (how === 'reversed') return logs.toReversed()
          return logs.map((log) => ({ ...log, blockHash: `0x${'ee'.repeat(32)}` }))
        }
}

function summaryOf(outcome: Awaited<ReturnType<ReturnType<typeof chainEvents>['follow']>>, cursor: ChainCursor) {
  const providers = Object.fromEntries(
    outcome.providers.flatMap(({ name, code }) => (code === undefined ? [] : [[name, code]])),
  )
  const tip = cursor.blocks.at(-1)?.number
  if (outcome.kind === 'unread')
    return { unread: outcome.code, touched: [], kept: [], tip, lag: cursor.lagBlocks, providers }
  const touched = outcome.touched.map(({ block, causes }) => `${block} ${causes.toSorted().join('+')}`)
  const kept = outcome.events.map(({ kind }) => kind)
  return { unread: undefined, touched, kept, tip, lag: cursor.lagBlocks, providers }
}

function expectedOf({ unread, touched = [], kept = [], tip, lag = 0, providers = {} }: Expected) {
  return { unread, touched, kept, tip, lag, providers }
}
