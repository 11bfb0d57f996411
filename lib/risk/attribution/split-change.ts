// Who is to blame for a change that several causes made together: an exact split, by the average over all orders or by one stated order.

import { outOfDomain } from '../../quant/out-of-domain.ts'

export interface ChangeSplit {
  /** causes x figures by rows; the parts of each figure sum to its change. */
  readonly parts: Float64Array
  /** figures: with all causes after, less with all before. */
  readonly change: Float64Array
  /** `shapley`: each cause's mean effect over all orders. `stated-order`: its effect after those before it. */
  readonly method: 'shapley' | 'stated-order'
}

/** 64 evaluations. */
const exactCauses = 6

/**
 * Splits the change of one or more figures among causes. `figures(isAfter)` are the figures where cause i has its value of after if `isAfter[i]`, else of
 * before. Up to `exactUpTo` (6) causes: Shapley (1953), "A value for n-person games", over the 2^k mixtures; beyond, and where a mixture has no figures
 * (undefined, or one that is not finite), in the order of the causes, k + 1 evaluations.
 * @returns undefined where an evaluation of the stated order has no figures either
 * @throws HomeostatError `out-of-domain` for a number of causes that is not a whole number from 0
 */
export function splitChange(params: {
  readonly causes: number
  readonly figures: (isAfter: readonly boolean[]) => ArrayLike<number> | undefined
  readonly exactUpTo?: number
}): ChangeSplit | undefined {
  const { causes, figures, exactUpTo = exactCauses } = params
  if (!(Number.isInteger(causes) && causes >= 0))
    throw outOfDomain('splitChange', 'A whole number of causes from 0.', { causes })
  const isExact = causes <= Math.min(exactUpTo, 20)
  return (isExact ? shapley(causes, figures) : undefined) ?? inOrder(causes, figures)
}

function known(figures: ArrayLike<number> | undefined): ArrayLike<number> | undefined {
  if (figures === undefined) return undefined
  for (let i = 0; i < figures.length; i += 1) if (!Number.isFinite(figures[i])) return undefined
  return figures
}

function difference(after: ArrayLike<number>, before: ArrayLike<number>): Float64Array {
  return Float64Array.from(after, (one, i) => one - (before[i] as number))
}

function shapley(k: number, figures: (isAfter: readonly boolean[]) => ArrayLike<number> | undefined) {
  const values: ArrayLike<number>[] = []
  for (let mask = 0; mask < 1 << k; mask += 1) {
    const found = known(figures(Array.from({ length: k }, (_, i) => (mask & (1 << i)) !== 0)))
    if (found === undefined) return undefined
    values.push(found)
  }
  const [before, after] = [values[0] as ArrayLike<number>, values[(1 << k) - 1] as ArrayLike<number>]
  const n = before.length
  const parts = new Float64Array(k * n)
  const weights = orderWeights(k)
  for (let mask = 0; mask < 1 << k; mask += 1) {
    const weight = weights[ones(mask)] as number
    for (let i = 0; i < k; i += 1) {
      if ((mask & (1 << i)) !== 0) continue
      const [without, joined] = [values[mask] as ArrayLike<number>, values[mask | (1 << i)] as ArrayLike<number>]
      for (let f = 0; f < n; f += 1)
        parts[i * n + f] = (parts[i * n + f] as number) + weight * ((joined[f] as number) - (without[f] as number))
    }
  }
  return { parts, change: difference(after, before), method: 'shapley' as const }
}

/** s! (k - s - 1)! / k!: how often, over all orders, exactly a given set of s causes comes before another. */
function orderWeights(k: number): readonly number[] {
  const weights: number[] = []
  for (let s = 0, weight = 1 / Math.max(k, 1); s < k; s += 1) {
    weights.push(weight)
    weight *= (s + 1) / Math.max(k - s - 1, 1)
  }
  return weights
}

function ones(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1
  return count
}

function inOrder(k: number, figures: (isAfter: readonly boolean[]) => ArrayLike<number> | undefined) {
  const levels: ArrayLike<number>[] = []
  for (let done = 0; done <= k; done += 1) {
    const found = known(figures(Array.from({ length: k }, (_, i) => i < done)))
    if (found === undefined) return undefined
    levels.push(found)
  }
  const [before, after] = [levels[0] as ArrayLike<number>, levels[k] as ArrayLike<number>]
  const parts = new Float64Array(k * before.length)
  for (let i = 0; i < k; i += 1)
    parts.set(difference(levels[i + 1] as ArrayLike<number>, levels[i] as ArrayLike<number>), i * before.length)
  return { parts, change: difference(after, before), method: 'stated-order' as const }
}
