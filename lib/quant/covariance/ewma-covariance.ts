// The covariance that risk is measured with: fast variances, slow shrunk correlations, and what had to be assumed said aloud.
import { outOfDomain } from '../out-of-domain.ts'
import type { EwmaState } from './ewma-moments.ts'
import { ledoitWolf } from './ledoit-wolf.ts'
import { repairedCorrelation } from './repaired-correlation.ts'
import { noMoments, type SampleMoments } from './sample-moments.ts'

export interface EwmaCovariance {
  /** n x n by rows, per observation (not annual). Symmetric and positive semidefinite. */
  readonly covariance: Float64Array
  /** n x n by rows, ones on the diagonal. */
  readonly correlation: Float64Array
  /** Ledoit-Wolf intensity, 0..1. */
  readonly intensity: number
  /** Absent with fewer than two assets that move. */
  readonly meanCorrelation: number | undefined
  /** Assets that never moved: variance 0, correlation 0 with the others, outside of the shrinkage. */
  readonly constant: readonly number[]
  /** Pairs with fewer than two dates in common (or no move on them): they have the mean correlation. */
  readonly assumed: readonly (readonly [number, number])[]
  /** The least T_eff of a known pair is below the number of assets: without shrinkage it would be singular. */
  readonly fewerObservationsThanAssets: boolean
  /** Only if gaps made the matrix indefinite: its smallest eigenvalue before, and the largest change of a correlation. */
  readonly repair: { readonly smallestEigenvalue: number; readonly largestChange: number } | undefined
}

/** A variance below is zero: fourth moments of such returns would be lost. */
const NOTHING = 1e-60

function packedIndex(assets: number, i: number, j: number): number {
  return i * assets - (i * (i - 1)) / 2 + (j - i)
}

/** Moments of x / sqrt(E[x^2]), so that E[x_i x_j] is a correlation; pairs that are not known have T_eff = 0. */
function standardised(state: EwmaState, moving: readonly number[]): SampleMoments {
  const { assets, joint, moments } = state
  const out = noMoments(moving.length)
  let k = 0
  for (const [p, i] of moving.entries())
    for (const j of moving.slice(p)) {
      const from = packedIndex(assets, i, j)
      const si = moments.squareI[from] as number
      const sj = moments.squareJ[from] as number
      const known = (joint[from] as number) >= 2 && si > NOTHING && sj > NOTHING
      if (known) {
        const root = Math.sqrt(si) * Math.sqrt(sj)
        out.effective[k] = moments.effective[from] as number
        out.cross[k] = i === j ? 1 : Math.max(-1, Math.min(1, (moments.cross[from] as number) / root))
        out.m22[k] = (moments.m22[from] as number) / (root * root)
        out.m31[k] = (moments.m31[from] as number) / (si * root)
        out.m13[k] = (moments.m13[from] as number) / (sj * root)
      }
      out.squareI[k] = 1
      out.squareJ[k] = 1
      k += 1
    }
  return out
}

function checkDates(state: EwmaState): void {
  for (let i = 0; i < state.assets; i += 1) {
    const dates = state.joint[packedIndex(state.assets, i, i)] as number
    if (dates < 2)
      throw outOfDomain('ewmaCovariance', 'Each asset has two returns or more: leave it out until then.', {
        asset: i,
        dates,
      })
  }
}

/**
 * Sigma = D R D: D from the fast variances, R from the slow correlations (each pair over its own dates), shrunk to the
 * target by the intensity of Ledoit & Wolf (2004) at T_eff = (sum w)^2 / sum w^2. Gaps, constant series and short
 * histories have the stated rules of the result's fields. Throws `out-of-domain` for an asset with fewer than two
 * returns.
 */
export function ewmaCovariance(params: {
  readonly state: EwmaState
  readonly target: 'constant-correlation' | 'uncorrelated'
}): EwmaCovariance {
  const { state, target } = params
  const { assets, variance, moments } = state
  checkDates(state)
  const all = Array.from({ length: assets }, (_, i) => i)
  const moves = (i: number) =>
    (moments.cross[packedIndex(assets, i, i)] as number) > NOTHING && (variance[i] as number) > NOTHING
  const moving = all.filter(moves)
  const n = moving.length
  const standard = standardised(state, moving)
  const shrunk = n === 0 ? undefined : ledoitWolf({ moments: standard, target })
  // Without gaps R is a Gram matrix and its target is semidefinite: there is nothing to look for.
  const first = standard.effective[0]
  const gaps = standard.effective.some((effective) => effective !== first)
  const { correlation: core, repair } =
    shrunk !== undefined && gaps
      ? repairedCorrelation(shrunk.matrix, n)
      : { correlation: shrunk?.matrix ?? new Float64Array(0), repair: undefined }
  const correlation = new Float64Array(assets * assets)
  for (const i of all) correlation[i * assets + i] = 1
  const assumed: (readonly [number, number])[] = []
  for (const [p, i] of moving.entries())
    for (const [q, j] of moving.entries()) {
      if (i === j) continue
      correlation[i * assets + j] = core[p * n + q] as number
      if (i < j && standard.effective[packedIndex(n, p, q)] === 0) assumed.push([i, j])
    }
  const sigma = Float64Array.from(variance, (v, i) => (moves(i) ? Math.sqrt(v) : 0))
  const covariance = correlation.map(
    (rho, at) => rho * ((sigma[Math.floor(at / assets)] as number) * (sigma[at % assets] as number)),
  )
  return {
    covariance,
    correlation,
    intensity: shrunk?.intensity ?? 0,
    meanCorrelation: shrunk?.meanCorrelation,
    constant: all.filter((i) => !moves(i)),
    assumed,
    fewerObservationsThanAssets: standard.effective.some((effective) => effective > 0 && effective < n),
    repair,
  }
}
