// A transaction that nobody mines is signed again with a higher fee, up to the order's cap.

import { isHomeostatError } from '../base/homeostat-error.ts'
import type { Usd } from '../base/units.ts'
import { advanceOrder } from '../model/advance-order.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Order, SignedTransaction } from '../model/order.ts'
import { withEntries } from '../model/outbox.ts'
import type { Clock, FeePlan, Relayer } from '../model/ports.ts'
import { gasCostUsd } from './gas-money.ts'
import { orderNews } from './order-news.ts'

/** Nodes take a replacement from 10 % more. */
const replacementFactor = 1.125

/**
 * The order with the replacement stored, to be sent at the next look; or with one word that the cap is in the way; or as it is, if it was
 * told already or would not succeed now.
 */
export async function replaceTransaction(
  deps: { readonly relayer: Relayer; readonly clock: Clock },
  params: { readonly order: Order; readonly settings: PortfolioSettings; readonly last: SignedTransaction },
): Promise<Order> {
  const { order, settings, last } = params
  const at = deps.clock.now()
  const coinUsd = order.gasCoinUsd
  const asked = await askedFees(deps, { order, settings, coinUsd })
  if (asked === 'would-fail') return order
  const fees = bumped(last, asked, { coinUsd, capUsd: order.limits.maxGasUsd })
  if (fees === undefined) return capped(order, last, at)
  const transaction = await deps.relayer.sign({ settings, order, nonce: last.nonce, fees, at })
  return advanceOrder(order, {
    to: 'SUBMITTED',
    kind: 'replaced',
    note: `transaction ${transaction.hash} at ${fees.maxFeePerGasGwei.toFixed(3)} gwei`,
    at,
    change: { transactions: [...order.transactions, transaction] },
  })
}

/** What the chain asks for now; undefined if it cannot be had, for then the usual step has to do. */
async function askedFees(
  deps: { readonly relayer: Relayer },
  params: { readonly order: Order; readonly settings: PortfolioSettings; readonly coinUsd: Usd },
): Promise<FeePlan | 'would-fail' | undefined> {
  const { order, settings, coinUsd } = params
  try {
    return await deps.relayer.estimate({ settings, order, ethUsd: coinUsd })
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return error.retry === 'never' ? 'would-fail' : undefined
  }
}

/** The usual step or, in a storm, straight to what the chain asks for, as far as the cap allows; undefined if not even the step fits. */
function bumped(
  last: SignedTransaction,
  asked: FeePlan | undefined,
  money: { readonly coinUsd: Usd; readonly capUsd: Usd },
): FeePlan | undefined {
  const step = last.maxFeePerGasGwei * replacementFactor
  const most = money.capUsd / gasCostUsd(last.gasLimit, 1, money.coinUsd)
  if (step > most) return undefined
  const maxFeePerGasGwei = Math.min(most, Math.max(step, asked?.maxFeePerGasGwei ?? 0))
  const tip = Math.max(last.maxPriorityFeePerGasGwei * replacementFactor, asked?.maxPriorityFeePerGasGwei ?? 0)
  return {
    gasLimit: last.gasLimit,
    maxFeePerGasGwei,
    maxPriorityFeePerGasGwei: Math.min(tip, maxFeePerGasGwei),
    gasCostUsd: gasCostUsd(last.gasLimit, maxFeePerGasGwei, money.coinUsd),
  }
}

/** The fees, or as much more as it takes to have the place of bytes with the same nonce that were sent and never mined. */
export function outbidding(
  fees: FeePlan,
  outbid: Pick<SignedTransaction, 'maxFeePerGasGwei' | 'maxPriorityFeePerGasGwei'> | undefined,
  coinUsd: Usd,
): FeePlan {
  if (outbid === undefined) return fees
  const maxFeePerGasGwei = Math.max(fees.maxFeePerGasGwei, outbid.maxFeePerGasGwei * replacementFactor)
  const tip = Math.max(fees.maxPriorityFeePerGasGwei, outbid.maxPriorityFeePerGasGwei * replacementFactor)
  return {
    gasLimit: fees.gasLimit,
    maxFeePerGasGwei,
    maxPriorityFeePerGasGwei: Math.min(tip, maxFeePerGasGwei),
    gasCostUsd: gasCostUsd(fees.gasLimit, maxFeePerGasGwei, coinUsd),
  }
}

/** People hear once that the cap keeps the order from being mined: they can raise it, or act by hand. */
function capped(order: Order, last: SignedTransaction, at: number): Order {
  if (order.events.some((event) => event.kind === 'fee-cap')) return order
  return advanceOrder(order, {
    to: 'SUBMITTED',
    kind: 'fee-cap',
    note: `not mined at ${last.maxFeePerGasGwei.toFixed(3)} gwei; more would pass the cap of ${order.limits.maxGasUsd} USD`,
    at,
    change: { outbox: withEntries(order.outbox, [orderNews(order, 'SUBMITTED', at)]) },
  })
}
