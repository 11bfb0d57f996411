// Market models and the one pointer that says which of them is in force: a model never changes, the pointer only moves on.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { MarketModel } from '../model/market-model.ts'
import type { MarketModelStore, ModelPointer } from '../model/market-ports.ts'
import type { Table } from '../model/ports.ts'

/** As long as the reports that refer to it. */
const retentionSeconds = 90 * 86_400
/** Part of the key: what was written by code that understood models differently is not found, and the next hour makes another. */
const shape = 1
/** Attempts against others that move the pointer. */
const attempts = 6
const pointerKey = { partition: 'market-model#latest', sort: 'pointer' }

/** The store of models on a table; it remembers the two models that it read last, for a model never changes: the one in force, and that of the last report. */
export function marketModelStore(table: Table): MarketModelStore {
  let remembered: readonly MarketModel[] = []
  const model = async (id: string) => {
    const known = remembered.find((one) => one.id === id)
    if (known !== undefined) return known
    const stored = (await table.get(keyOf(id)))?.body as MarketModel | undefined
    if (stored !== undefined) remembered = [stored, ...remembered].slice(0, 2)
    return stored
  }
  const pointer = async () => (await table.get(pointerKey))?.body as ModelPointer | undefined
  return {
    model,
    pointer,
    async latest() {
      const id = (await pointer())?.id
      return id === undefined ? undefined : model(id)
    },
    async put(given) {
      // The model before the pointer: whoever follows the pointer finds it, and a death between the two leaves what was in force.
      await table.create({ ...keyOf(given.id), body: given, expiresAt: given.madeAt + retentionSeconds })
      const { id, at, madeAt } = given
      return movePointer(table, { id, at, madeAt, confirmedAt: madeAt })
    },
    async confirm(id, confirmedAt) {
      const item = await table.get(pointerKey)
      const before = item?.body as ModelPointer | undefined
      if (item === undefined || before?.id !== id || before.confirmedAt >= confirmedAt) return
      // A conflict: another run has just moved it, so there is nothing left to say.
      await table.replace({ ...pointerKey, body: { ...before, confirmedAt } satisfies ModelPointer }, item.version)
    },
  }
}

/** @throws HomeostatError `market-model-contended` */
async function movePointer(table: Table, next: ModelPointer): Promise<'in-force' | 'superseded'> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const item = await table.get(pointerKey)
    const before = item?.body as ModelPointer | undefined
    if (before?.id === next.id) return 'in-force'
    if (before !== undefined && before.madeAt > next.madeAt) return 'superseded'
    const outcome =
      item === undefined
        ? table.create({ ...pointerKey, body: next })
        : table.replace({ ...pointerKey, body: next }, item.version)
    if (['created', 'replaced'].includes(await outcome)) return 'in-force'
  }
  throw new HomeostatError('market-model-contended', {
    message: `The pointer to the market model moved ${attempts} times while ${next.id} was to be put in force.`,
    retry: 'later',
    facts: { id: next.id },
    hint: 'The model is stored, and the next hour makes another.',
  })
}

function keyOf(id: string) {
  return { partition: `market-model#${id}`, sort: `model#${shape}` }
}
