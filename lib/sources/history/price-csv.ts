// What a file of prices says, asset by asset, with what was refused and why, by line.

import type { UnixSeconds, Usd } from '../../base/units.ts'
import type { CsvHeader } from './csv-header.ts'

/** A line of a file, or why it has no text. Blocks of them come from `wholeLines` of the command line. */
export type CsvLine = { readonly text: string } | { readonly unreadable: string }

export interface RefusedRow {
  /** Of the file, from 1, the header included. */
  readonly line: number
  readonly code:
    | 'bad-time'
    | 'bad-price'
    | 'not-positive'
    | 'duplicate'
    | 'wrong-columns'
    | 'bad-asset'
    | 'bad-bar'
    | 'unreadable'
    | 'in-future'
  readonly reason: string
}

/** A price five times the one before it or more, or a fifth (`jumpFactor`): kept, and told. */
export interface PriceJump {
  readonly line: number
  readonly asset: string
  readonly at: UnixSeconds
  readonly from: Usd
  readonly to: Usd
}

/** Prices of one asset in order of time, each time once. Arrays of equal length. */
export interface PriceSeries {
  readonly asset: string
  /** Stamps of the rows, Unix seconds. */
  readonly at: Float64Array
  readonly close: Float64Array
  /** Absent where the file has closes only. */
  readonly range?: { readonly open: Float64Array; readonly high: Float64Array; readonly low: Float64Array }
  /** Seconds between most neighbouring rows; absent for a single row. */
  readonly spacingSeconds?: number
  /** Empty cells: gaps. */
  readonly empty: number
}

export interface PriceCsv {
  readonly shape: CsvHeader['shape']['kind']
  /** Data rows, refused ones included. */
  readonly rows: number
  /** In order of their first row. */
  readonly series: readonly PriceSeries[]
  /** Seconds between most neighbouring rows of an asset; absent if no asset has two. */
  readonly spacingSeconds?: number
  /** Rows that came before an earlier one of their asset and were sorted in. */
  readonly unsorted: number
  readonly refused: {
    readonly count: number
    readonly byCode: Readonly<Partial<Record<RefusedRow['code'], number>>>
    /** The first hundred. */
    readonly first: readonly RefusedRow[]
  }
  /** The first hundred. */
  readonly jumps: readonly PriceJump[]
  readonly jumpCount: number
  /** What else a person should know, in sentences. */
  readonly notes: readonly string[]
}
