// An approved order becomes a transaction: gate, reserve, sign, store the bytes, and only then broadcast.

import { HomeostatError } from '../base/homeostat-error.ts'
import { advanceOrder } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order } from '../model/order.ts'
import { outboxEntry, withEntries } from '../model/outbox.ts'
import type { Bus, Clock, ConfigStore, FeePlan, Log, OrderStore, Relayer, Venues, WatchStore } from '../model/ports.ts'
import { currentSettings } from './current-settings.ts'
import { executionGate } from './execution-gate.ts'
import { newestReport } from './newest-report.ts'
import { orderNews } from './order-news.ts'
import { drainOrderOutbox, withoutAwaited } from './outbox.ts'
import { outbidding } from './replace-transaction.ts'
import { sendStored } from './send-stored.ts'
import { reserveNonce } from './signer-ledger.ts'

export interface ExecuteDeps {
  readonly config: ConfigStore
  readonly watch: WatchStore
  readonly orders: OrderStore
  readonly venues: Venues
  readonly relayer: Relayer
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
}

/**
 * Goes on from wherever a run before it died: each step looks at what is stored, and bytes that were signed once are the only ones sent.
 * @throws HomeostatError with retry `later` when a provider fails; the message comes again
 */
export async function execute(deps: ExecuteDeps, message: MessageOf<'order-approved'>): Promise<void> {
  const order = await deps.orders.order(message.orderId)
  if (order === undefined) throw noOrder(message.orderId)
  const settings = await currentSettings(deps.config, order.portfolioId)
  if (order.status === 'APPROVED') {
    if (settings === undefined) {
      await finish(deps, order, 'VOID', notConfigured)
      return
    }
    const signed = await sign(deps, order, settings)
    if (signed !== undefined) await broadcast(deps, signed, settings, undefined)
    return
  }
  if (order.status === 'SIGNED') {
    const former = settings ?? (await deps.config.settings(order.policyVersion, order.portfolioId))
    if (former === undefined) throw noSettings(order)
    await broadcast(deps, order, former, settings === undefined ? notConfigured : undefined)
    return
  }
  await drainOrderOutbox(deps, order)
}

const notConfigured = 'the portfolio is not configured any more'

async function sign(deps: ExecuteDeps, order: Order, settings: PortfolioSettings): Promise<Order | undefined> {
  const now = deps.clock.now()
  const report = await newestReport(deps.watch, order.portfolioId)
  const gate = await executionGate(deps, { order, settings, report, now })
  if (gate.kind === 'closed') {
    await finish(deps, order, gate.status, gate.reason)
    return undefined
  }
  return signBytes(deps, order, settings, gate.fees)
}

async function signBytes(
  deps: ExecuteDeps,
  order: Order,
  settings: PortfolioSettings,
  fees: FeePlan,
): Promise<Order | undefined> {
  const at = deps.clock.now()
  const relayer = await deps.relayer.address()
  const { nonce, outbid } = await reserveNonce(deps, {
    signerId: `${order.chainId}#${relayer}`,
    orderId: order.id,
    chainNonce: await deps.relayer.nonce({ settings }),
    maxGasUsd: order.limits.maxGasUsd,
    at,
  })
  const enough = outbidding(fees, outbid, order.gasCoinUsd)
  if (enough.gasCostUsd > order.limits.maxGasUsd) {
    await finish(deps, order, 'VOID', tooDear(enough, order))
    return undefined
  }
  const transaction = await deps.relayer.sign({ settings, order, nonce, fees: enough, at })
  const signed = advanceOrder(order, {
    to: 'SIGNED',
    kind: 'signed',
    note: `transaction ${transaction.hash}, nonce ${nonce}`,
    at,
    change: { transactions: [...order.transactions, transaction], relayer },
  })
  if ((await deps.orders.save(signed)) === 'conflict') {
    // Another run was faster; these bytes were never sent and never will be.
    throw contended(order.id)
  }
  return deps.orders.order(order.id)
}

function tooDear({ maxFeePerGasGwei, gasCostUsd }: FeePlan, order: Order): string {
  return `the relayer's next nonce is held by a transaction that nobody mines; taking its place needs ${maxFeePerGasGwei.toFixed(2)} gwei, ${gasCostUsd.toFixed(2)} USD, and the cap is ${order.limits.maxGasUsd} USD`
}

/**
 * From here on the order is watched until it is mined or its deadline has passed, because a run before this one may have died between
 * sending and saying so. @param stop why the bytes must not be sent any more, if they were not yet
 */
async function broadcast(
  deps: ExecuteDeps,
  order: Order,
  settings: PortfolioSettings,
  stop: string | undefined,
): Promise<void> {
  const transaction = order.transactions.at(-1)
  if (transaction === undefined) throw noOrder(order.id)
  const at = deps.clock.now()
  const why = stop ?? (at >= order.validUntil ? 'its validity has passed' : undefined)
  const sent = why === undefined ? await sendStored(deps, { settings, transaction }) : { kind: 'held', reason: why }
  const next = { kind: 'settlement-due', orderId: order.id, round: 1 } as const
  const submitted = advanceOrder(order, {
    to: 'SUBMITTED',
    kind: 'submitted',
    note: `transaction ${transaction.hash}${'reason' in sent ? `; ${sent.kind}: ${sent.reason}` : ''}`,
    at,
    change: {
      outbox: withEntries(withoutAwaited(order.outbox), [outboxEntry(next, { severity: 'critical', since: at })]),
    },
  })
  if ((await deps.orders.save(submitted)) === 'conflict') throw contended(order.id)
  const stored = await deps.orders.order(order.id)
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
  deps.log.line('execute', { orderId: order.id, transaction: transaction.hash, nonce: transaction.nonce })
}

async function finish(deps: ExecuteDeps, order: Order, to: 'VOID' | 'EXPIRED', reason: string): Promise<void> {
  const at = deps.clock.now()
  const ended = advanceOrder(order, {
    to,
    kind: 'gate',
    note: reason,
    at,
    change: { ending: reason, outbox: withEntries(withoutAwaited(order.outbox), [orderNews(order, to, at)]) },
  })
  if ((await deps.orders.save(ended)) === 'conflict') throw contended(order.id)
  deps.log.line('execute.refused', { orderId: order.id, status: to, reason })
  const stored = await deps.orders.order(order.id)
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
}

function contended(orderId: string): HomeostatError {
  return new HomeostatError('order-contended', {
    message: `Order ${orderId} changed while it was being executed.`,
    retry: 'later',
    facts: { orderId },
    hint: 'The message is delivered again and goes on from what is stored.',
  })
}

function noOrder(orderId: string): HomeostatError {
  return new HomeostatError('not-found', {
    message: `There is no order ${orderId} to execute.`,
    retry: 'never',
    facts: { orderId },
    hint: 'Orders are written before they are announced: look for another table or deployment.',
  })
}

function noSettings(order: Order): HomeostatError {
  return new HomeostatError('not-found', {
    message: `Neither the configuration in force nor version ${order.policyVersion} knows ${order.portfolioId}.`,
    retry: 'later',
    facts: { orderId: order.id, portfolioId: order.portfolioId },
    hint: 'Apply a configuration that names the portfolio until its order is settled.',
  })
}
