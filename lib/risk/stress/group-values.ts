// Positions valued where a group of underlyings moves together: once for each price and volatility, whatever asks for it.

import type { Underlying } from '../../model/identity.ts'
import type { MarketMove } from './market-move.ts'
import { type BookChange, changeIn, type StressBook, type StressedPosition, valuerIn } from './stress-book.ts'

/** Price / price now. */
export const spotKnots = [
  0.02, 0.1, 0.2, 0.34, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1, 1.05, 1.1, 1.2, 1.3, 2, 3, 6, 20,
] as const
/** Implied volatility at 30 days / now. */
export const volatilityKnots = [0.7, 1, 1.45] as const

/** A position that is not linear and reads one risky underlying. */
export interface PositionTable {
  readonly position: StressedPosition
  readonly underlying: Underlying
  /** volatility knots x spot knots by rows; NaN where it has no value. */
  readonly values: Float64Array
}

export type Tables = ReadonlyMap<StressedPosition, PositionTable>

/** Every position that moves with one risky underlying only, at every knot. */
export function positionTables(book: StressBook): Tables {
  const alone = book.positions.flatMap((position) => {
    const [underlying, other] = position.linear === undefined ? riskyOf(book, position) : []
    return underlying === undefined || other !== undefined
      ? []
      : [{ position, underlying, values: new Float64Array(volatilityKnots.length * spotKnots.length) }]
  })
  for (const [underlying, tables] of Map.groupBy(alone, (one) => one.underlying))
    for (const [k, volatility] of volatilityKnots.entries())
      for (const [i, spot] of spotKnots.entries()) {
        const usdIn = valuerIn(book.market, groupMove([underlying], spot, volatility))
        for (const { position, values } of tables) {
          const isVolatile = position.volatilities.includes(underlying)
          if (!isVolatile && volatility !== 1) continue
          const usd = usdIn(position) ?? Number.NaN
          for (const row of isVolatile ? [k] : volatilityKnots.keys()) values[row * spotKnots.length + i] = usd
        }
      }
  return new Map(alone.map((table) => [table.position, table]))
}

/** The risky underlyings whose price or volatility a position reads. */
export function riskyOf({ risky }: StressBook, { spots }: StressedPosition): readonly Underlying[] {
  return spots.filter((one) => risky.includes(one))
}

/** Prices of all of them to `spot`, their volatilities to `volatility`, as fractions of now. */
export function groupMove(moved: readonly Underlying[], spot: number, volatility = 1): MarketMove {
  return {
    spot: Object.fromEntries(moved.map((one) => [one, spot])),
    ...(volatility === 1 ? {} : { volatility: Object.fromEntries(moved.map((one) => [one, volatility])) }),
  }
}

/** As `changeIn` for `groupMove`, both factors among the knots: what a table knows is not valued again. */
export function groupChange(
  book: StressBook,
  tables: Tables,
  cell: { readonly moved: readonly Underlying[]; readonly spot: number; readonly volatility?: number },
): BookChange {
  const { moved, spot, volatility = 1 } = cell
  const [i, k] = [spotKnots.indexOf(spot as never), volatilityKnots.indexOf(volatility as never)]
  const move = groupMove(moved, spot, volatility)
  const usdIn = valuerIn(book.market, move)
  return changeIn(book, move, (position) => {
    const table = i < 0 || k < 0 ? undefined : tables.get(position)
    if (table === undefined) return usdIn(position)
    if (!moved.includes(table.underlying)) return position.base
    const usd = table.values[k * spotKnots.length + i] as number
    return Number.isNaN(usd) ? undefined : usd
  })
}
