// Why a headline number is not what it was in the report before: a split without a rest.

import type { UnixSeconds } from '../base/units.ts'

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
