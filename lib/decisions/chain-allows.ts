// What a chain's mode leaves of orders: all while NORMAL, those that reduce risk while CONGESTED, none while FROZEN.

import type { PlanConfig } from '../model/configuration.ts'
import type { Report } from '../model/report.ts'
import { planOf } from './plans/index.ts'

/**
 * Why no order of this purpose is made or executed on the chain now; undefined if one may be. A chain of which no vital signs are known stops
 * nothing: that it can be read at all is asked elsewhere.
 */
export function whyChainForbids(
  report: Pick<Report, 'chains'>,
  { chainId, purpose }: { readonly chainId: number; readonly purpose: PlanConfig['kind'] },
): string | undefined {
  const health = report.chains?.find((one) => one.chainId === chainId)
  if (health === undefined || health.mode === 'NORMAL') return undefined
  const why = health.reasons.join('; ')
  if (health.mode === 'FROZEN') return `chain ${chainId} is FROZEN, and nothing is sent there until it is not: ${why}`
  return planOf(purpose).reducesRisk
    ? undefined
    : `chain ${chainId} is CONGESTED, and only what reduces risk is sent there: ${why}`
}
