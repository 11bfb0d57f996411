// The table's twin for tests and for one process: the same promises as DynamoDB, kept in a map.

import type { Item, ItemKey, Table } from '../model/ports.ts'

/** A table that lives as long as the process. Bodies are stored as JSON text, so nobody shares an object with the store. */
export function memoryTable(): Table {
  const rows = new Map<string, Row>()
  const idOf = (key: ItemKey) => JSON.stringify([key.partition, key.sort])
  const write = (item: Omit<Item, 'version'>, version: number) => {
    rows.set(idOf(item), { ...item, version, body: JSON.stringify(item.body) })
  }
  return {
    async get(key) {
      const row = rows.get(idOf(key))
      return row && itemOf(row)
    },
    async create(item) {
      if (rows.has(idOf(item))) return 'exists'
      write(item, 1)
      return 'created'
    },
    async replace(item, expected) {
      if (rows.get(idOf(item))?.version !== expected) return 'conflict'
      write(item, expected + 1)
      return 'replaced'
    },
    async list({ partition, prefix, newestFirst, limit }) {
      const found = [...rows.values()]
        .filter((row) => row.partition === partition && row.sort.startsWith(prefix))
        .sort((a, b) => byBytes(a.sort, b.sort))
      return (newestFirst ? found.reverse() : found).slice(0, limit).map(itemOf)
    },
    async pending({ before, limit }) {
      return [...rows.values()]
        .flatMap((row) => (row.pendingSince === undefined ? [] : [{ row, since: row.pendingSince }]))
        .filter(({ since }) => since < before)
        .sort((a, b) => a.since - b.since)
        .slice(0, limit)
        .map(({ row }) => ({ partition: row.partition, sort: row.sort }))
    },
  }
}

type Row = Omit<Item, 'body'> & { readonly body: string }

function itemOf(row: Row): Item {
  return { ...row, body: JSON.parse(row.body) }
}

/** DynamoDB sorts text by its UTF-8 bytes. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
