// Every run-book about logs against the real cursor: nothing is heard twice, nothing is passed over, and whoever leaves it out is named.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import * as z from '../../lib/base/schema.ts'
import { followBook } from './follow-book.ts'
import { logRunBooksSchema } from './log-run-book.ts'

const file = new URL('log-run-books.json', import.meta.url)
const books = z.parse(logRunBooksSchema, JSON.parse(readFileSync(file, 'utf8')), 'log-run-books.json')

it.each(books.map((book) => [book.id, book.title, book] as const))('%s: %s', async (_, __, book) => {
  const { ids } = await followBook(book)
  expect(new Set(ids).size).toBe(ids.length)
})
