// Eigenvalues and eigenvectors of a small symmetric matrix, for the absorption ratio and the repair of correlations.
import { outOfDomain } from '../out-of-domain.ts'

export interface SymmetricEigen {
  /** n, from the largest to the smallest. */
  readonly values: Float64Array
  /** n x n by rows: row k is the unit eigenvector of value k; its sign is arbitrary. */
  readonly vectors: Float64Array
}

const MAX_SWEEPS = 60

/** Rotates rows p and q of `m` (row length n) by the angle with cosine c and sine s. */
function rotateRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  const P = p * n
  const Q = q * n
  for (let k = 0; k < n; k += 1) {
    const x = m[P + k] as number
    const y = m[Q + k] as number
    m[P + k] = c * x - s * y
    m[Q + k] = s * x + c * y
  }
}

/** One rotation that makes a[p][q] zero (Golub & Van Loan, section 8.5.2). */
function annihilate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q] as number
  const app = a[p * n + p] as number
  const aqq = a[q * n + q] as number
  const tau = (aqq - app) / (2 * apq)
  const t = Math.sign(tau || 1) / (Math.abs(tau) + Math.hypot(1, tau))
  const c = 1 / Math.hypot(1, t)
  const s = t * c
  rotateRows(a, n, p, q, c, s)
  // The columns follow from symmetry; the 2 x 2 block is known in closed form.
  for (let k = 0; k < n; k += 1) {
    a[k * n + p] = a[p * n + k] as number
    a[k * n + q] = a[q * n + k] as number
  }
  a[p * n + p] = app - t * apq
  a[q * n + q] = aqq + t * apq
  a[p * n + q] = 0
  a[q * n + p] = 0
  rotateRows(v, n, p, q, c, s)
}

/** One sweep over the upper triangle; false if there was nothing left above rounding of the whole. */
function sweep(a: Float64Array, v: Float64Array, n: number, negligible: number): boolean {
  let rotated = false
  for (let p = 0; p < n; p += 1)
    for (let q = p + 1; q < n; q += 1)
      if (Math.abs(a[p * n + q] as number) > negligible) {
        annihilate(a, v, n, p, q)
        rotated = true
      }
  return rotated
}

/**
 * Cyclic Jacobi: errors of a few units of rounding of the matrix's norm. `matrix` is n x n by rows and symmetric to
 * 1e-12 of its largest entry (the mean of both halves is taken). Throws `out-of-domain` for no rows, another length,
 * an entry that is not finite, and a matrix that is not symmetric.
 */
export function symmetricEigen(params: { readonly matrix: Float64Array; readonly size: number }): SymmetricEigen {
  const { matrix, size: n } = params
  if (!(Number.isInteger(n) && n > 0) || matrix.length !== n * n)
    throw outOfDomain('symmetricEigen', 'size^2 entries, size 1 or above.', { size: n, entries: matrix.length })
  let largest = 0
  for (const entry of matrix) largest = Math.max(largest, Math.abs(entry))
  if (!(largest < Infinity)) throw outOfDomain('symmetricEigen', 'Every entry is finite.', { size: n, largest })
  // Scaled by the largest entry, neither squares nor sums leave the range.
  const scale = largest === 0 ? 1 : largest
  const a = new Float64Array(n * n)
  const v = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    v[i * n + i] = 1
    for (let j = 0; j < n; j += 1) {
      const x = (matrix[i * n + j] as number) / scale
      const y = (matrix[j * n + i] as number) / scale
      if (Math.abs(x - y) > 1e-12) throw outOfDomain('symmetricEigen', 'A symmetric matrix.', { row: i, column: j })
      a[i * n + j] = 0.5 * (x + y)
    }
  }
  let sweeps = 0
  while (sweep(a, v, n, 1e-17)) {
    sweeps += 1
    if (sweeps > MAX_SWEEPS) throw outOfDomain('symmetricEigen', 'Jacobi settles within 60 sweeps.', { size: n })
  }
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (a[j * n + j] as number) - (a[i * n + i] as number),
  )
  const vectors = new Float64Array(n * n)
  for (const [k, i] of order.entries()) vectors.set(v.subarray(i * n, (i + 1) * n), k * n)
  return { values: Float64Array.from(order, (i) => scale * (a[i * n + i] as number)), vectors }
}
