// The book's change of value on drawn paths at a step: everything revalued, time passed, volatilities following their spots.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Usd } from '../../base/units.ts'
import { instrumentOf } from '../../instruments/instrument-of.ts'
import type { Market } from '../../instruments/market/market.ts'
import { own } from '../../instruments/market/market.ts'
import { atTheMoneyVolatility } from '../../instruments/market/volatility.ts'
import { revalueBook } from '../../instruments/revaluation/revalue-book.ts'
import { revaluePositions } from '../../instruments/revaluation/revalue-positions.ts'
import type { ScenarioSet } from '../../instruments/revaluation/scenario-set.ts'
import type { Position } from '../../model/snapshot.ts'
import type { Paths } from './draw-paths.ts'

export type TailPosition = Pick<Position, 'id' | 'label' | 'instrument'>

/** Prices once a step is over. */
export interface TailScenarios {
  readonly market: Market
  readonly paths: Paths
  readonly step: number
  /** What a volatility rises by as its spot falls: 1 adds 10 % of its level at a fall of ln 0.9; rises leave it. */
  readonly volatilityResponse: number
}

/** A position that some scenario has no value for. */
export interface FailedPosition {
  readonly index: number
  readonly reason: string
}

const nothing = new Float64Array()
const thirtyDays = 30 * 86_400

/** Changes of value by path (n, USD), or the position that has to be left out first. */
export function bookPnl(positions: readonly TailPosition[], scenarios: TailScenarios): Float64Array | FailedPosition {
  const { paths } = scenarios
  const pnl = new Float64Array(paths.count)
  const set = scenarioSet(scenarios)
  for (const { indices, secondsPassed } of byAgeing(positions, scenarios)) {
    const found = attempt(indices, () =>
      revalueBook({
        positions: indices.flatMap((index) => positions[index]?.instrument ?? []),
        market: scenarios.market,
        scenarios: { ...set, secondsPassed },
      }),
    )
    if ('index' in found) return found
    for (let p = 0; p < pnl.length; p += 1) pnl[p] = (pnl[p] as number) + (found.pnl[p] as number)
  }
  return pnl
}

/**
 * The same for each position on its own (n each), with each line valued directly.
 * @param only these paths, in this order; absent: all
 */
export function positionsPnl(
  positions: readonly TailPosition[],
  scenarios: TailScenarios,
  only?: readonly number[],
): readonly Float64Array[] | FailedPosition {
  const count = only?.length ?? scenarios.paths.count
  const rows: Float64Array[] = positions.map(() => nothing)
  const set = scenarioSet(scenarios, only)
  for (const { indices, secondsPassed } of byAgeing(positions, scenarios)) {
    const found = attempt(indices, () =>
      revaluePositions({
        positions: indices.flatMap((index) => positions[index]?.instrument ?? []),
        market: scenarios.market,
        scenarios: { ...set, secondsPassed },
      }),
    )
    if ('index' in found) return found
    for (const [row, index] of indices.entries()) rows[index] = found.pnl.subarray(row * count, (row + 1) * count)
  }
  return rows
}

/** Time passes for what decays or expires. What is held, lent or pooled earns, which is not counted, and its figures do not grow stale for it. */
function byAgeing(positions: readonly TailPosition[], { paths, step }: TailScenarios) {
  const ages = ({ instrument }: TailPosition) =>
    !['holding', 'lending', 'pool'].includes(instrumentOf(instrument.kind).family)
  const indices = [...positions.keys()]
  const of = (wanted: boolean) => indices.filter((index) => ages(positions[index] as TailPosition) === wanted)
  return [
    { indices: of(false), secondsPassed: 0 },
    { indices: of(true), secondsPassed: (step + 1) * paths.stepSeconds },
  ].filter(({ indices: found }) => found.length > 0)
}

function attempt<T>(indices: readonly number[], run: () => T): T | FailedPosition {
  try {
    return run()
  } catch (error) {
    const position = isHomeostatError(error) ? error.facts.position : undefined
    const index = typeof position === 'number' ? indices[position] : undefined
    if (!isHomeostatError(error) || index === undefined) throw error
    return { index, reason: error.message.replace(/^Position \d+ /, 'it ') }
  }
}

function scenarioSet(
  { market, paths, step, volatilityResponse }: TailScenarios,
  only?: readonly number[],
): ScenarioSet {
  const { factors, count, moves } = paths
  const spot: Record<string, Float64Array> = {}
  const volatilityShift: Record<string, (spot: Usd) => number> = {}
  const shiftEdges: Record<string, readonly Usd[]> = {}
  for (const [index, factor] of factors.entries()) {
    const now = own(market.spot, factor)
    if (now === undefined) continue
    const from = (step * factors.length + index) * count
    const column = new Float64Array(only?.length ?? count)
    for (let p = 0; p < column.length; p += 1)
      column[p] = now * Math.exp(moves[from + (only === undefined ? p : (only[p] as number))] as number)
    spot[factor] = column
    if (own(market.volatility, factor) === undefined || volatilityResponse === 0) continue
    const level = volatilityResponse * atTheMoneyVolatility(market, factor, market.at + thirtyDays)
    volatilityShift[factor] = (there) => (there < now ? level * Math.log(now / there) : 0)
    shiftEdges[factor] = [now]
  }
  return { count: only?.length ?? count, spot, volatilityShift, shiftEdges }
}
