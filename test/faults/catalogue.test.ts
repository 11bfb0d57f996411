// Every case of the catalogue that is about sensing has run-books, or stands in the list of what is open: nothing is passed over in silence.

import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { barBooksSchema } from './bar-book.ts'
import { logRunBooksSchema } from './log-run-book.ts'
import { runBooksSchema } from './run-book.ts'

const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'))
const reasons = z.record(z.string(), z.string())
const openSchema = z.strictObject({ notPlayed: reasons, notShown: reasons })
const catalogueSchema = z.array(z.object({ group: z.string(), cases: z.array(z.object({ id: z.string() })) }))

const played = [
  ...z.parse(runBooksSchema, json('run-books.json'), 'run-books.json'),
  ...z.parse(barBooksSchema, json('bar-books.json'), 'bar-books.json'),
]
const followed = z.parse(logRunBooksSchema, json('log-run-books.json'), 'log-run-books.json')
const { notPlayed, notShown } = z.parse(openSchema, json('open-cases.json'), 'open-cases.json')
const ids = new Set([...played, ...followed].map(({ id }) => id))

const catalogue = '../../../shared/faults.json'
const isThere = existsSync(new URL(catalogue, import.meta.url))

it.skipIf(!isThere)('every case of RPC and ORC is played or says why not (../shared/faults.json)', () => {
  const groups = z.parse(catalogueSchema, json(catalogue), 'faults.json')
  const cases = groups.filter(({ group }) => group === 'RPC' || group === 'ORC').flatMap((group) => group.cases)
  const listed = new Set([...ids, ...Object.keys(notPlayed)])
  expect([...listed].sort()).toEqual(cases.map(({ id }) => id).sort())
})

it('what is not played has no run-book, and what is not shown has one', () => {
  expect(Object.keys(notPlayed).filter((id) => ids.has(id))).toEqual([])
  expect(Object.keys(notShown).filter((id) => !ids.has(id))).toEqual([])
})

it('every run-book has a title of its own', () => {
  const titles = [...played, ...followed].map(({ id, title }) => `${id} ${title}`)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})
