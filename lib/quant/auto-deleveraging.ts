// Who is closed out, and at what loss, when an exchange's insurance fund is empty.
import { outOfDomain } from './out-of-domain.ts'

/**
 * Rank of one holding in the queue, the highest first: profit fraction x leverage in profit, profit fraction / leverage
 * in loss, with profit fraction = profit / entry notional and effective leverage = notional / equity (the formula that
 * large exchanges publish). Domain: notionals above 0, equity above 0, finite; else `out-of-domain`.
 */
export function autoDeleveragingScore(params: {
  readonly profit: number
  readonly entryNotional: number
  readonly notional: number
  readonly equity: number
}): number {
  const { profit, entryNotional, notional, equity } = params
  const fraction = profit / entryNotional
  const leverage = notional / equity
  if (
    !(entryNotional > 0 && notional > 0 && equity > 0 && Number.isFinite(fraction * leverage + fraction / leverage))
  ) {
    throw outOfDomain('autoDeleveragingScore', 'Notionals and equity have to be above 0, all finite.', { ...params })
  }
  return fraction > 0 ? fraction * leverage : fraction / leverage
}

/**
 * How much of each of n holdings is closed when `quantity` has to be taken over: the highest score first, each in full
 * until it is met; equal scores share in proportion to size. Shapes: `sizes` (0 or above, the side that is deleveraged)
 * and `scores` n. `unmet` is what nobody was left for. Throws `out-of-domain` for shapes that disagree, sizes below 0
 * or scores that are not numbers.
 */
export function autoDeleverage(params: {
  readonly sizes: Float64Array
  readonly scores: Float64Array
  readonly quantity: number
}): { readonly closed: Float64Array; readonly unmet: number } {
  const { sizes, scores, quantity } = params
  const sound = sizes.every((size) => size >= 0 && size < Number.POSITIVE_INFINITY) && !scores.some(Number.isNaN)
  if (!(sound && sizes.length === scores.length && quantity >= 0 && quantity < Number.POSITIVE_INFINITY)) {
    throw outOfDomain('autoDeleverage', 'Sizes and quantity 0 or above and finite, as many scores as sizes.', {
      sizes: sizes.length,
      scores: scores.length,
      quantity,
    })
  }
  const closed = new Float64Array(sizes.length)
  const queue = Array.from(scores.keys()).toSorted((i, j) => (scores[j] as number) - (scores[i] as number))
  let unmet = quantity
  for (let k = 0; k < queue.length && unmet > 0; ) {
    const score = scores[queue[k] as number]
    let end = k
    let size = 0
    for (; end < queue.length && scores[queue[end] as number] === score; end += 1)
      size += sizes[queue[end] as number] as number
    const share = size > unmet ? unmet / size : 1
    for (; k < end; k += 1) closed[queue[k] as number] = share * (sizes[queue[k] as number] as number)
    unmet = size > unmet ? 0 : unmet - size
  }
  return { closed, unmet }
}

/**
 * Stress: what a holder forgoes, in quote (0 or above), when `fraction` of a linear holding is closed at the bankruptcy
 * price of the one that could not pay instead of at the mark: abs(size) fraction x how far that price is worse; nothing
 * where it is better. `hedgeLost` is the delta, in units of the underlying, that is gone. Size above 0 is long. Domain:
 * prices above 0, fraction within 0..1, finite; else `out-of-domain`.
 */
export function autoDeleveragingStress(params: {
  readonly size: number
  readonly mark: number
  readonly bankruptcyPrice: number
  readonly fraction: number
}): { readonly forgone: number; readonly hedgeLost: number } {
  const { size, mark, bankruptcyPrice, fraction } = params
  const hedgeLost = size * fraction
  const forgone = Math.max(hedgeLost * (mark - bankruptcyPrice), 0)
  if (!(mark > 0 && bankruptcyPrice > 0 && fraction >= 0 && fraction <= 1 && Number.isFinite(forgone))) {
    throw outOfDomain('autoDeleveragingStress', 'Prices above 0, fraction within 0..1, finite.', { ...params })
  }
  return { forgone, hedgeLost }
}
