// The doors through which market models come and go: where they are kept, and where past prices and macro series are fetched.

import type { UnixSeconds } from '../base/units.ts'
import type { BarInterval, PriceHistory } from './history.ts'
import type { Underlying } from './identity.ts'
import type { MacroSeries, MacroSeriesConfig } from './macro.ts'
import type { MarketModel } from './market-model.ts'

/** Which market model is in force. */
export interface ModelPointer {
  readonly id: string
  /** End of the last bar that it was made of. */
  readonly at: UnixSeconds
  readonly madeAt: UnixSeconds
  /** When it was last found that nothing newer can be made of what is stored. */
  readonly confirmedAt: UnixSeconds
}

export interface MarketModelStore {
  /** Of the model in force: one small read. */
  pointer(): Promise<ModelPointer | undefined>
  /** The model in force; undefined before the first, and where it has expired or older code wrote it. */
  latest(): Promise<MarketModel | undefined>
  model(id: string): Promise<MarketModel | undefined>
  /** Safe to repeat. `superseded`: it is stored, but one that was made later is in force. */
  put(model: MarketModel): Promise<'in-force' | 'superseded'>
  /** There is nothing newer than the model in force, as of `at`; nothing happens if another is in force. */
  confirm(id: string, at: UnixSeconds): Promise<void>
}

/** A macro series as it was last fetched, and by which configuration. */
export interface StoredMacro {
  readonly config: MacroSeriesConfig
  readonly macro: MacroSeries
  readonly fetchedAt: UnixSeconds
}

export interface MacroStore {
  series(series: string): Promise<StoredMacro | undefined>
  /** One that was fetched later stays. */
  put(stored: StoredMacro): Promise<void>
}

/** Past prices from configured public sources. Never throws for a failed read: `stopped` says where it ended, and why. */
export interface PastPrices {
  read(params: {
    readonly source: string
    readonly product: string
    readonly asset: Underlying
    readonly interval: BarInterval
    /** Bars that begin here or later ... */
    readonly from: UnixSeconds
    /** ... and before this; what is not closed yet is no bar. */
    readonly to: UnixSeconds
    /** At most so many requests. */
    readonly requests: number
  }): Promise<{
    readonly history: PriceHistory
    readonly requests: number
    /** Rows that were not believed, by reason. */
    readonly refused: Readonly<Record<string, number>>
    readonly stopped?: { readonly code: string; readonly reason: string }
  }>
}

/** Configured series of the wider world. Never throws for a failed read: then there is no series, and notes say why. */
export interface MacroSources {
  read(params: {
    readonly config: MacroSeriesConfig
    readonly from: UnixSeconds
    readonly to: UnixSeconds
  }): Promise<{ readonly macro?: MacroSeries; readonly notes: readonly string[] }>
}
