// What people look at in any perpetual position: equity, leverage, liquidation, funding and the place in the queue of auto-deleveraging.

import type { Usd } from '../../base/units.ts'
import { autoDeleveragingScore } from '../../quant/auto-deleveraging.ts'
import { crossMargin, type MarginTier, maintenanceMargin } from '../../quant/margin-tiers.ts'
import { type Market, own, priceOf, rateOf } from '../market/market.ts'
import type { Account } from './margin.ts'

/** An open contract, in the unit that its profit is paid in. */
export interface PerpetualContract {
  readonly markUsd: Usd
  /** USD per unit of what profit is paid in. */
  readonly settlementUsd: Usd
  readonly profit: number
  /** Unsigned, at the mark and at entry. */
  readonly notional: number
  readonly entryNotional: number
  /** Received per year, below 0: paid; absent where the market knows no rate. */
  readonly fundingPerYear: number | undefined
  /** Marks in USD between which it is not liquidated; absent without tiers. */
  readonly safe: SafeMarks | undefined
}

/** Absent: without end on that side, or (both) nowhere to be liquidated or nowhere safe: `marginRatio` tells which. */
export interface SafeMarks {
  readonly lowerUsd: Usd | undefined
  readonly upperUsd: Usd | undefined
}

interface Params {
  readonly contract: PerpetualContract
  readonly account: Account
  readonly tiers: readonly MarginTier[] | undefined
  readonly market: Market
}

/** USD after haircuts. */
function equityOf({ contract, account, tiers, market }: Params) {
  const { settlementUsd, profit, notional } = contract
  const maintenance = tiers === undefined ? 0 : maintenanceMargin({ notional, tiers }) * settlementUsd
  const collateral = account.held.map(({ asset, quantity, haircut = 0 }) => ({
    amount: quantity,
    price: priceOf(market, asset),
    haircut,
  }))
  return { maintenance, ...crossMargin({ collateral, unrealised: profit * settlementUsd + account.cash, maintenance }) }
}

export function perpetualDetails(params: Params): Readonly<Record<string, number>> {
  const { contract, tiers } = params
  const { markUsd, settlementUsd, profit, notional, entryNotional, fundingPerYear, safe } = contract
  const { equity, maintenance, ratio } = equityOf(params)
  const isSolvent = equity > 0
  return {
    markUsd,
    notionalUsd: notional * settlementUsd,
    unrealisedProfitUsd: profit * settlementUsd,
    equityUsd: equity,
    ...(isSolvent ? { leverage: (notional * settlementUsd) / equity } : {}),
    ...(tiers === undefined ? {} : { maintenanceUsd: maintenance }),
    ...(tiers === undefined || ratio === undefined ? {} : { marginRatio: ratio }),
    ...(safe === undefined ? {} : liquidationDetails(safe, markUsd)),
    ...(fundingPerYear === undefined ? {} : { fundingUsdPerDay: (fundingPerYear * settlementUsd) / 365 }),
    ...(isSolvent && notional > 0 && entryNotional > 0
      ? {
          autoDeleveragingScore: autoDeleveragingScore({
            profit,
            entryNotional,
            notional,
            equity: equity / settlementUsd,
          }),
        }
      : {}),
  }
}

function liquidationDetails({ lowerUsd, upperUsd }: SafeMarks, markUsd: Usd): Readonly<Record<string, number>> {
  const sides = [lowerUsd, upperUsd].filter((side) => side !== undefined)
  const distance = (side: Usd) => Math.abs(Math.log(side / markUsd))
  const nearest = sides.toSorted((one, other) => distance(one) - distance(other))[0]
  return {
    ...(nearest === undefined ? {} : { liquidationPriceUsd: nearest, liquidationMoveRatio: nearest / markUsd - 1 }),
    ...(lowerUsd === undefined ? {} : { liquidationBelowUsd: lowerUsd }),
    ...(upperUsd === undefined ? {} : { liquidationAboveUsd: upperUsd }),
  }
}

export function perpetualWarnings(params: Params): readonly string[] {
  const isLiquidatable = params.tiers !== undefined && equityOf(params).excess < 0
  return isLiquidatable ? ['equity after haircuts does not cover the maintenance margin: it can be liquidated'] : []
}

/** Per year, above 0 the long pays; absent where the market does not know it. */
export function knownFunding(market: Market, asset: string): number | undefined {
  return own(market.funding, rateOf(market, asset).underlying)
}

/** Mark / spot of an asset's perpetual. */
export function markRatio(market: Market, asset: string): number {
  return 1 + (own(market.perpetualPremium, rateOf(market, asset).underlying) ?? 0)
}

export function fundingWarnings(market: Market, asset: string): readonly string[] {
  if (knownFunding(market, asset) !== undefined) return []
  return [`the funding rate of ${rateOf(market, asset).underlying} is not known: theta.funding leaves it out`]
}
