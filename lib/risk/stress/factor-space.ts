// Log moves of factors and the standard normal coordinates in which their likelihood is a distance.

import { random } from '../../quant/random.ts'
import type { FactorRoot } from './stress-covariance.ts'

/** Unit vectors: for each factor the likeliest way in which it falls and rises, and seeded ones. */
export function startsFor(params: {
  readonly likeliest: readonly Float64Array[]
  readonly dimension: number
  readonly count: number
  readonly seed: number
}): readonly Float64Array[] {
  const { likeliest, dimension, count, seed } = params
  const stream = random(seed)
  const seeded = Array.from({ length: count }, () => {
    const normal = new Float64Array(dimension)
    stream.fillNormal(normal)
    return normal
  })
  const named = likeliest.flatMap((row) => [row.map((one) => -one), row])
  return [...named, ...seeded].flatMap((vector) => {
    const size = Math.hypot(...vector)
    return size > 0 ? [vector.map((one) => one / size)] : []
  })
}

/** Some factors' rows of the root in an orthonormal basis of their own: as many coordinates as they have, with the same distances. */
export function subspace({ factors, root }: FactorRoot, rows: readonly number[]) {
  const n = factors.length
  const basis: Float64Array[] = []
  const own = rows.map((row) => root.subarray(row * n, (row + 1) * n))
  for (const row of own) {
    const rest = Float64Array.from(row)
    // Twice, against rounding (Gram & Schmidt, modified).
    for (let pass = 0; pass < 2; pass += 1)
      for (const axis of basis) {
        const share = dot(rest, axis)
        for (let k = 0; k < n; k += 1) rest[k] = (rest[k] as number) - share * (axis[k] as number)
      }
    const size = Math.hypot(...rest)
    if (size > 1e-9 * Math.hypot(...row)) basis.push(rest.map((one) => one / size))
  }
  const likeliest = own.map((row) => Float64Array.from(basis, (axis) => dot(row, axis)))
  return {
    dimension: basis.length,
    likeliest,
    logMoves: (z: Float64Array, x: Float64Array) => {
      for (let i = 0; i < likeliest.length; i += 1) x[i] = dot(likeliest[i] as Float64Array, z)
    },
    slopes: (slope: Float64Array, out: Float64Array) => {
      out.fill(0)
      for (let i = 0; i < likeliest.length; i += 1) {
        const row = likeliest[i] as Float64Array
        for (let k = 0; k < out.length; k += 1) out[k] = (out[k] as number) + (slope[i] as number) * (row[k] as number)
      }
    },
    whole: (z: Float64Array) => {
      const y = new Float64Array(n)
      for (const [k, axis] of basis.entries())
        for (let i = 0; i < n; i += 1) y[i] = (y[i] as number) + (z[k] as number) * (axis[i] as number)
      return y
    },
  }
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0
  for (let k = 0; k < one.length; k += 1) sum += (one[k] as number) * (other[k] as number)
  return sum
}

/** x = root y: log moves of the factors. */
export function logMoves({ root }: FactorRoot, y: Float64Array, out: Float64Array): void {
  const n = y.length
  for (let i = 0; i < n; i += 1) {
    let sum = 0
    for (let k = 0; k <= i; k += 1) sum += (root[i * n + k] as number) * (y[k] as number)
    out[i] = sum
  }
}

/** A slope in x as one in y: root' slope. */
export function inNormal({ root }: FactorRoot, slope: Float64Array, out: Float64Array): void {
  const n = slope.length
  out.fill(0)
  for (let i = 0; i < n; i += 1) {
    const at = slope[i] as number
    if (at === 0) continue
    for (let k = 0; k <= i; k += 1) out[k] = (out[k] as number) + (root[i * n + k] as number) * at
  }
}
