// Makes one candidate of a plan exact: amounts and calls at one block, the digest, the Safe transaction and its pre-flight.

import { HomeostatError } from '../base/homeostat-error.ts'
import type { UnixSeconds } from '../base/units.ts'
import { isDust } from '../decisions/plans/account-input.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Order, Simulation } from '../model/order.ts'
import {
  batchTransaction,
  type DigestedOrder,
  orderDigest,
  safeTransactionHash,
  sealCalls,
} from '../model/order-hash.ts'
import type { PreparedOrder, Venues } from '../model/ports.ts'
import type { Report } from '../model/report.ts'
import type { Plan, PlanCandidate } from '../model/verdict.ts'
import { gasCoinUsd, gasCostUsd } from './gas-money.ts'
import { orderInWords } from './order-in-words.ts'

/** Everything of an order that its quote decides. */
export type Quote = Omit<
  Order,
  | 'id'
  | 'version'
  | 'status'
  | 'createdAt'
  | 'linkKey'
  | 'approvals'
  | 'transactions'
  | 'events'
  | 'outbox'
  | 'receipt'
  | 'actual'
  | 'ending'
  | 'relayer'
>

/** What a relayed Safe transaction costs beside the calls that were simulated from the Safe itself. */
const safeOverheadGas = 90_000

/**
 * @throws HomeostatError `no-safe-config`, `no-approver`, `preflight-failed`, `falls-short`, and what the venues throw
 */
export async function quoteCandidate(
  deps: { readonly venues: Venues; readonly deployment: string },
  params: {
    readonly settings: PortfolioSettings
    readonly plan: Plan
    readonly report: Report
    readonly candidate: PlanCandidate
    readonly alternatives: readonly PlanCandidate[]
    readonly quoteNumber: number
    readonly now: UnixSeconds
  },
): Promise<Quote> {
  const { settings, plan, report, candidate, now } = params
  const { chain, portfolio } = settings
  if (chain.safe === undefined) throw noSafe(chain.id)
  // The chain judges the deadline by its own clock, which can run ahead of ours.
  const chainNow = Math.max(
    now,
    ...report.blocks.flatMap((block) => (block.chainId === chain.chainId ? block.timestamp : [])),
  )
  const validUntil = chainNow + portfolio.limits.validitySeconds
  const prices = Object.fromEntries(
    report.prices.flatMap((one) => (one.usd === undefined ? [] : [[one.asset, one.usd]])),
  )
  const prepared = await deps.venues.prepare({ settings, intents: candidate.intents, validUntil, prices })
  const { approvers, required } = approversOf(settings, prepared)
  const calls = deps.venues.encode({ settings, actions: prepared.actions })
  // The seal's bytes change nothing that a simulation sees, and the digest covers what the simulation promises: so it comes first.
  const simulation = await deps.venues.simulate({ settings, calls, actions: prepared.actions, at: now })
  const useless = whyNoHelp(simulation)
  if (useless !== undefined) throw failed(candidate, useless)
  const coinUsd = gasCoinUsd(report.price)
  const gasUsd = gasCostUsd(simulation.gasUsed + safeOverheadGas, simulation.block.baseFeeGwei, coinUsd)
  const { healthFactor, debtUsd, collateralUsd, balanceChanges } = simulation.after
  const decided: DigestedOrder = {
    deployment: deps.deployment,
    portfolioId: portfolio.id,
    purpose: plan.purpose,
    planId: plan.id,
    alertId: plan.alertId,
    snapshotId: report.snapshotId,
    chainId: chain.chainId,
    account: portfolio.account,
    quote: params.quoteNumber,
    validUntil,
    block: prepared.block,
    // Of the exact actions: the plan's words are an estimate at older prices, and stay with what was chosen.
    summary: `${orderInWords(prepared.actions, chain.assets)}${candidate.reachesTarget ? '' : ', short of the target'}`,
    why: `Health factor ${report.healthFactor?.toFixed(3) ?? 'none'} against a target of ${plan.targetHealthFactor}.`,
    chosen: candidate,
    actions: prepared.actions,
    targetHealthFactor: plan.targetHealthFactor,
    limits: portfolio.limits,
    prices: pricesLeanedOn(report, plan, candidate),
    gasCoinUsd: coinUsd,
    maxPriceMove: portfolio.limits.maxPriceMoveBps / 10_000,
    policyVersion: settings.version,
    approvers,
    requiredApprovals: required,
    predicted: {
      ...(healthFactor === undefined ? {} : { healthFactor }),
      ...(debtUsd === undefined ? {} : { debtUsd }),
      ...(collateralUsd === undefined ? {} : { collateralUsd }),
      gasUsd,
      costUsd: prepared.expectedCostUsd + gasUsd,
      balanceChanges,
    },
    doNothing: doNothing(report),
    dataState: report.dataState,
  }
  const digest = orderDigest(decided, calls, prepared.account.nonce)
  const sealed = sealCalls(calls, digest)
  const safeTransaction = batchTransaction(chain.safe.multiSendCallOnly, sealed, prepared.account.nonce)
  return {
    ...decided,
    quotedAt: now,
    alternatives: params.alternatives,
    calls: sealed,
    safeTransaction,
    safeTransactionHash: safeTransactionHash(chain.chainId, portfolio.account, safeTransaction),
    digest,
    simulation,
  }
}

/** Of each asset that the order moves, or that the account's health stands on: what the protocol believes, else the feed. */
function pricesLeanedOn(report: Report, plan: Plan, { intents }: PlanCandidate): Order['prices'] {
  const account = report.accounts.find((one) => one.positionId === plan.positionId)
  const legs = account?.legs.filter((leg) => !isDust(leg, account)) ?? []
  const assets = new Set([
    ...legs.filter((leg) => leg.collateral > 0 || leg.debt > 0).map((leg) => leg.asset),
    ...intents.flatMap((intent) => (intent.kind === 'swap' ? [intent.assetIn, intent.assetOut] : [intent.asset])),
  ])
  return Object.fromEntries(
    report.prices.flatMap(({ asset, protocolUsd, usd }) => {
      const price = protocolUsd ?? usd
      return assets.has(asset) && price !== undefined ? [[asset, price]] : []
    }),
  )
}

/** Post-conditions of every order: it works, health does not fall, and nobody keeps an allowance. Undefined if they hold. */
export function whyNoHelp(simulation: Simulation): string | undefined {
  if (!simulation.ok) return `its pre-flight fails: ${simulation.reason ?? 'no reason given'}`
  const { healthFactor: after, leftoverAllowances } = simulation.after
  const before = simulation.healthFactorBefore
  if (after !== undefined && before !== undefined && after < before)
    return `the health factor would fall from ${before.toFixed(4)} to ${after.toFixed(4)}`
  return leftoverAllowances.length > 0 ? `allowances would be left: ${leftoverAllowances.join(', ')}` : undefined
}

function failed(candidate: Pick<PlanCandidate, 'summary'>, why: string): HomeostatError {
  return new HomeostatError('preflight-failed', {
    message: `"${candidate.summary}" is not offered: ${why}.`,
    retry: 'later',
    facts: { summary: candidate.summary },
    hint: 'The step that fails is named; prices, liquidity or the account changed since the plan.',
  })
}

function approversOf(
  settings: PortfolioSettings,
  prepared: PreparedOrder,
): { readonly approvers: Order['approvers']; readonly required: number } {
  const configured = new Set(settings.approvers.map((approver) => approver.address))
  const approvers = prepared.account.owners.filter((owner) => configured.has(owner)).toSorted()
  const required = prepared.account.threshold
  if (approvers.length < required) {
    throw new HomeostatError('no-approver', {
      message: `The Safe asks for ${required} owner(s), but only ${approvers.length} of its owners are configured approvers of ${settings.portfolio.id}.`,
      retry: 'never',
      facts: { portfolioId: settings.portfolio.id, threshold: required, approvers: approvers.length },
      hint: `Add owners of ${settings.portfolio.account} under approvers in homeostat.yaml and apply it.`,
    })
  }
  return { approvers, required }
}

/** What stands against acting: the nearest shocks of the report's own stress table. */
function doNothing(report: Report): Order['doNothing'] {
  const account = report.accounts.find((one) => one.healthFactor === report.healthFactor)
  const nearest = account?.liquidationPrices.toSorted((a, b) => Math.abs(a.distance) - Math.abs(b.distance))[0]
  const text =
    nearest === undefined
      ? 'Without action no single price move is known to liquidate the account.'
      : `Without action the account can be liquidated when ${nearest.underlying} ${nearest.side === 'below' ? 'falls' : 'rises'} ${(Math.abs(nearest.distance) * 100).toFixed(1)} % to ${nearest.usd.toFixed(2)} USD.`
  return { ...(report.healthFactor === undefined ? {} : { healthFactor: report.healthFactor }), text }
}

function noSafe(chainId: string): HomeostatError {
  return new HomeostatError('no-safe-config', {
    message: `Chain ${chainId} names no Safe contracts, so no order can be made there.`,
    retry: 'never',
    facts: { chain: chainId },
    hint: 'Add safe.multiSendCallOnly and safe.universalRouter to the chain in homeostat.yaml.',
  })
}
