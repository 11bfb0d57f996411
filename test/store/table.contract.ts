// What every Table promises; run on the twin and on DynamoDB, so that tests on the twin mean something.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Table } from '../../lib/model/ports.ts'

/** @param makeTable an empty table */
export function tableContract(makeTable: () => Promise<Table>): void {
  const key = { partition: 'portfolio#main', sort: 'memory' }

  describe('one item', () => {
    it('is absent before it was written', async () => {
      expect(await (await makeTable()).get(key)).toBeUndefined()
    })

    it('comes back as it was written, with version 1', async () => {
      const table = await makeTable()
      const body = { text: 'ünïcode 🚀', number: 0.1, list: [1, { deep: true }], nothing: null }
      expect(await table.create({ ...key, body, pendingSince: 100, expiresAt: 200 })).toBe('created')
      expect(await table.get(key)).toEqual({ ...key, version: 1, body, pendingSince: 100, expiresAt: 200 })
    })

    it('is created once: the second writer is told and changes nothing', async () => {
      const table = await makeTable()
      await table.create({ ...key, body: 'first' })
      expect(await table.create({ ...key, body: 'second' })).toBe('exists')
      expect(await table.get(key)).toEqual({ ...key, version: 1, body: 'first' })
    })

    it('is replaced at the version that was read, and counts up', async () => {
      const table = await makeTable()
      await table.create({ ...key, body: 'a', pendingSince: 5 })
      expect(await table.replace({ ...key, body: 'b' }, 1)).toBe('replaced')
      expect(await table.get(key)).toEqual({ ...key, version: 2, body: 'b' })
      expect(await table.replace({ ...key, body: 'c' }, 1)).toBe('conflict')
      expect(await table.get(key)).toEqual({ ...key, version: 2, body: 'b' })
    })

    it('cannot be replaced before it exists', async () => {
      const table = await makeTable()
      expect(await table.replace({ ...key, body: 'b' }, 0)).toBe('conflict')
      expect(await table.replace({ ...key, body: 'b' }, 1)).toBe('conflict')
      expect(await table.get(key)).toBeUndefined()
    })

    it('shares no object with whoever wrote or read it', async () => {
      const table = await makeTable()
      const body = { list: [1] }
      await table.create({ ...key, body })
      body.list.push(2)
      const read = (await table.get(key))?.body as { list: number[] }
      read.list.push(3)
      expect((await table.get(key))?.body).toEqual({ list: [1] })
    })

    it('may be as large as a portfolio of 1,200 positions', async () => {
      const table = await makeTable()
      const body = Array.from({ length: 1_200 }, (_, index) => ({
        id: `position-${index}`,
        label: `A position with a label, number ${index}`,
        quantity: Math.sin(index) * 1e6,
      }))
      await table.create({ ...key, body })
      expect((await table.get(key))?.body).toEqual(body)
    })

    it('is won by exactly one of several writers at the same version, whatever they write', async () => {
      const table = await makeTable()
      let run = 0
      await fc.assert(
        fc.asyncProperty(fc.array(fc.string(), { minLength: 2, maxLength: 8 }), async (bodies) => {
          run += 1
          const item = { partition: 'race', sort: String(run) }
          await table.create({ ...item, body: 'start' })
          const outcomes = await Promise.all(bodies.map((body) => table.replace({ ...item, body }, 1)))
          expect(outcomes.filter((outcome) => outcome === 'replaced')).toHaveLength(1)
          const stored = await table.get(item)
          expect(stored?.version).toBe(2)
          expect(stored?.body).toBe(bodies[outcomes.indexOf('replaced')])
        }),
        { numRuns: 50 },
      )
    })

    it('is created by exactly one of several at the same time', async () => {
      const table = await makeTable()
      const outcomes = await Promise.all([1, 2, 3, 4, 5].map((body) => table.create({ ...key, body })))
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1)
    })
  })

  describe('a list', () => {
    const filled = async () => {
      const table = await makeTable()
      for (const sort of ['b#2', 'a#1', 'b#10', 'b#1', 'c#1']) {
        await table.create({ partition: 'p', sort, body: sort })
      }
      await table.create({ partition: 'other', sort: 'b#3', body: 'not mine' })
      return table
    }

    it('holds what begins with the prefix, in one partition, sorted as text', async () => {
      const items = await (await filled()).list({ partition: 'p', prefix: 'b#', newestFirst: false, limit: 9 })
      expect(items.map((item) => item.body)).toEqual(['b#1', 'b#10', 'b#2'])
      expect(items[0]).toEqual({ partition: 'p', sort: 'b#1', version: 1, body: 'b#1' })
    })

    it('gives the newest first and no more than the limit', async () => {
      const table = await filled()
      const items = await table.list({ partition: 'p', prefix: 'b#', newestFirst: true, limit: 2 })
      expect(items.map((item) => item.sort)).toEqual(['b#2', 'b#10'])
      expect(await table.list({ partition: 'p', prefix: 'b#', newestFirst: true, limit: 0 })).toEqual([])
    })

    it('holds everything of a partition without a prefix, and nothing where nothing is', async () => {
      const table = await filled()
      expect(await table.list({ partition: 'p', prefix: '', newestFirst: false, limit: 99 })).toHaveLength(5)
      expect(await table.list({ partition: 'nobody', prefix: '', newestFirst: false, limit: 99 })).toEqual([])
    })

    it('is complete beyond the megabyte that DynamoDB gives in one page', async () => {
      const table = await makeTable()
      // Random hexadecimal text: compression halves it at best, so 12 items are over 1 MB.
      const noise = () => Array.from({ length: 200_000 }, () => Math.floor(Math.random() * 16).toString(16)).join('')
      for (let index = 10; index < 22; index++) {
        await table.create({ partition: 'p', sort: `x#${index}`, body: noise() })
      }
      const items = await table.list({ partition: 'p', prefix: 'x#', newestFirst: true, limit: 12 })
      expect(items.map((item) => item.sort)).toEqual(Array.from({ length: 12 }, (_, index) => `x#${21 - index}`))
    })
  })

  describe('the pending index', () => {
    it('names items whose outbox has waited longer than allowed, the oldest first, over all shards', async () => {
      const table = await makeTable()
      const keys = Array.from({ length: 40 }, (_, index) => ({ partition: `portfolio#${index}`, sort: 'memory' }))
      await Promise.all(keys.map((item, index) => table.create({ ...item, body: {}, pendingSince: 1_000 + index })))
      await table.create({ partition: 'portfolio#quiet', sort: 'memory', body: {} })
      expect(await table.pending({ before: 1_030, limit: 100 })).toEqual(keys.slice(0, 30))
      expect(await table.pending({ before: 1_030, limit: 7 })).toEqual(keys.slice(0, 7))
      expect(await table.pending({ before: 1_000, limit: 7 })).toEqual([])
    })

    it('forgets an item once its outbox is empty', async () => {
      const table = await makeTable()
      await table.create({ ...key, body: {}, pendingSince: 10 })
      expect(await table.pending({ before: 11, limit: 5 })).toEqual([key])
      await table.replace({ ...key, body: {} }, 1)
      expect(await table.pending({ before: 11, limit: 5 })).toEqual([])
    })
  })
}
