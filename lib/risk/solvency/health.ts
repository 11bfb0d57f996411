// How far a lending account is from liquidation, at the prices that the protocol itself believes.

import type { PositionTerms } from '../../instruments/index.ts'
import { type Market, priceOf, rateOf } from '../../instruments/market.ts'
import type { LendingReading } from '../../model/reading.ts'
import type { AccountHealth, LendingLegRisk } from '../../model/report.ts'
import { liquidationPrices, type UnderlyingShare } from './liquidation-price.ts'

export type LoanTerms = Extract<PositionTerms, { readonly kind: 'loan' }>['terms']

/**
 * HF = sum(collateral x threshold) / debt, absent without debt. Aave states the same, but truncates the weighted threshold to whole
 * basis points: with several thresholds it can say up to 1e-4 / threshold less.
 * @param params.lens the market as the protocol prices it
 * @param params.reading the protocol's own summary of this account
 * @throws HomeostatError `no-price` if a leg that is not empty has no price
 */
export function assessHealth(params: {
  readonly positionId: string
  readonly terms: LoanTerms
  readonly lens: Market
  readonly reading: LendingReading | undefined
}): AccountHealth {
  const { positionId, terms, lens, reading } = params
  const legs = legsOf(terms, lens)
  const healthFactor = ratioOf(legs)
  const collateralUsd = sum(legs, (leg) => (leg.liquidationThreshold > 0 ? leg.collateralUsd : 0))
  const debtUsd = sum(legs, (leg) => leg.debtUsd)
  const borrowingPowerUsd = sum(legs, (leg) => leg.collateralUsd * leg.liquidationThreshold)
  const stated = reading?.reported.healthFactor
  return {
    positionId,
    protocol: reading?.protocol ?? 'unknown',
    collateralUsd,
    debtUsd,
    borrowingPowerUsd,
    ...(healthFactor === undefined ? {} : { healthFactor }),
    ...(stated === undefined ? {} : { protocolHealthFactor: stated }),
    legs,
    liquidationPrices: healthFactor === undefined ? [] : liquidationPrices(sharesOf(legs, lens)),
  }
}

/** The health factor alone, for revaluation under many markets. Absent without debt. @throws HomeostatError `no-price` */
export function healthFactorOf(terms: LoanTerms, lens: Market): number | undefined {
  return ratioOf(legsOf(terms, lens))
}

/** The protocol counts dollars to 1e-8; less than that is no debt. */
const protocolQuantumUsd = 1e-8

function ratioOf(legs: readonly LendingLegRisk[]): number | undefined {
  const debtUsd = sum(legs, (leg) => leg.debtUsd)
  if (debtUsd < protocolQuantumUsd) return undefined
  return sum(legs, (leg) => leg.collateralUsd * leg.liquidationThreshold) / debtUsd
}

const relativeTolerance = 1e-6
/** Half a basis point either way would round; Aave cuts off a whole one. */
const thresholdQuantum = 1e-4

/** Why our health factor and the protocol's own are not the same number; nothing if they agree within its rounding. */
export function disagreementWithProtocol(account: AccountHealth): string | undefined {
  const { healthFactor: ours, protocolHealthFactor: theirs, legs, debtUsd, borrowingPowerUsd, collateralUsd } = account
  if (ours === undefined || theirs === undefined) {
    if (ours === theirs || debtUsd <= legs.length * protocolQuantumUsd) return undefined
    return `${account.positionId}: the protocol states ${theirs ?? 'no'} health factor, the model ${ours ?? 'none'}`
  }
  const thresholds = new Set(legs.filter((leg) => leg.collateralUsd > 0).map((leg) => leg.liquidationThreshold))
  thresholds.delete(0)
  const cut = thresholds.size > 1 ? (thresholdQuantum * collateralUsd) / borrowingPowerUsd : 0
  const rounding =
    (legs.length * protocolQuantumUsd) / Math.min(debtUsd, Math.max(borrowingPowerUsd, protocolQuantumUsd))
  if (Math.abs(theirs / ours - 1) <= relativeTolerance + cut + rounding) return undefined
  return `${account.positionId}: the protocol states a health factor of ${theirs}, the model ${ours}`
}

function legsOf({ collateral, debt }: LoanTerms, lens: Market): readonly LendingLegRisk[] {
  const assets = new Set([...collateral, ...debt].filter((leg) => leg.quantity !== 0).map((leg) => leg.asset))
  return [...assets].map((asset) => {
    const price = priceOf(lens, asset)
    const supplied = collateral.filter((leg) => leg.asset === asset)
    const quantity = sum(supplied, (leg) => leg.quantity)
    const owed = sum(
      debt.filter((leg) => leg.asset === asset),
      (leg) => leg.quantity,
    )
    return {
      asset,
      collateral: quantity,
      collateralUsd: quantity * price,
      liquidationThreshold:
        quantity > 0 ? sum(supplied, (leg) => leg.quantity * leg.liquidationThreshold) / quantity : 0,
      debt: owed,
      debtUsd: owed * price,
    }
  })
}

function sharesOf(legs: readonly LendingLegRisk[], lens: Market): readonly UnderlyingShare[] {
  const underlyingOf = (leg: LendingLegRisk) => rateOf(lens, leg.asset).underlying
  return [...new Set(legs.map(underlyingOf))].map((underlying) => {
    const own = legs.filter((leg) => underlyingOf(leg) === underlying)
    return {
      underlying,
      spot: lens.spot[underlying] ?? 0,
      borrowingPowerUsd: sum(own, (leg) => leg.collateralUsd * leg.liquidationThreshold),
      debtUsd: sum(own, (leg) => leg.debtUsd),
    }
  })
}

function sum<T>(items: readonly T[], pick: (item: T) => number): number {
  return items.reduce((total, item) => total + pick(item), 0)
}
