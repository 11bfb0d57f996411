// How far an account's data carries a plan: what is unexplained but covered by the protocol's own factor, and dust, do not stand against a rescue.

import type { Ratio } from '../../base/units.ts'
import { type DataState, fresh } from '../../model/data-state.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk, Report } from '../../model/report.ts'

/** A leg below this share of the account's borrowing power, and of its debt, is dust: anybody can send it, and it moves no size. */
const dustShare: Ratio = 1e-3

export function isDust(leg: LendingLegRisk, account: AccountHealth): boolean {
  const power = leg.collateralUsd * leg.liquidationThreshold
  return power < dustShare * account.borrowingPowerUsd && leg.debtUsd < dustShare * account.debtUsd
}

/**
 * The account's state as a plan reads it. Where the protocol's own factor is the lower one, what the model cannot explain does not stand against a
 * plan: sizes follow the protocol. Where it is the higher one, the model may be selling for a danger that is not there.
 */
export function accountInput(report: Report, account: AccountHealth): DataState {
  const position = report.positions.find((one) => one.positionId === account.positionId)
  if (position === undefined) return { kind: 'BLIND', reasons: [`${account.positionId} is not in the report`] }
  const state = position.dataState
  if (state.kind === 'FRESH') return state
  const dust = account.legs.filter((leg) => isDust(leg, account)).map((leg) => leg.asset)
  const harmless = new Set([...coveredReasons(account), ...priceReasons(report, dust)])
  const leftOut = `${position.label} is left out: no price for `
  const isHarmless = (reason: string) =>
    harmless.has(reason) ||
    (reason.startsWith(leftOut) &&
      reason
        .slice(leftOut.length)
        .split(', ')
        .every((asset) => dust.includes(asset)))
  const reasons = state.reasons.filter((reason) => !isHarmless(reason))
  return reasons.length === 0 && state.reasons.length > 0 ? fresh : { kind: state.kind, reasons }
}

function coveredReasons(account: AccountHealth): readonly string[] {
  const { modelHealthFactor: ours, protocolHealthFactor: theirs, disagreement = [] } = account
  return theirs !== undefined && (ours === undefined || theirs < ours) ? disagreement : []
}

function priceReasons(report: Report, assets: readonly AssetSymbol[]): readonly string[] {
  return report.prices.flatMap(({ asset, dataState }) =>
    dataState.kind === 'FRESH' || !assets.includes(asset) ? [] : dataState.reasons,
  )
}
