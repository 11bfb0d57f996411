// Shrinkage of an estimated covariance or correlation matrix towards a structure with fewer parameters, as far as its own noise asks for.
import { outOfDomain } from '../out-of-domain.ts'
import { pairs, type SampleMoments } from './sample-moments.ts'

/**
 * `constant-correlation`: the variances with one mean correlation (Ledoit & Wolf 2004, "Honey, I shrunk the sample
 * covariance matrix"). `scaled-identity`: the mean variance on the diagonal (Ledoit & Wolf 2004, "A well-conditioned
 * estimator for large-dimensional covariance matrices"). `uncorrelated`: the variances without correlation; of a
 * correlation matrix that is the identity, and the known diagonal takes no part in the intensity.
 */
export type ShrinkageTarget = 'constant-correlation' | 'scaled-identity' | 'uncorrelated'

export interface Shrunk {
  /** delta in 0..1: (1 - delta) S + delta F. 0 where S is F already. */
  readonly intensity: number
  /** Mean of the known correlations; absent where there is no known pair. */
  readonly meanCorrelation: number | undefined
  /** n x n by rows, symmetric. An unknown pair (T_eff = 0) has its target. */
  readonly matrix: Float64Array
}

/** Below this part of the matrix's own square, S and F differ by rounding alone. */
const SAME = 1e-26

interface Target {
  readonly diagonal: 'own' | number
  /** Correlation off the diagonal. */
  readonly correlation: number
}

function diagonalOf(moments: SampleMoments): Float64Array {
  const { assets, cross } = moments
  let k = 0
  return Float64Array.from({ length: assets }, (_, i) => {
    const value = cross[k] as number
    k += assets - i
    return value
  })
}

function meanCorrelationOf({ assets, cross, squareI, squareJ, effective }: SampleMoments): number | undefined {
  let sum = 0
  let known = 0
  let k = 0
  for (let i = 0; i < assets; i += 1)
    for (let j = i; j < assets; j += 1, k += 1) {
      if (i === j || effective[k] === 0) continue
      sum += (cross[k] as number) / Math.sqrt((squareI[k] as number) * (squareJ[k] as number))
      known += 1
    }
  return known === 0 ? undefined : sum / known
}

/**
 * The optimal intensity: sum of (pi_ij - rho_ij) / T_ij over gamma, with T_ij = T_eff of the pair; clipped to 0..1. Of
 * equal T that is kappa / T of the paper (1/T moments).
 */
function intensityOf(moments: SampleMoments, variances: Float64Array, target: Target): number {
  const { assets, cross, squareI, squareJ, m22, m31, m13, effective } = moments
  let noise = 0
  let gamma = 0
  let size = 0
  let k = 0
  for (let i = 0; i < assets; i += 1)
    for (let j = i; j < assets; j += 1, k += 1) {
      const s = cross[k] as number
      const t = effective[k] as number
      if (t === 0) continue
      const pi = (m22[k] as number) - s * s
      if (i === j) {
        size += s * s
        if (target.diagonal === 'own') continue
        noise += pi / t
        gamma += (s - target.diagonal) ** 2
        continue
      }
      const si = squareI[k] as number
      const sj = squareJ[k] as number
      const ratio = Math.sqrt(sj / si)
      const rho =
        0.5 * target.correlation * (ratio * ((m31[k] as number) - si * s) + ((m13[k] as number) - sj * s) / ratio)
      const f = target.correlation * Math.sqrt((variances[i] as number) * (variances[j] as number))
      noise += (2 * (pi - rho)) / t
      gamma += 2 * (f - s) ** 2
      size += 2 * s * s
    }
  return gamma <= SAME * size ? 0 : Math.min(1, Math.max(0, noise / gamma))
}

/**
 * Shrinks E[x x'] to the target by the Ledoit-Wolf intensity at the pairs' effective number of observations. Positive
 * semidefinite if the moments are (no gaps). One asset, or two with constant correlation, are their own target:
 * intensity 0. Throws `out-of-domain` for an asset without dates or without variance: leave it out first.
 */
export function ledoitWolf(params: { readonly moments: SampleMoments; readonly target: ShrinkageTarget }): Shrunk {
  const { moments } = params
  const { assets, cross, effective } = moments
  if (assets < 1 || cross.length !== pairs(assets))
    throw outOfDomain('ledoitWolf', 'Moments of at least one asset.', { assets, pairs: cross.length })
  const variances = diagonalOf(moments)
  for (const [asset, variance] of variances.entries())
    if (!(variance > 0 && variance < Infinity))
      throw outOfDomain('ledoitWolf', 'Each asset has a variance above 0: leave out the others.', { asset, variance })
  const meanCorrelation = meanCorrelationOf(moments)
  const target: Target =
    params.target === 'scaled-identity'
      ? { diagonal: variances.reduce((sum, v) => sum + v, 0) / assets, correlation: 0 }
      : { diagonal: 'own', correlation: params.target === 'uncorrelated' ? 0 : (meanCorrelation ?? 0) }
  const intensity = intensityOf(moments, variances, target)
  const matrix = new Float64Array(assets * assets)
  let k = 0
  for (let i = 0; i < assets; i += 1)
    for (let j = i; j < assets; j += 1, k += 1) {
      const own = cross[k] as number
      const vi = variances[i] as number
      const diagonal = target.diagonal === 'own' ? vi : target.diagonal
      const f = i === j ? diagonal : target.correlation * Math.sqrt(vi * (variances[j] as number))
      const value = effective[k] === 0 ? f : own + intensity * (f - own)
      matrix[i * assets + j] = value
      matrix[j * assets + i] = value
    }
  return { intensity, meanCorrelation, matrix }
}
