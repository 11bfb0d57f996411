// What may happen once: the first who asks is told so, and nobody after.

import type { OnceStore, Table } from '../model/ports.ts'

/** Items under `once#KEY` that the table may forget after their time. */
export function onceStore(table: Table): OnceStore {
  return {
    async first(key, until) {
      const item = { partition: `once#${key}`, sort: 'once', body: {}, expiresAt: until }
      return (await table.create(item)) === 'created'
    },
  }
}
