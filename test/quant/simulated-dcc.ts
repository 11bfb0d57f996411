// Returns with planted dynamics: GARCH(1,1) margins under DCC(1,1) correlations, normal or Student, from a seed.
import { type DccState, dccCorrelation, updateDcc } from '../../lib/quant/dcc.ts'
import { updateGarch } from '../../lib/quant/garch.ts'
import { random } from '../../lib/quant/random.ts'

/** Lower Cholesky factor, n x n by rows. */
function factor(matrix: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n)
  const at = (i: number, j: number) => out[i * n + j] ?? 0
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let rest = matrix[i * n + j] ?? 0
      for (let k = 0; k < j; k += 1) rest -= at(i, k) * at(j, k)
      out[i * n + j] = i === j ? Math.sqrt(rest) : rest / at(j, j)
    }
  return out
}

export interface PlantedDcc {
  readonly seed: number
  readonly dates: number
  readonly assets: number
  readonly a: number
  readonly b: number
  /** All correlations in the long run. */
  readonly rho: number
  /** Of a common Student mixture with that many degrees; left out: normal. */
  readonly degrees?: number
}

const margin = { omega: 5e-5, alpha: 0.1, beta: 0.85, longRun: 1e-3 }

/** dates x assets returns of 3.2 % a day in the long run; `residuals` are without the margins' GARCH. */
export function simulatedDcc({ seed, dates, assets: n, a, b, rho, degrees }: PlantedDcc) {
  const { normal } = random(seed)
  const target = Float64Array.from(
    Array.from({ length: n }, (_, i) => Array.from({ length: n - i }, (_, j) => (j === 0 ? 1 : rho))).flat(),
  )
  let state: DccState = { assets: n, target, q: target }
  const variances = new Float64Array(n).fill(margin.longRun)
  const residuals: number[][] = []
  const returns = Array.from({ length: dates }, () => {
    const root = factor(dccCorrelation(state, 'none').correlation, n)
    const z = Float64Array.from({ length: n }, normal)
    const mixture =
      degrees === undefined
        ? 1
        : Math.sqrt((degrees - 2) / Array.from({ length: degrees }, normal).reduce((sum, x) => sum + x * x, 0))
    const e = Array.from(z, (_, i) => mixture * z.reduce((sum, x, j) => sum + (root[i * n + j] ?? 0) * x, 0))
    residuals.push(e)
    state = updateDcc({ a, b }, state, [e])
    return e.map((x, i) => {
      const h = variances[i] ?? 0
      const r = Math.sqrt(h) * x
      variances[i] = updateGarch(margin, h, r)
      return r
    })
  })
  return { returns, residuals }
}
