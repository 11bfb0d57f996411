// The registry of plans: one line a kind.

import type { PlanConfig } from '../../model/configuration.ts'
import type { PlanKind } from './define-plan.ts'
import { restoreHealthPlan } from './restore-health.ts'

export const plans = [restoreHealthPlan] as const satisfies readonly PlanKind<PlanConfig['kind']>[]

/** Every configured kind is registered: the type of `plans` and of the configuration say so. */
export function planOf(kind: PlanConfig['kind']): PlanKind<PlanConfig['kind']> {
  return plans.find((plan) => plan.kind === kind) ?? plans[0]
}
