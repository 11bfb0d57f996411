import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bar, barOf, ownSource } from '../../lib/model/history.ts'
import type { Table } from '../../lib/model/ports.ts'
import { barStore, materialMove, restSeconds } from '../../lib/store/bar-store.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { type RunningDynalite, startDynalite } from './dynalite-table.ts'

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

const hour = 1_709_251_200 // 2024-03-01T00:00Z
const eth = (at: number, usd: number) => ({ asset: 'ETH', at, usd })
const read = { asset: 'ETH', interval: '1h' } as const

/** Counts what is written. */
function counted(table: Table) {
  const writes = { tried: 0, done: 0 }
  const count = async <Outcome extends string>(outcome: Promise<Outcome>) => {
    writes.tried += 1
    const is = await outcome
    if (is === 'created' || is === 'replaced') writes.done += 1
    return is
  }
  const counting: Table = {
    ...table,
    create: (item) => count(table.create(item)),
    replace: (item, expected) => count(table.replace(item, expected)),
  }
  return { table: counting, writes }
}

describe.each([
  { name: 'memory', makeTable: async () => memoryTable() },
  {
    name: 'DynamoDB',
    makeTable: async () => dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable() }),
  },
])('bars on $name', ({ makeTable }: { makeTable: () => Promise<Table> }) => {
  it('of a price that was never seen are none', async () => {
    const store = barStore(await makeTable())
    expect(await store.bars(read)).toEqual({ ...read, quote: 'USD', bars: [] })
    expect(await store.series()).toEqual([])
  })

  it('grow with what is seen, hour by hour, and an hour in which nothing was seen has none', async () => {
    const store = barStore(await makeTable())
    for (const [at, usd] of [
      [60, 100],
      [120, 103],
      [1_800, 98],
      [3_000, 101],
      [3_600 * 4, 110],
    ] as const)
      await store.observe([eth(hour + at, usd)])
    const { bars } = await store.bars(read)
    expect(bars).toEqual([
      {
        start: hour,
        open: 100,
        high: 103,
        low: 98,
        close: 101,
        firstAt: hour + 60,
        lastAt: hour + 3_000,
        observations: 4,
        source: ownSource,
      },
      { ...barOf({ at: hour + 4 * 3_600, usd: 110 }, { interval: '1h', source: ownSource }) },
    ])
    expect(await store.series()).toEqual([{ asset: 'ETH', interval: '1h', source: ownSource }])
  })

  it('a hundred portfolios that see one price at the same moment write it about once', async () => {
    const { table, writes } = counted(await makeTable())
    const stores = Array.from({ length: 20 }, () => barStore(table))
    await stores[0]?.observe([eth(hour, 100)])
    writes.done = 0
    const all = await Promise.all(
      Array.from({ length: 100 }, (_, index) => stores[index % 20]?.observe([eth(hour + 600, 101)])),
    )
    expect(writes.done).toBe(1)
    expect(all.reduce((sum, one) => sum + (one?.written ?? 0) + (one?.covered ?? 0), 0)).toBe(100)
    expect((await barStore(table).bars(read)).bars[0]).toMatchObject({ high: 101, close: 101, observations: 2 })
  })

  it('at the first moment of a day a hundred writers make one item', async () => {
    const table = await makeTable()
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => barStore(table).observe([eth(hour + index, 100 + index / 1_000)])),
    )
    const { bars } = await barStore(table).bars(read)
    expect(bars).toHaveLength(1)
    expect(bars[0]?.high).toBeGreaterThanOrEqual(100.099 / (1 + materialMove))
  })

  it('imported twice are stored once, and a corrected one replaces its own', async () => {
    const { table, writes } = counted(await makeTable())
    const store = barStore(table)
    const series = { asset: 'ETH', interval: '1d', source: 'panel' } as const
    const bars = Array.from({ length: 800 }, (_, index) =>
      barOf({ at: 1_640_995_200 + index * 86_400, usd: 1_000 + index }, series),
    )
    expect(await store.putBars(series, bars)).toEqual({ added: 800, changed: 0, same: 0 })
    // Three years of days are three items, and one that names the series.
    expect(writes.done).toBe(4)
    expect(await store.putBars(series, bars)).toEqual({ added: 0, changed: 0, same: 800 })
    expect(writes.done).toBe(4)
    const corrected = { ...(bars[5] as Bar), high: 2_000 }
    expect(await store.putBars(series, [corrected])).toEqual({ added: 0, changed: 1, same: 0 })
    const stored = await store.bars({ asset: 'ETH', interval: '1d' })
    expect(stored.bars).toEqual(bars.map((bar, index) => (index === 5 ? corrected : bar)))
  })

  it('of our own snapshots count before those of others, which fill what we did not see', async () => {
    const store = barStore(await makeTable())
    await store.observe([eth(hour + 3_700, 200)])
    const of = (source: string, usd: number) =>
      [0, 1, 2].map((index) => barOf({ at: hour + index * 3_600, usd }, { interval: '1h', source }))
    await store.putBars({ ...read, source: 'zebra' }, of('zebra', 1))
    await store.putBars({ ...read, source: 'apple' }, of('apple', 2).slice(0, 1))
    const { bars } = await store.bars(read)
    expect(bars.map(({ source, close }) => [source, close])).toEqual([
      ['apple', 2],
      [ownSource, 200],
      ['zebra', 1],
    ])
    expect((await store.bars({ ...read, source: 'zebra' })).bars).toHaveLength(3)
    expect((await store.series()).map(({ source }) => source)).toEqual(['apple', ownSource, 'zebra'])
  })

  it('are read from and to an instant, also over the end of a year', async () => {
    const store = barStore(await makeTable())
    const newYear = 1_704_067_200
    const series = { asset: 'X', interval: '1h', source: 'file' } as const
    const bars = Array.from({ length: 2_000 }, (_, index) =>
      barOf({ at: newYear + (index - 1_000) * 3_600, usd: 5 }, series),
    )
    await store.putBars(series, bars)
    const range = await store.bars({ asset: 'X', interval: '1h', from: newYear - 7_200, to: newYear + 3_600 })
    expect(range.bars.map(({ start }) => start - newYear)).toEqual([-7_200, -3_600, 0])
    expect((await store.bars({ asset: 'X', interval: '1h', from: newYear, to: newYear })).bars).toEqual([])
    expect((await store.bars({ asset: 'X', interval: '1h' })).bars).toEqual(bars)
  })

  it('a name that would look like another key is refused', async () => {
    const store = barStore(await makeTable())
    await expect(store.observe([{ asset: 'A#1h', at: hour, usd: 1 }])).rejects.toMatchObject({
      code: 'bad-history-key',
    })
    await expect(store.putBars({ asset: '', interval: '1h', source: 'x' }, [])).rejects.toMatchObject({
      code: 'bad-history-key',
    })
  })
})

it('what is stored of an hour is within the material move of what was seen, with few writes', async () => {
  const walk = fc.array(fc.double({ min: -0.002, max: 0.002, noNaN: true }), { minLength: 1, maxLength: 59 })
  await fc.assert(
    fc.asyncProperty(walk, async (moves) => {
      const store = barStore(memoryTable())
      const prices = [100]
      for (const move of moves) prices.push((prices.at(-1) ?? 100) * (1 + move))
      for (const [minute, usd] of prices.entries()) await store.observe([eth(hour + minute * 60, usd)])
      const { bars } = await store.bars(read)
      const [bar] = bars as readonly [Bar]
      expect(bars).toHaveLength(1)
      expect(bar.open).toBe(prices[0])
      for (const [stored, seen] of [
        [bar.high, Math.max(...prices)],
        [bar.low, Math.min(...prices)],
        [bar.close, prices.at(-1) ?? 0],
      ] as const)
        expect(Math.abs(stored / seen - 1)).toBeLessThanOrEqual(materialMove * 1.0000001)
      expect(hour + (prices.length - 1) * 60 - bar.lastAt).toBeLessThan(restSeconds)
    }),
  )
})

it('a quiet hour costs four writes', async () => {
  const { table, writes } = counted(memoryTable())
  const store = barStore(table)
  for (let minute = 0; minute < 60; minute++) await store.observe([eth(hour + minute * 60, 100)])
  expect(writes.done - 1).toBe(3_600 / restSeconds)
})
