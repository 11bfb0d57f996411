// How far a lending account is from liquidation, at the prices that the protocol itself believes.

import type { Usd } from '../../base/units.ts'
import type { PositionTerms } from '../../instruments/index.ts'
import { type Market, priceOf, rateOf } from '../../instruments/market/market.ts'
import type { LendingReading } from '../../model/reading.ts'
import type { AccountHealth, LendingLegRisk } from '../../model/report.ts'
import { liquidationPrices, type UnderlyingShare } from './liquidation-price.ts'

export type LoanTerms = Extract<PositionTerms, { readonly kind: 'loan' }>['terms']

/**
 * The model: HF = sum(collateral x threshold) / debt, absent without debt. What is reported is the lower of it and the protocol's own, because a
 * debt in an asset that nobody configured is missing in the model. Aave states the same, but truncates the weighted threshold to whole
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
  /** What the snapshot says of the position. */
  readonly reasons?: readonly string[]
}): AccountHealth {
  const { positionId, terms, lens, reading, reasons = [] } = params
  const legs = healthLegsOf(terms, lens).map((leg) => withReserve(leg, reading))
  const modelled = ratioOf(legs)
  const collateralUsd = sum(legs, (leg) => (leg.liquidationThreshold > 0 ? leg.collateralUsd : 0))
  const debtUsd = sum(legs, (leg) => leg.debtUsd)
  const borrowingPowerUsd = sum(legs, (leg) => leg.collateralUsd * leg.liquidationThreshold)
  const stated = reading?.reported.healthFactor
  const known = [modelled, stated].flatMap((one) => one ?? [])
  const account: AccountHealth = {
    positionId,
    protocol: reading?.protocol ?? 'unknown',
    collateralUsd,
    debtUsd,
    borrowingPowerUsd,
    ...(known.length === 0 ? {} : { healthFactor: Math.min(...known) }),
    ...(modelled === undefined ? {} : { modelHealthFactor: modelled }),
    ...(stated === undefined ? {} : { protocolHealthFactor: stated }),
    legs,
    liquidationPrices: [],
  }
  const apart = reading === undefined ? undefined : disagreementWithProtocol(account)
  const disagreement = [...(apart === undefined ? [] : [apart]), ...reasons.filter((one) => summaryComplaint.test(one))]
  const unexplainedDebtUsd = apart === undefined ? 0 : unexplainedDebt(account)
  const shares = [...sharesOf(legs, lens), ...(unexplainedDebtUsd > 0 ? [unmoved(unexplainedDebtUsd)] : [])]
  return {
    ...account,
    ...(disagreement.length === 0 ? {} : { disagreement }),
    ...(unexplainedDebtUsd > 0 ? { unexplainedDebtUsd } : {}),
    liquidationPrices: known.length === 0 ? [] : liquidationPrices(shares).filter((one) => one.underlying !== nobody),
  }
}

/** As `accountState` of the snapshot words it, when the legs do not add up to the protocol's summary. */
const summaryComplaint = /^aave-v3: the protocol reports /

/** Whatever the protocol counts and the model does not see stands as a debt in dollars, so that nothing is sized or stressed as if it were not there. */
function unexplainedDebt({ protocolHealthFactor, borrowingPowerUsd, debtUsd }: AccountHealth): Usd {
  if (protocolHealthFactor === undefined || protocolHealthFactor <= 0) return 0
  return Math.max(0, borrowingPowerUsd / protocolHealthFactor - debtUsd)
}

/** No underlying is called like this. */
const nobody = ''
const unmoved = (debtUsd: Usd): UnderlyingShare => ({ underlying: nobody, spot: 1, borrowingPowerUsd: 0, debtUsd })

/** The health factor alone, for revaluation under many markets. Absent without debt. @throws HomeostatError `no-price` */
export function healthFactorOf(terms: LoanTerms, lens: Market, unexplainedDebtUsd: Usd = 0): number | undefined {
  return ratioOf(healthLegsOf(terms, lens), unexplainedDebtUsd)
}

/** The protocol counts dollars to 1e-8; less than that is no debt. */
const protocolQuantumUsd = 1e-8

function ratioOf(legs: readonly LendingLegRisk[], unexplainedDebtUsd: Usd = 0): number | undefined {
  const debtUsd = sum(legs, (leg) => leg.debtUsd) + unexplainedDebtUsd
  if (debtUsd < protocolQuantumUsd) return undefined
  return sum(legs, (leg) => leg.collateralUsd * leg.liquidationThreshold) / debtUsd
}

const relativeTolerance = 1e-6
/** Half a basis point either way would round; Aave cuts off a whole one. */
const thresholdQuantum = 1e-4

/** Why our health factor and the protocol's own are not the same number; nothing if they agree within its rounding. */
export function disagreementWithProtocol(account: AccountHealth): string | undefined {
  const {
    modelHealthFactor: ours,
    protocolHealthFactor: theirs,
    legs,
    debtUsd,
    borrowingPowerUsd,
    collateralUsd,
  } = account
  if (ours === undefined || theirs === undefined) {
    // A debt of dust is counted by the one and not by the other; one that we do not see shows in the protocol's factor.
    const owed = theirs === undefined ? debtUsd : borrowingPowerUsd / theirs
    if (ours === theirs || owed <= Math.max(1, legs.length) * protocolQuantumUsd) return undefined
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

/** What each asset of an account is worth through the lens. @throws HomeostatError `no-price` */
export function healthLegsOf({ collateral, debt }: LoanTerms, lens: Market): readonly LendingLegRisk[] {
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

/** What can be done with the leg, as far as the protocol was read. */
function withReserve(leg: LendingLegRisk, reading: LendingReading | undefined): LendingLegRisk {
  const read = reading?.legs.find((one) => one.asset === leg.asset)
  if (read === undefined) return leg
  const { frozen, paused, variableDebt } = read
  return { ...leg, variableDebt, ...(frozen ? { frozen } : {}), ...(paused ? { paused } : {}) }
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
