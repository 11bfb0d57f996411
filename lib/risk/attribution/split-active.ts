// The split of a change among those of many causes that matter: each cause that does nothing costs two evaluations, and no doubling.

import { type ChangeSplit, splitChange } from './split-change.ts'

export interface ActiveSplit {
  /** By cause, in the order given: figures of each; zeros for what does nothing. */
  readonly parts: readonly (readonly number[])[]
  readonly method: ChangeSplit['method']
}

/** Of a figure's own size: less is no effect. */
const negligible = 1e-14

/**
 * As `splitChange`. A cause that changes nothing alone, and nothing when it is the only one missing, is taken as done in all mixtures: what causes of this
 * kind do only with each other is in no part.
 */
export function splitActive(params: {
  readonly causes: number
  readonly figures: (isAfter: readonly boolean[]) => readonly number[] | undefined
  readonly exactUpTo?: number
}): ActiveSplit | undefined {
  const { causes, exactUpTo } = params
  const known = new Map<string, readonly number[] | undefined>()
  const figures = (isAfter: readonly boolean[]): readonly number[] | undefined => {
    const mixture = isAfter.map((one) => (one ? '1' : '0')).join('')
    if (!known.has(mixture)) known.set(mixture, params.figures(isAfter))
    return known.get(mixture)
  }
  const all = Array.from({ length: causes }, () => true)
  const [before, after] = [figures(all.map(() => false)), figures(all)]
  if (before === undefined || after === undefined) return undefined
  const active =
    causes <= 2
      ? [...all.keys()]
      : [...all.keys()].filter((i) => {
          const alone = figures(all.map((_, k) => k === i))
          const without = figures(all.map((_, k) => k !== i))
          return !(isSame(alone, before) && isSame(without, after))
        })
  const split = splitChange({
    causes: active.length,
    figures: (isAfter) =>
      figures(all.map((_, k) => (active.includes(k) ? (isAfter[active.indexOf(k)] ?? false) : true))),
    ...(exactUpTo === undefined ? {} : { exactUpTo }),
  })
  if (split === undefined) return undefined
  const n = before.length
  const parts = all.map((_, k) => {
    const row = active.indexOf(k)
    return Array.from({ length: n }, (_, f) => (row < 0 ? 0 : (split.parts[row * n + f] ?? 0)))
  })
  return { parts, method: split.method }
}

function isSame(one: readonly number[] | undefined, other: readonly number[]): boolean {
  return (
    one?.every((figure, i) => Math.abs(figure - (other[i] ?? Number.NaN)) <= negligible * Math.abs(figure)) ?? false
  )
}
