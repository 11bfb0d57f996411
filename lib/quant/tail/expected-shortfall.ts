// Value at risk and expected shortfall of scenarios, and how much of each scenario is in the tail, so that contributions sum.
import { outOfDomain } from '../out-of-domain.ts'

export interface EmpiricalTail {
  /** Least v with P(loss <= v) >= level. */
  readonly valueAtRisk: number
  readonly expectedShortfall: number
  /** Per scenario its part of the tail: they sum to 1, and with the losses to the expected shortfall. Scenarios that tie at the value at risk share what is left. */
  readonly shares: Float64Array
}

/** Probabilities that differ by less are one: 1 - 0.99 is not 0.01. */
const SAME = 1e-12

function checkScenarios(losses: Float64Array, level: number, weights: Float64Array | undefined): void {
  const bad = losses.findIndex((loss) => !Number.isFinite(loss))
  const badWeight = weights?.findIndex((w) => !(w >= 0 && w < Infinity)) ?? -1
  if (
    losses.length === 0 ||
    bad >= 0 ||
    badWeight >= 0 ||
    !(level > 0 && level < 1) ||
    (weights ?? losses).length !== losses.length
  )
    throw outOfDomain(
      'expectedShortfall',
      'At least one loss, each finite; 0 < level < 1; one weight for each, none below 0.',
      { losses: losses.length, bad, level, weights: (weights ?? losses).length, badWeight },
    )
}

/**
 * Rockafellar & Uryasev (2002), "Conditional value-at-risk for general loss distributions", theorem 10:
 * ES = min over v of v + E[(L - v)+] / (1 - level), reached at the value at risk; of the scenarios that lie on it only
 * the part counts that fills the tail to 1 - level. Losses are positive; `weights` are probabilities up to a factor,
 * equal where left out. Throws `out-of-domain` for no loss, one that is not finite, or weights that are none.
 */
export function expectedShortfall(losses: Float64Array, level: number, weights?: Float64Array): EmpiricalTail {
  checkScenarios(losses, level, weights)
  const total = weights === undefined ? losses.length : weights.reduce((sum, w) => sum + w, 0)
  if (!(total > 0 && total < Infinity))
    throw outOfDomain('expectedShortfall', 'The weights have a sum above 0.', { total })
  const tail = (1 - level) * total
  const valueAtRisk = weights === undefined ? quantile(losses, tail) : weightedQuantile(losses, tail, weights)
  const shares = new Float64Array(losses.length)
  let [above, at] = [0, 0]
  for (let k = 0; k < losses.length; k += 1) {
    const w = weights === undefined ? 1 : (weights[k] as number)
    const loss = losses[k] as number
    if (loss > valueAtRisk) {
      shares[k] = w / tail
      above += w
    } else if (loss === valueAtRisk) at += w
  }
  const left = at > 0 ? Math.max(0, tail - above) / tail / at : 0
  // Above the value at risk, so that a large common part of all losses costs no digits.
  let excess = 0
  for (let k = 0; k < losses.length; k += 1) {
    const loss = losses[k] as number
    if (loss === valueAtRisk) shares[k] = left * (weights === undefined ? 1 : (weights[k] as number))
    else excess += (shares[k] as number) * (loss - valueAtRisk)
  }
  return { valueAtRisk, expectedShortfall: valueAtRisk + excess, shares }
}

/** The loss of equal weights that has at most `tail` others above it. */
function quantile(losses: Float64Array, tail: number): number {
  const sorted = Float64Array.from(losses).sort()
  const above = Math.min(losses.length - 1, Math.floor(tail * (1 + SAME)))
  return sorted[losses.length - 1 - above] as number
}

function weightedQuantile(losses: Float64Array, tail: number, weights: Float64Array): number {
  const order = Uint32Array.from(losses, (_, k) => k).sort((a, b) => (losses[b] as number) - (losses[a] as number))
  let above = 0
  for (const k of order) {
    above += weights[k] as number
    if (above > tail * (1 + SAME)) return losses[k] as number
  }
  return losses[order.at(-1) ?? 0] as number
}
