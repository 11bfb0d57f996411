// Where a power perpetual is liquidated: collateral moves with the price and the contract with a power of it, so that there is no closed form.

import type { Usd } from '../../base/units.ts'
import { brentRoot } from '../../quant/brent.ts'
import { type MarginTier, maintenanceMargin } from '../../quant/margin-tiers.ts'

/** Steps of 2 % of the price, a thousandfold either way: beyond, a liquidation price says nothing. */
const step = 0.02
const farthest = Math.log(1_000)

interface Params {
  /** Price of the underlying and mark of the contract now; mark / price^power stays. */
  readonly S: Usd
  readonly mark: Usd
  readonly power: number
  readonly size: number
  readonly entry: Usd
  /** Counted after haircuts: constant in USD, and in units of the underlying. */
  readonly margin: Usd
  readonly collateralUnits: number
  readonly tiers: readonly MarginTier[]
}

/** The nearest prices below and above the present one where equity falls to the maintenance margin; absent: none. None where that has happened already. */
export function powerLiquidation(params: Params): { readonly below: Usd | undefined; readonly above: Usd | undefined } {
  const { S, mark, power, size, entry, margin, collateralUnits, tiers } = params
  /** Excess equity at S e^x. */
  const excess = (x: number): number => {
    const moved = mark * Math.exp(power * x)
    const equity = margin + collateralUnits * S * Math.exp(x) + size * (moved - entry)
    return equity - maintenanceMargin({ notional: Math.abs(size) * moved, tiers })
  }
  if (!(excess(0) > 0)) return { below: undefined, above: undefined }
  const towards = (sign: 1 | -1): Usd | undefined => {
    for (let x = 0; x < farthest; x += step) {
      if (excess(sign * (x + step)) > 0) continue
      return S * Math.exp(brentRoot(excess, { from: sign * x, to: sign * (x + step), tolerance: 1e-14 }))
    }
    return undefined
  }
  return { below: towards(-1), above: towards(1) }
}
