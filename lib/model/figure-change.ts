// Why a headline number is not what it was in the report before: a split without a rest.

import type { UnixSeconds } from '../base/units.ts'
import type { Regime } from './regime.ts'

export interface FigureChange {
  /** `nav` in USD, `delta.ETH` in ETH, `healthFactor.aave-v3` by position id, `valueAtRisk` (99 %, one day) in USD. */
  readonly figure: string
  readonly from: number
  readonly to: number
  /** Sum to `to - from`; largest first. `price of ETH`, `volatility of ETH`, `quantity`, `time`, `funding`, ... */
  readonly parts: readonly { readonly cause: string; readonly change: number }[]
  /**
   * `shapley`: mean effect over all orders of the causes. `stated-order`: prices, rates, volatilities, correlation, interest, funding, time, then terms, each
   * after those before it. `mixed`: some positions so, some so.
   */
  readonly method: 'shapley' | 'stated-order' | 'mixed'
}

export interface FigureChanges {
  readonly sinceSnapshotId: string
  readonly since: UnixSeconds
  /** Those that changed at all. */
  readonly figures: readonly FigureChange[]
}

/** One figure's way since the day began, step by step: its parts are the sums of each report's own, cause by cause. */
export interface DayFigureChange extends FigureChange {
  /** It was not there when the day began: `from` is its first value, of then. */
  readonly appearedAt?: UnixSeconds
  /** It is not there now (repaid, or not known): `to` is its last value, and this the first report without it. */
  readonly vanishedAt?: UnixSeconds
}

/** Since the last report of the UTC day before; where there was none, or its figures are not known, since the first that are: `since` says when. */
export interface DayChanges {
  readonly sinceSnapshotId: string
  readonly since: UnixSeconds
  /** Those that are not what they were, or were elsewhere in between, appeared or vanished. */
  readonly figures: readonly DayFigureChange[]
  /** As first known since then; absent: never. */
  readonly regimeAtBegin?: Regime
  /** Absent: it is what it was, or one of both is not known. */
  readonly regime?: { readonly from: Regime; readonly to: Regime }
}
