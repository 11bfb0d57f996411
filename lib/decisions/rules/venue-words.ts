// Words for accounts at exchanges, which are liquidated by rules of their own.

import type { Report } from '../../model/report.ts'
import { absent, defineTerm, type Found, found, leftOut, type Missing, missing } from './term.ts'

/** Beyond, it is liquidated long since; a margin of nothing has no ratio. */
const most = 1_000

export const venueWords = [
  defineTerm({
    name: 'venueMarginUse',
    unit: 'ratio',
    meaning:
      'the part of the margin at an exchange that its maintenance takes, the highest of all accounts and currencies; at 1 it is liquidated',
    keys: 'none',
    read: (report) => marginUse(report),
  }),
] as const

function marginUse(report: Report): Found {
  const unread = unreadAccount(report)
  if (unread !== undefined) return unread
  const uses = (report.venueAccounts ?? []).flatMap(({ maintenanceMargin, marginBalance }) => {
    if (maintenanceMargin <= 0) return []
    return marginBalance <= 0 ? [most] : [Math.min(most, maintenanceMargin / marginBalance)]
  })
  return uses.length === 0 ? absent('no position at an exchange needs a margin') : found(Math.max(...uses))
}

/** The highest of accounts of which one is not known may be higher. */
function unreadAccount(report: Report): Missing | undefined {
  const unread = leftOut(report).find(
    ({ kind, positionId }) => kind.startsWith('unread') && positionId.endsWith(':account'),
  )
  return unread === undefined ? undefined : missing('not-read', `${unread.label} could not be read`)
}
