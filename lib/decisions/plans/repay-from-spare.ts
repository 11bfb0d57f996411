// Repays what is owed from what is held, over as many debts as the target takes.

import type { Usd } from '../../base/units.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk } from '../../model/report.ts'
import { inWords } from '../number-in-words.ts'
import type { PlanParams } from './define-plan.ts'
import {
  clippedInWords,
  leastUsefulUsd,
  notFresh,
  type Outcome,
  pricesOf,
  refusedBecause,
  repayable,
  type TwoPrices,
} from './sizing.ts'

interface Source {
  readonly asset: AssetSymbol
  /** Held and owed. */
  readonly available: number
  readonly price: TwoPrices
}

interface Repayment {
  readonly asset: AssetSymbol
  readonly quantity: number
}

/** One candidate: the debts that can be repaid most first, each until the target, its debt, what is held or the cap of one order is reached. */
export function repayFromSpare(
  legs: readonly LendingLegRisk[],
  account: AccountHealth,
  params: PlanParams,
): readonly Outcome[] {
  const sources = legs.flatMap((leg) => sourceOf(leg, params) ?? [])
  const stale = sources.flatMap((one) => {
    const why = staleness(one.asset, params)
    return why === undefined ? [] : [{ ...one, why }]
  })
  const usable = sources
    .filter((one) => !stale.some((other) => other.asset === one.asset))
    .toSorted((a, b) => b.available * b.price.usd - a.available * a.price.usd)
  const refused = stale.map(({ asset, available, why }) =>
    refusedBecause(`repay ${inWords(available)} ${asset} from the account`, why),
  )
  return [fromAll(usable, account, params), ...refused]
}

function sourceOf(leg: LendingLegRisk, { report }: PlanParams): Source | undefined {
  const held = report.spare.filter((one) => one.asset === leg.asset).reduce((sum, one) => sum + one.quantity, 0)
  const price = pricesOf(report, leg.asset)
  const available = Math.min(held, repayable(leg))
  if (price === undefined || available * price.usd < leastUsefulUsd) return undefined
  return { asset: leg.asset, available, price }
}

function staleness(asset: AssetSymbol, { report }: PlanParams): string | undefined {
  const price = report.prices.filter((one) => one.asset === asset)
  const wallet = report.positions.filter((one) => one.positionId === `wallet:${asset}`)
  return notFresh([...wallet, ...price].map((one) => one.dataState))
}

function fromAll(sources: readonly Source[], account: AccountHealth, params: PlanParams): Outcome {
  let missingUsd: Usd = account.debtUsd - account.borrowingPowerUsd / params.target
  let budgetUsd: Usd = params.limits.maxOrderUsd
  let repaidUsd: Usd = 0
  let isCut = false
  const repayments: Repayment[] = []
  for (const { asset, available, price } of sources) {
    const wanted = Math.min(missingUsd / price.protocolUsd, available)
    const quantity = Math.min(wanted, budgetUsd / price.usd)
    isCut ||= quantity < wanted
    if (quantity * price.usd < leastUsefulUsd) continue
    repayments.push({ asset, quantity })
    // What it is bounded by is used up exactly: differences of doubles would leave a rest.
    missingUsd = quantity === missingUsd / price.protocolUsd ? 0 : missingUsd - quantity * price.protocolUsd
    budgetUsd -= quantity * price.usd
    repaidUsd += quantity * price.protocolUsd
  }
  if (repayments.length === 0) return undefined
  const amounts = repayments.map(({ asset, quantity }) => `${inWords(quantity)} ${asset}`).join(' and ')
  return {
    kind: 'candidate',
    candidate: {
      kind: 'repay-from-spare',
      summary: `repay ${amounts} from the account${isCut ? clippedInWords(params) : ''}`,
      intents: repayments.map((one) => ({ kind: 'repay', protocol: 'aave-v3', ...one })),
      costUsd: 0,
      predictedHealthFactor: account.borrowingPowerUsd / (account.debtUsd - repaidUsd),
      reachesTarget: missingUsd <= 0,
    },
  }
}
