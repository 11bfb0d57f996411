// Mark against oracle: one of both has moved and the other stands where it was.

import type { LagRow } from '../../model/stress.ts'
import { groupChange, groupMove, type Tables } from './group-values.ts'
import { lowestHealthIn, type StressBook } from './stress-book.ts'

const spots = [0.5, 0.7, 0.8, 0.9, 1.1, 1.2, 1.3] as const
const still = { spot: {} }

/** All risky prices by one factor. Today's own gap between the lenses is in both. */
export function oracleLag(book: StressBook, tables: Tables): readonly LagRow[] {
  const { risky: moved, navUsd } = book
  if (moved.length === 0) return []
  return spots.map((spot) => {
    const [now, then] = [lowestHealthIn(book, still), lowestHealthIn(book, groupMove(moved, spot))]
    const { changeUsd, leftOut } = groupChange(book, tables, { moved, spot })
    const lost = leftOut.reduce((sum, { base }) => sum + base, 0)
    const pair = (navUsd: number, seen: number | undefined, market: number | undefined) => ({
      navUsd,
      ...(seen === undefined ? {} : { healthFactor: seen }),
      ...(market === undefined ? {} : { marketHealthFactor: market }),
    })
    return {
      spot,
      oracleLags: pair(navUsd - lost + changeUsd, now, then),
      oracleLeads: pair(navUsd, then, now),
    }
  })
}
