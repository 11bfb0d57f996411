// Why a word that stands on the market model has no value: there is no model, or it is too old to be believed.

import { describeSpan } from '../../base/time.ts'
import type { Report } from '../../model/report.ts'
import { type Missing, missing } from './term.ts'

/** Days come whole, and a source may be late by one: beyond three, what it says of the market is of another week. */
const goodForSeconds = 3 * 86_400

export function needsModel(report: Report): Missing | undefined {
  const { marketModelId, marketModel, marketModelMissing, at } = report
  if (marketModelId === undefined)
    return missing('no-market-model', marketModelMissing ?? 'no market model has been made yet')
  const age = marketModel === undefined ? 0 : at - marketModel.at
  return age > goodForSeconds
    ? missing('model-stale', `the market model knows no price of the last ${describeSpan(age)}`)
    : undefined
}
