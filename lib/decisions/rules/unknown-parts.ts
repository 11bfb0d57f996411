// What of the portfolio is not known, and which figures that takes with it.

import type { Report } from '../../model/report.ts'
import { leftOut, type Missing, missing } from './term.ts'

/** A sum from which a position was left out is no sum. */
export function incomplete(report: Report): Missing | undefined {
  const names = leftOut(report).map((position) => position.label)
  return names.length === 0 ? undefined : missing('left-out', `it would be a sum without ${names.join(', ')}`)
}

/**
 * A lending account that could not be priced, or not be read, must not pass for one without debt.
 * @param isMeant given, only of positions that it accepts; a whole chain that could not be read may hold any account
 */
export function unknownAccounts(report: Report, isMeant?: (positionId: string) => boolean): Missing | undefined {
  const known = new Set(report.accounts.map((account) => account.positionId))
  const unknown = report.positions.filter(
    ({ kind, positionId }) =>
      !known.has(positionId) &&
      (['loan', 'unread-account', 'unread-chain'].includes(kind) ||
        (kind === 'unread' && report.accounts.length === 0)) &&
      (kind === 'unread-chain' || isMeant?.(positionId) !== false),
  )
  const names = unknown.map((position) => position.label)
  return names.length === 0 ? undefined : missing('account-unknown', `${names.join(', ')} could not be assessed`)
}
