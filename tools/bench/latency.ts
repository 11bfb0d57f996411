// `npm run bench -- latency`: from a provider's call, or a block, to the snapshots of all portfolios that it touches; and what a burst comes to.

import { createHmac } from 'node:crypto'
import { stderr, stdout } from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { Redacted } from '../../lib/base/redacted.ts'
import { assessRisk } from '../../lib/flows/assess-risk.ts'
import { chainDue } from '../../lib/flows/chain-due.ts'
import { hearWebhook, webhooksInForce } from '../../lib/flows/hear-webhook.ts'
import { takeSnapshot } from '../../lib/flows/take-snapshot.ts'
import { watchChain } from '../../lib/flows/watch-chain.ts'
import { startWorld, type World } from '../../lib/local/world/world.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { Address } from '../../lib/model/identity.ts'
import { type Message, type MessageOf, queueOf } from '../../lib/model/messages.ts'
import type { Bus } from '../../lib/model/ports.ts'
import { chainEvents } from '../../lib/sources/chain-events.ts'
import { chainSources } from '../../lib/sources/chain-sources.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { chainStore } from '../../lib/store/chain-store.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { holderStore } from '../../lib/store/holder-store.ts'
import { marketModelStore } from '../../lib/store/market-model-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { onceStore } from '../../lib/store/once-store.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { systemClock, systemHmac } from '../../lib/wiring/clock.ts'

export interface LatencySettings {
  readonly portfolios: number
  readonly rounds: number
  /** Snapshots at a time: invocations of the door that takes them. */
  readonly atOnce: number
}

const key = 'bench-signing-key'
const lower = (address: string) => address.toLowerCase() as Address

/** Every account is read in full; one of them is the treasury of the world. */
function configurationOf(world: World, { portfolios }: LatencySettings): Configuration {
  const { assets, aave, uniswap, treasury, multicall3 } = world.addresses
  const accountOf = (index: number) =>
    index === 0 ? lower(treasury.safe) : (`0x${(0xace0000 + index).toString(16).padStart(40, '0')}` as Address)
  return {
    chains: [
      {
        id: 'local',
        chainId: world.chainId,
        rpc: ['one', 'two'].map((name) => ({ name, url: `${world.rpcUrl}/?provider=${name}` })),
        quorum: 2,
        multicall3: lower(multicall3),
        maxBlockAgeSeconds: 3_600,
        confirmations: 1,
        assets: Object.entries(assets).map(([underlying, { symbol, token, decimals, feed, feedDecimals }]) => ({
          symbol,
          address: lower(token),
          decimals,
          underlying,
          feed: { address: lower(feed), heartbeatSeconds: 86_400, graceSeconds: 60, decimals: feedDecimals },
        })),
        aaveV3: { pool: lower(aave.pool), dataProvider: lower(aave.dataProvider), oracle: lower(aave.oracle) },
        uniswapV3: {
          factory: lower(uniswap.factory),
          positions: lower(uniswap.positions),
          router: lower(uniswap.router),
          quoter: lower(uniswap.quoter),
          feeTiers: [500, 3_000],
        },
      },
    ],
    portfolios: Array.from({ length: portfolios }, (_, index) => ({
      id: `p${index}`,
      name: `Portfolio ${index}`,
      chain: 'local',
      account: accountOf(index),
      everySeconds: 3_600,
      rules: [],
      approvers: [],
      notifiers: [],
      limits: { maxSlippageBps: 50, maxGasUsd: 50, maxPriceMoveBps: 200, validitySeconds: 900, maxOrderUsd: 1e6 },
    })),
    approvers: [],
    viewers: [],
    notifiers: [],
    webhooks: [{ id: 'bench', kind: 'alchemy', chain: 'local', secret: 'homeostat/webhook/bench' }],
  }
}

/** Queues that deliver at once, so many at a time; a FIFO queue takes equal ids once. */
function pump(
  handlers: Readonly<Record<string, { readonly atOnce: number; handle(message: Message): Promise<void> }>>,
) {
  const waiting = new Map<string, Message[]>()
  const running = new Map<string, number>()
  const known = new Set<string>()
  const failures: unknown[] = []
  const next = (queue: string): void => {
    const handler = handlers[queue]
    const list = waiting.get(queue) ?? []
    if (handler === undefined || (running.get(queue) ?? 0) >= handler.atOnce) return
    const message = list.shift()
    if (message === undefined) return
    running.set(queue, (running.get(queue) ?? 0) + 1)
    handler
      .handle(message)
      .catch((error: unknown) => failures.push(error))
      .finally(() => {
        running.set(queue, (running.get(queue) ?? 0) - 1)
        next(queue)
      })
    next(queue)
  }
  const bus: Bus = {
    async send(sendings) {
      for (const { message, deduplicationId } of sendings) {
        const queue = queueOf[message.kind]
        if (handlers[queue] === undefined || (queue === 'chains' && known.has(deduplicationId))) continue
        known.add(deduplicationId)
        waiting.set(queue, [...(waiting.get(queue) ?? []), message])
        next(queue)
      }
    },
  }
  const isIdle = () =>
    [...waiting.values()].every(({ length }) => length === 0) && [...running.values()].every((n) => n === 0)
  return { bus, failures, isIdle }
}

function line(world: World, settings: LatencySettings) {
  const config = configStore(memoryTable())
  const stored: { readonly at: number; readonly block: number; readonly portfolioId: string }[] = []
  const watch = watchStore(memoryTable())
  const log = {
    line: (event: string, facts: object) =>
      void (process.env.LATENCY_LOG === undefined || console.error(event, JSON.stringify(facts).slice(0, 400))),
  }
  const secret = async () => new Redacted(key)
  const runs = { chains: 0, snapshots: 0 }
  const common = { config, clock: systemClock, log }
  const timed = {
    ...watch,
    async putSnapshot(snapshot: Parameters<typeof watch.putSnapshot>[0]) {
      await watch.putSnapshot(snapshot)
      const { portfolioId, blocks } = snapshot
      stored.push({ at: performance.now(), block: blocks[0]?.number ?? -1, portfolioId })
    },
  }
  const sources = chainSources({ secret })
  const events = chainEvents({ secret })
  const chains = chainStore(memoryTable())
  const venueSources = { read: async () => [] }
  const history = barStore(memoryTable())
  const holders = holderStore(memoryTable())
  const models = marketModelStore(memoryTable())
  const queues = pump({
    chains: {
      atOnce: 1,
      async handle(message) {
        runs.chains += 1
        await watchChain({ ...common, chains, events, bus: queues.bus }, message as MessageOf<'chain-due'>)
      },
    },
    assessments: {
      atOnce: settings.atOnce,
      async handle(message) {
        await assessRisk(
          { ...common, watch, holders, chains, models, bus: queues.bus },
          message as MessageOf<'snapshot-taken'>,
        )
      },
    },
    snapshots: {
      atOnce: settings.atOnce,
      async handle(message) {
        runs.snapshots += 1
        const deps = { ...common, sources, venueSources, watch: timed, history, bus: queues.bus }
        await takeSnapshot(deps, message as MessageOf<'portfolio-due'>)
      },
    },
  })
  const webhooks = webhooksInForce({ config, clock: systemClock })
  const door = {
    webhooks,
    secret,
    hmac: systemHmac,
    once: onceStore(memoryTable()),
    bus: queues.bus,
    clock: systemClock,
    log,
  }
  const call = async (block: number) => {
    const body = JSON.stringify({ event: { data: { block: { number: block } } } })
    const headers = { 'x-alchemy-signature': createHmac('sha256', key).update(body).digest('hex') }
    const request = { method: 'POST', path: '/bench', query: {}, cookies: {}, sourceIp: '', headers, body }
    const { status } = await hearWebhook(door, request)
    if (status !== 200) throw new Error(`the webhook was answered with ${status}`)
  }
  const signal = (block: number) =>
    queues.bus.send([chainDue({ chainId: world.chainId, slot: systemClock.now(), cause: 'block', block })])
  const begin = async () => {
    await config.putVersion('v1', configurationOf(world, settings))
    await config.movePointer({ version: 'v1', movedAt: 0, movedBy: 'cli' }, 0)
  }
  return { begin, call, signal, stored, runs, queues }
}

const percentile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN
const rounded = (milliseconds: number) => `${Math.round(milliseconds)} ms`

export async function benchLatency(settings: LatencySettings): Promise<void> {
  stderr.write('starting a chain with Aave and Uniswap\n')
  const world = await startWorld()
  try {
    const house = line(world, settings)
    await house.begin()
    const head = async () => Number((await blockOf(world.rpcUrl)).number)
    const settle = async () => {
      while (!house.queues.isIdle()) await pause(5)
    }
    await house.signal(await head())
    await settle()
    for (const [name, tell] of [
      ['webhook', house.call],
      ['block signal', house.signal],
    ] as const) {
      const delays: number[] = []
      const cpu = process.cpuUsage()
      for (let round = 0; round < settings.rounds; round++) {
        await world.setPrices({ ETH: 2_900 + 20 * (round % 3) + (name === 'webhook' ? 5 : 0) })
        const block = await head()
        const before = house.stored.length
        const began = performance.now()
        await tell(block)
        await settle()
        delays.push(...house.stored.slice(before).map(({ at }) => at - began))
      }
      const { user, system } = process.cpuUsage(cpu)
      const each = (user + system) / 1_000 / delays.length
      const [p50, p99] = [percentile(delays, 0.5), percentile(delays, 0.99)]
      stdout.write(
        `${name}: ${delays.length} snapshots of ${settings.portfolios} portfolios, ${settings.atOnce} at a time: p50 ${rounded(p50)}, p99 ${rounded(p99)}; ${rounded(each)} of processor time a snapshot, its assessment included\n`,
      )
    }
    await burst(world, house, head)
    await settle()
    for (const failure of house.queues.failures.slice(0, 3)) stdout.write(`failed: ${String(failure)}\n`)
  } finally {
    await world.stop()
  }
}

/** Thirty calls a second while blocks with events come: at most one snapshot a block and portfolio. */
async function burst(world: World, house: ReturnType<typeof line>, head: () => Promise<number>): Promise<void> {
  const [runs, snapshots] = [house.runs.chains, house.runs.snapshots]
  const before = house.stored.length
  const first = await head()
  const seconds = 10
  for (let second = 0; second < seconds; second++) {
    const began = performance.now()
    await world.setPrices({ ETH: 2_700 + 15 * (second % 4) })
    const block = await head()
    for (let count = 0; count < 30; count++) {
      await house.call(block)
      await pause(Math.max(0, began + (count + 1) * 33 - performance.now()))
    }
  }
  while (!house.queues.isIdle()) await pause(5)
  const blocks = (await head()) - first
  const perBlock = Map.groupBy(house.stored.slice(before), ({ block, portfolioId }) => `${block} ${portfolioId}`)
  const most = Math.max(...[...perBlock.values()].map(({ length }) => length))
  stdout.write(
    `burst: ${30 * seconds} calls over ${seconds} s and ${blocks} blocks made ${house.runs.chains - runs} looks at the chain and ` +
      `${house.runs.snapshots - snapshots} snapshots, at most ${most} of one portfolio at one block\n`,
  )
}

async function blockOf(url: string): Promise<{ readonly number: string }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['latest', false] })
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await answer.json()) as { readonly result: { readonly number: string } }).result
}

/** `latency [portfolios] [snapshots at a time] [rounds]`. */
export function latencySettings(words: readonly string[]): LatencySettings {
  const [portfolios = 100, atOnce = 8, rounds = 10] = words.map(Number)
  if ([portfolios, atOnce, rounds].every((number) => Number.isInteger(number) && number > 0))
    return { portfolios, atOnce, rounds }
  throw new Error(`latency takes whole numbers: portfolios, snapshots at a time, rounds; not ${words.join(' ')}.`)
}
