// Which nonces of a relayer are spoken for: one item a signer, one conditional write a reservation, so that two orders never share one.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds, Usd } from '../base/units.ts'
import type { OrderStore } from '../model/ports.ts'

const maxAttempts = 5

/**
 * The order's nonce: the one that it has already, or the next free one. Old reservations below the chain's own count are dropped.
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
    const open = ledger.reservations.filter(
      (reservation) => reservation.nonce >= chainNonce && reservation.orderId !== orderId,
    )
    const nonce = lowestFree(chainNonce, new Set(open.map((reservation) => reservation.nonce)))
    const outcome = await deps.orders.saveLedger({
      ...ledger,
      nextNonce: nonce + 1,
      reservations: [...open, { orderId, nonce, maxGasUsd, at }],
    })
    if (outcome === 'saved') return nonce
  }
  throw contended(signerId)
}

/** Gives back a nonce whose bytes were never sent, so that the next order does not wait behind a hole. */
export async function releaseNonce(
  deps: { readonly orders: OrderStore },
  params: { readonly signerId: string; readonly orderId: string },
): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const ledger = await deps.orders.ledger(params.signerId)
    if (ledger === undefined) return
    const reservations = ledger.reservations.filter((reservation) => reservation.orderId !== params.orderId)
    if (reservations.length === ledger.reservations.length) return
    if ((await deps.orders.saveLedger({ ...ledger, reservations })) === 'saved') return
  }
  throw contended(params.signerId)
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
