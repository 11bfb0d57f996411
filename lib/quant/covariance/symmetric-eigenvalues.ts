// Eigenvalues alone of a symmetric matrix, several times faster than with their vectors: for a series of absorption ratios.
import { outOfDomain } from '../out-of-domain.ts'

/** Iterations for one eigenvalue; two are usual. */
const MAX_ITERATIONS = 60
/** Of the largest entry: what is taken for zero wherever it stands. */
const negligible = 1e-20

/** Row i of the lower triangle is reduced to its entry e_i beside the diagonal (Householder; Wilkinson & Reinsch 1971, tred1). */
function tridiagonalise(a: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): void {
  for (let i = n - 1; i > 0; i -= 1) {
    const I = i * n
    let square = 0
    for (let k = 0; k < i - 1; k += 1) square += (a[I + k] as number) * (a[I + k] as number)
    const f = a[I + i - 1] as number
    if (square < negligible * negligible) {
      beside[i] = f
      continue
    }
    const h0 = square + f * f
    const g = f >= 0 ? -Math.sqrt(h0) : Math.sqrt(h0)
    beside[i] = g
    const h = h0 - f * g
    a[I + i - 1] = f - g
    project(a, n, i, h, diagonal)
  }
  beside[0] = 0
  for (let i = 0; i < n; i += 1) diagonal[i] = a[i * n + i] as number
}

/** A := P A P on the leading i rows, P = 1 - u u' / h, u = row i of the lower triangle; `p` is room for i numbers. */
function project(a: Float64Array, n: number, i: number, h: number, p: Float64Array): void {
  const I = i * n
  p.fill(0, 0, i)
  for (let j = 0; j < i; j += 1) {
    const u = a[I + j] as number
    const J = j * n
    let sum = (a[J + j] as number) * u
    for (let k = 0; k < j; k += 1) {
      const entry = a[J + k] as number
      sum += entry * (a[I + k] as number)
      p[k] = (p[k] as number) + entry * u
    }
    p[j] = (p[j] as number) + sum
  }
  let up = 0
  for (let j = 0; j < i; j += 1) {
    p[j] = (p[j] as number) / h
    up += (p[j] as number) * (a[I + j] as number)
  }
  const half = up / (2 * h)
  for (let j = 0; j < i; j += 1) {
    const u = a[I + j] as number
    const q = (p[j] as number) - half * u
    p[j] = q
    const J = j * n
    for (let k = 0; k <= j; k += 1) a[J + k] = (a[J + k] as number) - u * (p[k] as number) - q * (a[I + k] as number)
  }
}

/** Implicit QL on the diagonal d and the entries e beside it, e_i between d_i-1 and d_i (Wilkinson & Reinsch 1971, tql1). */
function diagonalise(d: Float64Array, e: Float64Array, n: number): void {
  for (let i = 1; i < n; i += 1) e[i - 1] = e[i] as number
  e[n - 1] = 0
  for (let l = 0; l < n; l += 1) {
    for (let iteration = 0; ; iteration += 1) {
      let m = l
      for (; m < n - 1; m += 1) {
        const size = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number)
        if (Math.abs(e[m] as number) <= 1.2e-16 * size + negligible) break
      }
      if (m === l) break
      if (iteration === MAX_ITERATIONS) throw outOfDomain('symmetricEigenvalues', 'QL settles.', { size: n })
      chase(d, e, l, m)
    }
  }
}

/** One QL step with Wilkinson's shift from m up to l. */
function chase(d: Float64Array, e: Float64Array, l: number, m: number): void {
  const first = d[l] as number
  const slope = ((d[l + 1] as number) - first) / (2 * (e[l] as number))
  const root = Math.sqrt(slope * slope + 1)
  let g = (d[m] as number) - first + (e[l] as number) / (slope + (slope >= 0 ? root : -root))
  let s = 1
  let c = 1
  let p = 0
  for (let i = m - 1; i >= l; i -= 1) {
    const f = s * (e[i] as number)
    const b = c * (e[i] as number)
    const r = Math.sqrt(f * f + g * g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] = (d[i + 1] as number) - p
      e[m] = 0
      return
    }
    s = f / r
    c = g / r
    const q = (d[i + 1] as number) - p
    const t = ((d[i] as number) - q) * s + 2 * c * b
    p = s * t
    d[i + 1] = q + p
    g = c * t - b
  }
  d[l] = (d[l] as number) - p
  e[l] = g
  e[m] = 0
}

/**
 * The n eigenvalues from the largest to the smallest, to a few units of rounding of the matrix's norm. `matrix` is n x n by rows; only its lower triangle is
 * read. Throws `out-of-domain` for another length and for an entry that is not finite.
 */
export function symmetricEigenvalues(params: { readonly matrix: Float64Array; readonly size: number }): Float64Array {
  const { matrix, size: n } = params
  if (!(Number.isInteger(n) && n > 0) || matrix.length !== n * n)
    throw outOfDomain('symmetricEigenvalues', 'size^2 entries, size 1 or above.', { size: n, entries: matrix.length })
  let largest = 0
  for (let i = 0; i < n; i += 1)
    for (let k = i * n; k <= i * n + i; k += 1) {
      const size = Math.abs(matrix[k] as number)
      if (!(size < Infinity))
        throw outOfDomain('symmetricEigenvalues', 'Every entry is finite.', { row: i, column: k - i * n, entry: size })
      if (size > largest) largest = size
    }
  if (largest === 0) return new Float64Array(n)
  const scaled = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) for (let k = i * n; k <= i * n + i; k += 1) scaled[k] = (matrix[k] as number) / largest
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  tridiagonalise(scaled, n, diagonal, beside)
  diagonalise(diagonal, beside, n)
  const values = diagonal.sort().reverse()
  for (let k = 0; k < n; k += 1) values[k] = (values[k] as number) * largest
  return values
}
