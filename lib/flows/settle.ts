// Watches a broadcast transaction until it is confirmed: re-sends, replaces at a higher fee, survives a reorg, measures what came of it.

import { HomeostatError } from '../base/homeostat-error.ts'
import { advanceOrder, isEnded } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { MessageOf } from '../model/messages.ts'
import type { Order, Outcome, SignedTransaction } from '../model/order.ts'
import { outboxEntry, withEntries } from '../model/outbox.ts'
import type { ChainReceipt, FeePlan } from '../model/ports.ts'
import { currentSettings } from './current-settings.ts'
import type { ExecuteDeps } from './execute.ts'
import { gasCoinUsd, gasCostUsd } from './gas-money.ts'
import { orderNews, remeasure } from './order-news.ts'
import { drainOrderOutbox } from './outbox.ts'

/** A transaction that is not mined for this long is sent again with a fee 10 % higher, the least that nodes take as a replacement. */
const replaceAfterSeconds = 60
/** The deadline inside the batch makes late inclusion harmless; after this the order is given up. */
const giveUpAfterSeconds = 3_600
const replacementFactor = 1.125

/** One look at the chain; ends by asking for the next look, or with the order's end. */
export async function settle(deps: ExecuteDeps, message: MessageOf<'settlement-due'>): Promise<void> {
  const order = await deps.orders.order(message.orderId)
  if (order === undefined || isEnded(order.status) || order.transactions.length === 0) {
    if (order !== undefined) await drainOrderOutbox(deps, order)
    return
  }
  const settings =
    (await currentSettings(deps.config, order.portfolioId)) ??
    (await deps.config.settings(order.policyVersion, order.portfolioId))
  if (settings === undefined) throw unknownPortfolio(order)
  const next = await look(deps, order, settings, message.round)
  if ((await deps.orders.save(next)) === 'conflict') throw contended(order.id)
  const stored = await deps.orders.order(order.id)
  if (stored !== undefined) await drainOrderOutbox(deps, stored)
  if (next.status !== order.status) deps.log.line('settle', { orderId: order.id, from: order.status, to: next.status })
}

async function look(deps: ExecuteDeps, order: Order, settings: PortfolioSettings, round: number): Promise<Order> {
  const at = deps.clock.now()
  const receipt = await anyReceipt(deps, order, settings)
  if (receipt === undefined) return notMined(deps, order, settings, round)
  const paidUsd = gasCostUsd(receipt.gasUsed, receipt.effectiveGasPriceGwei, gasCoinUsd(order.prices))
  const change = { receipt: { ...receipt, gasCostUsd: paidUsd } }
  if (!receipt.succeeded) {
    const reason = `transaction ${receipt.hash} reverted in block ${receipt.blockNumber}`
    return advanceOrder(order, {
      to: 'REVERTED',
      kind: 'reverted',
      note: reason,
      at,
      change: {
        ...change,
        ending: reason,
        outbox: withEntries(order.outbox, [orderNews(order, 'REVERTED', at), remeasure(order, at)]),
      },
    })
  }
  if (order.status === 'SUBMITTED') {
    const mined = advanceOrder(order, {
      to: 'MINED',
      kind: 'mined',
      note: `block ${receipt.blockNumber}, ${receipt.gasUsed} gas`,
      at,
      change,
    })
    return receipt.confirmations >= settings.chain.confirmations
      ? confirmed(deps, mined, settings, receipt, paidUsd)
      : lookAgain({ ...mined, ...change }, round, at)
  }
  return receipt.confirmations >= settings.chain.confirmations
    ? confirmed(deps, { ...order, ...change }, settings, receipt, paidUsd)
    : lookAgain({ ...order, ...change }, round, at)
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

async function notMined(deps: ExecuteDeps, order: Order, settings: PortfolioSettings, round: number): Promise<Order> {
  const at = deps.clock.now()
  const last = order.transactions.at(-1)
  if (last === undefined) return order
  if (order.status === 'MINED') {
    // Its block is gone: a reorg. The same bytes go out again.
    await deps.relayer.broadcast({ settings, raw: last.raw })
    const { receipt: _gone, ...rest } = order
    return lookAgain(
      advanceOrder(rest, {
        to: 'SUBMITTED',
        kind: 'reorged',
        note: `transaction ${last.hash} is no longer in a block`,
        at,
      }),
      round,
      at,
    )
  }
  if (at > order.validUntil + giveUpAfterSeconds) {
    const reason = 'it was not mined; its deadline has passed, so it can no longer succeed'
    return advanceOrder(order, {
      to: 'FAILED',
      kind: 'given-up',
      note: reason,
      at,
      change: { ending: reason, outbox: withEntries(order.outbox, [orderNews(order, 'FAILED', at)]) },
    })
  }
  if (at - last.signedAt >= replaceAfterSeconds && at < order.validUntil)
    return replace(deps, order, settings, last, round)
  await deps.relayer.broadcast({ settings, raw: last.raw })
  return lookAgain(order, round, at)
}

/** Signs the replacement and stores it; it is broadcast at the next look, from what is stored. */
async function replace(
  deps: ExecuteDeps,
  order: Order,
  settings: PortfolioSettings,
  last: SignedTransaction,
  round: number,
): Promise<Order> {
  const at = deps.clock.now()
  const maxFeePerGasGwei = last.maxFeePerGasGwei * replacementFactor
  const mostUsd = gasCostUsd(last.gasLimit, maxFeePerGasGwei, gasCoinUsd(order.prices))
  if (mostUsd > order.limits.maxGasUsd) {
    await deps.relayer.broadcast({ settings, raw: last.raw })
    return lookAgain(order, round, at)
  }
  const fees: FeePlan = {
    gasLimit: last.gasLimit,
    maxFeePerGasGwei,
    maxPriorityFeePerGasGwei: last.maxPriorityFeePerGasGwei * replacementFactor,
    gasCostUsd: mostUsd,
  }
  const transaction = await deps.relayer.sign({ settings, order, nonce: last.nonce, fees, at })
  const replaced = advanceOrder(order, {
    to: 'SUBMITTED',
    kind: 'replaced',
    note: `transaction ${transaction.hash} at ${maxFeePerGasGwei.toFixed(3)} gwei`,
    at,
    change: { transactions: [...order.transactions, transaction] },
  })
  return lookAgain(replaced, round, at)
}

async function confirmed(
  deps: ExecuteDeps,
  order: Order,
  settings: PortfolioSettings,
  receipt: ChainReceipt,
  gasUsd: number,
): Promise<Order> {
  const at = deps.clock.now()
  const actual = await measure(deps, settings, receipt, gasUsd)
  return advanceOrder(order, {
    to: 'CONFIRMED',
    kind: 'confirmed',
    note: `${receipt.confirmations} confirmation(s)`,
    at,
    change: {
      actual,
      outbox: withEntries(order.outbox, [orderNews(order, 'CONFIRMED', at), remeasure(order, at)]),
    },
  })
}

/** Predicted against actual: the account in the order's own block against the block before it. */
async function measure(
  deps: ExecuteDeps,
  settings: PortfolioSettings,
  receipt: ChainReceipt,
  gasUsd: number,
): Promise<Outcome> {
  const [before, after] = await Promise.all([
    deps.venues.health({ settings, blockNumber: receipt.blockNumber - 1 }),
    deps.venues.health({ settings, blockNumber: receipt.blockNumber }),
  ])
  const balanceChanges = differences(before.balances, after.balances)
  // At one set of prices: what the market did in that block is not what the order cost.
  const changes = Object.entries(differences(before.holdings, after.holdings))
  const isPriced = changes.every(([asset]) => after.prices[asset] !== undefined)
  const gainUsd = changes.reduce((sum, [asset, change]) => sum + change * (after.prices[asset] ?? 0), 0)
  return {
    ...(after.healthFactor === undefined ? {} : { healthFactor: after.healthFactor }),
    collateralUsd: after.collateralUsd,
    debtUsd: after.debtUsd,
    gasUsd,
    ...(isPriced ? { costUsd: gasUsd - gainUsd } : {}),
    balanceChanges,
  }
}

function differences(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([asset, quantity]) => [asset, quantity - (before[asset] ?? 0)] as const)
      .filter(([, change]) => change !== 0),
  )
}

function lookAgain(order: Order, round: number, at: number): Order {
  return {
    ...order,
    outbox: withEntries(order.outbox, [
      outboxEntry({ kind: 'settlement-due', orderId: order.id, round: round + 1 }, { severity: 'critical', since: at }),
    ]),
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
