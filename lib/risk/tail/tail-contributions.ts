// Whose loss the expected shortfall is: each position's part, and what the book would be without it.

import type { Ratio, Usd } from '../../base/units.ts'
import type { TailContribution } from '../../model/tail-risk.ts'
import { largest, lossTail, shortfallWithout, tailWeights } from './loss-tail.ts'
import { type FailedPosition, positionsPnl, type TailPosition, type TailScenarios } from './tail-book.ts'

/** Numbers of positions x scenarios that are kept at once: 40 MB. */
const mostCells = 5e6
/** Beyond that the tail and so much of its neighbourhood are valued position by position: nets may be off by 1e-6 of gross. */
const neighbourhood = 1.5

/**
 * Parts by the scenarios of the tail: E[loss of the position | tail], which sum to the expected shortfall of `losses` as returned: the sums of
 * the positions' own, not netted values. Incremental parts ES(book) - ES(book without it) are exact over all scenarios; in books beyond 5 million positions x
 * scenarios they are absent, and netted values stand outside of the tail.
 * @param params.penalties by id of a position, by scenario: part of its loss
 */
export function tailContributions(params: {
  readonly positions: readonly TailPosition[]
  readonly scenarios: TailScenarios
  /** By scenario, penalties left out; asked for where the book is too large for its positions to be added up. */
  readonly netted: () => Float64Array | FailedPosition
  readonly penalties: ReadonlyMap<string, Float64Array>
  readonly level: Ratio
}): { readonly losses: Float64Array; readonly contributions: readonly TailContribution[] } | FailedPosition {
  const { positions, scenarios, netted, penalties, level } = params
  const { count } = scenarios.paths
  const isWhole = positions.length * count <= mostCells
  const replaced = isWhole ? new Float64Array(count) : lossesOf(netted(), penalties)
  if ('index' in replaced) return replaced
  const only = isWhole ? undefined : neighbours(replaced, level)
  const columns = only?.length ?? count
  const own = positionsPnl(positions, scenarios, only)
  if ('index' in own) return own
  for (let c = 0; c < columns; c += 1) replaced[only?.[c] ?? c] = 0
  for (const [i, { id }] of positions.entries()) {
    const penalty = penalties.get(id)
    const row = own[i] as Float64Array
    for (let c = 0; c < columns; c += 1) {
      const scenario = only === undefined ? c : (only[c] as number)
      const loss = (penalty === undefined ? 0 : (penalty[scenario] as number)) - (row[c] as number)
      // In place: changes of value become losses.
      row[c] = loss
      replaced[scenario] = (replaced[scenario] as number) + loss
    }
  }
  const at = only === undefined ? undefined : new Map(only.map((scenario, c) => [scenario, c]))
  const weights = tailWeights(replaced, level).map(({ scenario, weight }) => ({
    column: at === undefined ? scenario : (at.get(scenario) ?? -1),
    weight,
  }))
  const { expectedShortfall } = lossTail(replaced, level)
  const without = shortfallWithout(replaced, level)
  const contributions = positions.map(({ id, label }, i): TailContribution => {
    const row = own[i] as Float64Array
    const part = weights.reduce<Usd>((sum, { column, weight }) => sum + weight * (row[column] ?? 0), 0)
    const named = { positionId: id, label, expectedShortfallUsd: part }
    if (!isWhole) return named
    return { ...named, incrementalUsd: expectedShortfall - without(row) }
  })
  const ranked = contributions.toSorted((a, b) => b.expectedShortfallUsd - a.expectedShortfallUsd)
  return { losses: replaced, contributions: ranked }
}

/** Of P&L, with what liquidations cost. */
export function lossesOf<Failed>(
  pnl: Float64Array | Failed,
  penalties: ReadonlyMap<string, Float64Array>,
): Float64Array | Failed {
  if (!(pnl instanceof Float64Array)) return pnl
  const losses = new Float64Array(pnl.length)
  for (let p = 0; p < losses.length; p += 1) losses[p] = -(pnl[p] as number)
  for (const penalty of penalties.values())
    for (let p = 0; p < losses.length; p += 1) losses[p] = (losses[p] as number) + (penalty[p] as number)
  return losses
}

function neighbours(losses: Float64Array, level: Ratio): readonly number[] {
  const wanted = Math.min(losses.length - 1, Math.ceil(neighbourhood * (1 - level) * losses.length) + 16)
  const edge = largest(losses.slice(), wanted)
  return [...losses.keys()].filter((scenario) => (losses[scenario] as number) >= edge)
}
