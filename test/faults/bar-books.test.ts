// Faults of bars against the real rooms: what was not seen is no quiet hour, and one wrong digit is told and moves an estimate little.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { wholeLines } from '../../bin/whole-lines.ts'
import * as z from '../../lib/base/schema.ts'
import { recordBars } from '../../lib/flows/record-bars.ts'
import { type DataState, fresh } from '../../lib/model/data-state.ts'
import { type Bar, jumpedBars, missingBars } from '../../lib/model/history.ts'
import { type PanelRemark, returnPanel } from '../../lib/risk/market/return-panel.ts'
import { barsOfSeries } from '../../lib/sources/history/bars-of-series.ts'
import { readPriceCsv } from '../../lib/sources/history/read-price-csv.ts'
import { barStore } from '../../lib/store/bar-store.ts'
import { memoryTable } from '../../lib/store/memory-table.ts'
import { type BarBook, barBooksSchema } from './bar-book.ts'

const file = new URL('bar-books.json', import.meta.url)
const books = z.parse(barBooksSchema, JSON.parse(readFileSync(file, 'utf8')), 'bar-books.json')
const start = 1_709_251_200
const hour = 3_600
const late: DataState = { kind: 'DEGRADED', reasons: ['the feed is late'] }
/** About 0.7 % an hour, up and down, the same in every run. */
const priceOf = (index: number) => 3_000 * Math.exp(0.01 * Math.sin(index * 1.7))

it.each(books.map((book) => [book.id, book.title, book] as const))('%s: %s', async (_, __, book) => {
  const bars = await (book.through === 'file' ? throughFile(book) : throughSnapshots(book))
  const { rows, remarks } = panelOf(bars)
  const count = (kind: PanelRemark['kind']) => remarks.find((one) => one.kind === kind)?.count ?? 0
  expect({
    gaps: missingBars(bars, '1h').map(({ count }) => count),
    returns: rows.length,
    afterGaps: count('gap'),
    wicks: count('wick'),
    jumps: jumpedBars(bars).length,
  }).toEqual(book.expectation)
  const clean = panelOf(await throughFile({ ...book, tenfold: [], unseen: [] }))
  // What a wrong digit left behind would be fifty times the deviation.
  const ratio = deviation(rows) / deviation(clean.rows)
  expect(ratio).toBeGreaterThan(0.95)
  expect(ratio).toBeLessThan(1.05)
})

function panelOf(bars: readonly Bar[]) {
  return returnPanel({ series: [{ asset: 'ETH', bars }], interval: '1h' })
}

function deviation(rows: readonly (readonly (number | undefined)[])[]): number {
  return Math.sqrt(rows.reduce((sum, [value = 0]) => sum + value * value, 0) / rows.length)
}

function pricesOf({ hours, unseen = [], tenfold = [] }: BarBook) {
  return Array.from({ length: hours }, (_, index) => ({
    at: start + index * hour,
    isSeen: !unseen.includes(index),
    usd: priceOf(index) * (tenfold.includes(index) ? 10 : 1),
  }))
}

/** A look every half hour. What is late still has a price, which must not count. */
async function throughSnapshots(book: BarBook): Promise<readonly Bar[]> {
  const history = barStore(memoryTable())
  const deps = { history, log: { line: () => expect.unreachable('nothing is to be logged') } }
  for (const { at, isSeen, usd } of pricesOf(book)) {
    const dataState = isSeen ? fresh : late
    const price = { asset: 'WETH', underlying: 'ETH', usd, heartbeatSeconds: hour, dataState }
    for (const seen of [at, at + hour / 2]) await recordBars(deps, { portfolioId: 'main', at: seen, prices: [price] })
  }
  return (await history.bars({ asset: 'ETH', interval: '1h' })).bars
}

async function throughFile(book: BarBook): Promise<readonly Bar[]> {
  const rows = pricesOf(book).filter(({ isSeen }) => isSeen)
  const text = `timestamp,ETH\n${rows.map(({ at, usd }) => `${at},${usd}`).join('\n')}\n`
  const csv = await readPriceCsv({ lines: wholeLines([Buffer.from(text)]) })
  expect(csv.jumpCount).toBe(book.expectation.jumps * Math.sign(book.tenfold?.length ?? 0))
  const params = { interval: '1h', stamp: 'open', spacingSeconds: csv.spacingSeconds, source: 'file' } as const
  return csv.series.flatMap((series) => barsOfSeries(series, params))
}
