// The last look before signing: every reason not to execute, in the order that RELIABILITY.md gives.

import type { UnixSeconds } from '../base/units.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address } from '../model/identity.ts'
import type { Order } from '../model/order.ts'
import { orderDefect, recoverSigner } from '../model/order-hash.ts'
import type { FeePlan, Relayer, Venues } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import { gasCoinUsd } from './gas-money.ts'
import { refuseIfItDoesNotHelp } from './quote-candidate.ts'

export type GateOutcome =
  | { readonly kind: 'open'; readonly fees: FeePlan }
  /** The order ends here, in this status. */
  | { readonly kind: 'closed'; readonly status: 'VOID' | 'EXPIRED'; readonly reason: string }

/**
 * Throws only what a later try can cure (a provider that does not answer); whatever is final is an outcome.
 * @param report the newest report of the portfolio
 */
export async function executionGate(
  deps: { readonly venues: Venues; readonly relayer: Relayer },
  params: {
    readonly order: Order
    readonly settings: PortfolioSettings
    readonly report: Report | undefined
    readonly now: UnixSeconds
  },
): Promise<GateOutcome> {
  const { order, settings, report, now } = params
  const defect = orderDefect(order)
  if (defect !== undefined) return closed(`the order was altered: ${defect}`)
  const approvers = await approvedBy(order, settings)
  if (approvers.length < order.requiredApprovals)
    return closed(`${approvers.length} valid approval(s) where ${order.requiredApprovals} are needed`)
  if (now >= order.validUntil) return expired('its validity has passed')
  if (settings.version !== order.policyVersion)
    return closed(`the configuration changed from ${order.policyVersion} to ${settings.version} since it was made`)

  const account = await deps.venues.account({ settings })
  if (account.block.timestamp >= order.validUntil) return expired('its validity has passed by the time of the chain')
  if (account.nonce !== order.safeTransaction.nonce)
    return closed(`the Safe is at nonce ${account.nonce}, the order was signed for ${order.safeTransaction.nonce}`)
  const strangers = approvers.filter((approver) => !account.owners.includes(approver))
  if (strangers.length > 0) return closed(`${strangers.join(', ')} is no owner of the Safe any more`)
  if (report === undefined || report.dataState.kind !== 'FRESH')
    return closed(`the data is ${report?.dataState.kind ?? 'missing'}: ${reasonsOf(report)}`)
  const moved = await priceMove(deps.venues, order, settings)
  if (moved !== undefined) return closed(moved)

  const simulation = await deps.venues.simulate({ settings, calls: order.calls, actions: order.actions, at: now })
  try {
    refuseIfItDoesNotHelp(simulation, order)
  } catch (error) {
    return closed(error instanceof Error ? error.message : 'its pre-flight fails')
  }
  const fees = await deps.relayer.estimate({ settings, order, ethUsd: gasCoinUsd(report.price) })
  if (fees.gasCostUsd > order.limits.maxGasUsd)
    return closed(`gas would cost ${fees.gasCostUsd.toFixed(2)} USD, the cap is ${order.limits.maxGasUsd} USD`)
  return { kind: 'open', fees }
}

/** Approvals whose signature really recovers to an approver, each person once. */
async function approvedBy(order: Order, settings: PortfolioSettings): Promise<readonly Address[]> {
  const configured = new Set(settings.approvers.map((approver) => approver.address))
  const recovered = await Promise.all(
    order.approvals.map((approval) => recoverSigner(order.safeTransactionHash, approval.signature)),
  )
  return [...new Set(recovered)].filter(
    (signer): signer is Address => signer !== undefined && order.approvers.includes(signer) && configured.has(signer),
  )
}

async function priceMove(venues: Venues, order: Order, settings: PortfolioSettings): Promise<string | undefined> {
  const { prices } = await venues.health({ settings })
  for (const asset of settings.chain.assets) {
    const quoted = order.prices[asset.underlying]
    const now = prices[asset.symbol]
    if (quoted === undefined || now === undefined) continue
    const move = Math.abs(now / quoted - 1)
    if (move > order.maxPriceMove)
      return `${asset.underlying} moved ${(move * 100).toFixed(2)} % since the quote, the limit is ${(order.maxPriceMove * 100).toFixed(2)} %`
  }
  return undefined
}

function reasonsOf(report: Report | undefined): string {
  if (report === undefined) return 'there is no report'
  return report.dataState.kind === 'FRESH' ? '' : report.dataState.reasons.join('; ')
}

function closed(reason: string): GateOutcome {
  return { kind: 'closed', status: 'VOID', reason }
}

function expired(reason: string): GateOutcome {
  return { kind: 'closed', status: 'EXPIRED', reason }
}
