// How a market of Morpho Blue does, from totals that are read anyway: no question more.

import { toDecimal } from '../../base/amount.ts'
import { secondsPerYear } from '../../base/time.ts'
import type { AssetConfig } from '../../model/configuration.ts'
import type { MarketTelemetry } from '../../model/telemetry.ts'
import type { MarketTotals } from './morpho-blue-interest.ts'

const wadDecimals = 18

/** A market has no caps and nobody who could freeze it. What is not lent out can be taken out. @param accrued with interest to the block */
export function morphoTelemetry(market: {
  /** Of the position. */
  readonly id: string
  readonly label: string
  readonly loan: AssetConfig
  readonly accrued: MarketTotals
  /** Per second, continuous, 18 decimals. */
  readonly borrowRate: bigint
}): MarketTelemetry {
  const { id, label, loan, accrued, borrowRate } = market
  const { supplyAssets, borrowAssets, fee } = accrued
  const whole = (units: bigint) => toDecimal(units, loan.decimals)
  const borrowed = whole(borrowAssets)
  const share = toDecimal(fee, wadDecimals)
  return {
    kind: 'market',
    id: `${id}:${loan.symbol}`,
    protocol: 'morpho-blue',
    label,
    asset: loan.symbol,
    supplied: whole(supplyAssets),
    borrowed,
    available: whole(supplyAssets - borrowAssets),
    ...(supplyAssets === 0n ? {} : { utilisation: Number(borrowAssets) / Number(supplyAssets) }),
    reserveFactor: share,
    revenuePerYear: borrowed * toDecimal(borrowRate, wadDecimals) * secondsPerYear * share,
  }
}
