import fc from 'fast-check'
import { expect, it } from 'vitest'
import { symmetricEigen } from '../../../lib/quant/covariance/symmetric-eigen.ts'
import { symmetricEigenvalues } from '../../../lib/quant/covariance/symmetric-eigenvalues.ts'

const symmetric = fc.integer({ min: 1, max: 14 }).chain((size) =>
  fc
    .array(fc.oneof(fc.constantFrom(0, 1, -1), fc.double({ min: -1, max: 1, noNaN: true })), {
      minLength: size * size,
      maxLength: size * size,
    })
    .map((entries) => {
      const matrix = Float64Array.from(entries, (_, at) => {
        const [i, j] = [Math.floor(at / size), at % size]
        return entries[Math.max(i, j) * size + Math.min(i, j)] ?? 0
      })
      return { matrix, size }
    }),
)

it('has the eigenvalues that Jacobi rotations have, of any size of numbers', () => {
  fc.assert(
    fc.property(symmetric, fc.constantFrom(1, 1e-200, 1e150), ({ matrix, size }, scale) => {
      const scaled = matrix.map((entry) => entry * scale)
      const [got, expected] = [symmetricEigenvalues({ matrix: scaled, size }), symmetricEigen({ matrix: scaled, size })]
      for (const [k, value] of expected.values.entries())
        expect(Math.abs((got[k] ?? Number.NaN) - value) / scale).toBeLessThan(1e-13 * size)
    }),
    { numRuns: 300 },
  )
})

it('refuses numbers that are not finite and another length', () => {
  expect(() => symmetricEigenvalues({ matrix: Float64Array.of(1, 0, Number.NaN, 1), size: 2 })).toThrow('not defined')
  expect(() => symmetricEigenvalues({ matrix: Float64Array.of(1, 0, 0), size: 2 })).toThrow('not defined')
})
