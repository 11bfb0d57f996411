// The last look before signing: every reason not to execute, in the order that RELIABILITY.md gives.

import { HomeostatError, isHomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { whyChainForbids } from '../decisions/chain-allows.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Address } from '../model/identity.ts'
import type { Order } from '../model/order.ts'
import { hashJson, orderDefect, recoverSigner } from '../model/order-hash.ts'
import type { FeePlan, Relayer, Venues } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import { gasCoinUsd } from './gas-money.ts'
import { oldReport, staleInput } from './order-inputs.ts'
import { whyOtherThanPromised } from './promised-outcome.ts'
import { whyNoHelp } from './quote-candidate.ts'

export type GateOutcome =
  | { readonly kind: 'open'; readonly fees: FeePlan }
  /** The order ends here, in this status. */
  | { readonly kind: 'closed'; readonly status: 'VOID' | 'EXPIRED'; readonly reason: string }

interface GateDeps {
  readonly venues: Venues
  readonly relayer: Relayer
}

interface GateParams {
  readonly order: Order
  readonly settings: PortfolioSettings
  /** The newest of the portfolio. */
  readonly report: Report | undefined
  readonly now: UnixSeconds
}

/** Throws only what a later try can cure (a provider that does not answer); whatever is final is an outcome. */
export async function executionGate(deps: GateDeps, params: GateParams): Promise<GateOutcome> {
  const { order, settings, now } = params
  const defect = orderDefect(order)
  if (defect !== undefined) return closed(`the order was altered: ${defect}`)
  const approvers = await approvedBy(order, settings)
  if (approvers.length < order.requiredApprovals)
    return closed(`${approvers.length} valid approval(s) where ${order.requiredApprovals} are needed`)
  if (now >= order.validUntil) return expired('its validity has passed')
  if (settings.version !== order.policyVersion)
    return closed(`the configuration changed from ${order.policyVersion} to ${settings.version} since it was made`)
  if (hashJson(order.limits) !== hashJson(settings.portfolio.limits))
    return closed('its limits are not those of the configuration')
  try {
    return (await accountRefusal(deps, params, approvers)) ?? (await outcomeRefusal(deps, params))
  } catch (error) {
    // The Safe that would refuse it, steps that cannot be carried out: nothing to wait for.
    if (isHomeostatError(error) && error.retry === 'never') return closed(error.message)
    throw error
  }
}

async function accountRefusal(
  deps: GateDeps,
  { order, settings, report, now }: GateParams,
  approvers: readonly Address[],
): Promise<GateOutcome | undefined> {
  const account = await deps.venues.account({ settings })
  if (account.block.timestamp >= order.validUntil) return expired('its validity has passed by the time of the chain')
  if (account.nonce !== order.safeTransaction.nonce)
    return closed(`the Safe is at nonce ${account.nonce}, the order was signed for ${order.safeTransaction.nonce}`)
  const strangers = approvers.filter((approver) => !account.owners.includes(approver))
  if (strangers.length > 0) return closed(`${strangers.join(', ')} is no owner of the Safe any more`)
  if (approvers.length < account.threshold)
    return closed(`the Safe asks for ${account.threshold} owners by now, ${approvers.length} approved`)
  const stale = staleInput(report, order)
  if (stale !== undefined) return closed(stale)
  const old = oldReport(report, settings, now)
  if (old !== undefined) throw tooOld(old, order)
  const forbidden = report && whyChainForbids(report, order)
  if (forbidden !== undefined) throw chainForbids(forbidden, order)
  const moved = await priceMove(deps.venues, order, settings)
  return moved === undefined ? undefined : closed(moved)
}

async function outcomeRefusal(deps: GateDeps, { order, settings, report, now }: GateParams): Promise<GateOutcome> {
  const simulation = await deps.venues.simulate({ settings, calls: order.calls, actions: order.actions, at: now })
  const useless = whyNoHelp(simulation) ?? whyOtherThanPromised(simulation, order)
  if (useless !== undefined) return closed(useless)
  const fees = await deps.relayer.estimate({ settings, order, ethUsd: gasCoinUsd(report?.price ?? {}) })
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

/**
 * Like against like: what the protocol believes now of each asset of the order, against what it believed at the quote. Other assets may move.
 * @throws HomeostatError `price-unread` (retry later): a price that is not known has not stood still
 */
async function priceMove(venues: Venues, order: Order, settings: PortfolioSettings): Promise<string | undefined> {
  const { prices } = await venues.health({ settings })
  for (const [asset, quoted] of Object.entries(order.prices)) {
    const now = prices[asset]
    if (now === undefined) throw unread(asset, order)
    const move = Math.abs(now / quoted - 1)
    if (!(move <= order.maxPriceMove))
      return `${asset} moved ${(move * 100).toFixed(2)} % since the quote, the limit is ${(order.maxPriceMove * 100).toFixed(2)} %`
  }
  return undefined
}

function tooOld(why: string, order: Order): HomeostatError {
  return new HomeostatError('data-not-fresh', {
    message: `Nothing is executed on old data: ${why}.`,
    retry: 'later',
    facts: { orderId: order.id },
    hint: 'It is tried again until the order expires. Snapshots do not arrive: see take-snapshot, assess-risk and their queues.',
  })
}

function chainForbids(why: string, order: Order): HomeostatError {
  return new HomeostatError('chain-not-normal', {
    message: `Nothing is executed now: ${why}.`,
    retry: 'later',
    facts: { orderId: order.id, chainId: order.chainId },
    hint: 'It is tried again until the order expires.',
  })
}

function unread(asset: string, order: Order): HomeostatError {
  return new HomeostatError('price-unread', {
    message: `The price of ${asset} cannot be read now, so nobody knows how far it moved since the quote.`,
    retry: 'later',
    facts: { asset, orderId: order.id },
    hint: 'It is tried again until the order expires.',
  })
}

function closed(reason: string): GateOutcome {
  return { kind: 'closed', status: 'VOID', reason }
}

function expired(reason: string): GateOutcome {
  return { kind: 'closed', status: 'EXPIRED', reason }
}
