// How a report stands to its market model: which one it is, whether it is too old to be trusted, and why there is none.

import { isoDate } from '../../base/calendar.ts'
import { describeSpan } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { type DataState, fresh } from '../../model/data-state.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { Report } from '../../model/report.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { volatilityToday } from '../tail/todays-move.ts'
import { regimeNow } from './regime-now.ts'

/** A model is made every hour: when three were missed, nobody makes them. */
const modelGoodForSeconds = 3 * 3_600
/** Bars of days come whole: a model whose last bar ended three days ago knows nothing of this week. */
const pricesGoodForSeconds = 3 * 86_400

type Told = Pick<
  Report,
  'marketModelId' | 'marketModel' | 'marketModelMissing' | 'regime' | 'volatility' | 'macro' | 'surfaces'
>

/** What the report says of the model. A model in doubt degrades what stands on it, never the report: health and orders do not read it. */
export function modelStanding(params: {
  readonly model?: MarketModel
  /** When it was last found to be the newest that can be made; absent: when it was made. */
  readonly modelConfirmedAt?: UnixSeconds
  /** Why there is none, in words. */
  readonly modelMissing?: string
  readonly snapshot: Pick<Snapshot, 'at' | 'prices'>
}): Told {
  const { model, modelMissing = 'no market model has been made yet', snapshot } = params
  const { at } = snapshot
  if (model === undefined) return { marketModelMissing: modelMissing }
  const { id, at: modelAt, notes, madeUp, sources } = model
  const confirmedAt = params.modelConfirmedAt ?? model.madeAt
  const priced = new Set(snapshot.prices.flatMap(({ asset, underlying }) => [asset, underlying]))
  const { macro, surfaces } = model
  const regime = regimeNow(model, snapshot)
  return {
    marketModelId: id,
    marketModel: {
      at: modelAt,
      madeAt: confirmedAt,
      dataState: stateOf(model, { confirmedAt, at }),
      ...(madeUp === undefined ? {} : { madeUp }),
      ...(sources === undefined ? {} : { sources: sources.slice(0, 4).map(({ source }) => source) }),
      notes: firstOf(notes),
    },
    ...(regime === undefined ? {} : { regime }),
    volatility: volatilityToday(model, snapshot).filter(({ asset }) => priced.has(asset)),
    macro: macro.filter(({ asset }) => priced.has(asset)),
    ...(surfaces === undefined ? {} : { surfaces: surfaces.filter(({ underlying }) => priced.has(underlying)) }),
  }
}

/** As many notes as a page shows; a model of sixty assets can have a hundred. */
function firstOf(notes: readonly string[]): readonly string[] {
  const shown = 8
  return notes.length <= shown ? notes : [...notes.slice(0, shown), `and ${notes.length - shown} more in the model`]
}

/** FRESH, or what is too old. */
function stateOf(
  { at: modelAt }: MarketModel,
  { confirmedAt, at }: { readonly confirmedAt: UnixSeconds; readonly at: UnixSeconds },
): DataState {
  const reasons = [
    ...(at - confirmedAt > modelGoodForSeconds
      ? [`the market model was made ${describeSpan(at - confirmedAt)} ago; it should be made every hour`]
      : []),
    ...(at - modelAt > pricesGoodForSeconds
      ? [`the market model's last price is of ${isoDate(modelAt)}, ${describeSpan(at - modelAt)} ago`]
      : []),
  ]
  return reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
}
