// The grid: every risky underlying alone and all together, over falls and rises far beyond what a day has seen, with volatilities down and up.

import type { StressGrid, StressGroup } from '../../model/stress.ts'
import { groupChange, groupMove, type Tables, volatilityKnots } from './group-values.ts'
import { healthFactorIn, labelsOf, type StressBook, type StressedPosition } from './stress-book.ts'

/** Price / price now: two thirds lost, as over the worst weeks, to six times as high. */
const spots = [0.34, 0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 2, 6] as const

/** By full revaluation; health factors through the protocol's lens, which is taken to follow the market. */
export function stressGrid(book: StressBook, tables: Tables): StressGrid {
  const { risky, accounts } = book
  const groups = [...(risky.length > 1 ? [{ name: 'all', moved: risky }] : []), ...risky.map(alone)]
  return {
    spots,
    volatilities: volatilityKnots,
    accounts: accounts.map(({ positionId }) => positionId),
    groups: groups.map(({ name, moved }): StressGroup => {
      const leftOut = new Set<StressedPosition>()
      const changeUsd = spots.flatMap((spot) =>
        volatilityKnots.map((volatility) => {
          const found = groupChange(book, tables, { moved, spot, volatility })
          for (const one of found.leftOut) leftOut.add(one)
          return found.changeUsd
        }),
      )
      const moves = spots.map((spot) => groupMove(moved, spot))
      const healthFactor = accounts.flatMap((account) => moves.map((move) => healthFactorIn(account, move) ?? 0))
      return { name, changeUsd, healthFactor, ...labelsOf([...leftOut]) }
    }),
  }
}

function alone(underlying: string) {
  return { name: underlying, moved: [underlying] }
}
