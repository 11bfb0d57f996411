// Where a volatility shift that follows the spot is least like a smooth curve: there a net has to be tested.

import { gridOf, logSpan } from '../../quant/add-net.ts'
import { rowOf, type Stage } from './stage.ts'

const buckets = 128
const knotsPerBucket = 4

/**
 * Of each of 128 equal parts of the log spots the scenario in which the shift of `underlying` is farthest from the line between its values nearby, by log spot;
 * empty where no shift follows the spot. All scenarios are looked at: a shift may be any function.
 */
export function shiftKinks(staged: Stage, underlying: string): readonly number[] {
  const shift = staged.shiftBySpot.get(underlying)
  const row = rowOf(staged, 'spot', underlying)
  if (shift === undefined || row === undefined) return []
  const spots = staged.rows.subarray(row * staged.count, (row + 1) * staged.count)
  const { from, to } = logSpan(spots)
  const knots = gridOf(from, to, buckets * knotsPerBucket + 1).map((log) => shift(Math.exp(log)))
  const worst = new Map<number, { readonly log: number; readonly off: number }>()
  for (let j = 0; j < spots.length; j += 1) {
    const spot = spots[j] as number
    const log = Math.log(spot)
    const u = ((log - from) / (to - from)) * buckets * knotsPerBucket
    const k = Math.min(Math.floor(u), buckets * knotsPerBucket - 1)
    const [left, right] = [knots[k] ?? 0, knots[k + 1] ?? 0]
    const off = Math.abs(shift(spot) - left - (u - k) * (right - left))
    const bucket = Math.floor(k / knotsPerBucket)
    if (!(off <= (worst.get(bucket)?.off ?? -1))) worst.set(bucket, { log, off })
  }
  return [...worst.values()].map(({ log }) => log)
}
