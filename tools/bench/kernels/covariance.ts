// The covariance of 60 assets: exponential weights and shrinkage next to numpy's matrix products, and the filter of DCC.

import { ewmaCovariance } from '../../../lib/quant/covariance/ewma-covariance.ts'
import { startEwma, updateEwma } from '../../../lib/quant/covariance/ewma-moments.ts'
import { dccCorrelation, updateDcc } from '../../../lib/quant/dcc.ts'
import { fitGarch } from '../../../lib/quant/garch.ts'
import { random } from '../../../lib/quant/random.ts'
import { defineBench } from '../define-bench.ts'
import { endsOf } from '../each-row.ts'

const assets = 60

/** Returns with one common factor, 3 % a day. */
function drawReturns(dates: number, seed: number): readonly Float64Array[] {
  const { normal } = random(seed)
  return Array.from({ length: dates }, () => {
    const common = normal()
    return Float64Array.from({ length: assets }, () => 0.02 * common + 0.022 * normal())
  })
}

export const covarianceBench = defineBench({
  name: 'covariance-ewma',
  unit: `the covariance of ${assets} assets over 2,000 dates: exponential weights, correlations shrunk`,
  peer: { name: 'numpy', script: 'covariance', target: 10, agreement: { absolute: 0, relative: 1e-9 } },
  prepare: () => {
    const rows = drawReturns(2_000, 12)
    const estimate = (dates: readonly Float64Array[]) =>
      ewmaCovariance({ state: updateEwma(startEwma({ assets }), dates), target: 'constant-correlation' }).covariance
    let out: Float64Array = new Float64Array()
    const pass = () => {
      out = estimate(rows)
      return endsOf(out)
    }
    // All moves of one size: the variance is its square.
    const still = rows.slice(0, 100).map((row) => row.map((r) => (r < 0 ? -0.01 : 0.01)))
    const known = {
      got: estimate(still)[0] ?? Number.NaN,
      expected: 1e-4,
      tolerance: 1e-16,
      source: 'the square of a constant move',
    }
    return {
      n: 1,
      pass,
      results: () => out,
      known,
      columns: { dates: Float64Array.of(2_000), returns: Float64Array.from(rows.flatMap((row) => [...row])) },
    }
  },
})

export const dccFilterBench = defineBench({
  name: 'covariance-dcc-filter',
  unit: `conditional correlations of ${assets} assets after 500 dates`,
  targetNs: 5e6,
  prepare: () => {
    const rows = drawReturns(500, 13).map((row) => row.map((r) => r / 0.03))
    const target = new Float64Array((assets * (assets + 1)) / 2).fill(0.45)
    for (let i = 0, k = 0; i < assets; k += assets - i, i += 1) target[k] = 1
    const start = { assets, target, q: target }
    const filtered = (a: number, b: number) => dccCorrelation(updateDcc({ a, b }, start, rows), 'none').correlation
    let out: Float64Array = new Float64Array()
    const pass = () => {
      out = filtered(0.05, 0.9)
      return endsOf(out)
    }
    const known = {
      got: filtered(0, 0.9)[1] ?? Number.NaN,
      expected: 0.45,
      tolerance: 1e-12,
      source: 'the target, where nothing is learned',
    }
    return { n: 1, pass, results: () => out, known }
  },
})

export const garchFitBench = defineBench({
  name: 'garch-fit',
  unit: 'GARCH(1,1) fitted to 2,000 returns',
  prepare: () => {
    const returns = drawReturns(2_000, 14).map(([r = 0]) => r)
    const out = new Float64Array(1)
    const pass = () => {
      out[0] = fitGarch({ returns }).variance
      return endsOf(out)
    }
    const mean = returns.reduce((sum, r) => sum + r * r, 0) / returns.length
    const known = {
      got: fitGarch({ returns }).parameters.longRun / mean,
      expected: 1,
      tolerance: 1e-12,
      source: 'the mean square, which is targeted',
    }
    return { n: 1, pass, results: () => out, known }
  },
})
