// A snapshot and its report: one end of a change.

import type { MarketModel } from '../../model/market-model.ts'
import type { Report } from '../../model/report.ts'
import type { Snapshot } from '../../model/snapshot.ts'

/** A snapshot with what was made of it. */
export interface Assessed {
  readonly snapshot: Snapshot
  readonly report: Pick<Report, 'navUsd' | 'positions' | 'accounts' | 'netGreeks' | 'tail' | 'regime' | 'dayChanges'>
  /** That the report stands on; absent: none, or not at hand. */
  readonly model?: MarketModel
}
