// Past prices from a public source: page by page, only closed candles, each believed only if it makes sense, and gaps left as they are.

import { type HomeostatError, isHomeostatError } from '../../../base/homeostat-error.ts'
import { describeSpan } from '../../../base/time.ts'
import type { UnixSeconds } from '../../../base/units.ts'
import {
  type Bar,
  type BarInterval,
  barSeconds,
  barStartOf,
  isPrice,
  type PriceHistory,
} from '../../../model/history.ts'
import { askPage, type FetchDeps, type FetchLedger, type FetchLimits } from './ask-page.ts'
import { candleFault } from './candle-fault.ts'
import type { CandleSource, RawCandle } from './define-candle-source.ts'

export interface CandleRequest {
  readonly source: CandleSource
  readonly asset: string
  /** As the source calls it; its usual pair if left out. */
  readonly product?: string
  readonly interval: BarInterval
  readonly from: UnixSeconds
  /** Bars begin before this; what is not closed yet never is one. */
  readonly to: UnixSeconds
  /** In place of the source's own. */
  readonly baseUrl?: string
  readonly limits?: Partial<FetchLimits>
  /** Told after each page: bars so far. */
  readonly onPage?: (bars: number) => void
}

export interface FetchedCandles {
  /** `quote` says what its prices are in: USDT is not USD. */
  readonly history: PriceHistory
  readonly product: string
  /** Rows that were not believed, by reason: gaps stand in their place. */
  readonly refused: Readonly<Record<string, number>>
  readonly requests: number
  /** The source's clock less ours, where it tells. */
  readonly skewSeconds?: number
  /** Why it ended before `to`: bars from here on were not asked for or not answered. The others are good. */
  readonly stopped?: { readonly at: UnixSeconds; readonly error: HomeostatError }
}

const defaultLimits: FetchLimits = { requestMs: 10_000, requests: 500, attempts: 5, longestWait: 120 }

/** Their clock may be this far behind ours, seconds: then the last candle is just not closed yet. */
const tolerableSkew = 60

/**
 * Bars of a product, in order of time. A failure on the way is not thrown: what came before it is returned, with the reason.
 * @throws HomeostatError `unknown-quote`, `candles-url`: nothing was asked
 */
export async function fetchCandles(deps: FetchDeps, request: CandleRequest): Promise<FetchedCandles> {
  const { source, asset, interval } = request
  const product = request.product ?? source.productOf(asset)
  const quote = source.quoteOf(product)
  if (quote === undefined || !/^[A-Z0-9-]{2,30}$/.test(product))
    throw candleFault('unknown-quote', `${product.slice(0, 40)} does not tell in which currency its prices are.`, {
      source: source.name,
    })
  const baseUrl = checkedUrl(request.baseUrl ?? source.baseUrl)
  const limits = { ...defaultLimits, ...request.limits }
  const ledger: FetchLedger = { requests: 0, skewSeconds: undefined, used: undefined }
  const length = barSeconds[interval]
  const book = candleBook({ interval, source: source.name })
  const from = Math.ceil(request.from / length) * length
  let cursor = from
  let stopped: FetchedCandles['stopped']
  // Asked again each time: closed is what both clocks say is over.
  const wanted = () => Math.min(Math.ceil(request.to / length) * length, barStartOf(deps.now(), interval))
  const end = () => Math.min(wanted(), barStartOf(deps.now() + Math.min(0, ledger.skewSeconds ?? 0), interval))
  while (cursor < end()) {
    const to = Math.min(end(), cursor + source.pageSize * length)
    try {
      const rows = await askPage(deps, {
        source,
        baseUrl,
        page: { product, interval, from: cursor, to },
        limits,
        ledger,
      })
      // The answer may have told that the source's clock is behind ours.
      book.take(rows, { from, to: Math.min(to, end()) })
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      stopped = { at: cursor, error }
      break
    }
    cursor = to
    request.onPage?.(book.size())
  }
  if (stopped === undefined && end() < wanted() && (ledger.skewSeconds ?? 0) < -tolerableSkew)
    stopped = { at: Math.max(from, end()), error: clockFault(source.name, ledger.skewSeconds ?? 0) }
  return {
    history: { asset, interval, quote, bars: book.bars() },
    product,
    refused: book.refused(),
    requests: ledger.requests,
    ...(ledger.skewSeconds === undefined ? {} : { skewSeconds: ledger.skewSeconds }),
    ...(stopped === undefined ? {} : { stopped }),
  }
}

function clockFault(name: string, skewSeconds: number): HomeostatError {
  const behind = describeSpan(-skewSeconds)
  return candleFault(
    'candles-clock',
    `The clock of ${name} is ${behind} behind ours: what we call closed, it does not.`,
    { skewSeconds },
  )
}

/** Collects rows of overlapping pages: the same bar twice is one, two different ones for one interval are none. */
function candleBook(params: { readonly interval: BarInterval; readonly source: string }) {
  const bars = new Map<number, Bar>()
  const contradicted = new Set<number>()
  const refused: Record<string, number> = {}
  const refuse = (reason: string) => {
    refused[reason] = (refused[reason] ?? 0) + 1
  }
  return {
    take(rows: readonly RawCandle[], window: { readonly from: number; readonly to: number }) {
      for (const row of rows) {
        const bar = 'malformed' in row ? row.malformed : barOfRow(row, params)
        if (typeof bar === 'string') refuse(bar)
        else if (bar.start >= window.from && bar.start < window.to) {
          const before = bars.get(bar.start)
          if (before === undefined && !contradicted.has(bar.start)) bars.set(bar.start, bar)
          else if (before !== undefined && !isSame(before, bar)) {
            bars.delete(bar.start)
            contradicted.add(bar.start)
            refuse('two different candles for one interval')
          }
        }
      }
    },
    size: () => bars.size,
    bars: () => [...bars.values()].sort((a, b) => a.start - b.start),
    refused: () => refused,
  }
}

/** The bar of a row, or what is wrong with it. */
function barOfRow(
  row: Exclude<RawCandle, { readonly malformed: string }>,
  { interval, source }: { readonly interval: BarInterval; readonly source: string },
): Bar | string {
  const length = barSeconds[interval]
  const { start } = row
  if (typeof start !== 'number' || !Number.isSafeInteger(start) || start <= 0) return 'no time'
  if (start % length !== 0) return 'a time between two intervals'
  const [open, high, low, close] = [row.open, row.high, row.low, row.close].map(priceIn)
  if (open === undefined || high === undefined || low === undefined || close === undefined)
    return 'a price that is none'
  if (low > Math.min(open, close) || high < Math.max(open, close)) return 'a low or high that contradicts open or close'
  return { start, open, high, low, close, firstAt: start, lastAt: start + length, observations: 1, source }
}

/** Numbers, and numbers as text; above zero. */
function priceIn(value: unknown): number | undefined {
  const isText = typeof value === 'string' && /^\d{1,30}(\.\d{1,30})?$/.test(value)
  const price = isText ? Number(value) : value
  return typeof price === 'number' && isPrice(price) ? price : undefined
}

function isSame(a: Bar, b: Bar): boolean {
  return a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close
}

/** @throws HomeostatError `candles-url` */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isHere = url?.hostname === '127.0.0.1' || url?.hostname === 'localhost' || url?.hostname === '[::1]'
  if (url === undefined || (url.protocol !== 'https:' && !(url.protocol === 'http:' && isHere)) || url.username !== '')
    throw candleFault('candles-url', 'The URL of the source is not one that may be asked.')
  return `${url.origin}${url.pathname.replace(/\/$/, '')}`
}
