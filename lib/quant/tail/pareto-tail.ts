// Value at risk and expected shortfall from a fitted tail, and a margin whose tails are smoothed by it without a change of ranks.
import { outOfDomain } from '../out-of-domain.ts'
import { type ParetoFit, paretoFit } from './pareto-fit.ts'

/** P(loss > threshold + y) = exceedanceProbability (1 + shape y / scale)^(-1 / shape). */
export interface ParetoTail extends ParetoFit {
  readonly status: 'fitted'
  readonly threshold: number
  /** Share of the sample strictly above the threshold. */
  readonly exceedanceProbability: number
}

/** Why a tail was left as it is. */
export interface UnfittedTail {
  readonly status: 'too-few-exceedances'
  readonly threshold: number
  readonly excesses: number
  /** Ties count once. */
  readonly distinct: number
}

export interface TailChoice {
  /** Share of the sample that lies beyond the threshold, in (0, 1/2); default 0.1. */
  readonly fraction?: number
  /** Fewest distinct excesses that are fitted, at least 3; default 20. */
  readonly fewest?: number
  /** Greatest shape; default 1/2. */
  readonly mostShape?: number
}

/** Losses from the greatest down, as indices into the sample. */
function ordered(losses: Float64Array): Uint32Array {
  return Uint32Array.from(losses, (_, i) => i).sort((a, b) => (losses[b] as number) - (losses[a] as number))
}

function checked(kernel: string, sample: Float64Array, choice: TailChoice): Required<TailChoice> {
  const { fraction = 0.1, fewest = 20, mostShape = 0.5 } = choice
  const bad = sample.findIndex((x) => !Number.isFinite(x))
  if (bad >= 0 || sample.length === 0)
    throw outOfDomain(kernel, 'The sample has a value, and each is finite.', { n: sample.length, bad })
  if (!(fraction > 0 && fraction < 0.5 && fewest >= 3 && mostShape > -0.5 && mostShape < 1))
    throw outOfDomain(kernel, '0 < fraction < 1/2, fewest >= 3, -1/2 < mostShape < 1.', { fraction, fewest, mostShape })
  return { fraction, fewest, mostShape }
}

function fitted(losses: Float64Array, order: Uint32Array, choice: Required<TailChoice>): ParetoTail | UnfittedTail {
  const n = losses.length
  const threshold = losses[order[Math.floor(choice.fraction * n + 1e-9)] ?? 0] ?? 0
  const excesses: number[] = []
  let distinct = 0
  for (const i of order) {
    const excess = (losses[i] as number) - threshold
    if (!(excess > 0)) break
    if (excess !== excesses.at(-1)) distinct += 1
    excesses.push(excess)
  }
  if (distinct < choice.fewest) return { status: 'too-few-exceedances', threshold, excesses: excesses.length, distinct }
  const fit = paretoFit(Float64Array.from(excesses), { mostShape: choice.mostShape })
  return { status: 'fitted', threshold, exceedanceProbability: excesses.length / n, ...fit }
}

/**
 * The upper tail of a sample of losses (McNeil & Frey 2000, section 2.2): floor(fraction n) losses come before the
 * threshold in rank, excesses are strictly above it. Fewer than `fewest` distinct
 * excesses (short, constant or heavily tied samples) are not fitted but reported. Throws `out-of-domain` for an empty
 * sample or one that is not finite, or a choice out of bounds.
 */
export function paretoTail(losses: Float64Array, choice: TailChoice = {}): ParetoTail | UnfittedTail {
  const full = checked('paretoTail', losses, choice)
  return fitted(losses, ordered(losses), full)
}

/** Excess over the threshold that is itself exceeded with conditional probability p in (0, 1]. */
function excessAt({ shape, scale }: ParetoFit, p: number): number {
  const rise = -Math.log(p)
  return shape === 0 ? scale * rise : (scale * Math.expm1(shape * rise)) / shape
}

/**
 * Value at risk and expected shortfall, in the unit and sign of the losses, at a level such as 0.99 that lies in the
 * tail: 1 - level <= exceedanceProbability (McNeil & Frey 2000). Throws `out-of-domain` elsewhere, and
 * for a shape of 1 or more, whose mean is not finite.
 */
export function paretoRisk(
  tail: Omit<ParetoTail, 'status'>,
  level: number,
): { readonly valueAtRisk: number; readonly expectedShortfall: number } {
  const { shape, scale, threshold, exceedanceProbability } = tail
  // 1 - 0.9 is not 0.1: the level at the threshold itself is meant to be inside.
  const p = (1 - level) / exceedanceProbability
  if (!(level < 1 && p <= 1 + 1e-12 && shape < 1 && scale > 0))
    throw outOfDomain('paretoRisk', '1 - exceedanceProbability <= level < 1, shape < 1, scale > 0.', {
      level,
      exceedanceProbability,
      shape,
      scale,
    })
  const excess = excessAt(tail, Math.min(1, p))
  return {
    valueAtRisk: threshold + excess,
    expectedShortfall: threshold + excess + (scale + shape * excess) / (1 - shape),
  }
}

/** Replaces the losses above the threshold by the tail's quantiles at (rank - 1/2) / excesses; ties share their mean rank. */
function replaceTail(
  values: Float64Array,
  losses: Float64Array,
  order: Uint32Array,
  tail: ParetoTail,
  sign: 1 | -1,
): void {
  for (let first = 0; first < tail.excesses; ) {
    const loss = losses[order[first] as number]
    let next = first + 1
    while (next < tail.excesses && losses[order[next] as number] === loss) next += 1
    const mapped = tail.threshold + excessAt(tail, (first + next) / 2 / tail.excesses)
    for (let k = first; k < next; k += 1) values[order[k] as number] = sign * mapped
    first = next
  }
}

export interface ParetoMargin {
  /** The sample with smoothed tails, in the order given. */
  readonly values: Float64Array
  readonly lower: ParetoTail | UnfittedTail
  readonly upper: ParetoTail | UnfittedTail
}

/**
 * A margin with generalised-Pareto tails below and above, its body untouched: a monotone map, so ranks and ties stay as
 * they are and the dependence between margins (their copula) is unchanged. The lower tail is reported as that of the
 * negated sample. A tail with fewer than `fewest` distinct excesses stays as it is and says so. Throws `out-of-domain`
 * as `paretoTail`.
 */
export function paretoMargin(sample: Float64Array, choice: TailChoice = {}): ParetoMargin {
  const full = checked('paretoMargin', sample, choice)
  const values = Float64Array.from(sample)
  const mirrored = sample.map((x) => -x)
  const [down, up] = [ordered(mirrored), ordered(sample)]
  const [lower, upper] = [fitted(mirrored, down, full), fitted(sample, up, full)]
  if (lower.status === 'fitted') replaceTail(values, mirrored, down, lower, -1)
  if (upper.status === 'fitted') replaceTail(values, sample, up, upper, 1)
  return { values, lower, upper }
}
