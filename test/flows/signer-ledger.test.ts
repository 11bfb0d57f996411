// A nonce belongs to one order at a time; one that nobody used is handed out again.

import { beforeEach, expect, it } from 'vitest'
import { reserveNonce } from '../../lib/flows/signer-ledger.ts'
import type { OrderStatus } from '../../lib/model/order.ts'
import type { OrderStore } from '../../lib/model/ports.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { sampleOrder } from '../model/fixture/sample-order.ts'

const signerId = `31337#0x${'e0'.repeat(20)}`
let orders: OrderStore

beforeEach(() => {
  orders = orderStore(memoryTable())
})

async function stored(number: number, status: OrderStatus = 'APPROVED'): Promise<string> {
  const id = `treasury~restore-health~${String(number).padStart(4, '0')}`
  await orders.create({ ...sampleOrder(), id, status })
  return id
}

async function becomes(orderId: string, status: OrderStatus): Promise<void> {
  const order = await orders.order(orderId)
  if (order === undefined) throw new Error('it was stored')
  await orders.save({ ...order, status })
}

const reserve = async (orderId: string, chainNonce = 5) =>
  (await reserveNonce({ orders }, { signerId, orderId, chainNonce, maxGasUsd: 100, at: 1 })).nonce

it('gives two orders of one signer two nonces, and the same order the same one again', async () => {
  const [first, second] = [await stored(1), await stored(2)]
  expect([await reserve(first), await reserve(second), await reserve(first), await reserve(second)]).toEqual([
    5, 6, 5, 6,
  ])
})

it('gives different nonces to orders that ask at the same time', async () => {
  const ids = await Promise.all([1, 2, 3, 4].map((number) => stored(number)))
  const nonces = await Promise.all(ids.map((id) => reserve(id)))
  expect([...nonces].sort()).toEqual([5, 6, 7, 8])
})

it.each(['VOID', 'EXPIRED', 'FAILED', 'REJECTED'] as const)(
  'hands out the nonce of an order again that ended %s without using it',
  async (status) => {
    const [first, second, third] = [await stored(1), await stored(2), await stored(3)]
    expect([await reserve(first), await reserve(second)]).toEqual([5, 6])
    await becomes(first, status)
    expect(await reserve(third)).toBe(5)
    expect(await reserve(second)).toBe(6)
  },
)

it.each(['CONFIRMED', 'REVERTED'] as const)(
  'never hands out the nonce of an order that ended %s, also if the chain’s count is behind',
  async (status) => {
    const [first, second] = [await stored(1), await stored(2)]
    expect(await reserve(first)).toBe(5)
    await becomes(first, status)
    expect(await reserve(second)).toBe(6)
  },
)

it.each(['SIGNED', 'SUBMITTED', 'MINED'] as const)('keeps the nonce of an order that is %s', async (status) => {
  const [first, second] = [await stored(1), await stored(2)]
  expect(await reserve(first)).toBe(5)
  await becomes(first, status)
  expect(await reserve(second)).toBe(6)
})

it('follows the chain when that has gone on without us', async () => {
  const [first, second] = [await stored(1), await stored(2)]
  expect(await reserve(first, 5)).toBe(5)
  // Something else was sent with the relayer’s key: the reserved nonce is gone.
  expect(await reserve(first, 9)).toBe(9)
  expect(await reserve(second, 9)).toBe(10)
  expect((await orders.ledger(signerId))?.reservations.map(({ nonce }) => nonce)).toEqual([9, 10])
})

it('gives up when others keep writing, so that the message comes again', async () => {
  const id = await stored(1)
  const contended: OrderStore = { ...orders, saveLedger: async () => 'conflict' }
  const params = { signerId, orderId: id, chainNonce: 0, maxGasUsd: 1, at: 1 }
  await expect(reserveNonce({ orders: contended }, params)).rejects.toMatchObject({
    code: 'ledger-contended',
    retry: 'later',
  })
})

it('tells the next order what to outbid where bytes of the given-up one hang in the pool', async () => {
  const first = await stored(1)
  await reserve(first)
  const order = await orders.order(first)
  if (order === undefined) throw new Error('it was stored')
  const hanging = {
    hash: order.digest,
    raw: '0x02' as const,
    nonce: 5,
    maxFeePerGasGwei: 40,
    maxPriorityFeePerGasGwei: 2,
    gasLimit: 1,
    signedAt: 1,
  }
  await orders.save({ ...order, status: 'FAILED', transactions: [hanging] })
  const second = await stored(2)
  const params = { signerId, orderId: second, chainNonce: 5, maxGasUsd: 100, at: 1 }
  const expected = { nonce: 5, outbid: { maxFeePerGasGwei: 40, maxPriorityFeePerGasGwei: 2 } }
  expect(await reserveNonce({ orders }, params)).toMatchObject(expected)
  expect(await reserveNonce({ orders }, params)).toMatchObject(expected)
})
