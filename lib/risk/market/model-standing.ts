// How a report stands to its market model: which one it is, whether it is too old to be trusted, and why there is none.

import { isoDate } from '../../base/calendar.ts'
import { describeSpan } from '../../base/time.ts'
import type { UnixSeconds } from '../../base/units.ts'
import { type DataState, fresh } from '../../model/data-state.ts'
import type { MarketModel } from '../../model/market-model.ts'
import type { Report } from '../../model/report.ts'

/** A model is made every hour: when three were missed, nobody makes them. */
const modelGoodForSeconds = 3 * 3_600
/** Bars of days come whole: a model whose last bar ended three days ago knows nothing of this week. */
const pricesGoodForSeconds = 3 * 86_400

/** What the report says of the model. A model in doubt degrades what stands on it, never the report: health and orders do not read it. */
export function modelStanding(params: {
  readonly model?: MarketModel
  /** Why there is none, in words. */
  readonly modelMissing?: string
  readonly at: UnixSeconds
}): Pick<Report, 'marketModelId' | 'marketModel' | 'marketModelMissing'> {
  const { model, modelMissing = 'no market model has been made yet', at } = params
  if (model === undefined) return { marketModelMissing: modelMissing }
  const { id, at: modelAt, madeAt, notes } = model
  return { marketModelId: id, marketModel: { at: modelAt, madeAt, dataState: stateOf(model, at), notes } }
}

function stateOf({ at: modelAt, madeAt }: MarketModel, at: UnixSeconds): DataState {
  const reasons = [
    ...(at - madeAt > modelGoodForSeconds
      ? [`the market model was made ${describeSpan(at - madeAt)} ago; it should be made every hour`]
      : []),
    ...(at - modelAt > pricesGoodForSeconds
      ? [`the market model's last price is of ${isoDate(modelAt)}, ${describeSpan(at - modelAt)} ago`]
      : []),
  ]
  return reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
}
