import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MarketModel } from '../../lib/model/market-model.ts'
import type { Table } from '../../lib/model/ports.ts'
import { memoryBlobs } from '../../lib/store/blobs.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { macroStore } from '../../lib/store/macro-store.ts'
import { marketModelStore } from '../../lib/store/market-model-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { type RunningDynalite, startDynalite } from './dynalite-table.ts'

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

const modelAt = (madeAt: number, more: Partial<MarketModel> = {}): MarketModel => ({
  id: `${madeAt - 60}~00ff`,
  at: madeAt - 60,
  madeAt,
  assets: [],
  volatility: [],
  macro: [],
  notes: [],
  ...more,
})

describe.each([
  { name: 'memory', makeTable: async () => memoryTable() },
  {
    name: 'DynamoDB',
    makeTable: async () =>
      dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable(), blobs: memoryBlobs() }),
  },
])('market models on $name', ({ makeTable }: { makeTable: () => Promise<Table> }) => {
  it('are none before the first, and then the one that was put last, as it was', async () => {
    const store = marketModelStore(await makeTable())
    expect(await store.pointer()).toBeUndefined()
    expect(await store.latest()).toBeUndefined()
    expect(await store.put(modelAt(100))).toBe('in-force')
    expect(await store.put(modelAt(200))).toBe('in-force')
    expect(await store.latest()).toEqual(modelAt(200))
    expect(await store.model('40~00ff')).toEqual(modelAt(100))
    expect(await store.pointer()).toEqual({ id: '140~00ff', at: 140, madeAt: 200, confirmedAt: 200 })
  })

  it('keep their first content, and one that was made earlier never takes the place of a later one', async () => {
    const table = await makeTable()
    await marketModelStore(table).put(modelAt(200))
    expect(await marketModelStore(table).put(modelAt(100))).toBe('superseded')
    expect(await marketModelStore(table).put(modelAt(200, { notes: ['another'] }))).toBe('in-force')
    expect((await marketModelStore(table).latest())?.notes).toEqual([])
  })

  it('put at the same moment by several leave the latest in force', async () => {
    const table = await makeTable()
    await Promise.all([300, 100, 200].map((at) => marketModelStore(table).put(modelAt(at))))
    expect((await marketModelStore(table).pointer())?.madeAt).toBe(300)
  })

  it('are confirmed only while they are in force, and never backwards', async () => {
    const store = marketModelStore(await makeTable())
    await store.confirm('40~00ff', 900)
    await store.put(modelAt(100))
    await store.confirm('40~00ff', 900)
    await store.confirm('40~00ff', 500)
    await store.confirm('gone', 1_000)
    expect((await store.pointer())?.confirmedAt).toBe(900)
  })

  it('that no item holds come back from the blobs', async () => {
    const table = await makeTable()
    // Digits that do not compress: more than an item holds.
    const notes = Array.from({ length: 60_000 }, (_, index) => Math.abs(Math.sin(index + 1)).toString(36))
    await marketModelStore(table).put(modelAt(100, { notes }))
    expect((await marketModelStore(table).latest())?.notes).toEqual(notes)
  })

  it('have macro series beside them, of which the one fetched later stays', async () => {
    const store = macroStore(await makeTable())
    const config = { series: 'SPX', source: 'fred', id: 'SP500', kind: 'log' } as const
    const at = (fetchedAt: number) => ({
      config,
      fetchedAt,
      macro: { series: 'SPX', kind: 'log' as const, observations: [{ at: fetchedAt, value: 5_000 }] },
    })
    expect(await store.series('SPX')).toBeUndefined()
    for (const fetchedAt of [10, 30, 20]) await store.put(at(fetchedAt))
    expect(await store.series('SPX')).toEqual(at(30))
  })
})
