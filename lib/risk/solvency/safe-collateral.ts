// What collateral is good for if its protocol is wrong: at the market where that pays less, and for what its pools could pay.

import type { Ratio, Usd } from '../../base/units.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk } from '../../model/report.ts'
import type { AssetPrice } from '../../model/snapshot.ts'
import type { PoolTelemetry, Telemetry } from '../../model/telemetry.ts'
import { isDollar } from '../is-dollar.ts'

/** So many times what is told of a lens gap, and the collateral does not count at all. */
const haltOverWarn = 4

export interface SafeCollateral {
  /** What counts as collateral, at the lower of protocol and market, without what is marked above its market. */
  readonly collateralUsd: Usd
  /** The health factor with that. Absent without debt. */
  readonly healthFactor?: number
  /** Collateral that does not count, at the protocol's price. */
  readonly excluded: readonly { readonly asset: AssetSymbol; readonly usd: Usd; readonly reason: string }[]
  /** Absent where the market of a collateral is not known. */
  readonly liquidation?: Liquidation
}

/** Selling the collateral into the pools that are known, until each pays 2 % less. */
export interface Liquidation {
  readonly fetchesUsd: Usd
  /** Debt that selling could not repay; 0 if it could. */
  readonly shortfallUsd: Usd
  /** Collateral of which more is held than its pools take. */
  readonly thin: readonly { readonly asset: AssetSymbol; readonly collateralUsd: Usd; readonly fetchesUsd: Usd }[]
}

export interface SafeCollateralParams {
  readonly account: AccountHealth
  readonly prices: readonly (AssetPrice & { readonly maxLensGap?: Ratio })[]
  readonly telemetry: readonly Telemetry[]
}

/** Only what counts as collateral: what is supplied without weight protects nothing. */
export function safeCollateral({ account, prices, telemetry }: SafeCollateralParams): SafeCollateral {
  const legs = account.legs.filter((leg) => leg.liquidationThreshold > 0 && leg.collateral > 0)
  const judged = legs.map((leg) => ({ leg, ...marketValue(leg, prices) }))
  const debtUsd = account.debtUsd + (account.unexplainedDebtUsd ?? 0)
  const power = judged.reduce((sum, { leg, usd }) => sum + usd * leg.liquidationThreshold, 0)
  const sales = judged.map(({ leg, usd }) => ({ leg, usd, fetches: fetchesOf(leg.asset, usd, { prices, telemetry }) }))
  return {
    collateralUsd: judged.reduce((sum, { usd }) => sum + usd, 0),
    ...(debtUsd > 0 ? { healthFactor: power / debtUsd } : {}),
    excluded: judged.flatMap(({ leg, reason }) =>
      reason === undefined ? [] : [{ asset: leg.asset, usd: leg.collateralUsd, reason }],
    ),
    ...liquidationOf(sales, debtUsd),
  }
}

/** The lower of both lenses; nothing where they are too far apart for the protocol's to be true. */
function marketValue(
  { asset, collateralUsd }: LendingLegRisk,
  prices: SafeCollateralParams['prices'],
): { readonly usd: Usd; readonly reason?: string } {
  const price = prices.find((one) => one.asset === asset)
  const { protocolUsd, usd, marketUsd, maxLensGap } = price ?? {}
  const believed = protocolUsd ?? usd
  // Without a market nothing speaks against the protocol.
  const gap = marketUsd === undefined || believed === undefined ? 0 : marketUsd / believed - 1
  if (maxLensGap !== undefined && gap < -haltOverWarn * maxLensGap) {
    const reason = `${asset} is marked above market: ${believed} USD against ${marketUsd} USD`
    return { usd: 0, reason }
  }
  return { usd: collateralUsd * (1 + Math.min(0, gap)) }
}

interface Sale {
  readonly leg: LendingLegRisk
  readonly usd: Usd
  readonly fetches: Usd | undefined
}

function liquidationOf(sales: readonly Sale[], debtUsd: Usd): Pick<SafeCollateral, 'liquidation'> {
  if (debtUsd <= 0) return {}
  let fetchesUsd = 0
  for (const { fetches } of sales) {
    if (fetches === undefined) return {}
    fetchesUsd += fetches
  }
  const thin = sales.flatMap(({ leg: { asset, collateralUsd }, usd, fetches = 0 }) =>
    fetches < usd ? [{ asset, collateralUsd, fetchesUsd: fetches }] : [],
  )
  return { liquidation: { fetchesUsd, shortfallUsd: Math.max(0, debtUsd - fetchesUsd), thin } }
}

/** A dollar is what debts are paid in; anything else must find somebody who pays. */
function fetchesOf(
  asset: AssetSymbol,
  usd: Usd,
  { prices, telemetry }: Pick<SafeCollateralParams, 'prices' | 'telemetry'>,
): Usd | undefined {
  const usdOf = (symbol: AssetSymbol) => prices.find((one) => one.asset === symbol)?.usd
  if (usd === 0 || isDollar(usdOf(asset))) return usd
  const pools = telemetry.flatMap((one) => (one.kind === 'pool' ? (depthFor(one, asset, usdOf) ?? []) : []))
  return pools.length === 0
    ? undefined
    : Math.min(
        usd,
        pools.reduce((sum, depth) => sum + depth, 0),
      )
}

/** Selling the base pushes a pool's price down, selling the quote pushes it up. */
function depthFor(
  { base, quote, depth }: PoolTelemetry,
  asset: AssetSymbol,
  usdOf: (symbol: AssetSymbol) => Usd | undefined,
): Usd | undefined {
  if (depth === undefined) return undefined
  const paid = base === asset ? usdOf(quote) : quote === asset ? usdOf(base) : undefined
  if (paid === undefined) return undefined
  return paid * (base === asset ? depth.down.quote : depth.up.base)
}
