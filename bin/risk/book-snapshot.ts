// A book out of a file as a snapshot at an instant: its own prices where it states them for then, else those of the history.

import { isoDate } from '../../lib/base/calendar.ts'
import { HomeostatError } from '../../lib/base/homeostat-error.ts'
import * as z from '../../lib/base/schema.ts'
import { describeSpan } from '../../lib/base/time.ts'
import { type Market, priceOf } from '../../lib/instruments/market/market.ts'
import { marketSchema } from '../../lib/instruments/market/market-schema.ts'
import { parseMarket } from '../../lib/instruments/market/parse-market.ts'
import { assetsOf } from '../../lib/instruments/value.ts'
import { fresh } from '../../lib/model/data-state.ts'
import type { Snapshot } from '../../lib/model/snapshot.ts'
import type { LastClose } from './history-model.ts'
import type { Portfolio } from './portfolio-file.ts'

type Book = Extract<Portfolio, { readonly kind: 'book' }>

const day = 86_400
/** Where neither says a price: these are worth a dollar. */
const dollars: ReadonlySet<string> = new Set(['USD', 'USDC', 'USDT', 'DAI', 'USDS', 'GHO', 'PYUSD'])

/** The market's own instant; absent: it states none. @throws HomeostatError `invalid-input` */
export function statedInstant({ market }: Book, path: string): number | undefined {
  if (market.at === undefined) return undefined
  return z.parse(marketSchema, { spot: {}, at: market.at }, `market of ${path}`).at
}

/** @throws HomeostatError `invalid-input` for a market that contradicts itself; `no-price` that names every asset without one */
export function bookSnapshot(params: {
  readonly book: Book
  readonly path: string
  readonly at: number
  readonly closes: ReadonlyMap<string, LastClose>
}): { readonly snapshot: Snapshot; readonly notes: readonly string[] } {
  const { book, path, at } = params
  const notes: string[] = []
  const market = parseMarket({ ...book.market, at, spot: spotsOf(params, notes) }, `market of ${path}`)
  const missing = [...new Set(book.positions.flatMap(({ instrument }) => assetsOf(instrument)))].filter(
    (asset) => !Object.hasOwn(market.exchangeRates, asset),
  )
  if (missing.length > 0)
    throw new HomeostatError('no-price', {
      message: `There is no price at ${isoDate(at)} for ${missing.join(', ')}: neither the market of ${path} nor the history has one.`,
      retry: 'never',
      facts: { missing: missing.join(' ') },
      hint: 'State it in the portfolio as market.spot.NAME, or as market.exchangeRates.NAME: { "underlying": "ETH", "rate": 1.2 }; or give a history that has it.',
    })
  const {
    spot: _,
    exchangeRates: __,
    at: ___,
    ...data
  } = z.parse(marketSchema, { ...book.market, at, spot: market.spot }, `market of ${path}`)
  const snapshot: Snapshot = {
    id: `file#${at}#${path.split('/').at(-1) ?? path}`,
    portfolioId: 'file',
    configVersion: 'file',
    at,
    blocks: [],
    providers: [],
    prices: pricesOf(market, at),
    pools: [],
    positions: book.positions.map((one) => ({ ...one, chainId: 0, dataState: fresh })),
    marketData: { ...data, asOf: at },
    lending: [],
    gaps: [],
    dataState: fresh,
  }
  return { snapshot, notes }
}

function pricesOf(market: Market, at: number): Snapshot['prices'] {
  return Object.entries(market.exchangeRates).map(([asset, { underlying }]) => {
    const usd = priceOf(market, asset)
    const lenses = { usd, protocolUsd: usd, marketUsd: usd, lensGap: 0 }
    return { asset, underlying, ...lenses, updatedAt: at, ageSeconds: 0, heartbeatSeconds: day, dataState: fresh }
  })
}

/** What the market states is believed for its own instant; another instant's prices are those of the history, as far as it has them. */
function spotsOf({ book, path, at, closes }: Parameters<typeof bookSnapshot>[0], notes: string[]) {
  const stated = isRecord(book.market.spot) ? book.market.spot : {}
  const instant = statedInstant(book, path)
  const isThen = instant === undefined || Math.abs(instant - at) < day
  const rates = isRecord(book.market.exchangeRates) ? Object.values(book.market.exchangeRates) : []
  const wanted = new Set([
    ...book.positions.flatMap(({ instrument }) => assetsOf(instrument)),
    ...rates.flatMap((one) => (isRecord(one) && typeof one.underlying === 'string' ? [one.underlying] : [])),
    ...Object.keys(stated),
  ])
  const spot: Record<string, unknown> = {}
  const [ours, theirs, kept]: [string[], string[], string[]] = [[], [], []]
  for (const name of wanted) {
    const close = closes.get(name)
    if (Object.hasOwn(stated, name) && (isThen || close === undefined)) {
      spot[name] = stated[name]
      if (!isThen) kept.push(name)
    } else if (close !== undefined) {
      spot[name] = close.usd
      ours.push(name)
      if (at - close.at >= 2 * day) theirs.push(`${name} is ${describeSpan(at - close.at)} old`)
    } else if (dollars.has(name) && !isFollower(book, name)) {
      spot[name] = 1
      notes.push(`${name} is priced nowhere and taken for a dollar`)
    }
  }
  if (ours.length > 0) notes.push(`the history gives the last prices up to ${isoDate(at)} of ${ours.join(', ')}`)
  if (kept.length > 0)
    notes.push(`the market of the file is of ${isoDate(instant ?? at)}, and its prices of ${kept.join(', ')} are kept`)
  if (theirs.length > 0) notes.push(`old prices: ${theirs.join('; ')}`)
  return spot
}

function isFollower({ market }: Book, name: string): boolean {
  return isRecord(market.exchangeRates) && Object.hasOwn(market.exchangeRates, name)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
