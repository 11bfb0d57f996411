// Moves that no price history holds (a broken peg, a contract that fails), mixed into paths as often as they are expected.

import type { Random } from '../../quant/random.ts'

export interface Jump {
  readonly name: string
  /** Expected times a year of 365 days. */
  readonly annualProbability: number
  /** Log moves by factor; a factor that is not drawn is passed over. ln 0.5 is a fall by half. */
  readonly moves: Readonly<Record<string, number>>
}

const secondsPerYear = 365 * 86_400

/**
 * Adds each jump to 1 - exp(-rate x time) of the paths, rounded up or down by chance so that the mean is right, at an even step of each; moves stay
 * changed from there on. A jump comes at most once a path.
 * @param moves steps x factors x count, changed in place
 * @returns how many paths each jump came to
 */
export function addJumps(params: {
  readonly jumps: readonly Jump[]
  readonly factors: readonly string[]
  readonly steps: number
  readonly count: number
  readonly stepSeconds: number
  readonly moves: Float64Array
  readonly stream: Random
}): readonly number[] {
  const { jumps, factors, steps, count, stepSeconds, moves, stream } = params
  return jumps.map(({ annualProbability, moves: by }) => {
    const probability = -Math.expm1((-annualProbability * steps * stepSeconds) / secondsPerYear)
    const hit = pathsHit(Math.floor(probability * count + stream.uniform()), count, stream)
    for (const path of hit) {
      const from = stream.below(steps)
      for (const [index, factor] of factors.entries()) {
        const move = by[factor]
        if (move === undefined) continue
        for (let s = from; s < steps; s += 1) {
          const at = (s * factors.length + index) * count + path
          moves[at] = (moves[at] ?? 0) + move
        }
      }
    }
    return hit.size
  })
}

/** Different paths, drawn one by one (Floyd). */
function pathsHit(wanted: number, count: number, stream: Random): ReadonlySet<number> {
  const chosen = new Set<number>()
  for (let last = count - wanted; last < count; last += 1) {
    const one = stream.below(last + 1)
    chosen.add(chosen.has(one) ? last : one)
  }
  return chosen
}
