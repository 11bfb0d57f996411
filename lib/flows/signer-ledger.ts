// Which nonces of a relayer are spoken for: one item a signer, one conditional write a reservation, so that two orders never share one.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'
import { isEnded } from '../model/advance-order.ts'
import type { SignedTransaction, SignerLedger } from '../model/order.ts'
import type { OrderStore } from '../model/ports.ts'

const maxAttempts = 5

type Fees = Pick<SignedTransaction, 'maxFeePerGasGwei' | 'maxPriorityFeePerGasGwei'>
type Reserved = SignerLedger['reservations'][number]

/**
 * The order's nonce: the one that it has already, or the next free one. A nonce whose order ended without using it is free again, so that
 * nobody waits behind a hole; one that a mined order used is taken, also if the chain's count is behind.
 * @throws HomeostatError `ledger-contended` (retry later)
 */
export async function reserveNonce(
  deps: { readonly orders: OrderStore },
  params: {
    readonly signerId: string
    readonly orderId: string
    readonly chainNonce: number
    readonly maxGasUsd: Usd
    readonly at: UnixSeconds
  },
): Promise<Reserved> {
  const { signerId, orderId, chainNonce, maxGasUsd, at } = params
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const ledger = (await deps.orders.ledger(signerId)) ?? { id: signerId, version: 0, nextNonce: 0, reservations: [] }
    const mine = ledger.reservations.find((reservation) => reservation.orderId === orderId)
    if (mine !== undefined && mine.nonce >= chainNonce) return mine
    const others = ledger.reservations.filter(
      (reservation) => reservation.nonce >= chainNonce && reservation.orderId !== orderId,
    )
    const judged = await Promise.all(others.map(async (one) => ({ one, ...(await fateOf(deps, one)) })))
    const open = judged.flatMap(({ one, fate }) => (fate === 'open' ? [one] : []))
    const used = judged.flatMap(({ one, fate }) => (fate === 'used' ? [one.nonce + 1] : []))
    const nonce = lowestFree(Math.max(chainNonce, ...used), new Set(open.map((reservation) => reservation.nonce)))
    const outbid = highestFees(
      judged.flatMap(({ one, fate, sent }) => (fate === 'free' && one.nonce === nonce ? sent : [])),
    )
    const reserved = { orderId, nonce, maxGasUsd, at, ...(outbid === undefined ? {} : { outbid }) }
    const outcome = await deps.orders.saveLedger({ ...ledger, nextNonce: nonce + 1, reservations: [...open, reserved] })
    if (outcome === 'saved') return reserved
  }
  throw contended(signerId)
}

/** What became of a reserved nonce. Bytes that were never mined run into their deadline, so their nonce may be used again. */
async function fateOf(
  deps: { readonly orders: OrderStore },
  reservation: SignerLedger['reservations'][number],
): Promise<{ readonly fate: 'open' | 'used' | 'free'; readonly sent: readonly Fees[] }> {
  const order = await deps.orders.order(reservation.orderId)
  const sent = [...(order?.transactions ?? []), ...(reservation.outbid === undefined ? [] : [reservation.outbid])]
  if (order === undefined) return { fate: 'free', sent }
  if (order.status === 'CONFIRMED' || order.status === 'REVERTED') return { fate: 'used', sent }
  return { fate: isEnded(order.status) ? 'free' : 'open', sent }
}

function highestFees(sent: readonly Fees[]): Fees | undefined {
  if (sent.length === 0) return undefined
  return {
    maxFeePerGasGwei: Math.max(...sent.map((one) => one.maxFeePerGasGwei)),
    maxPriorityFeePerGasGwei: Math.max(...sent.map((one) => one.maxPriorityFeePerGasGwei)),
  }
}

function lowestFree(from: number, taken: ReadonlySet<number>): number {
  let nonce = from
  while (taken.has(nonce)) nonce++
  return nonce
}

function contended(signerId: string): HomeostatError {
  return new HomeostatError('ledger-contended', {
    message: `The ledger of ${signerId} changed ${maxAttempts} times while a nonce was being reserved.`,
    retry: 'later',
    facts: { signerId },
    hint: 'The message is delivered again.',
  })
}
