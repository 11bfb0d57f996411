// The triangular root of a covariance, by which its inverse is applied without being formed.
import { outOfDomain } from './out-of-domain.ts'

/** A pivot below this share of its diagonal entry is rounding: the matrix is singular. */
const negligible = 1e-13

/**
 * L with L L' = `matrix`, n x n by rows, zeros above the diagonal (Golub & Van Loan, algorithm 4.2.1).
 * @returns undefined where the matrix is not positive definite
 * @throws HomeostatError `out-of-domain` for another length than size^2
 */
export function cholesky(params: {
  readonly matrix: ArrayLike<number>
  readonly size: number
}): Float64Array | undefined {
  const { matrix, size: n } = params
  if (!(Number.isInteger(n) && n > 0) || matrix.length !== n * n)
    throw outOfDomain('cholesky', 'size^2 entries, size 1 or above.', { size: n, entries: matrix.length })
  const root = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let rest = matrix[i * n + j] as number
      for (let k = 0; k < j; k += 1) rest -= (root[i * n + k] as number) * (root[j * n + k] as number)
      if (i !== j) {
        root[i * n + j] = rest / (root[j * n + j] as number)
        continue
      }
      if (!(rest > negligible * (matrix[i * n + i] as number))) return undefined
      root[i * n + i] = Math.sqrt(rest)
    }
  return root
}

/** |L^-1 x|^2 = x' (L L')^-1 x, by forward substitution. */
export function squaredNorm(root: Float64Array, x: ArrayLike<number>): number {
  const n = x.length
  const solved = new Float64Array(n)
  let sum = 0
  for (let i = 0; i < n; i += 1) {
    let rest = x[i] as number
    for (let k = 0; k < i; k += 1) rest -= (root[i * n + k] as number) * (solved[k] as number)
    const value = rest / (root[i * n + i] as number)
    solved[i] = value
    sum += value * value
  }
  return sum
}
