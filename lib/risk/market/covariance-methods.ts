// The ways to estimate a covariance: one function each, by its name.

import { ewmaCovariance } from '../../quant/covariance/ewma-covariance.ts'
import { startEwma, updateEwma } from '../../quant/covariance/ewma-moments.ts'
import { ledoitWolf, type ShrinkageTarget } from '../../quant/covariance/ledoit-wolf.ts'
import { type SampleMoments, sampleMoments, unpacked } from '../../quant/covariance/sample-moments.ts'
import type { CovarianceEstimator, CovarianceInput, RawCovariance } from './covariance-input.ts'
import type { CovarianceMethodName } from './covariance-method-names.ts'
import { dccCovariance } from './dcc-covariance.ts'

/** Fast variances, slow correlations, zero mean, shrunk at the effective number of observations (QUANT row Covariance). */
function byEwma({ rows, assets, halfLife }: CovarianceInput, target: 'constant-correlation' | 'uncorrelated') {
  const settings = { varianceHalfLife: halfLife.variance, correlationHalfLife: halfLife.correlation, start: 60 }
  const state = updateEwma(startEwma({ assets: assets.length, settings }), rows)
  const { correlation, intensity } = ewmaCovariance({ state, target })
  return { variance: state.variance, correlation, shrinkage: intensity }
}

/** Variances off a matrix's diagonal, and what is left. */
function split(matrix: Float64Array, n: number): Pick<RawCovariance, 'variance' | 'correlation'> {
  const variance = Float64Array.from({ length: n }, (_, i) => matrix[i * n + i] ?? 0)
  const root = variance.map(Math.sqrt)
  const correlation = matrix.map((value, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const rho = i === j ? 1 : value / ((root[i] ?? 0) * (root[j] ?? 0))
    return Math.max(-1, Math.min(1, rho))
  })
  return { variance, correlation }
}

/** Equal weights, deviations from the mean, 1/T. */
function byShrinkage({ rows, assets }: CovarianceInput, target: ShrinkageTarget): RawCovariance {
  const { intensity, matrix } = ledoitWolf({ moments: sampleMoments({ rows, mean: 'weighted' }), target })
  return { ...split(matrix, assets.length), shrinkage: intensity }
}

/** Over the dates of each pair; of one without any, 0. */
function pairwise(moments: SampleMoments): Float64Array {
  const { assets: n, cross, squareI, squareJ } = moments
  return unpacked(
    n,
    cross.map((value, k) => {
      const size = Math.sqrt((squareI[k] ?? 0) * (squareJ[k] ?? 0))
      return size > 0 ? Math.max(-1, Math.min(1, value / size)) : 0
    }),
  ).map((rho, at) => (Math.floor(at / n) === at % n ? 1 : rho))
}

/** Equal weights, deviations from the mean, 1/(T - 1). */
function bySample({ rows, assets }: CovarianceInput): RawCovariance {
  const n = assets.length
  const moments = sampleMoments({ rows, mean: 'weighted' })
  const matrix = unpacked(n, moments.cross)
  const variance = Float64Array.from({ length: n }, (_, i) => {
    const dates = rows.reduce((count, row) => count + (row[i] === undefined ? 0 : 1), 0)
    return ((matrix[i * n + i] ?? 0) * dates) / Math.max(1, dates - 1)
  })
  return { variance, correlation: pairwise(moments), shrinkage: 0 }
}

/** The sample's variances, and for each pair the mean of all known correlations (Elton & Gruber 1973). */
function byConstant(input: CovarianceInput): RawCovariance {
  const n = input.assets.length
  const { variance } = bySample(input)
  const moments = sampleMoments({ rows: input.rows, mean: 'weighted' })
  const matrix = pairwise(moments)
  const known = unpacked(n, moments.effective)
  const off = matrix.filter((_, at) => Math.floor(at / n) !== at % n && (known[at] ?? 0) > 0)
  const mean = off.length === 0 ? 0 : off.reduce((sum, rho) => sum + rho, 0) / off.length
  const correlation = matrix.map((_, at) => (Math.floor(at / n) === at % n ? 1 : mean))
  return { variance, correlation, shrinkage: 1 }
}

/** What stands behind each name. */
export const covarianceEstimators: Readonly<Record<CovarianceMethodName, CovarianceEstimator>> = {
  ewma: (input) => byEwma(input, 'constant-correlation'),
  'ewma-identity': (input) => byEwma(input, 'uncorrelated'),
  sample: bySample,
  'ledoit-wolf': (input) => byShrinkage(input, 'constant-correlation'),
  'ledoit-wolf-identity': (input) => byShrinkage(input, 'scaled-identity'),
  dcc: dccCovariance,
  constant: byConstant,
}
