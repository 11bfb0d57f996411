// Sells collateral for what is owed: withdraw, swap, repay, in as many passes as health between the steps allows.

import type { Ratio, Usd } from '../../base/units.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk, PoolView } from '../../model/report.ts'
import type { Intent } from '../../model/verdict.ts'
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
  type TwoPrices,
  tooNear,
  wholeAndFirst,
} from './sizing.ts'

/** Withdraw x of a collateral (price p, threshold l) and repay k x of a debt asset (price q): x = (t D - B) / (t k q - l p). */
export function withdrawSwapRepay(
  sold: LendingLegRisk,
  owed: LendingLegRisk,
  account: AccountHealth,
  params: PlanParams,
): readonly Outcome[] {
  const { report, target, limits } = params
  const from = pricesOf(report, sold.asset)
  const into = pricesOf(report, owed.asset)
  const sellable = sold.collateral > 0 && repayable(owed) > 0 && sold.asset !== owed.asset
  if (!sellable || from === undefined || into === undefined) return []
  const pool = bestPool(report.pools, { assetIn: sold.asset, assetOut: owed.asset, fairRate: from.usd / into.usd })
  const name = `withdraw ${sold.asset}, swap, repay ${owed.asset}`
  if (pool === undefined) return [refusedBecause(name, `no pool between ${sold.asset} and ${owed.asset} is known`)]
  const { borrowingPowerUsd: power, debtUsd: debt } = account
  const rate = pool.rate * (1 - limits.maxSlippageBps / 10_000)
  const powerLost = from.protocolUsd * sold.liquidationThreshold
  const debtRepaid = rate * into.protocolUsd
  if (power * debtRepaid <= debt * powerLost)
    return [refusedBecause(name, 'the costs would eat more health than the repayment restores')]

  const needed = (target * debt - power) / (target * debtRepaid - powerLost)
  const wanted = Math.min(needed, sold.collateral, repayable(owed) / rate)
  const cap = capIn(from.usd, params)
  const quantities = passes({ wanted: Math.min(wanted, cap), account, powerLost, debtRepaid })
  if (quantities.length === 0) return [refusedBecause(name, tooNear)]
  const isCut = cap < wanted
  const sale: Sale = {
    sold: sold.asset,
    owed: owed.asset,
    pool,
    rate,
    from,
    into,
    needed,
    isCut,
    power,
    debt,
    powerLost,
  }
  return wholeAndFirst(quantities, (some) => sellIn(some, sale, params))
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
  readonly isCut: boolean
  readonly power: Usd
  readonly debt: Usd
  readonly powerLost: Usd
}

function sellIn(quantities: readonly number[], sale: Sale, params: PlanParams): Outcome {
  const { sold, owed, pool, rate, from, into, needed, isCut, power, debt, powerLost } = sale
  const quantityIn = quantities.reduce((sum, quantity) => sum + quantity, 0)
  const repaid = quantityIn * rate
  const movedUsd = quantityIn * from.usd
  if (movedUsd < leastUsefulUsd) return undefined
  const inPasses = quantities.length === 1 ? '' : ` in ${quantities.length} passes`
  const summary = `withdraw ${inWords(quantityIn)} ${sold}${inPasses}, swap in the ${pool.feeTier / 10_000} % pool, repay ${inWords(repaid)} ${owed}${isCut ? clippedInWords(params) : ''}`
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
