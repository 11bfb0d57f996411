// How a lending account gets back to its target health factor at least cost: repay from what is spare, or sell collateral.

import type { Ratio, Usd } from '../../base/units.ts'
import { type DataState, fresh } from '../../model/data-state.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk, PoolView, Report } from '../../model/report.ts'
import type { Intent, PlanCandidate } from '../../model/verdict.ts'
import { inWords } from '../number-in-words.ts'
import { definePlan, type PlanParams, type PlanWeighing, type RefusedCandidate } from './define-plan.ts'

/** Between withdrawing and repaying the account must not come nearer to liquidation than this. */
const leastHealthBetweenSteps = 1.02
const tooNear = `not possible: the account is at ${leastHealthBetweenSteps} or below, so nothing can be withdrawn before a repayment`
/** Each costs about 250,000 gas; the batch must fit into a block. */
const mostPasses = 6
/** A repayment below this is not worth its gas. */
const leastUsefulUsd: Usd = 1

export const restoreHealthPlan = definePlan({
  kind: 'restore-health',
  title: 'Bring the health factor of a lending account back to its target',
  weigh: weighHealth,
})

/** The candidates alone: see `weighHealth`. */
export function restoreHealth(params: PlanParams): readonly PlanCandidate[] {
  return weighHealth(params).candidates
}

/**
 * Sizes in closed form, health at the protocol's prices, cost at feed prices without gas. With B = sum(threshold x collateral), D = debt, t = target:
 * repay R = D - B / t; or withdraw x of a collateral (price p, threshold l) and repay k x of a debt asset (price q):
 * x = (t D - B) / (t k q - l p), with k the worse of the pool's and the feeds' rate, less fee, less the whole slippage allowance.
 * A withdrawal stops where health between the steps would fall below 1.02; the rest follows in further passes of the same transaction.
 */
export function weighHealth(params: PlanParams): PlanWeighing {
  const { report, positionId, target } = params
  const seen = report.accounts.find((one) => one.positionId === positionId)
  const why = whyNoPlan(seen, params)
  if (seen === undefined || why !== undefined)
    return { candidates: [], refused: [], notes: [], whyNone: why ?? 'no account' }
  const account = withUnexplainedDebt(seen)
  const notes = notesOn(seen)
  const outcomes = [
    ...account.legs.map((leg) => repayFromSpare(leg, account, params)),
    ...account.legs.flatMap((sold) => account.legs.flatMap((owed) => withdrawSwapRepay(sold, owed, account, params))),
  ]
  const candidates = outcomes.flatMap((one) => (one?.kind === 'candidate' ? [one.candidate] : []))
  const refused = outcomes.flatMap((one) => (one?.kind === 'refused' ? [one.refused] : []))
  if (candidates.length > 0) return { candidates: candidates.toSorted(byReachThenCost), refused, notes }
  const reasons = refused.map((one) => `${one.summary}: ${one.reason}`)
  const whyNone =
    reasons.length > 0
      ? reasons.join('; ')
      : `nothing spare to repay with, and no collateral that a known pool swaps into the debt (target ${target})`
  return { candidates, refused, notes, whyNone: [whyNone, ...notes].join('; ') }
}

/** Sized so that the lower of the two factors reaches the target: what the protocol counts beyond the model is a debt that stays. */
function withUnexplainedDebt(account: AccountHealth): AccountHealth {
  return { ...account, debtUsd: account.debtUsd + (account.unexplainedDebtUsd ?? 0) }
}

function notesOn(account: AccountHealth): readonly string[] {
  const { unexplainedDebtUsd, protocolHealthFactor } = account
  if (unexplainedDebtUsd === undefined) return []
  return [
    `${account.protocol} states a health factor of ${inWords(protocolHealthFactor ?? 0)}, as if ${inWords(unexplainedDebtUsd)} USD more were owed than is known here: sizes count it as debt that stays`,
  ]
}

type Outcome =
  | { readonly kind: 'candidate'; readonly candidate: PlanCandidate }
  | { readonly kind: 'refused'; readonly refused: RefusedCandidate }
  | undefined

/** I4: nothing is planned on an input that is not fresh; gaps elsewhere do not matter here. */
function whyNoPlan(account: AccountHealth | undefined, { report, positionId, target }: PlanParams): string | undefined {
  if (account === undefined) return `the account ${positionId} could not be assessed`
  if (account.healthFactor === undefined) return 'the account has no debt'
  if (account.healthFactor >= target) return `the health factor is at its target of ${target} already`
  if (account.borrowingPowerUsd <= 0) return 'none of the collateral counts'
  const inputs = [
    ...(report.dataState.kind === 'BLIND' ? [report.dataState] : []),
    accountInput(report, account),
    ...account.legs.map((leg) => priceState(report, leg.asset)),
  ]
  return notFresh(inputs)
}

function notFresh(inputs: readonly DataState[]): string | undefined {
  const reasons = inputs.flatMap((state) => (state.kind === 'FRESH' ? [] : state.reasons))
  return reasons.length === 0 ? undefined : `its data is not fresh: ${[...new Set(reasons)].join('; ')}`
}

/**
 * The account's state as a plan reads it. Where the protocol's own factor is the lower one, what the model cannot explain does not stand against a
 * plan: sizes follow the protocol. Where it is the higher one, the model may be selling for a danger that is not there.
 */
export function accountInput(report: Report, account: AccountHealth): DataState {
  const state = positionState(report, account.positionId)
  const { modelHealthFactor: ours, protocolHealthFactor: theirs, disagreement = [] } = account
  const isCovered = theirs !== undefined && (ours === undefined || theirs < ours)
  if (state.kind !== 'DEGRADED' || !isCovered) return state
  const reasons = state.reasons.filter((reason) => !disagreement.includes(reason))
  return reasons.length === 0 ? fresh : { kind: 'DEGRADED', reasons }
}

function positionState(report: Report, positionId: string): DataState {
  const position = report.positions.find((one) => one.positionId === positionId)
  return position?.dataState ?? { kind: 'BLIND', reasons: [`${positionId} is not in the report`] }
}

function priceState(report: Report, asset: AssetSymbol): DataState {
  const price = report.prices.find((one) => one.asset === asset)
  return price?.dataState ?? { kind: 'BLIND', reasons: [`no price for ${asset}`] }
}

function repayFromSpare(leg: LendingLegRisk, account: AccountHealth, params: PlanParams): Outcome {
  const { report, target } = params
  const spare = report.spare.filter((one) => one.asset === leg.asset)
  const available = spare.reduce((sum, one) => sum + one.quantity, 0)
  const price = pricesOf(report, leg.asset)
  if (leg.debt <= 0 || available <= 0 || price === undefined) return undefined
  const needed = (account.debtUsd - account.borrowingPowerUsd / target) / price.protocolUsd
  const quantity = Math.min(needed, available, leg.debt)
  const movedUsd = quantity * price.usd
  if (movedUsd < leastUsefulUsd) return undefined
  const amount = `${inWords(quantity)} ${leg.asset}`
  const summary = `repay ${amount} from the account`
  const stale = notFresh(
    report.positions.filter((one) => one.positionId === `wallet:${leg.asset}`).map((p) => p.dataState),
  )
  if (stale !== undefined) return refusedBecause(summary, stale)
  if (movedUsd > params.limits.maxOrderUsd) return refusedBecause(summary, tooLarge(movedUsd, params))
  return {
    kind: 'candidate',
    candidate: {
      kind: 'repay-from-spare',
      summary,
      intents: [{ kind: 'repay', protocol: 'aave-v3', asset: leg.asset, quantity }],
      costUsd: 0,
      predictedHealthFactor: account.borrowingPowerUsd / (account.debtUsd - quantity * price.protocolUsd),
      reachesTarget: quantity >= needed,
    },
  }
}

/** All passes that the target takes and, where that is more than one, the first alone as a lesser choice. */
function withdrawSwapRepay(
  sold: LendingLegRisk,
  owed: LendingLegRisk,
  account: AccountHealth,
  params: PlanParams,
): readonly Outcome[] {
  const { report, target, limits } = params
  const from = pricesOf(report, sold.asset)
  const into = pricesOf(report, owed.asset)
  const sellable = sold.collateral > 0 && sold.liquidationThreshold > 0 && owed.debt > 0 && sold.asset !== owed.asset
  if (!sellable || from === undefined || into === undefined) return []
  const pool = bestPool(report.pools, { assetIn: sold.asset, assetOut: owed.asset, fairRate: from.usd / into.usd })
  const name = `withdraw ${sold.asset}, swap, repay ${owed.asset}`
  if (pool === undefined) return [refusedBecause(name, `no pool between ${sold.asset} and ${owed.asset} is known`)]
  const { borrowingPowerUsd: power, debtUsd: debt } = account
  const rate = pool.rate * (1 - limits.maxSlippageBps / 10_000)
  const powerLost = from.protocolUsd * sold.liquidationThreshold
  const debtRepaid = rate * into.protocolUsd
  const gain = target * debtRepaid - powerLost
  if (gain <= 0) return [refusedBecause(name, 'the costs would eat more health than the repayment restores')]

  const needed = (target * debt - power) / gain
  const wanted = Math.min(needed, sold.collateral, owed.debt / rate)
  const quantities = passes({ wanted, power, debt, powerLost, debtRepaid })
  if (quantities.length === 0) return [refusedBecause(name, tooNear)]
  const sale: Sale = { sold: sold.asset, owed: owed.asset, pool, rate, from, into, needed, power, debt, powerLost }
  const all = sellIn(quantities, sale, params)
  return quantities.length === 1 ? [all] : [all, sellIn(quantities.slice(0, 1), sale, params)]
}

/**
 * What is withdrawn in each pass. Between a withdrawal and its repayment health must not fall below 1.02, so a pass frees what
 * the one before it has made room for; the sizes grow, and a handful is enough even from near the edge.
 */
function passes(params: {
  readonly wanted: number
  readonly power: Usd
  readonly debt: Usd
  readonly powerLost: Usd
  readonly debtRepaid: Usd
}): readonly number[] {
  const quantities: number[] = []
  let { wanted, power, debt } = params
  while (wanted > 0 && quantities.length < mostPasses) {
    const quantity = Math.min(wanted, (power - leastHealthBetweenSteps * debt) / params.powerLost)
    if (quantity <= 0) break
    quantities.push(quantity)
    wanted -= quantity
    power -= quantity * params.powerLost
    debt -= quantity * params.debtRepaid
  }
  return quantities
}

interface Sale {
  readonly sold: AssetSymbol
  readonly owed: AssetSymbol
  readonly pool: SwapPool
  /** Units repaid for one sold, after fee and the whole slippage allowance. */
  readonly rate: number
  readonly from: TwoPrices
  readonly into: TwoPrices
  /** Units to sell for the target. */
  readonly needed: number
  readonly power: Usd
  readonly debt: Usd
  readonly powerLost: Usd
}

function sellIn(quantities: readonly number[], sale: Sale, params: PlanParams): Outcome {
  const { sold, owed, pool, rate, from, into, needed, power, debt, powerLost } = sale
  const quantityIn = quantities.reduce((sum, quantity) => sum + quantity, 0)
  const repaid = quantityIn * rate
  const movedUsd = quantityIn * from.usd
  if (movedUsd < leastUsefulUsd) return undefined
  const inPasses = quantities.length === 1 ? '' : ` in ${quantities.length} passes`
  const summary = `withdraw ${inWords(quantityIn)} ${sold}${inPasses}, swap in the ${pool.feeTier / 10_000} % pool, repay ${inWords(repaid)} ${owed}`
  if (movedUsd > params.limits.maxOrderUsd) return refusedBecause(summary, tooLarge(movedUsd, params))
  return {
    kind: 'candidate',
    candidate: {
      kind: 'withdraw-swap-repay',
      summary,
      intents: quantities.flatMap((quantity) => onePass(quantity, sale)),
      costUsd: movedUsd - repaid * into.usd,
      predictedHealthFactor: (power - quantityIn * powerLost) / (debt - repaid * into.protocolUsd),
      // The sum of the passes can miss the whole by its last bits.
      reachesTarget: quantityIn >= needed * (1 - 1e-12),
    },
  }
}

function onePass(quantityIn: number, { sold, owed, pool, rate }: Sale): readonly Intent[] {
  return [
    { kind: 'withdraw', protocol: 'aave-v3', asset: sold, quantity: quantityIn },
    {
      kind: 'swap',
      venue: 'uniswap-v3',
      assetIn: sold,
      assetOut: owed,
      feeTier: pool.feeTier,
      quantityIn,
      expectedOut: quantityIn * pool.rate,
    },
    { kind: 'repay', protocol: 'aave-v3', asset: owed, quantity: quantityIn * rate },
  ]
}

interface SwapPool {
  readonly feeTier: number
  /** Units out for one in, after the fee and before slippage. */
  readonly rate: number
}

/** The pool that pays most after its fee. One that claims to pay more than the feeds' rate is not believed. */
function bestPool(
  pools: readonly PoolView[],
  params: { readonly assetIn: AssetSymbol; readonly assetOut: AssetSymbol; readonly fairRate: number },
): SwapPool | undefined {
  const { assetIn, assetOut, fairRate } = params
  const offers = pools.flatMap((pool) => {
    const mid =
      pool.base === assetIn && pool.quote === assetOut
        ? pool.price
        : pool.base === assetOut && pool.quote === assetIn
          ? 1 / pool.price
          : Number.NaN
    const fee: Ratio = pool.feeTier / 1_000_000
    const rate = Math.min(mid, fairRate) * (1 - fee)
    return Number.isFinite(rate) && rate > 0 ? [{ feeTier: pool.feeTier, rate }] : []
  })
  return offers.toSorted((a, b) => b.rate - a.rate || a.feeTier - b.feeTier)[0]
}

interface TwoPrices {
  /** Feed: what it costs. */
  readonly usd: Usd
  /** Protocol, else the feed: what it does to health. */
  readonly protocolUsd: Usd
}

function pricesOf(report: Report, asset: AssetSymbol): TwoPrices | undefined {
  const price = report.prices.find((one) => one.asset === asset)
  if (price?.usd === undefined) return undefined
  const protocolUsd = price.protocolUsd ?? price.usd
  return price.usd > 0 && protocolUsd > 0 ? { usd: price.usd, protocolUsd } : undefined
}

function tooLarge(movedUsd: Usd, { limits }: PlanParams): string {
  return `it moves ${inWords(movedUsd)} USD, above the limit of ${inWords(limits.maxOrderUsd)} USD for one order`
}

function refusedBecause(summary: string, reason: string): Outcome {
  return { kind: 'refused', refused: { summary, reason } }
}

function byReachThenCost(a: PlanCandidate, b: PlanCandidate): number {
  if (a.reachesTarget !== b.reachesTarget) return a.reachesTarget ? -1 : 1
  if (!a.reachesTarget && a.predictedHealthFactor !== b.predictedHealthFactor)
    return b.predictedHealthFactor - a.predictedHealthFactor
  return a.costUsd - b.costUsd || a.intents.length - b.intents.length
}
