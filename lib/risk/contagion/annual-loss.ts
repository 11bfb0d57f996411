// What all failures together cost a year: expected, at 99 %, and how much of it hangs on few things.

import type { Ratio, Usd } from '../../base/units.ts'
import type { Hazard } from '../../model/dependency-graph.ts'
import { lossDistribution } from '../../quant/network/loss-distribution.ts'
import type { BalanceSheets } from './balance-sheets.ts'
import type { ContagionMethod } from './methods.ts'
import { spreadFailure } from './spread-failure.ts'

export interface ComponentLoss {
  readonly node: string
  readonly hazard: Hazard
  /** What the holder loses if it fails. */
  readonly lossUsd: Usd
}

export interface AnnualLoss {
  /** Those that cost the holder something, the largest loss first. */
  readonly components: readonly ComponentLoss[]
  readonly low: { readonly expectedUsd: Usd; readonly at99Usd: Usd }
  readonly mid: { readonly expectedUsd: Usd; readonly at99Usd: Usd }
  readonly high: { readonly expectedUsd: Usd; readonly at99Usd: Usd }
  /** Herfindahl-Hirschman index of the expected losses at mid: 1 is all on one component; absent: nothing is expected. */
  readonly concentration?: Ratio
}

/**
 * Each node with a hazard fails alone and wholly; the holder's loss is the fall of its equity by `method`. Failures are taken to be independent, for what they
 * share stands in the graph as a node of its own. Ranges of hazard stay ranges.
 */
export function annualLoss(params: {
  readonly sheets: BalanceSheets
  readonly holder: string
  readonly method: ContagionMethod
}): AnnualLoss {
  const { sheets, holder, method } = params
  const at = sheets.indexOf.get(holder) ?? -1
  const components = sheets.graph.nodes
    .flatMap(({ id, hazard }): readonly ComponentLoss[] => {
      if (hazard === undefined || id === holder) return []
      const { nodes } = spreadFailure({ sheets, shocks: [{ node: id, recovery: 0, governs: true }], method })
      const lossUsd = nodes[at]?.loss ?? 0
      return lossUsd > 0 ? [{ node: id, hazard, lossUsd }] : []
    })
    .toSorted((a, b) => b.lossUsd - a.lossUsd)
  const summed = (level: 'low' | 'mid' | 'high') => {
    const spread = lossDistribution(
      components.map(({ hazard, lossUsd }) => ({ probability: hazard[level], loss: lossUsd })),
    )
    return { expectedUsd: spread.mean, at99Usd: spread.quantile(0.99) }
  }
  const mid = summed('mid')
  const squares = components.reduce((sum, { hazard, lossUsd }) => sum + (hazard.mid * lossUsd) ** 2, 0)
  return {
    components,
    low: summed('low'),
    mid,
    high: summed('high'),
    ...(mid.expectedUsd > 0 ? { concentration: squares / mid.expectedUsd ** 2 } : {}),
  }
}
