// Ranges of liquidity of one pair in many scenarios.

import { concentratedValues } from '../../quant/amm/concentrated-batch.ts'
import type { RevaluationKernel } from '../../quant/revaluation-kernel.ts'
import { rateOf, spotOf } from '../market/market.ts'
import type { RangeLeg } from './leg.ts'
import { rowOf, type Stage } from './stage.ts'

/**
 * Values in USD of the legs, all of the same pair; with a quote that moves too they depend on two spots. NaN where the ratio of prices is beyond numbers.
 * @throws HomeostatError `no-price`
 */
export function rangeKernel(
  staged: Stage,
  pair: { readonly asset0: string; readonly asset1: string },
  legs: readonly RangeLeg[],
): RevaluationKernel {
  const { market } = staged
  const [one, two] = [rateOf(market, pair.asset0), rateOf(market, pair.asset1)]
  const [row0, row1] = [rowOf(staged, 'spot', one.underlying), rowOf(staged, 'spot', two.underlying)]
  const factors = [...new Set([row0, row1].filter((row) => row !== undefined))]
  const [here0, here1] = [spotOf(market, one.underlying), spotOf(market, two.underlying)]
  const L = Float64Array.from(legs, (leg) => leg.liquidity)
  const a = Float64Array.from(legs, (leg) => leg.lowerPrice)
  const b = Float64Array.from(legs, (leg) => leg.upperPrice)
  /** Of the spot that moves, where the price of the pair is `bound`. */
  const logSpotOf = (bound: number) =>
    row0 === undefined
      ? Math.log((here0 * one.rate) / (bound * two.rate))
      : Math.log((bound * here1 * two.rate) / one.rate)
  return {
    lines: legs.length,
    factors,
    netting: factors.length === 1 ? 'log-spot' : 'none',
    kinks: factors.length === 1 && one.underlying !== two.underlying ? [...a, ...b].map(logSpotOf) : [],
    values: (rows, out) => {
      const n = out.length / legs.length
      const column = (row: number | undefined) => (row === undefined ? undefined : rows[factors.indexOf(row)])
      const [spots0, spots1] = [column(row0), column(row1)]
      const P = new Float64Array(n)
      const price1 = new Float64Array(n)
      for (let j = 0; j < n; j += 1) {
        const quote = (spots1 === undefined ? here1 : (spots1[j] as number)) * two.rate
        const price = ((spots0 === undefined ? here0 : (spots0[j] as number)) * one.rate) / quote
        const isPrice = price > 0 && price < Number.POSITIVE_INFINITY
        P[j] = isPrice ? price : 1
        price1[j] = isPrice ? quote : Number.NaN
      }
      concentratedValues(L, a, b, P, out)
      for (let i = 0; i < legs.length; i += 1)
        for (let j = 0; j < n; j += 1) out[i * n + j] = (out[i * n + j] as number) * (price1[j] as number)
    },
  }
}
