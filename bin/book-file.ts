// A book on disk: one JSON document with its market and positions, or the JSON lines of `homeostat price` that share a market.

import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { HomeostatError, isHomeostatError } from '../lib/base/homeostat-error.ts'
import type { PositionTerms } from '../lib/instruments/index.ts'
import type { Market } from '../lib/instruments/market/market.ts'
import { parseMarket } from '../lib/instruments/market/parse-market.ts'
import { parsePosition } from '../lib/instruments/parse-position.ts'

export interface Book {
  readonly market: Market
  readonly positions: readonly PositionTerms[]
}

/** `{ "market": {...}, "positions": [{ "kind", "terms", "label"? }] }`, or lines `{ instrument, market }`. @throws HomeostatError `no-input`, `invalid-input` */
export async function readBook(path: string, marketFile?: string): Promise<Book> {
  const content = await textOf(path)
  const shared = marketFile === undefined ? undefined : parsed(await textOf(marketFile))
  if (marketFile !== undefined && shared === undefined) throw refusedBook(marketFile, 'it is not JSON')
  const whole = parsed(content)
  const book = isRecord(whole) && 'positions' in whole ? whole : bookOfLines(path, content, shared)
  if (!Array.isArray(book.positions) || book.positions.length === 0) throw refusedBook(path, 'it holds no positions')
  return {
    market: parseMarket(book.market ?? shared, `market of ${marketFile ?? path}`),
    positions: book.positions.map((position: unknown, index) => {
      const { label: _, id: __, ...terms } = isRecord(position) ? position : {}
      try {
        return parsePosition(terms, `positions[${index}] of ${path}`)
      } catch (error) {
        if (isHomeostatError(error) && error.code === 'unknown-instrument')
          throw refusedBook(path, `positions[${index}]: ${error.message} ${error.hint ?? ''}`)
        throw error
      }
    }),
  }
}

function bookOfLines(path: string, text: string, shared: unknown): Readonly<Record<string, unknown>> {
  const lines = text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), number: index + 1 }))
    .filter(({ line }) => line !== '')
    .map(({ line, number }) => {
      const record = parsed(line)
      if (!isRecord(record)) throw refusedBook(path, `line ${number} is not a JSON object`)
      return record
    })
  const stated = lines.map(({ market }) => market ?? shared).filter((market) => market !== undefined)
  const markets = new Set(stated.map((market) => JSON.stringify(market)))
  if (markets.size !== 1)
    throw refusedBook(
      path,
      markets.size === 0 ? 'it has no market' : `its lines have ${markets.size} different markets`,
    )
  return { market: stated[0], positions: lines.map((line) => line.instrument) }
}

async function textOf(path: string): Promise<string> {
  try {
    if (path !== '-') return await readFile(path, 'utf8')
    if (process.stdin.isTTY === true) throw new Error('standard input is the terminal')
    return await text(process.stdin)
  } catch (cause) {
    throw refusedBook(path, cause instanceof Error ? cause.message : String(cause))
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusedBook(path: string, why: string): HomeostatError {
  return new HomeostatError('no-input', {
    message: `${path} is not a book: ${why}.`,
    retry: 'never',
    facts: { path },
    hint: 'One JSON document { "market": {...}, "positions": [{ "kind", "terms" }] }, or lines as `homeostat price` reads them, all with one market. homeostat price --describe KIND shows both parts.',
  })
}
