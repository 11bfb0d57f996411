// The whole corridor in one process: every flow, wired on the in-memory twins of tables and bus, with a clock that the test moves.

import type { privateKeyToAccount } from 'viem/accounts'
import { type MemoryBus, type MessageHandler, memoryBus } from '../../lib/bus/memory-bus.ts'
import { type ApplyConfigOutcome, type ApplyConfigParams, applyConfig } from '../../lib/flows/apply-config.ts'
import { approveOrder, type SignatureOutcome } from '../../lib/flows/approve-order.ts'
import { assessRisk } from '../../lib/flows/assess-risk.ts'
import { countHolders } from '../../lib/flows/count-holders.ts'
import { currentSettings } from '../../lib/flows/current-settings.ts'
import { deliver } from '../../lib/flows/deliver.ts'
import { execute } from '../../lib/flows/execute.ts'
import { notify } from '../../lib/flows/notify.ts'
import { propose } from '../../lib/flows/propose.ts'
import { settle } from '../../lib/flows/settle.ts'
import { takeSnapshot } from '../../lib/flows/take-snapshot.ts'
import { tick } from '../../lib/flows/tick.ts'
import { watchChain } from '../../lib/flows/watch-chain.ts'
import type { Configuration } from '../../lib/model/configuration.ts'
import type { BarStore } from '../../lib/model/history.ts'
import type { MarketModelStore } from '../../lib/model/market-ports.ts'
import { type Message, type MessageKind, type MessageOf, type QueueName, queueNames } from '../../lib/model/messages.ts'
import type { Order } from '../../lib/model/order.ts'
import { safeTypedData } from '../../lib/model/order-hash.ts'
import type { OutboxEntry } from '../../lib/model/outbox.ts'
import type {
  ChainEvents,
  ChainStore,
  ConfigStore,
  HolderCounts,
  HolderStore,
  OrderStore,
  Relayer,
  Sources,
  VenueSources,
  Venues,
  WatchStore,
} from '../../lib/model/ports.ts'
import type { Delivery, Notice } from '../../lib/model/receipt.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { chainStore } from '../../lib/store/chain-store.ts'
import { configStore } from '../../lib/store/config-store.ts'
import { holderStore } from '../../lib/store/holder-store.ts'
import { marketModelStore } from '../../lib/store/market-model-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { watchStore } from '../../lib/store/watch-store.ts'

export type Owner = ReturnType<typeof privateKeyToAccount>

export type Door =
  | 'tick'
  | 'watch-chain'
  | 'take-snapshot'
  | 'assess-risk'
  | 'propose'
  | 'notify'
  | 'approve'
  | 'execute'
  | 'settle'
  | 'deliver'
  | 'apply-config'

/** The outer rooms: real ones on a chain, or a scripted chain's. */
export interface Rooms {
  readonly sources: Sources
  /** Absent: no venue is read. */
  readonly venueSources?: VenueSources
  /** Absent: nothing is ever heard. */
  readonly events?: ChainEvents
  /** Absent: no holders are ever counted. */
  readonly counts?: HolderCounts
  readonly venues: Venues
  readonly relayer: Relayer
}

/** Stands around every run of a door: runs it as it is, on other ports, twice, or not to its end. */
export type Around = <Deps extends object, T>(door: Door, deps: Deps, act: (deps: Deps) => Promise<T>) => Promise<T>

export interface HouseOptions {
  readonly rooms: Rooms
  readonly configuration: Configuration
  readonly portfolioId: string
  readonly start: number
  readonly around?: Around
  /** Stands between a queue and its handler. */
  readonly mailman?: (queue: QueueName, handler: MessageHandler) => MessageHandler
  /** Time has passed; a chain mines. */
  readonly onTime?: (now: number) => Promise<void>
  /** What a notifier answers; accepts everything unless told otherwise. */
  readonly answer?: (notifierId: string, notice: Notice) => Delivery
}

export interface House {
  readonly clock: { now(): number }
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly config: ConfigStore
  readonly chains: ChainStore
  readonly holders: HolderStore
  readonly history: BarStore
  readonly models: MarketModelStore
  readonly bus: MemoryBus
  readonly handlers: Readonly<Record<QueueName, MessageHandler>>
  /** What every channel took, in order. */
  readonly told: readonly { readonly notifierId: string; readonly notice: Notice }[]
  readonly lines: readonly { readonly event: string; readonly facts: Readonly<Record<string, unknown>> }[]
  tick(): Promise<void>
  deliver(): Promise<void>
  applyConfig(change?: Partial<ApplyConfigParams>): Promise<ApplyConfigOutcome>
  /** With the owner's signature over the order as it is stored. */
  approve(orderId: string, owner: Owner): Promise<SignatureOutcome>
  passTo(at: number): Promise<void>
  pass(seconds: number): Promise<void>
  /** Every queue until it is empty, time until nothing waits for it, leftovers by `deliver`. */
  settleDown(): Promise<void>
  order(): Promise<Order>
}

const nobodyCounts: HolderCounts = {
  advance: async () => ({ kind: 'unread', code: 'rpc-unreachable', reason: 'nobody counts' }),
}

const silence: ChainEvents = {
  follow: async () => ({ kind: 'unread', code: 'rpc-unreachable', reason: 'nobody listens', providers: [] }),
}

export function houseOfTwins(options: HouseOptions): House {
  const {
    rooms,
    portfolioId,
    around = (_door, deps, act) => act(deps),
    mailman = (_queue, handler) => handler,
  } = options
  const { venueSources = { read: async () => [] } } = rooms
  let now = options.start
  const clock = { now: () => now }
  const watch = watchStore(memoryTable())
  const orders = orderStore(memoryTable())
  const config = configStore(memoryTable())
  const chains = chainStore(memoryTable())
  const holders = holderStore(memoryTable())
  const history = barStore(memoryTable())
  const models = marketModelStore(memoryTable())
  const bus = memoryBus({ clock })
  const told: { notifierId: string; notice: Notice }[] = []
  const lines: { event: string; facts: Readonly<Record<string, unknown>> }[] = []
  const notifiers = recordingNotifiers(told, options.answer)
  const common = { config, watch, orders, bus, clock, log: { line: recorder(lines) } }
  const executing = { ...common, venues: rooms.venues, relayer: rooms.relayer }
  const random = countedRandom()
  const links = { approveUrl: 'https://approve.example', consoleUrl: 'https://page.example' }
  const direct: Readonly<Record<QueueName, MessageHandler>> = {
    chains: on('chain-due', (message) =>
      around('watch-chain', { ...common, chains, events: rooms.events ?? silence }, (deps) =>
        watchChain(deps, message),
      ),
    ),
    snapshots: (message) =>
      message.kind === 'holders-due'
        ? countHolders({ ...common, holders, counts: rooms.counts ?? nobodyCounts }, message)
        : around('take-snapshot', { ...common, history, sources: rooms.sources, venueSources }, (deps) =>
            takeSnapshot(deps, message as MessageOf<'portfolio-due'>),
          ),
    assessments: on('snapshot-taken', (message) =>
      around('assess-risk', { ...common, holders, chains, models }, (deps) => assessRisk(deps, message)),
    ),
    proposals: on('plan-made', (message) =>
      around('propose', { ...executing, random, deployment: 'twins' }, (deps) => propose(deps, message)),
    ),
    notifications: (message: Message) =>
      around('notify', { ...common, notifiers, ...links }, (deps) =>
        notify(deps, message as MessageOf<'alert-raised'> | MessageOf<'order-news'>),
      ),
    executions: on('order-approved', (message) => around('execute', executing, (deps) => execute(deps, message))),
    settlements: on('settlement-due', (message) => around('settle', executing, (deps) => settle(deps, message))),
  }
  const handlers = Object.fromEntries(
    queueNames.map((queue) => [queue, mailman(queue, direct[queue])]),
  ) as typeof direct
  const passTo = async (at: number) => {
    now = Math.max(now, at)
    await options.onTime?.(now)
  }
  const house: House = {
    clock,
    watch,
    orders,
    config,
    chains,
    holders,
    history,
    models,
    bus,
    handlers,
    told,
    lines,
    tick: () => around('tick', common, (deps) => tick(deps)),
    deliver: () => around('deliver', common, (deps) => deliver(deps)),
    applyConfig: (change) => {
      const params = { configuration: options.configuration, version: 'v1', fileHash: 'h1', by: 'cli' } as const
      return around('apply-config', common, (deps) => applyConfig(deps, { ...params, ...change }))
    },
    async approve(orderId, owner) {
      const order = await orders.order(orderId)
      if (order === undefined) throw new Error(`there is no order ${orderId}`)
      const typedData = safeTypedData(order.chainId, order.account, order.safeTransaction)
      const signature = await owner.signTypedData(typedData)
      const settings = (id: string) => currentSettings(config, id)
      return around('approve', { ...common, settings }, (deps) =>
        approveOrder(deps, { orderId, signature, channel: 'cli' }),
      )
    },
    passTo,
    pass: (seconds) => passTo(now + seconds),
    settleDown: () => settleDown(house, portfolioId),
    async order() {
      const order = await orders.latestOf(portfolioId, 'restore-health')
      if (order === undefined) throw new Error('there is no order')
      return order
    },
  }
  return house
}

async function settleDown(house: House, portfolioId: string): Promise<void> {
  for (let round = 0; round < 500; round++) {
    await house.bus.drain(house.handlers)
    const next = house.bus.nextAt()
    if (next !== undefined) {
      await house.passTo(next)
      continue
    }
    const left = await leftovers(house, portfolioId)
    if (left.length === 0) return
    // Nothing is under way that would send them: their writer is dead, and `deliver` has to.
    await house.passTo(Math.min(...left.map((entry) => entry.since)) + 21)
    await house.deliver().catch(() => undefined)
  }
  throw new Error('the house does not come to rest')
}

/** Everything that outboxes hold. */
export async function leftovers(house: House, portfolioId: string): Promise<readonly OutboxEntry[]> {
  const [memory, orders] = await Promise.all([house.watch.memory(portfolioId), house.orders.orders(portfolioId, 10)])
  return [...(memory?.outbox ?? []), ...orders.flatMap((order) => order.outbox)]
}

function on<K extends MessageKind>(kind: K, handler: (message: MessageOf<K>) => Promise<void>): MessageHandler {
  return (message) => {
    if (message.kind !== kind) throw new Error(`a ${message.kind} in the queue of ${kind}`)
    return handler(message as MessageOf<K>)
  }
}

function recordingNotifiers(
  told: { notifierId: string; notice: Notice }[],
  answer: HouseOptions['answer'] = () => ({ kind: 'accepted', reference: 'taken' }),
) {
  return {
    async deliver({ notifier, notice }: { readonly notifier: { readonly id: string }; readonly notice: Notice }) {
      const delivery = answer(notifier.id, notice)
      if (delivery.kind === 'accepted') told.push({ notifierId: notifier.id, notice })
      return delivery
    },
  }
}

function recorder(lines: { event: string; facts: Readonly<Record<string, unknown>> }[]) {
  return (event: string, facts: Readonly<Record<string, unknown>>) => {
    lines.push({ event, facts })
  }
}

function countedRandom() {
  let count = 0
  return {
    key() {
      count += 1
      return count.toString(16).padStart(32, '0')
    },
  }
}
