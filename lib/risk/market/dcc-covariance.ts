// Covariance whose variances and correlations both follow the days: GARCH margins under dynamic conditional correlation.

import { ledoitWolf } from '../../quant/covariance/ledoit-wolf.ts'
import { sampleMoments } from '../../quant/covariance/sample-moments.ts'
import { type DccState, dccCorrelation, fitDcc, leastDccDates, updateDcc } from '../../quant/dcc.ts'
import type { CovarianceInput, RawCovariance } from './covariance-input.ts'
import { enoughForGarch, volatilityDynamics } from './volatility-dynamics.ts'

type Rows = CovarianceInput['rows']

/**
 * Forecast for the bar after the last. The target of the correlations is shrunk to their mean as Ledoit & Wolf ask for (Engle,
 * Ledoit & Wolf 2019, in the linear form), so that more assets than dates do no harm. Where no pair has enough common dates the
 * correlations stay at their target, and a remark says so.
 */
export function dccCovariance({ rows, assets, halfLife }: CovarianceInput): RawCovariance {
  const margins = assets.map((_, i) =>
    volatilityDynamics({ returns: rows.map((row) => row[i]), halfLife: halfLife.variance }),
  )
  const residuals: Rows = rows.map((row, t) =>
    row.map((r, i) => (r === undefined ? undefined : r / Math.sqrt(margins[i]?.variances[t] ?? Number.NaN))),
  )
  const variance = Float64Array.from(margins, ({ variances }) => variances.at(-1) ?? Number.NaN)
  const plain = assets.filter((_, i) => margins[i]?.method === 'ewma')
  const remarks =
    plain.length === 0
      ? []
      : [`under ${enoughForGarch} returns, so exponential weights instead of GARCH: ${plain.join(', ')}`]
  if (assets.length < 2) return { variance, correlation: Float64Array.of(1), shrinkage: 0, remarks }
  const { target, shrinkage } = shrunkTarget(residuals, assets.length)
  const start: DccState = { assets: assets.length, target, q: target }
  const fit = fitDcc(residuals)
  if (fit === undefined) {
    const { correlation } = dccCorrelation(start, 'check')
    const why = `correlations do not vary: no pair of different assets has ${leastDccDates} dates in common`
    return { variance, correlation, shrinkage, remarks: [...remarks, why] }
  }
  const state = updateDcc(fit.parameters, start, residuals)
  const { correlation } = dccCorrelation(state, 'check')
  return { variance, correlation, shrinkage, parameters: { ...fit.parameters }, remarks }
}

function shrunkTarget(residuals: Rows, n: number) {
  const { intensity, matrix } = ledoitWolf({
    moments: sampleMoments({ rows: residuals, mean: 'zero' }),
    target: 'constant-correlation',
  })
  const at = (i: number, j: number) => matrix[i * n + j] ?? 0
  const target: number[] = []
  for (let i = 0; i < n; i += 1)
    for (let j = i; j < n; j += 1) target.push(i === j ? 1 : at(i, j) / Math.sqrt(at(i, i) * at(j, j)))
  return { target: Float64Array.from(target), shrinkage: intensity }
}
