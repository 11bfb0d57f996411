// Repays a debt with what is supplied in the same asset: no swap, so no cost but gas.

import type { AccountHealth, LendingLegRisk } from '../../model/report.ts'
import { inWords } from '../number-in-words.ts'
import type { PlanParams } from './define-plan.ts'
import {
  capIn,
  clippedInWords,
  leastUsefulUsd,
  type Outcome,
  passes,
  pricesOf,
  refusedBecause,
  repayable,
  tooNear,
  wholeAndFirst,
} from './sizing.ts'

/** With price p and threshold l (0 if it is not collateral), x units take x p l of power and x p of debt: x = (t D - B) / (p (t - l)). */
export function withdrawRepay(leg: LendingLegRisk, account: AccountHealth, params: PlanParams): readonly Outcome[] {
  const { target } = params
  const price = pricesOf(params.report, leg.asset)
  const possible = Math.min(leg.collateral, repayable(leg))
  if (price === undefined || possible * price.usd < leastUsefulUsd || target <= leg.liquidationThreshold) return []
  const { borrowingPowerUsd: power, debtUsd: debt } = account
  const powerLost = price.protocolUsd * leg.liquidationThreshold
  const debtRepaid = price.protocolUsd
  const name = `withdraw ${leg.asset}, repay it`
  if (power * debtRepaid <= debt * powerLost)
    return [refusedBecause(name, 'it would take more health than it restores')]
  const needed = (target * debt - power) / (target * debtRepaid - powerLost)
  const wanted = Math.min(needed, possible)
  const cap = capIn(price.usd, params)
  const quantities = passes({ wanted: Math.min(wanted, cap), account, powerLost, debtRepaid })
  if (quantities.length === 0) return [refusedBecause(name, tooNear)]
  return wholeAndFirst(quantities, (some) => {
    const quantity = some.reduce((sum, one) => sum + one, 0)
    if (quantity * price.usd < leastUsefulUsd) return undefined
    const inPasses = some.length === 1 ? '' : ` in ${some.length} passes`
    const cut = cap < wanted ? clippedInWords(params) : ''
    return {
      kind: 'candidate',
      candidate: {
        kind: 'withdraw-repay',
        summary: `withdraw ${inWords(quantity)} ${leg.asset}${inPasses} and repay ${leg.asset} with it${cut}`,
        intents: some.flatMap((one) => [
          { kind: 'withdraw', protocol: 'aave-v3', asset: leg.asset, quantity: one },
          { kind: 'repay', protocol: 'aave-v3', asset: leg.asset, quantity: one },
        ]),
        costUsd: 0,
        predictedHealthFactor: (power - quantity * powerLost) / (debt - quantity * debtRepaid),
        reachesTarget: quantity >= needed * (1 - 1e-12),
      },
    }
  })
}
