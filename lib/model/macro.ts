// Series of the wider world that coins move with: equities, the dollar, rates, volatility. Each value is dated by the instant of its close.

import type { UnixSeconds } from '../base/units.ts'

/** How a series moves from one close to the next: `log`: ln(value / value before); `difference`: value - value before, in its own points. */
export const macroKinds = ['log', 'difference'] as const
export type MacroKind = (typeof macroKinds)[number]

export interface MacroObservation {
  /** When the close was known. */
  readonly at: UnixSeconds
  readonly value: number
}

export interface MacroSeries {
  /** As rules and reports call it: `SPX`, `DXY`, `US10Y`, `VIX`. */
  readonly series: string
  readonly kind: MacroKind
  /** In order of time, each instant once; days without trading are not here. */
  readonly observations: readonly MacroObservation[]
}

/** A configured series, and where it comes from. */
export interface MacroSeriesConfig {
  readonly series: string
  /** Name in the registry of macro sources. */
  readonly source: string
  /** As the source calls it. */
  readonly id: string
  readonly kind: MacroKind
}

/** What a series may be called: as it stands in `beta.SPX` of a rule. */
export const macroName = /^[A-Za-z][A-Za-z0-9_]{0,19}$/

/** `difference` for what is a rate by its name (`US10Y`, `DGS10`, `T10Y2Y`, `FED_RATE`), in percentage points; `log` for everything else. */
export function macroKindOf(series: string): MacroKind {
  return /\d+[YM]\d*|^(DGS|DTB|DFII|DFF|SOFR|EFFR)|YIELD|RATE|SPREAD/i.test(series) ? 'difference' : 'log'
}
