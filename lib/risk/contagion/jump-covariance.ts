// Shared contracts as correlation: when a bridge fails, all that came over it falls together.

import type { Ratio, Years } from '../../base/units.ts'

/** A component that may fail, and what each holding loses of its value then. */
export interface JumpComponent {
  readonly id: string
  /** Failures a year. */
  readonly hazard: number
  /** By holding, in the order of the covariance: LGD x share of it that stands on the component, 0..1. */
  readonly loss: readonly Ratio[]
}

/**
 * Sigma dt + dt sum_c h_c L_c L_c': second moments of returns over `years`, in which each component fails as a Poisson process of rate h_c and takes the shares
 * L_c with it. Expected returns have to lose dt h_c L_c beside it (`jumpDrift`), so that a risk is not only a variance.
 * @param params.covariance n x n by rows, per year
 * @returns n x n by rows, over `years`
 */
export function jumpCovariance(params: {
  readonly covariance: ArrayLike<number>
  readonly components: readonly JumpComponent[]
  readonly years: Years
}): Float64Array {
  const { covariance, components, years } = params
  const size = Math.round(Math.sqrt(covariance.length))
  const total = Float64Array.from(covariance, (value) => value * years)
  for (const { hazard, loss } of components)
    for (let i = 0; i < size; i += 1)
      for (let j = 0; j < size; j += 1)
        total[i * size + j] = (total[i * size + j] ?? 0) + years * hazard * (loss[i] ?? 0) * (loss[j] ?? 0)
  return total
}

/** -dt sum_c h_c L_c: what failures take from expected returns over `years`. */
export function jumpDrift(params: {
  readonly size: number
  readonly components: readonly JumpComponent[]
  readonly years: Years
}): Float64Array {
  const drift = new Float64Array(params.size)
  for (const { hazard, loss } of params.components)
    for (let i = 0; i < params.size; i += 1) drift[i] = (drift[i] ?? 0) - params.years * hazard * (loss[i] ?? 0)
  return drift
}
