// What a sudden move of spot prices does to net asset value and health, by revaluing everything.

import type { StressRow } from '../../model/report.ts'
import { groupChange, groupMove, type Tables } from './group-values.ts'
import { lowestHealthIn, type StressBook } from './stress-book.ts'

const spotShocks = [-0.5, -0.3, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.3] as const

/** Each risky underlying alone, then all together, under every shock. Both lenses move together. */
export function spotStress(book: StressBook, tables: Tables): readonly StressRow[] {
  const { risky, navUsd } = book
  const groups = [
    ...risky.map((underlying) => ({ name: underlying, moved: [underlying] })),
    ...(risky.length > 1 ? [{ name: 'all', moved: risky }] : []),
  ]
  return groups.flatMap(({ name, moved }) =>
    spotShocks.map((shock) => {
      const spot = Math.round(100 * (1 + shock)) / 100
      const { changeUsd, leftOut } = groupChange(book, tables, { moved, spot })
      const lost = leftOut.reduce((sum, { base }) => sum + base, 0)
      const kinds = [...new Set(leftOut.map(({ terms }) => terms.kind))]
      const healthFactor = lowestHealthIn(book, groupMove(moved, spot))
      return {
        scenario: `${name} ${shock > 0 ? '+' : '-'}${Math.round(Math.abs(shock) * 100)} %${kinds.length === 0 ? '' : `, without ${kinds.join(', ')}`}`,
        navUsd: navUsd - lost + changeUsd,
        changeUsd,
        ...(healthFactor === undefined ? {} : { healthFactor }),
      }
    }),
  )
}
