// One asset's residuals as scenarios take them: mean zero, tails by a law where a law can hold them, and as they were seen where none can.

import { type ParetoMargin, paretoMargin } from '../../quant/tail/pareto-tail.ts'

/** Times the fitted tail beyond which a residual is no draw from it: a peg that broke, an asset that died. Of BTC, ETH and the other majors since 2018 none is. */
const beyondLaw = 2

/** Times the 90th percentile of sizes beyond which a residual does not count in the mean with more than that. */
const beyondMean = 3

/** Without what jumps add to it: the days on which a peg broke are no drift of the days on which it held. */
function limitedMean(residuals: Float64Array): number {
  const sizes = residuals.map(Math.abs).sort()
  const limit = beyondMean * (sizes[Math.floor(0.9 * sizes.length)] ?? 0)
  return residuals.reduce((sum, z) => sum + Math.max(-limit, Math.min(limit, z)), 0) / residuals.length
}

/**
 * Mean taken off (no drift is forecast), then generalised Pareto tails in place of the outer tenths (shape at most 1/2), ranks unchanged. The most extreme
 * residuals that lie more than twice as far out as their place in the fitted tail stay as they were: a peg's one bad day among years of none would else
 * become a thirtieth of itself.
 * @param residuals all finite, at least one
 */
export function smoothedMargin(residuals: Float64Array): ParetoMargin {
  const mean = limitedMean(residuals)
  const centred = residuals.map((z) => z - mean)
  const margin = paretoMargin(centred)
  const order = Uint32Array.from(centred, (_, k) => k).sort((a, b) => (centred[a] as number) - (centred[b] as number))
  keepBeyond(margin.values, centred, order)
  keepBeyond(margin.values, centred, order.reverse())
  return margin
}

/** From the outermost inwards, until one fits. */
function keepBeyond(values: Float64Array, seen: Float64Array, order: Uint32Array): void {
  for (const k of order) {
    if (!(Math.abs(seen[k] as number) > beyondLaw * Math.abs(values[k] as number))) return
    values[k] = seen[k] as number
  }
}
