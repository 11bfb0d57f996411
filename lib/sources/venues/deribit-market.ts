// Deribit's market of one underlying: its index, what options and futures are quoted at, and its perpetual.

import { type HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import * as z from '../../base/schema.ts'
import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { MarketData } from '../../instruments/market/market-schema.ts'
import { withMarketData } from '../../instruments/market/parse-market.ts'
import type { IndexReading } from '../../model/venue-reading.ts'
import { type QuotedChain, quotedChain } from './deribit-chain.ts'
import { deribitMarket } from './deribit-instruments.ts'
import { askDeribit, type DeribitAnswer, type DeribitConnection } from './deribit-rpc.ts'
import { fitSurface } from './fit-surface.ts'

const indexPrice = z.object({ index_price: z.number().check(z.gt(0)) })
const ticker = z.object({
  instrument_name: z.string(),
  state: z.string(),
  timestamp: z.number(),
  mark_price: z.number().check(z.gt(0)),
  index_price: z.number().check(z.gt(0)),
  best_bid_price: z.optional(z.nullable(z.number())),
  best_ask_price: z.optional(z.nullable(z.number())),
  funding_8h: z.number(),
  current_funding: z.optional(z.nullable(z.number())),
})

export interface UnderlyingMarket {
  readonly underlying: string
  readonly index?: IndexReading
  /** Keys are this underlying alone; valid by itself. */
  readonly data: MarketData
  /** What is missing or in doubt, in words, each with a literal code. */
  readonly doubts: readonly { readonly code: string; readonly reason: string }[]
  readonly faults: readonly HomeostatError[]
}

const staleAfterSeconds = 60
/** Mark and index further apart: one of them is wrong. */
const mostPremium = 0.2
/** Two answers of one index within a second or two. */
const indexDisagreement = 0.02
/** Periods of eight hours in a year of 365 days. */
const fundingPeriods = 3 * 365
/** 1,000 % a year: beyond, a unit is wrong. */
const mostFunding = 10

type QuoteLists = (currency: string) => Promise<DeribitAnswer<readonly unknown[]>>

/** Quotes by the currency that they are listed under, each asked for once. */
export function quoteLists(connection: DeribitConnection): QuoteLists {
  const asked = new Map<string, ReturnType<QuoteLists>>()
  return (currency) => {
    const list = asked.get(currency) ?? askList(connection, currency)
    asked.set(currency, list)
    return list
  }
}

function askList(connection: DeribitConnection, currency: string): ReturnType<QuoteLists> {
  const method = 'public/get_book_summary_by_currency'
  return askDeribit(connection, { method, params: { currency }, result: z.array(z.unknown()) })
}

/** Never throws for what the venue does; the three questions travel together. */
export async function readMarket(
  connection: DeribitConnection,
  { underlying, lists }: { readonly underlying: string; readonly lists: QuoteLists },
): Promise<UnderlyingMarket> {
  const { indexName, perpetual, currency } = deribitMarket(underlying)
  const [index, list, perp] = await Promise.all([
    settled(
      askDeribit(connection, {
        method: 'public/get_index_price',
        params: { index_name: indexName },
        result: indexPrice,
      }),
    ),
    settled(lists(currency)),
    settled(
      askDeribit(connection, { method: 'public/ticker', params: { instrument_name: perpetual }, result: ticker }),
    ),
  ])
  const faults = [index, list, perp].filter(isHomeostatError)
  const unread = faults.map(({ code, message }) => ({ code, reason: message }))
  if (isHomeostatError(index)) return { underlying, data: {}, doubts: unread, faults }
  const usd = index.value.index_price
  const quotes = isHomeostatError(list) ? undefined : quotesOf(list, { underlying, index: usd })
  const future = isHomeostatError(perp) ? undefined : perpetualOf(perp, { underlying, perpetual, index: usd })
  const doubts = [...unread, ...(quotes?.doubts ?? []), ...(future?.doubts ?? [])]
  const found: IndexReading = { underlying, usd, at: index.at }
  const parts = [quotes?.data ?? {}, future?.data ?? {}].map((data) => tried(data, { index: found }))
  const data = { ...parts[0]?.data, ...parts[1]?.data }
  return { underlying, index: found, data, doubts: [...doubts, ...parts.flatMap((part) => part.doubts)], faults }
}

async function settled<T>(asked: Promise<T>): Promise<T | HomeostatError> {
  try {
    return await asked
  } catch (error) {
    if (isHomeostatError(error)) return error
    throw error
  }
}

type Part = Pick<UnderlyingMarket, 'data' | 'doubts'>

/** Made into a market once, so that nothing reaches a report that a market refuses. */
function tried(data: MarketData, { index }: { readonly index: IndexReading }): Part {
  const { underlying, usd, at } = index
  try {
    withMarketData(
      { at, spot: { [underlying]: usd }, exchangeRates: { [underlying]: { underlying, rate: 1 } } },
      { ...data, asOf: at },
    )
    return { data, doubts: [] }
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return { data: {}, doubts: [{ code: 'market-data-refused', reason: error.message }] }
  }
}

function quotesOf(
  { value, at }: DeribitAnswer<readonly unknown[]>,
  { underlying, index }: { readonly underlying: string; readonly index: Usd },
): Part {
  const chain: QuotedChain = quotedChain(value, { underlying, index, at })
  const { volatility, doubts } = fitSurface({ at, anchor: index, expiries: chain.expiries })
  const told = (code: string, reasons: readonly string[]) =>
    reasons.map((reason) => ({ code, reason: `quotes: ${reason}` }))
  return {
    data: {
      ...(chain.forwards.length === 0 ? {} : { forward: { [underlying]: [...chain.forwards] } }),
      ...(volatility === undefined ? {} : { volatility: { [underlying]: volatility } }),
    },
    doubts: [
      ...told('quotes-left-out', chain.doubts),
      ...told('smile-in-doubt', doubts),
      ...(volatility === undefined ? told('no-volatility', ['there is none that can be used']) : []),
    ],
  }
}

function perpetualOf(
  { value, at }: DeribitAnswer<z.output<typeof ticker>>,
  { underlying, perpetual, index }: { readonly underlying: string; readonly perpetual: string; readonly index: Usd },
): Part {
  const doubt = doubtOf(value, { perpetual, at, index })
  if (doubt !== undefined)
    return { data: {}, doubts: [{ code: 'perpetual-in-doubt', reason: `${perpetual}: ${doubt}` }] }
  const premium = value.mark_price / value.index_price - 1
  const funding = value.funding_8h * fundingPeriods
  const data = { perpetualPremium: { [underlying]: premium } }
  if (Math.abs(funding) <= mostFunding) return { data: { ...data, funding: { [underlying]: funding } }, doubts: [] }
  const reason = `${perpetual}: its funding of ${value.funding_8h} in 8 hours cannot be`
  return { data, doubts: [{ code: 'perpetual-in-doubt', reason }] }
}

function doubtOf(
  value: z.output<typeof ticker>,
  { perpetual, at, index }: { readonly perpetual: string; readonly at: UnixSeconds; readonly index: Usd },
): string | undefined {
  const { instrument_name, state, timestamp, mark_price, index_price, best_bid_price, best_ask_price } = value
  const age = at - timestamp / 1_000
  if (instrument_name !== perpetual) return `the answer is about ${instrument_name.slice(0, 40)}`
  if (state !== 'open') return `its market is ${state.slice(0, 20)}`
  if (Math.abs(age) > staleAfterSeconds) return `its quote is ${Math.round(age)} s old`
  if (best_bid_price && best_ask_price && best_bid_price > best_ask_price)
    return 'its quotes are crossed (bid above ask)'
  if (!(Math.abs(index_price / index - 1) <= indexDisagreement))
    return `it says that the index is ${index_price}, the index is ${index}`
  if (!(Math.abs(mark_price / index_price - 1) <= mostPremium))
    return `its mark ${mark_price} is far from the index ${index_price}`
  return undefined
}
