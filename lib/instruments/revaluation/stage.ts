// Scenarios laid over a market: what is the same in all of them becomes part of the market, what moves becomes rows of factors.

import type { Usd } from '../../base/units.ts'
import { withInterestShift, withSpot, withTime, withVolatilityShift } from '../market/bump.ts'
import { type Market, own, spotOf } from '../market/market.ts'
import { checkScenarios, type ScenarioSet } from './scenario-set.ts'

/** What one row moves. */
export type Factor =
  | { readonly kind: 'spot'; readonly underlying: string }
  | { readonly kind: 'volatility'; readonly underlying: string }
  | { readonly kind: 'interest' }

export interface Stage {
  /** The time has passed, and what is the same in all scenarios is in it. */
  readonly market: Market
  readonly count: number
  readonly factors: readonly Factor[]
  /** Factors x count by rows. */
  readonly rows: Float64Array
  /** Volatility shifts that follow a moving spot. */
  readonly shiftBySpot: ReadonlyMap<string, (spot: Usd) => number>
  /** Kinks of those shifts, by underlying. */
  readonly shiftEdges: Readonly<Record<string, readonly Usd[]>>
}

/** @throws HomeostatError `invalid-scenarios` */
export function stage(market: Market, scenarios: ScenarioSet): Stage {
  checkScenarios(scenarios, market)
  const { count, spot, volatilityShift = {}, shiftEdges = {}, interestShift, secondsPassed = 0 } = scenarios
  const moving: { readonly factor: Factor; readonly column: Float64Array }[] = []
  const shiftBySpot = new Map<string, (spot: Usd) => number>()
  let staged = secondsPassed === 0 ? market : withTime(market, market.at + secondsPassed)
  for (const [underlying, column] of Object.entries(spot)) {
    if (isConstant(column)) staged = withSpot(staged, underlying, column[0] ?? Number.NaN)
    else moving.push({ factor: { kind: 'spot', underlying }, column })
  }
  const moves = (underlying: string) =>
    moving.some(({ factor }) => factor.kind === 'spot' && factor.underlying === underlying)
  for (const [underlying, shift] of Object.entries(volatilityShift)) {
    if (typeof shift === 'function') {
      if (moves(underlying)) shiftBySpot.set(underlying, shift)
      else staged = withVolatilityShift(staged, underlying, shift(spotOf(staged, underlying)))
    } else if (isConstant(shift)) staged = withVolatilityShift(staged, underlying, shift[0] ?? Number.NaN)
    else moving.push({ factor: { kind: 'volatility', underlying }, column: shift })
  }
  if (interestShift !== undefined) {
    if (isConstant(interestShift)) staged = withInterestShift(staged, interestShift[0] ?? Number.NaN)
    else moving.push({ factor: { kind: 'interest' }, column: interestShift })
  }
  const rows = new Float64Array(moving.length * count)
  for (const [row, { column }] of moving.entries()) rows.set(column, row * count)
  return { market: staged, count, factors: moving.map(({ factor }) => factor), rows, shiftBySpot, shiftEdges }
}

function isConstant(column: Float64Array): boolean {
  for (let j = 1; j < column.length; j += 1) if (column[j] !== column[0]) return false
  return true
}

/** The row of a factor; absent if it does not move. */
export function rowOf({ factors }: Stage, kind: Factor['kind'], underlying?: string): number | undefined {
  const row = factors.findIndex(
    (factor) => factor.kind === kind && (factor.kind === 'interest' || factor.underlying === underlying),
  )
  return row < 0 ? undefined : row
}

/** The market once some factors, given by their rows, have these values. */
export function movedMarket(
  { market, factors, shiftBySpot }: Stage,
  rows: readonly number[],
  at: (index: number) => number,
): Market {
  return rows.reduce((moved, row, index) => {
    const factor = factors[row]
    const value = at(index)
    if (factor?.kind === 'volatility') return withVolatilityShift(moved, factor.underlying, value)
    if (factor?.kind !== 'spot') return withInterestShift(moved, value)
    const { underlying } = factor
    const shift = own(moved.volatility, underlying) === undefined ? undefined : shiftBySpot.get(underlying)
    const there = withSpot(moved, underlying, value)
    return shift === undefined ? there : withVolatilityShift(there, underlying, shift(value))
  }, market)
}

/** The market of one scenario. */
export function scenarioMarket(staged: Stage, scenario: number): Market {
  const { factors, rows, count } = staged
  return movedMarket(
    staged,
    factors.map((_, row) => row),
    (row) => rows[row * count + scenario] ?? Number.NaN,
  )
}
