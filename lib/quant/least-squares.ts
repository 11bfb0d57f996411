// Ordinary least squares of a handful of regressors.
import { cholesky } from './cholesky.ts'
import { outOfDomain } from './out-of-domain.ts'

export interface LeastSquares {
  /** k. */
  readonly coefficients: Float64Array
  /** Sum of squared residuals over n - k. */
  readonly residualVariance: number
  readonly observations: number
}

/** Solves L L' x = y. */
function solved(root: Float64Array, y: Float64Array): Float64Array {
  const n = y.length
  const x = y.slice()
  for (let i = 0; i < n; i += 1) {
    let rest = x[i] as number
    for (let k = 0; k < i; k += 1) rest -= (root[i * n + k] as number) * (x[k] as number)
    x[i] = rest / (root[i * n + i] as number)
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let rest = x[i] as number
    for (let k = i + 1; k < n; k += 1) rest -= (root[k * n + i] as number) * (x[k] as number)
    x[i] = rest / (root[i * n + i] as number)
  }
  return x
}

/**
 * y = X c + e by the normal equations of columns scaled to length 1; fit for regressors that are no near copies of each other.
 * `rows` are n x k and hold the constant as a column of ones, if there is to be one. Undefined where X has not full rank or n <= k.
 * Throws `out-of-domain` for lengths that differ and numbers that are not finite.
 */
export function leastSquares(params: {
  readonly rows: readonly ArrayLike<number>[]
  readonly y: ArrayLike<number>
}): LeastSquares | undefined {
  const { rows, y } = params
  const n = rows.length
  const k = rows[0]?.length ?? 0
  if (y.length !== n || rows.some((row) => row.length !== k))
    throw outOfDomain('leastSquares', 'One y a row, rows of one length.', { rows: n, y: y.length, columns: k })
  if (k === 0 || n <= k) return undefined
  const size = new Float64Array(k)
  for (const row of rows) for (let i = 0; i < k; i += 1) size[i] = Math.hypot(size[i] as number, row[i] as number)
  const bad = size.findIndex((length) => !Number.isFinite(length))
  if (bad >= 0) throw outOfDomain('leastSquares', 'Every regressor is finite.', { column: bad })
  if (size.some((length) => length === 0)) return undefined
  const gram = new Float64Array(k * k)
  const right = new Float64Array(k)
  for (const [t, row] of rows.entries())
    for (let i = 0; i < k; i += 1) {
      const a = (row[i] as number) / (size[i] as number)
      right[i] = (right[i] as number) + a * (y[t] as number)
      for (let j = 0; j <= i; j += 1)
        gram[i * k + j] = (gram[i * k + j] as number) + (a * (row[j] as number)) / (size[j] as number)
    }
  if (!right.every(Number.isFinite)) throw outOfDomain('leastSquares', 'Every y is finite.', { rows: n })
  const root = cholesky({ matrix: gram, size: k })
  if (root === undefined) return undefined
  const coefficients = solved(root, right).map((c, i) => c / (size[i] as number))
  let squares = 0
  for (const [t, row] of rows.entries()) {
    let rest = y[t] as number
    for (let i = 0; i < k; i += 1) rest -= (coefficients[i] as number) * (row[i] as number)
    squares += rest * rest
  }
  return { coefficients, residualVariance: squares / (n - k), observations: n }
}
