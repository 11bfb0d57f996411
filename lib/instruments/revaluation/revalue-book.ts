// What a whole book gains or loses in each of many scenarios.

import type { Usd } from '../../base/units.ts'
import { type BookPart, groupPart, linearParts } from './book-part.ts'
import type { Netting } from './netting.ts'
import { type BookParams, type BookPlan, planBook } from './plan-book.ts'
import { explained, tooLarge } from './revaluation-failed.ts'
import { addGroup } from './revalue-group.ts'

export interface BookRevaluation {
  /** n, USD: the book in the scenario less the book in the market as it is, which includes what the passing of time does. */
  readonly pnl: Float64Array
  /** The book in the market as it is. */
  readonly base: Usd
  /** `mixed`: some parts were netted, some valued directly. */
  readonly path: 'netted' | 'direct' | 'mixed'
  readonly parts: readonly BookPart[]
}

/**
 * Revalues positions x scenarios. Cash and holdings are summed per underlying, through their exchange rates; options and ranges are valued by kernels over
 * columns of scenarios; any other position in each scenario's market, one by one. Whatever depends on one moving spot alone (a volatility shift may follow that
 * spot) is netted per underlying onto a spline over log spot (a position valued one by one: alone, piece by piece between its edges) where that holds: `addNet`
 * says what proves it, and that its error is then within `tolerance`, 1e-6, of the gross value netted. Options of an underlying that ask for different numbers
 * of knots are netted apart; expired ones, and those whose prices can move by less than a few knots until their expiry, are valued directly. What is direct
 * equals the sum of `value` over each scenario's market but for rounding. A book without positions is worth 0.
 * @throws HomeostatError `invalid-scenarios`; `revaluation-failed` that names the position and the scenario
 */
export function revalueBook(params: BookParams & Netting): BookRevaluation {
  const plan = planBook(params)
  const { staged, base, constant, holdings, groups } = plan
  const { count, rows } = staged
  const baseUsd = sum(base)
  if (!Number.isFinite(baseUsd)) throw tooLarge()
  const pnl = new Float64Array(count).fill(sum(constant) - baseUsd)
  for (const [row, own] of Map.groupBy(holdings, (one) => one.row)) {
    const units = own.reduce((total, one) => total + one.units, 0)
    for (let j = 0; j < count; j += 1) pnl[j] = (pnl[j] as number) + units * (rows[row * count + j] as number)
  }
  const parts = [
    ...linearParts(plan),
    ...groups.map((group) => groupPart(group, plan, addGroup(group, plan, params, pnl))),
  ]
  checkFinite(pnl, plan)
  const direct = parts.filter(({ path }) => path === 'direct').length
  return { pnl, base: baseUsd, path: direct === 0 ? 'netted' : direct === parts.length ? 'direct' : 'mixed', parts }
}

function sum(values: Float64Array): number {
  return values.reduce((total, one) => total + one, 0)
}

/** Values that are finite each may add up to what is not. */
function checkFinite(pnl: Float64Array, { positions, staged }: BookPlan): void {
  const scenario = pnl.findIndex((value) => !Number.isFinite(value))
  if (scenario >= 0) throw explained({ positions, indices: positions.keys(), staged, scenario })
}
