// I4: whether everything that an order reads is fresh. A gap elsewhere in the portfolio must not stop a rescue.

import { describeSpan } from '../base/time.ts'
import type { UnixSeconds } from '../base/units.ts'
import { accountInput } from '../decisions/plans/account-input.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { DataState } from '../model/data-state.ts'
import type { Order } from '../model/order.ts'
import type { Report } from '../model/report.ts'

/**
 * Why the order cannot lean on the data, or undefined if it can: the portfolio is seen, and every position and price that its steps and
 * post-conditions read is FRESH. The lending position's own state speaks for the prices of all its legs.
 */
export function staleInput(report: Report | undefined, order: Pick<Order, 'chosen'>): string | undefined {
  if (report === undefined) return 'the data is missing: there is no report'
  if (report.dataState.kind === 'BLIND') return told(report.dataState)
  const { intents, kind } = order.chosen
  const protocols = intents.flatMap((intent) => (intent.kind === 'swap' ? [] : [intent.protocol]))
  const assets = intents.flatMap((intent) =>
    intent.kind === 'swap' ? [intent.assetIn, intent.assetOut] : [intent.asset],
  )
  const spare = kind === 'repay-from-spare' ? assets.map((asset) => `wallet:${asset}`) : []
  const states = [
    ...protocols.map((id) => lendingState(report, id)),
    ...assets.map((asset) => report.prices.find((one) => one.asset === asset)?.dataState ?? unread(asset)),
    ...report.positions.filter((one) => spare.includes(one.positionId)).map((one) => one.dataState),
  ]
  const stale = states.find((state) => state.kind !== 'FRESH')
  return stale === undefined ? undefined : told(stale)
}

/** As plans read it: what the protocol's own health factor covers, and dust, do not stand against a rescue. */
function lendingState(report: Report, positionId: string): DataState {
  const account = report.accounts.find((one) => one.positionId === positionId)
  if (account !== undefined) return accountInput(report, account)
  return report.positions.find((one) => one.positionId === positionId)?.dataState ?? unread(positionId)
}

/**
 * Why a report is too old to act on, or undefined: each number in it may be FRESH as of then, and then is not now.
 * Two periods and a minute: one snapshot may fail, and a queue may take its time.
 */
export function oldReport(
  report: Report | undefined,
  settings: PortfolioSettings,
  now: UnixSeconds,
): string | undefined {
  const limit = 2 * settings.portfolio.everySeconds + 60
  const age = now - (report?.at ?? 0)
  return age <= limit
    ? undefined
    : `the newest report is ${describeSpan(age)} old, and ${describeSpan(limit)} is the limit`
}

function told(state: DataState): string {
  return `the data is ${state.kind}: ${state.kind === 'FRESH' ? '' : state.reasons.join('; ')}`
}

function unread(what: string): DataState {
  return { kind: 'BLIND', reasons: [`${what} is not in the report`] }
}
