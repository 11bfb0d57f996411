// How likely a health factor falls by so much at some time of the way, also where too few of the paths went there to count.

import type { Ratio } from '../../base/units.ts'
import { type ParetoFit, paretoFit } from '../../quant/tail/pareto-fit.ts'
import { largest } from './loss-tail.ts'

export interface PassageTail {
  /** Chance that ln(HF / HF(0)) goes below -depth. */
  readonly chanceOf: (depth: number) => { readonly probability: Ratio; readonly isExtrapolated?: true }
  /** Least depth that is passed with at most this chance. */
  readonly depthFor: (probability: Ratio) => number
}

/** Paths that have to be beyond a depth for their share to be the estimate. */
const fewest = 20
/** Share of the paths behind the fitted tail. */
const fittedShare = 0.025
const fewestExcesses = 40

/**
 * The share of paths; where fewer than 20 are beyond, a generalised-Pareto tail fitted to the deepest 2.5 % (shape 0 to 1/2), led on from the 20th deepest path. A
 * tail that cannot be fitted (nothing moves, few paths) is the share of paths alone.
 * @param minima of ln(HF / HF(0)) by path, 0 or less; one or more
 */
export function passageTail(minima: Float64Array): PassageTail {
  const count = minima.length
  const kept = Math.min(count, Math.max(fewest + 1, Math.ceil(fittedShare * count)))
  const depths = depthsOf(minima)
  largest(depths, kept - 1)
  // Selection leaves the deepest in front.
  const deepest = depths.subarray(0, kept).toSorted().reverse()
  const edge = deepest[fewest - 1] ?? 0
  const tail = memo(() => fittedTail(deepest))
  return {
    chanceOf: (depth) => {
      let beyond = 0
      for (let p = 0; p < count; p += 1) if ((minima[p] as number) < -depth) beyond += 1
      const fit = beyond >= fewest || count < fewest || depth <= edge ? undefined : tail()
      if (fit === undefined) return { probability: beyond / count }
      const share = survival(fit, depth) / survival(fit, edge)
      return { probability: (fewest / count) * share, isExtrapolated: true }
    },
    depthFor: (probability) => {
      const rank = Math.floor(probability * count + 1e-9)
      const fit = rank >= fewest || count < fewest ? undefined : tail()
      if (fit !== undefined) return quantile(fit, (probability * count * survival(fit, edge)) / fewest)
      if (rank < kept) return deepest[rank] ?? 0
      return largest(depthsOf(minima), Math.min(rank, count - 1))
    },
  }
}

function depthsOf(minima: Float64Array): Float64Array {
  const depths = new Float64Array(minima.length)
  for (let p = 0; p < depths.length; p += 1) depths[p] = -(minima[p] as number)
  return depths
}

interface FittedTail extends ParetoFit {
  readonly threshold: number
}

function fittedTail(deepest: Float64Array): FittedTail | undefined {
  const threshold = deepest.at(-1) ?? 0
  const excesses = deepest.map((depth) => depth - threshold).filter((excess) => excess > 0)
  if (new Set(excesses).size < fewestExcesses) return undefined
  const fit = paretoFit(excesses, { mostShape: 0.5 })
  // Of paths that are not the deepest there are, no end of the tail can be told: at the least it is exponential.
  if (fit.shape >= 0) return { ...fit, threshold }
  return { ...fit, threshold, shape: 0, scale: excesses.reduce((sum, one) => sum + one, 0) / excesses.length }
}

/** P(depth > x | depth > threshold). */
function survival({ shape, scale, threshold }: FittedTail, depth: number): number {
  const excess = Math.max(0, depth - threshold) / scale
  return shape === 0 ? Math.exp(-excess) : Math.max(0, 1 + shape * excess) ** (-1 / shape)
}

function quantile({ shape, scale, threshold }: FittedTail, share: number): number {
  const rise = -Math.log(Math.min(1, share))
  return threshold + (shape === 0 ? scale * rise : (scale * Math.expm1(shape * rise)) / shape)
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
