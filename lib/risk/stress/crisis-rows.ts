// Today's book in each crisis that touches it.

import type { Ratio } from '../../base/units.ts'
import type { CovarianceEstimate } from '../../model/market-model.ts'
import type { Crisis, CrisisRow } from '../../model/stress.ts'
import { crisisMove } from './crisis-move.ts'
import { changeIn, healthFactorIn, labelsOf, type StressBook } from './stress-book.ts'

/** By full revaluation; a crisis that moves nothing that the book reads has no row. */
export function crisisRows(params: {
  readonly book: StressBook
  readonly crises: readonly Crisis[]
  readonly covariance?: CovarianceEstimate
}): readonly CrisisRow[] {
  const { book, crises, covariance } = params
  return crises.flatMap((crisis) => {
    const moved = crisisMove({ crisis, book, ...(covariance === undefined ? {} : { covariance }) })
    if (moved.isIdle) return []
    const { changeUsd, leftOut } = changeIn(book, moved.market)
    const lost = leftOut.reduce((sum, { base }) => sum + base, 0)
    const accounts = book.accounts.flatMap((account) => {
      const healthFactor = healthFactorIn(account, moved.lens)
      return healthFactor === undefined ? [] : [{ positionId: account.positionId, healthFactor }]
    })
    return [
      {
        id: crisis.id,
        name: crisis.name,
        date: crisis.date,
        moves: movesOf({ ...moved.market.rates, ...moved.market.spot }),
        navUsd: book.navUsd - lost + changeUsd,
        changeUsd,
        accounts,
        ...(accounts.length === 0 ? {} : { healthFactor: Math.min(...accounts.map((one) => one.healthFactor)) }),
        assumed: moved.assumed,
        ...labelsOf(leftOut),
      },
    ]
  })
}

/** Of factors after / before; what stays is left out. */
function movesOf(factors: Readonly<Record<string, number>>): Readonly<Record<string, Ratio>> {
  const moved = Object.entries(factors).filter(([, factor]) => factor !== 1)
  return Object.fromEntries(moved.map(([name, factor]) => [name, Number((factor - 1).toFixed(6))]))
}
