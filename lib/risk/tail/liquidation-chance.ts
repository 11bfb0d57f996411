// How likely an account is liquidated until a horizon, what that costs, and how much could be owed for a stated chance.

import type { Ratio, Usd } from '../../base/units.ts'
import { type Market, priceOf, rateOf } from '../../instruments/market/market.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { LiquidationChance, TailBasis, TailHorizon } from '../../model/tail-risk.ts'
import type { LoanTerms } from '../solvency/health.ts'
import type { LinearAccount } from './health-minima.ts'
import { passageTail } from './passage-tail.ts'

export interface TailAccount {
  readonly positionId: string
  readonly protocol: string
  readonly terms: LoanTerms
  readonly unexplainedDebtUsd: Usd
  /** Of a collateral, beyond the debt that a liquidator repays: 0.05 is 5 %; absent: not known, and another stands in. */
  readonly bonus?: Readonly<Record<AssetSymbol, Ratio>>
}

/** What is known of an account before any path is drawn. */
export interface AccountStanding extends LinearAccount {
  readonly account: TailAccount
  readonly collateralUsd: Usd
  readonly debtUsd: Usd
  /** 0 where nothing counts as collateral. */
  readonly healthFactor: number
  /** Mean of the collaterals' bonuses by value. */
  readonly bonus: Ratio
  readonly assumesBonus: boolean
}

/** Of Aave v3's large collaterals on Ethereum: 4.5 to 7.5 %. */
export const defaultBonus: Ratio = 0.06
/** Aave v3: half of a debt may be repaid at once, all of it below this health factor, and all of a small one. */
const wholeBelow = 0.95
const smallUsd = 2_000
const closeFactor: Ratio = 0.5
/** A hair below the loan that some path just does not liquidate: rounding would else count that path. */
const hair = 1e-12

/**
 * Nothing for an account without debt: it cannot be liquidated.
 * @param assumedBonus where the account does not know that of a collateral
 * @throws HomeostatError `no-price`
 */
export function accountStanding(
  account: TailAccount,
  lens: Market,
  assumedBonus: Ratio = defaultBonus,
): AccountStanding | undefined {
  const { terms, unexplainedDebtUsd } = account
  const shares = new Map<string, { underlying: string; borrowingPowerUsd: number; debtUsd: number }>()
  const shareOf = (asset: AssetSymbol) => {
    const { underlying } = rateOf(lens, asset)
    const known = shares.get(underlying) ?? { underlying, borrowingPowerUsd: 0, debtUsd: 0 }
    shares.set(underlying, known)
    return known
  }
  let [collateralUsd, debtUsd, power, bonusUsd, assumesBonus] = [0, unexplainedDebtUsd, 0, 0, false]
  for (const { asset, quantity, liquidationThreshold } of terms.collateral) {
    if (quantity === 0 || liquidationThreshold === 0) continue
    const usd = quantity * priceOf(lens, asset)
    const bonus = account.bonus?.[asset]
    shareOf(asset).borrowingPowerUsd += usd * liquidationThreshold
    collateralUsd += usd
    power += usd * liquidationThreshold
    bonusUsd += usd * (bonus ?? assumedBonus)
    assumesBonus ||= bonus === undefined
  }
  for (const { asset, quantity } of terms.debt) {
    if (quantity === 0) continue
    const usd = quantity * priceOf(lens, asset)
    shareOf(asset).debtUsd += usd
    debtUsd += usd
  }
  if (!(debtUsd > 0)) return undefined
  return {
    account,
    shares: [...shares.values()],
    unmovedDebtUsd: unexplainedDebtUsd,
    collateralUsd,
    debtUsd,
    healthFactor: power / debtUsd,
    bonus: collateralUsd > 0 ? bonusUsd / collateralUsd : 0,
    assumesBonus,
  }
}

/**
 * Penalty and gas in each path, added to `losses`: bonus x what is repaid, of the debt as it is now. Half of it is repaid where the health factor stays at 0.95 or
 * above, else all; all of a small loan, and of protocols without such a rule. The account itself is valued as if it were still there.
 * @param minima of ln(HF / HF(0)), by path
 */
export function addLiquidationLosses(
  losses: Float64Array,
  {
    standing,
    minima,
    gasUsd,
  }: { readonly standing: AccountStanding; readonly minima: Float64Array; readonly gasUsd: Usd },
): void {
  const { healthFactor } = standing
  // Without collateral the factor is 0, and every path is below both.
  const alive = -Math.log(healthFactor)
  const whole = Math.log(wholeBelow) - Math.log(healthFactor)
  const penalty = standing.bonus * standing.debtUsd
  const first = (hasCloseFactor(standing) ? closeFactor * penalty : penalty) + gasUsd
  for (let p = 0; p < losses.length; p += 1) {
    const least = minima[p] as number
    if (least < alive) losses[p] = (losses[p] as number) + (least < whole ? penalty + gasUsd : first)
  }
}

function hasCloseFactor({ account, collateralUsd, debtUsd }: AccountStanding): boolean {
  return account.protocol === 'aave-v3' && Math.min(collateralUsd, debtUsd) >= smallUsd
}

/**
 * The chance is that of the health factor going below 1 (`passageTail`). The loan-to-value for a target probability p is exact on these paths, without a search: debts
 * scaled by f give HF(0) / f and the same falls, so that HF(0) / f is the inverse of the fall that is passed with chance p.
 */
export function liquidationChance(params: {
  readonly standing: AccountStanding
  readonly minima: Float64Array
  readonly horizon: TailHorizon
  readonly basis: TailBasis
  readonly targetProbability: Ratio
  readonly gasUsd: Usd
}): LiquidationChance {
  const { standing, minima, horizon, basis, targetProbability, gasUsd } = params
  const { account, healthFactor, collateralUsd, debtUsd, bonus } = standing
  const count = minima.length
  const tail = passageTail(minima)
  const { probability, isExtrapolated } = tail.chanceOf(Math.log(healthFactor))
  const losses = new Float64Array(count)
  addLiquidationLosses(losses, { standing, minima, gasUsd })
  const penaltyUsd = bonus * debtUsd + gasUsd
  const counted = losses.reduce((sum, one) => sum + one, 0) / count
  const loanToValue = debtUsd / collateralUsd
  const owable = loanToValue * healthFactor * Math.exp(-tail.depthFor(targetProbability)) * (1 - hair)
  return {
    positionId: account.positionId,
    protocol: account.protocol,
    horizon,
    probability,
    ...(isExtrapolated === undefined ? {} : { isExtrapolated }),
    standardError: Math.sqrt((probability * (1 - probability)) / count),
    expectedLossUsd: isExtrapolated === true ? Math.max(counted, probability * penaltyUsd) : counted,
    penaltyUsd,
    ...(healthFactor > 0 ? { healthFactor, loanToValue, loanToValueForTarget: owable } : {}),
    targetProbability,
    basis,
  }
}
