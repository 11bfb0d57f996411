// Correlations whose pairs rest on different dates can contradict each other; this is the nearest use that can be made of them.
import { symmetricEigen } from './symmetric-eigen.ts'

/** Eigenvalues are lifted to this before the diagonal is made 1 again. */
const FLOOR = 1e-10

export interface RepairedCorrelation {
  readonly correlation: Float64Array
  /** Absent if there was nothing to repair: the smallest eigenvalue before, and the largest change of a correlation. */
  readonly repair: { readonly smallestEigenvalue: number; readonly largestChange: number } | undefined
}

/**
 * Clips eigenvalues below zero and makes the diagonal 1 again (Rebonato & Jaeckel 1999, "spectral decomposition"). A matrix that is
 * positive semidefinite (to 1e-12) is given back as it is. `matrix`: n x n by rows, symmetric, ones on its diagonal.
 */
export function repairedCorrelation(matrix: Float64Array, n: number): RepairedCorrelation {
  const { values, vectors } = symmetricEigen({ matrix, size: n })
  const smallestEigenvalue = values[n - 1] as number
  if (smallestEigenvalue >= -1e-12) return { correlation: matrix, repair: undefined }
  const lifted = new Float64Array(n * n)
  for (let k = 0; k < n; k += 1)
    for (let i = 0; i < n; i += 1)
      for (let j = 0; j < n; j += 1) {
        const term =
          Math.max(FLOOR, values[k] as number) * ((vectors[k * n + i] as number) * (vectors[k * n + j] as number))
        lifted[i * n + j] = (lifted[i * n + j] as number) + term
      }
  const root = Float64Array.from({ length: n }, (_, i) => Math.sqrt(lifted[i * n + i] as number))
  let largestChange = 0
  const correlation = lifted.map((value, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    const rho = i === j ? 1 : value / ((root[i] as number) * (root[j] as number))
    largestChange = Math.max(largestChange, Math.abs(rho - (matrix[at] as number)))
    return rho
  })
  return { correlation, repair: { smallestEigenvalue, largestChange } }
}
