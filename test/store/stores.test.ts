import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Table } from '../../lib/model/ports.ts'
import { emptyMemory } from '../../lib/model/verdict.ts'
import { chainStore } from '../../lib/store/chain-store.ts'
import { dynamoTable } from '../../lib/store/dynamo-table.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { onceStore } from '../../lib/store/once-store.ts'
import { orderStore } from '../../lib/store/order-store.ts'
import { sessionStore } from '../../lib/store/session-store.ts'
import { watchStore } from '../../lib/store/watch-store.ts'
import { type RunningDynalite, startDynalite } from './dynalite-table.ts'
import { alertAt, entry, orderNumber, planAt, receiptAt, reportAt, snapshotAt } from './stored.ts'

let dynalite: RunningDynalite
beforeAll(async () => {
  dynalite = await startDynalite()
})
afterAll(() => dynalite.stop())

describe.each([
  { name: 'memory', makeTable: async () => memoryTable() },
  {
    name: 'DynamoDB',
    makeTable: async () => dynamoTable({ client: dynalite.client, tableName: await dynalite.makeTable() }),
  },
])('on $name', ({ makeTable }: { makeTable: () => Promise<Table> }) => {
  describe("a portfolio's memory", () => {
    it('is absent before its first assessment and carries the version of its item afterwards', async () => {
      const store = watchStore(await makeTable())
      expect(await store.memory('main')).toBeUndefined()
      expect(await store.saveMemory({ ...emptyMemory('main'), lastAt: 5 })).toBe('saved')
      expect(await store.memory('main')).toEqual({ ...emptyMemory('main'), lastAt: 5, version: 1 })
    })

    it('conflicts when somebody else wrote first, also for the first write of all', async () => {
      const store = watchStore(await makeTable())
      const first = emptyMemory('main')
      expect(await store.saveMemory(first)).toBe('saved')
      expect(await store.saveMemory(first)).toBe('conflict')
      const read = (await store.memory('main')) ?? first
      expect(await store.saveMemory({ ...read, lastAt: 1 })).toBe('saved')
      expect(await store.saveMemory({ ...read, lastAt: 2 })).toBe('conflict')
      expect(await store.memory('main')).toMatchObject({ lastAt: 1, version: 2 })
    })

    it('is pending since its oldest entry until the outbox is empty', async () => {
      const store = watchStore(await makeTable())
      await store.saveMemory({ ...emptyMemory('main'), outbox: [entry('b', 200), entry('a', 100)] })
      await store.saveMemory(emptyMemory('quiet'))
      expect(await store.pendingPortfolios(100)).toEqual([])
      expect(await store.pendingPortfolios(101)).toEqual(['main'])
      const stored = (await store.memory('main')) ?? emptyMemory('main')
      await store.saveMemory({ ...stored, outbox: [] })
      expect(await store.pendingPortfolios(1_000)).toEqual([])
    })
  })

  describe('the cursor of a chain', () => {
    const cursor = {
      chainId: 1,
      version: 0,
      at: 5,
      blocks: [{ number: 7, hash: '0xab', logs: [1], portfolios: ['main'] }],
      rangeBlocks: 64,
      lagBlocks: 0,
      ticks: {},
      events: [],
    } as const

    it('is moved by one of two that read it', async () => {
      const store = chainStore(await makeTable())
      expect(await store.cursor(1)).toBeUndefined()
      expect(await store.saveCursor(cursor)).toBe('saved')
      expect(await store.saveCursor(cursor)).toBe('conflict')
      const read = await store.cursor(1)
      expect(read).toEqual({ ...cursor, version: 1 })
      expect(await store.saveCursor({ ...cursor, version: 1, at: 6 })).toBe('saved')
      expect(await store.saveCursor({ ...cursor, version: 1, at: 7 })).toBe('conflict')
      expect(await store.cursor(1)).toMatchObject({ at: 6, version: 2 })
      expect(await store.cursor(2)).toBeUndefined()
    })

    it('fits into its item although a day of events touches two thousand portfolios each, and keeps who was touched', async () => {
      const store = chainStore(await makeTable())
      const hash = (place: number) => `0x${createHash('sha256').update(`${place}`).digest('hex')}` as const
      const everybody = Array.from({ length: 2_000 }, (_, place) => `desk-${hash(place).slice(2, 12)}`).sort()
      const touches = (place: number) => (place % 10 === 0 ? ['main'] : everybody)
      const blocks = Array.from({ length: 66 }, (_, place) => {
        return { number: place, hash: hash(place), logs: [place], portfolios: touches(place) }
      })
      const events = Array.from({ length: 200 }, (_, place) => {
        const ids = {
          id: `1:${hash(place)}:0`,
          kind: 'large-transfer',
          chainId: 1,
          block: place,
          blockHash: hash(place),
        }
        const what = { subject: 'asset USDC', severity: 'warning', says: 'asset USDC moved 1.2e+7' } as const
        const by = { transactionHash: hash(place + 1_000), address: '0xa0b8', at: place } as const
        return { ...ids, ...what, ...by, portfolios: touches(place) }
      })
      const busy = { ...cursor, blocks, events }
      expect(await store.saveCursor(busy)).toBe('saved')
      expect(await store.cursor(1)).toEqual({ ...busy, version: 1 })
    })
  })

  describe('what may happen once', () => {
    it('is told to exactly one who asks', async () => {
      const store = onceStore(await makeTable())
      const asked = await Promise.all([1, 2, 3].map(() => store.first('webhook#w#nonce', 900)))
      expect(asked.filter(Boolean)).toHaveLength(1)
      expect(await store.first('webhook#w#other', 900)).toBe(true)
      expect(await store.first('webhook#w#nonce', 9_000)).toBe(false)
    })
  })

  describe('snapshots and reports', () => {
    it('are found by id, each in its portfolio only', async () => {
      const store = watchStore(await makeTable())
      await store.putSnapshot(snapshotAt(1_700_000_000))
      await store.putReport(reportAt(1_700_000_000))
      const { id } = snapshotAt(1_700_000_000)
      expect(await store.snapshot('main', id)).toEqual(snapshotAt(1_700_000_000))
      expect(await store.report('main', `${id}~v1`)).toEqual(reportAt(1_700_000_000))
      expect(await store.snapshot('other', id)).toBeUndefined()
      expect(await store.snapshot('main', 'nonsense')).toBeUndefined()
      expect(await store.report('main', id)).toBeUndefined()
    })

    it('come back newest first, whatever order they were written in', async () => {
      const store = watchStore(await makeTable())
      for (const at of [300, 99, 1_000, 200]) {
        await store.putSnapshot(snapshotAt(at))
        await store.putReport(reportAt(at))
      }
      expect((await store.latestSnapshots('main', 3)).map(({ at }) => at)).toEqual([1_000, 300, 200])
      expect((await store.latestReports('main', 9)).map(({ at }) => at)).toEqual([1_000, 300, 200, 99])
      expect(await store.latestSnapshots('other', 3)).toEqual([])
    })

    it('never change: a second delivery is fine, another content under the same id is not', async () => {
      const store = watchStore(await makeTable())
      const first = snapshotAt(500)
      await store.putSnapshot(first)
      await store.putSnapshot({
        ...first,
        providers: [{ name: 'one', host: 'https://rpc.example', ok: true, milliseconds: 99 }],
      })
      expect(await store.snapshot('main', first.id)).toEqual(first)
      const forged = {
        ...first,
        blocks: first.blocks.map((block) => ({ ...block, hash: `0x${'f'.repeat(64)}` as const })),
      }
      await expect(store.putSnapshot(forged)).rejects.toMatchObject({ code: 'immutable-changed', retry: 'never' })
      await store.putReport(reportAt(500))
      await store.putReport(reportAt(500))
      await expect(store.putReport({ ...reportAt(500), at: 501 })).rejects.toMatchObject({ code: 'immutable-changed' })
    })

    it('are refused under an id that does not say when they were', async () => {
      const store = watchStore(await makeTable())
      await expect(store.putSnapshot({ ...snapshotAt(5), id: 'latest' })).rejects.toMatchObject({
        code: 'malformed-id',
      })
    })
  })

  describe('alerts, plans and receipts', () => {
    it('are found by id and listed by time', async () => {
      const store = watchStore(await makeTable())
      await store.putAlert(alertAt(300, 1, 'raised'))
      await store.putAlert(alertAt(400, 1, 'recovered'))
      await store.putAlert(alertAt(1_000, 2, 'raised'))
      await store.putPlan(planAt(300))
      expect(await store.alert('main', 'main~low-health~1~raised')).toEqual(alertAt(300))
      expect(await store.plan('main', planAt(300).id)).toEqual(planAt(300))
      expect(await store.alert('main', 'nothing')).toBeUndefined()
      expect((await store.latestAlerts('main', 2)).map(({ at }) => at)).toEqual([1_000, 400])
    })

    it('stay as they were first told, listed once, when the same edge is computed again later', async () => {
      const store = watchStore(await makeTable())
      await store.putAlert(alertAt(300))
      await store.putAlert(alertAt(360))
      expect(await store.alert('main', alertAt(300).id)).toEqual(alertAt(300))
      expect(await store.latestAlerts('main', 9)).toEqual([alertAt(300)])
    })

    it('a receipt tells the latest attempt, an accepted one for good; the list tells all', async () => {
      const store = watchStore(await makeTable())
      const failed = receiptAt(10, { kind: 'failed', code: 'http-429', reason: 'slow down', retry: 'later' })
      const accepted = receiptAt(20, { kind: 'accepted', reference: 'm-1' })
      expect(await store.receipt('main', failed.noticeId, 'desk')).toBeUndefined()
      await store.putReceipt(failed)
      expect(await store.receipt('main', failed.noticeId, 'desk')).toEqual(failed)
      await store.putReceipt(accepted)
      await store.putReceipt({ ...failed, at: 30 })
      expect(await store.receipt('main', failed.noticeId, 'desk')).toEqual(accepted)
      expect((await store.latestReceipts('main', 9)).map(({ at }) => at)).toEqual([30, 20, 10])
    })
  })

  describe('orders', () => {
    it('are created once, found by id, and saved at the version that was read', async () => {
      const store = orderStore(await makeTable())
      expect(await store.create(orderNumber(1))).toBe('created')
      expect(await store.create(orderNumber(1))).toBe('exists')
      const stored = await store.order('main~restore-health~0001')
      expect(stored).toEqual({ ...orderNumber(1), version: 1 })
      if (stored === undefined) return
      expect(await store.save({ ...stored, quote: 2 })).toBe('saved')
      expect(await store.save({ ...stored, quote: 3 })).toBe('conflict')
      expect(await store.order(stored.id)).toMatchObject({ quote: 2, version: 2 })
    })

    it('come newest first, the ten-thousandth after the others', async () => {
      const store = orderStore(await makeTable())
      for (const n of [2, 10_000, 9_999, 1]) await store.create(orderNumber(n))
      expect((await store.orders('main', 3)).map(({ id }) => id)).toEqual([
        'main~restore-health~10000',
        'main~restore-health~9999',
        'main~restore-health~0002',
      ])
      expect((await store.latestOf('main', 'restore-health'))?.id).toBe('main~restore-health~10000')
      expect((await store.order('main~restore-health~10000'))?.createdAt).toBe(1_700_010_000)
      expect(await store.latestOf('other', 'restore-health')).toBeUndefined()
    })

    it('are not found by an id of another shape, nor stored under one', async () => {
      const store = orderStore(await makeTable())
      await store.create(orderNumber(1))
      for (const id of ['main~restore-health~1', 'main~restore-health~00001', 'main', 'main~~0001', '']) {
        expect(await store.order(id), id).toBeUndefined()
      }
      await expect(store.create({ ...orderNumber(1), id: 'main~1' })).rejects.toMatchObject({ code: 'malformed-id' })
    })

    it('with leftovers in the outbox are named by id', async () => {
      const store = orderStore(await makeTable())
      await store.create(orderNumber(7, [entry('x', 50)]))
      await store.create(orderNumber(8))
      expect(await store.pendingOrders(51)).toEqual(['main~restore-health~0007'])
      expect(await store.pendingOrders(50)).toEqual([])
    })

    it("a relayer's ledger is reserved by exactly one of two", async () => {
      const store = orderStore(await makeTable())
      const ledger = { id: '1#0xabc', version: 0, nextNonce: 3, reservations: [] }
      expect(await store.ledger(ledger.id)).toBeUndefined()
      expect((await Promise.all([store.saveLedger(ledger), store.saveLedger(ledger)])).sort()).toEqual([
        'conflict',
        'saved',
      ])
      expect(await store.ledger(ledger.id)).toEqual({ ...ledger, version: 1 })
    })
  })

  describe('sessions', () => {
    const link = { key: 'f00d', who: 'console', purpose: 'link', expiresAt: 1_000 } as const

    it('are read until they were taken', async () => {
      const store = sessionStore(await makeTable())
      expect(await store.get('f00d')).toBeUndefined()
      await store.put(link)
      expect(await store.get('f00d')).toEqual({ who: 'console', purpose: 'link', expiresAt: 1_000 })
      expect(await store.take('f00d', 999)).toBe(true)
      expect(await store.get('f00d')).toBeUndefined()
    })

    it('a link is used up by exactly one of many at the same moment', async () => {
      const store = sessionStore(await makeTable())
      await store.put(link)
      const taken = await Promise.all(Array.from({ length: 8 }, () => store.take('f00d', 10)))
      expect(taken.filter(Boolean)).toHaveLength(1)
      expect(await store.take('f00d', 11)).toBe(false)
    })

    it('nothing is taken that expired or never was, and a used key cannot be put again', async () => {
      const store = sessionStore(await makeTable())
      await store.put(link)
      expect(await store.take('f00d', 1_000)).toBe(false)
      expect(await store.take('beef', 1)).toBe(false)
      expect(await store.take('f00d', 1)).toBe(true)
      await expect(store.put(link)).rejects.toMatchObject({ code: 'session-exists' })
    })
  })
})
