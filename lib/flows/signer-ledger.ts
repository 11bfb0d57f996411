// Which nonces of a relayer are spoken for: one item a signer, one conditional write a reservation, so that two orders never share one.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'
import { isEnded } from '../model/advance-order.ts'
import type { SignerLedger } from '../model/order.ts'
import type { OrderStore } from '../model/ports.ts'

const maxAttempts = 5

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
): Promise<number> {
  const { signerId, orderId, chainNonce, maxGasUsd, at } = params
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const ledger = (await deps.orders.ledger(signerId)) ?? { id: signerId, version: 0, nextNonce: 0, reservations: [] }
    const mine = ledger.reservations.find((reservation) => reservation.orderId === orderId)
    if (mine !== undefined && mine.nonce >= chainNonce) return mine.nonce
    const others = ledger.reservations.filter(
      (reservation) => reservation.nonce >= chainNonce && reservation.orderId !== orderId,
    )
    const judged = await Promise.all(others.map(async (one) => ({ one, fate: await fateOf(deps, one) })))
    const open = judged.flatMap(({ one, fate }) => (fate === 'open' ? [one] : []))
    const used = judged.flatMap(({ one, fate }) => (fate === 'used' ? [one.nonce + 1] : []))
    const nonce = lowestFree(Math.max(chainNonce, ...used), new Set(open.map((reservation) => reservation.nonce)))
    const outcome = await deps.orders.saveLedger({
      ...ledger,
      nextNonce: nonce + 1,
      reservations: [...open, { orderId, nonce, maxGasUsd, at }],
    })
    if (outcome === 'saved') return nonce
  }
  throw contended(signerId)
}

/** What became of a reserved nonce. Bytes that were never mined run into their deadline, so their nonce may be used again. */
async function fateOf(
  deps: { readonly orders: OrderStore },
  reservation: SignerLedger['reservations'][number],
): Promise<'open' | 'used' | 'free'> {
  const order = await deps.orders.order(reservation.orderId)
  if (order === undefined) return 'free'
  if (order.status === 'CONFIRMED' || order.status === 'REVERTED') return 'used'
  return isEnded(order.status) ? 'free' : 'open'
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
