// Value at risk, expected shortfall and the weights behind it, of losses in equally likely scenarios.

import type { Ratio, Usd } from '../../base/units.ts'

export interface LossTail {
  readonly valueAtRisk: Usd
  readonly expectedShortfall: Usd
}

/**
 * VaR is the smallest x with P(loss <= x) >= level; ES = VaR + E[(loss - VaR)+] / (1 - level) (Rockafellar & Uryasev 2002, theorem 10), which counts of an atom at
 * VaR the part that the level leaves.
 * @param losses one or more, all finite; not changed
 */
export function lossTail(losses: Float64Array, level: Ratio): LossTail {
  return shortfallOf(losses.slice(), tailMass(losses.length, level))
}

/** Reorders the losses, of which those beyond VaR and VaR itself have to be among. */
function shortfallOf(losses: Float64Array, tail: number): LossTail {
  const valueAtRisk = largest(losses, Math.min(Math.floor(tail), losses.length - 1))
  let excess = 0
  for (const loss of losses) if (loss > valueAtRisk) excess += loss - valueAtRisk
  return { valueAtRisk, expectedShortfall: valueAtRisk + excess / tail }
}

/**
 * Expected shortfall of the losses without one part of them, for many parts in turn: exact, and without a selection among all scenarios. The scenarios with the
 * greatest losses give a floor that the value at risk of the rest cannot be below, and one pass finds those above it.
 */
export function shortfallWithout(losses: Float64Array, level: Ratio): (part: Float64Array) => Usd {
  const count = losses.length
  const wanted = Math.min(count, Math.floor(tailMass(count, level)) + 1)
  const near = Math.min(count, 2 * wanted)
  const edge = largest(losses.slice(), near - 1)
  const nearest = [...losses.keys()].filter((scenario) => (losses[scenario] as number) >= edge).slice(0, near)
  const rest = new Float64Array(count)
  return (part) => {
    const sample = Float64Array.from(nearest, (scenario) => (losses[scenario] as number) - (part[scenario] as number))
    const floor = largest(sample, wanted - 1)
    let found = 0
    for (let p = 0; p < count; p += 1) {
      const loss = (losses[p] as number) - (part[p] as number)
      if (loss < floor) continue
      rest[found] = loss
      found += 1
    }
    return shortfallOf(rest.slice(0, found), tailMass(count, level)).expectedShortfall
  }
}

export interface TailWeight {
  readonly scenario: number
  readonly weight: Ratio
}

/** Weights that sum to 1: the expected shortfall is the weighted sum of losses, and so is each position's part of it. Scenarios at VaR share what is left. */
export function tailWeights(losses: Float64Array, level: Ratio): readonly TailWeight[] {
  const tail = tailMass(losses.length, level)
  const { valueAtRisk } = lossTail(losses, level)
  const beyond: number[] = []
  const at: number[] = []
  for (const [scenario, loss] of losses.entries()) {
    if (loss > valueAtRisk) beyond.push(scenario)
    else if (loss === valueAtRisk) at.push(scenario)
  }
  const rest = (1 - beyond.length / tail) / at.length
  return [
    ...beyond.map((scenario) => ({ scenario, weight: 1 / tail })),
    ...(rest > 0 ? at.map((scenario) => ({ scenario, weight: rest })) : []),
  ]
}

/** Scenarios beyond the level, with 1e-9 for what binary fractions miss: 0.01 x 10,000 is 100. */
function tailMass(count: number, level: Ratio): number {
  const mass = (1 - level) * count
  const whole = Math.round(mass)
  return Math.abs(mass - whole) < 1e-9 * count ? Math.max(whole, 1e-9) : mass
}

/** The element that `rank` others exceed or equal, 0 for the largest; reorders `values` (Hoare's selection). */
export function largest(values: Float64Array, rank: number): number {
  let [low, high] = [0, values.length - 1]
  while (low < high) {
    const pivot = medianOf(values[low] as number, values[(low + high) >> 1] as number, values[high] as number)
    let [i, k] = [low, high]
    while (i <= k) {
      while ((values[i] as number) > pivot) i += 1
      while ((values[k] as number) < pivot) k -= 1
      if (i > k) break
      const held = values[i] as number
      values[i] = values[k] as number
      values[k] = held
      i += 1
      k -= 1
    }
    if (rank <= k) high = k
    else if (rank >= i) low = i
    else return values[rank] as number
  }
  return values[rank] as number
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}
