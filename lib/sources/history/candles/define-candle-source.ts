// The shape of every public place that tells past prices as candles: how to ask it, and how to read what it answers.

import type { UnixSeconds } from '../../../base/units.ts'
import type { BarInterval } from '../../../model/history.ts'

/** One candle as a source wrote it, before anybody believes it. */
export type RawCandle =
  | {
      readonly start: unknown
      readonly open: unknown
      readonly high: unknown
      readonly low: unknown
      readonly close: unknown
    }
  /** A row that is not even of the documented shape. */
  | { readonly malformed: string }

/** Candles that begin at `from` or later and before `to`; both are multiples of the interval. */
export interface CandlePage {
  readonly product: string
  readonly interval: BarInterval
  readonly from: UnixSeconds
  readonly to: UnixSeconds
}

export interface CandleSource<Name extends string = string> {
  readonly name: Name
  /** One line for people. */
  readonly title: string
  /** Where its format is documented. */
  readonly documentation: string
  readonly baseUrl: string
  /** Candles that one answer can hold. */
  readonly pageSize: number
  /** Milliseconds from one request to the next, under the documented limit. */
  readonly pauseMs: number
  /** What the source calls the pair of an asset with its usual quote. */
  readonly productOf: (asset: string) => string
  /** The currency of a product's prices; undefined if the name does not tell. */
  readonly quoteOf: (product: string) => string | undefined
  /** Path and query of a page. */
  readonly pathOf: (page: CandlePage) => string
  /** Rows of an answer's JSON; undefined if it is not of the documented shape. Starts in Unix seconds. */
  readonly rowsOf: (body: unknown) => readonly RawCandle[] | undefined
  /** What an error's JSON says, for people; undefined if it says nothing. */
  readonly reasonOf: (body: unknown) => string | undefined
  /** How much of the source's own budget is used up, as a fraction, from its headers; undefined if it does not tell. */
  readonly usedOf?: (headers: Headers) => number | undefined
}

export function defineCandleSource<const Name extends string>(source: CandleSource<Name>): CandleSource<Name> {
  return source
}
