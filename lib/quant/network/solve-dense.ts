// A dense linear system, for the defaulted part of a network in which sweeping is slow.

/**
 * Gaussian elimination with partial pivoting (Golub & Van Loan, section 3.4). `matrix` (size x size by rows) and `right` are used up.
 * @returns nothing for a matrix that is singular to working precision
 */
export function solveDense(params: {
  readonly matrix: Float64Array
  readonly right: Float64Array
  readonly size: number
}): Float64Array | undefined {
  const { matrix: a, right: b, size: n } = params
  for (let k = 0; k < n; k += 1) {
    let pivot = k
    for (let i = k + 1; i < n; i += 1)
      if (Math.abs(a[i * n + k] as number) > Math.abs(a[pivot * n + k] as number)) pivot = i
    const head = a[pivot * n + k] as number
    if (!(Math.abs(head) > 1e-14)) return undefined
    if (pivot !== k) swapRows(a, b, n, pivot, k)
    for (let i = k + 1; i < n; i += 1) {
      const factor = (a[i * n + k] as number) / head
      if (factor === 0) continue
      for (let j = k; j < n; j += 1) a[i * n + j] = (a[i * n + j] as number) - factor * (a[k * n + j] as number)
      b[i] = (b[i] as number) - factor * (b[k] as number)
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    let sum = b[i] as number
    for (let j = i + 1; j < n; j += 1) sum -= (a[i * n + j] as number) * (b[j] as number)
    b[i] = sum / (a[i * n + i] as number)
  }
  return b
}

function swapRows(a: Float64Array, b: Float64Array, n: number, p: number, q: number): void {
  for (let j = 0; j < n; j += 1) {
    const kept = a[p * n + j] as number
    a[p * n + j] = a[q * n + j] as number
    a[q * n + j] = kept
  }
  const kept = b[p] as number
  b[p] = b[q] as number
  b[q] = kept
}
