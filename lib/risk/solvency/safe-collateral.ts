// What collateral is good for if its protocol is wrong: at the market where that pays less, and for what its pools could pay.

import type { Usd } from '../../base/units.ts'
import type { AssetSymbol } from '../../model/identity.ts'
import type { AccountHealth, LendingLegRisk, SafeCollateral } from '../../model/report.ts'
import type { AssetPrice } from '../../model/snapshot.ts'
import type { PoolTelemetry, Telemetry } from '../../model/telemetry.ts'
import { isDollar } from '../is-dollar.ts'

/** So many times what is told of a lens gap, and the collateral does not count at all. */
const haltOverWarn = 4
/** The protocol counts dollars to 1e-8; less than that is no debt. */
const protocolQuantumUsd = 1e-8

export interface SafeCollateralParams {
  readonly account: AccountHealth
  readonly prices: readonly AssetPrice[]
  readonly telemetry: readonly Telemetry[]
}

/** Only what counts as collateral: what is supplied without weight protects nothing. */
export function safeCollateral({ account, prices, telemetry }: SafeCollateralParams): SafeCollateral {
  const legs = account.legs.filter((leg) => leg.liquidationThreshold > 0 && leg.collateral > 0)
  const judged = legs.map((leg) => ({ leg, ...marketValue(leg, prices) }))
  const debtUsd = account.debtUsd + (account.unexplainedDebtUsd ?? 0)
  const power = judged.reduce((sum, { leg, usd }) => sum + usd * leg.liquidationThreshold, 0)
  const sales = judged.map(({ leg, saleUsd: usd }) => ({
    leg,
    usd,
    fetches: fetchesOf(leg.asset, usd, { prices, telemetry }),
  }))
  return {
    collateralUsd: judged.reduce((sum, { usd }) => sum + usd, 0),
    ...(debtUsd >= protocolQuantumUsd ? { healthFactor: power / debtUsd } : {}),
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
): { readonly usd: Usd; readonly saleUsd: Usd; readonly reason?: string } {
  const price = prices.find((one) => one.asset === asset)
  const { protocolUsd, usd, marketUsd, maxLensGap } = price ?? {}
  const believed = protocolUsd ?? usd
  // Without a market nothing speaks against the protocol.
  const gap = marketUsd === undefined || believed === undefined ? 0 : marketUsd / believed - 1
  const saleUsd = collateralUsd * (1 + Math.min(0, gap))
  if (maxLensGap !== undefined && gap < -haltOverWarn * maxLensGap) {
    const reason = `${asset} is marked above market: ${believed} USD against ${marketUsd} USD`
    return { usd: 0, saleUsd, reason }
  }
  return { usd: saleUsd, saleUsd }
}

interface Sale {
  readonly leg: LendingLegRisk
  readonly usd: Usd
  readonly fetches: Usd | undefined
}

function liquidationOf(sales: readonly Sale[], debtUsd: Usd): Pick<SafeCollateral, 'liquidation'> {
  if (debtUsd < protocolQuantumUsd) return {}
  let fetchesUsd = 0
  for (const { fetches } of sales) {
    if (fetches === undefined) return {}
    fetchesUsd += fetches
  }
  const thin = sales.flatMap(({ leg: { asset, collateralUsd }, usd, fetches = 0 }) =>
    fetches < usd ? [{ asset, collateralUsd, fetchesUsd: fetches }] : [],
  )
  // What the collateral is not worth at all is a matter of its health, not of its market.
  const coveredUsd = Math.min(
    debtUsd,
    sales.reduce((sum, { usd }) => sum + usd, 0),
  )
  return { liquidation: { fetchesUsd, shortfallUsd: Math.max(0, coveredUsd - fetchesUsd), thin } }
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
