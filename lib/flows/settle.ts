// Watches a broadcast transaction until it is confirmed: re-sends, replaces at a higher fee, survives a reorg, measures what came of it.

import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { advanceOrder, isEnded } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order, Outcome } from '../model/order.ts'
import { outboxEntry, withEntries } from '../model/outbox.ts'
import type { ChainReceipt } from '../model/ports.ts'
import { currentSettings } from './current-settings.ts'
import type { ExecuteDeps } from './execute.ts'
import { gasCostUsd } from './gas-money.ts'
import { measureOutcome } from './measure-outcome.ts'
import { orderNews, remeasure } from './order-news.ts'
import { drainOrderOutbox, withoutAwaited } from './outbox.ts'
import { replaceTransaction } from './replace-transaction.ts'
import { sendStored } from './send-stored.ts'

/** A transaction that is not mined for this long is replaced. */
const replaceAfterSeconds = 60
/** The deadline inside the batch makes late inclusion harmless; after this no block of before it is to be expected, and the order makes room. */
const giveUpAfterSeconds = 300
/** As many blocks later a provider may have forgotten the state, and an order without its measurement is better than one that never ends. */
const measurableBlocks = 64

/** One look at the chain; ends by asking for the next look, or with the order's end. */
export async function settle(deps: ExecuteDeps, message: MessageOf<'settlement-due'>): Promise<void> {
  const order = await deps.orders.order(message.orderId)
  if (order === undefined) return
  if (isEnded(order.status) || order.transactions.length === 0 || isOver(order, message.round)) {
    await drainOrderOutbox(deps, order)
    return
  }
  const next = await look(deps, { order, ...(await settingsFor(deps, order)), round: message.round })
  if ((await deps.orders.save(next)) === 'conflict') throw contended(order.id)
  const stored = await deps.orders.order(order.id)
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
  if (next.status !== order.status) deps.log.line('settle', { orderId: order.id, from: order.status, to: next.status })
}

/** A later look is asked for already: this is a second delivery, and another chain of looks must not begin with it. */
function isOver(order: Order, round: number): boolean {
  return order.outbox.some(({ message }) => message.kind === 'settlement-due' && message.round > round)
}

/** Today's providers if the order is still of that account, else those that it was made with. */
async function settingsFor(deps: ExecuteDeps, order: Order): Promise<Pick<Look, 'settings' | 'isConfigured'>> {
  const current = await currentSettings(deps.config, order.portfolioId)
  if (current?.chain.chainId === order.chainId && current.portfolio.account === order.account)
    return { settings: current, isConfigured: true }
  const former = await deps.config.settings(order.policyVersion, order.portfolioId)
  if (former === undefined) throw unknownPortfolio(order)
  return { settings: former, isConfigured: false }
}

interface Look {
  readonly order: Order
  readonly settings: PortfolioSettings
  /** False once the portfolio was taken out: what is mined is watched, but nothing is sent any more. */
  readonly isConfigured: boolean
  readonly round: number
}

async function look(deps: ExecuteDeps, params: Look): Promise<Order> {
  const { order, settings, round } = params
  const at = deps.clock.now()
  const receipt = await anyReceipt(deps, order, settings)
  if (receipt === undefined) return lookAgain(await notMined(deps, params), round, at)
  const gasUsd = gasCostUsd(receipt.gasUsed, receipt.effectiveGasPriceGwei, order.gasCoinUsd)
  const seen: Order = { ...order, receipt: { ...receipt, gasCostUsd: gasUsd } }
  if (!receipt.succeeded) {
    const reason = `transaction ${receipt.hash} reverted in block ${receipt.blockNumber}`
    return advanceOrder(seen, {
      to: 'REVERTED',
      kind: 'reverted',
      note: reason,
      at,
      change: {
        ending: reason,
        outbox: withEntries(withoutAwaited(order.outbox), [orderNews(order, 'REVERTED', at), remeasure(order, at)]),
      },
    })
  }
  const note = `block ${receipt.blockNumber}, ${receipt.gasUsed} gas`
  const mined = order.status === 'MINED' ? seen : advanceOrder(seen, { to: 'MINED', kind: 'mined', note, at })
  return receipt.confirmations >= settings.chain.confirmations
    ? confirmed(deps, { order: mined, settings, receipt, gasUsd })
    : lookAgain(mined, round, at)
}

/** The newest bytes first: a replacement and its original share a nonce, so at most one of them is mined. */
async function anyReceipt(
  deps: ExecuteDeps,
  order: Order,
  settings: PortfolioSettings,
): Promise<ChainReceipt | undefined> {
  for (const transaction of order.transactions.toReversed()) {
    const receipt = await deps.relayer.receipt({ settings, hash: transaction.hash })
    if (receipt !== undefined) return receipt
  }
  return undefined
}

async function notMined(deps: ExecuteDeps, { order, settings, isConfigured }: Look): Promise<Order> {
  const at = deps.clock.now()
  const last = order.transactions.at(-1)
  if (last === undefined) return order
  // After the deadline the bytes would only burn gas.
  const mayBeSent = isConfigured && at < order.validUntil
  if (order.status === 'MINED') {
    // Its block is gone: a reorg. The same bytes go out again.
    if (mayBeSent) await sendStored(deps, { settings, transaction: last })
    const { receipt: _gone, ...rest } = order
    const note = `transaction ${last.hash} is no longer in a block`
    return advanceOrder(rest, { to: 'SUBMITTED', kind: 'reorged', note, at })
  }
  if (at > order.validUntil + giveUpAfterSeconds) return givenUp(order, at)
  if (!mayBeSent) return order
  if (at - last.signedAt >= replaceAfterSeconds) {
    const replaced = await replaceTransaction(deps, { order, settings, last })
    if (replaced !== order) return replaced
  }
  const sent = await sendStored(deps, { settings, transaction: last })
  const isNews = sent.kind === 'refused' && sent.code === 'nonce-used' && !isNonceUsed(order)
  return isNews ? advanceOrder(order, { to: 'SUBMITTED', kind: sent.code, note: sent.reason, at }) : order
}

/** The chain said so, and not because of one of ours: those are found by their receipts. */
function isNonceUsed(order: Order): boolean {
  return order.events.some((event) => event.kind === 'nonce-used')
}

function givenUp(order: Order, at: UnixSeconds): Order {
  const reason = isNonceUsed(order)
    ? 'another transaction took its nonce: make sure that the relayer’s key is used nowhere else'
    : 'it was not mined; its deadline has passed, so it can no longer succeed'
  const outbox = withEntries(withoutAwaited(order.outbox), [orderNews(order, 'FAILED', at)])
  return advanceOrder(order, { to: 'FAILED', kind: 'given-up', note: reason, at, change: { ending: reason, outbox } })
}

async function confirmed(
  deps: ExecuteDeps,
  params: {
    readonly order: Order
    readonly settings: PortfolioSettings
    readonly receipt: ChainReceipt
    readonly gasUsd: number
  },
): Promise<Order> {
  const { order, receipt } = params
  const at = deps.clock.now()
  const measured = await measuredOrWhyNot(deps, params)
  const note = `${receipt.confirmations} confirmation(s)${typeof measured === 'string' ? `; ${measured}` : ''}`
  return advanceOrder(order, {
    to: 'CONFIRMED',
    kind: 'confirmed',
    note,
    at,
    change: {
      ...(typeof measured === 'string' ? {} : { actual: measured }),
      outbox: withEntries(withoutAwaited(order.outbox), [orderNews(order, 'CONFIRMED', at), remeasure(order, at)]),
    },
  })
}

async function measuredOrWhyNot(
  deps: ExecuteDeps,
  params: Parameters<typeof measureOutcome>[1],
): Promise<Outcome | string> {
  try {
    return await measureOutcome(deps, params)
  } catch (error) {
    if (!isHomeostatError(error) || params.receipt.confirmations <= measurableBlocks) throw error
    return `not measured: ${error.message}`
  }
}

/** An order that goes on asks for the next look; one that has ended does not. */
function lookAgain(order: Order, round: number, at: number): Order {
  if (isEnded(order.status)) return order
  const next = { kind: 'settlement-due', orderId: order.id, round: round + 1 } as const
  return {
    ...order,
    outbox: withEntries(withoutAwaited(order.outbox), [outboxEntry(next, { severity: 'critical', since: at })]),
  }
}

function contended(orderId: string): HomeostatError {
  return new HomeostatError('order-contended', {
    message: `Order ${orderId} changed while it was being settled.`,
    retry: 'later',
    facts: { orderId },
    hint: 'The message is delivered again and looks at the newer order.',
  })
}

function unknownPortfolio(order: Order): HomeostatError {
  return new HomeostatError('not-found', {
    message: `Neither the configuration in force nor version ${order.policyVersion} knows ${order.portfolioId}.`,
    retry: 'later',
    facts: { orderId: order.id, portfolioId: order.portfolioId },
    hint: 'Apply a configuration that names the portfolio until its order is settled.',
  })
}
