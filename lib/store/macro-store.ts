// Series of the wider world as they were last fetched: one item a series in the watch table, so that a source that is down costs nothing.

import type { MacroStore, StoredMacro } from '../model/market-ports.ts'
import type { Table } from '../model/ports.ts'

/** Attempts against another run that writes the same series. */
const attempts = 3

/** The store of macro series on a table. */
export function macroStore(table: Table): MacroStore {
  const keyOf = (series: string) => ({ partition: 'history#macro', sort: series })
  return {
    series: async (series) => (await table.get(keyOf(series)))?.body as StoredMacro | undefined,
    async put(stored) {
      const item = { ...keyOf(stored.macro.series), body: stored }
      for (let attempt = 0; attempt < attempts; attempt++) {
        const before = await table.get(item)
        if (((before?.body as StoredMacro | undefined)?.fetchedAt ?? 0) >= stored.fetchedAt) return
        const outcome = before === undefined ? table.create(item) : table.replace(item, before.version)
        if (['created', 'replaced'].includes(await outcome)) return
      }
    },
  }
}
