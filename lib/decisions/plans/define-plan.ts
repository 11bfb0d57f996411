// The shape of a kind of plan: from a report and limits to candidates, cheapest first, and the reasons why there are no others.

import type { OrderLimits } from '../../model/configuration.ts'
import type { Report } from '../../model/report.ts'
import type { PlanCandidate } from '../../model/verdict.ts'

export interface PlanParams {
  readonly report: Report
  /** The lending account. */
  readonly positionId: string
  readonly target: number
  readonly limits: OrderLimits
}

export interface RefusedCandidate {
  readonly summary: string
  readonly reason: string
}

export interface PlanWeighing {
  /** Those that reach the target first, cheapest first; then the others, best first. */
  readonly candidates: readonly PlanCandidate[]
  readonly refused: readonly RefusedCandidate[]
  /** What the candidates leave out or take for granted, for people. */
  readonly notes: readonly string[]
  /** Why there is no candidate; absent if there is one. */
  readonly whyNone?: string
}

export interface PlanKind<Kind extends string> {
  readonly kind: Kind
  readonly title: string
  /** On a CONGESTED chain only such plans are made. */
  readonly reducesRisk: boolean
  readonly weigh: (params: PlanParams) => PlanWeighing
}

export function definePlan<const Kind extends string>(plan: PlanKind<Kind>): PlanKind<Kind> {
  return plan
}
