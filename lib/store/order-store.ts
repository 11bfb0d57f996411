// Orders and the relayer's ledgers, each one item. Only propose, approve and execute may write here.

import type { Order, SignerLedger } from '../model/order.ts'
import type { ItemKey, OrderStore, Table } from '../model/ports.ts'
import { malformedId, portfolioOf, portfolioPartition } from './portfolio-key.ts'
import { createState, readState, stateOf, writeState } from './stored-state.ts'

const purposes = ['restore-health'] as const satisfies readonly Order['purpose'][]
/** As many orders as one run of `deliver` looks at. */
const pendingLimit = 500

/** The order store on a table. An order's id `portfolio~purpose~0001` is its key; an id of another shape names nothing. */
export function orderStore(table: Table): OrderStore {
  const newest = async (portfolioId: string, purpose: Order['purpose'], limit: number) => {
    const items = await table.list({
      partition: portfolioPartition(portfolioId),
      prefix: `order#${purpose}#`,
      newestFirst: true,
      limit,
    })
    return items.map((item) => stateOf<Order>(item))
  }
  return {
    async order(orderId) {
      const key = keyOf(orderId)
      return key && readState<Order>(table, key)
    },
    async orders(portfolioId, limit) {
      const found = await Promise.all(purposes.map((purpose) => newest(portfolioId, purpose, limit)))
      return found
        .flat()
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit)
    },
    async latestOf(portfolioId, purpose) {
      return (await newest(portfolioId, purpose, 1))[0]
    },
    async create(order) {
      return createState(table, requiredKey(order.id), order)
    },
    async save(order) {
      return writeState(table, requiredKey(order.id), order)
    },
    ledger: (signerId) => readState<SignerLedger>(table, signerKey(signerId)),
    saveLedger: (ledger) => writeState(table, signerKey(ledger.id), ledger),
    async pendingOrders(before) {
      const keys = await table.pending({ before, limit: pendingLimit })
      return keys.flatMap((key) => orderIdOf(key) ?? [])
    },
  }
}

function signerKey(signerId: string): ItemKey {
  return { partition: `signer#${signerId}`, sort: 'ledger' }
}

function requiredKey(orderId: string): ItemKey {
  const key = keyOf(orderId)
  if (key === undefined) throw malformedId('order', orderId, 'portfolio~purpose~0001')
  return key
}

function keyOf(orderId: string): ItemKey | undefined {
  const match = /^(.+)~([a-z-]+)~(\d{4,8})$/.exec(orderId)
  if (match === null) return undefined
  const [, portfolioId = '', purpose = '', digits = ''] = match
  // Wider than the id's four digits, so that the ten-thousandth still sorts after the others.
  const key = { partition: portfolioPartition(portfolioId), sort: `order#${purpose}#${digits.padStart(8, '0')}` }
  return orderIdOf(key) === orderId ? key : undefined
}

function orderIdOf(key: ItemKey): string | undefined {
  const portfolioId = portfolioOf(key.partition)
  const match = /^order#([a-z-]+)#(\d+)$/.exec(key.sort)
  if (portfolioId === undefined || match === null) return undefined
  return `${portfolioId}~${match[1]}~${String(Number(match[2])).padStart(4, '0')}`
}
