// Derivatives of any smooth function by differences, with steps that suit each variable: bump and revalue.
import { outOfDomain } from './out-of-domain.ts'

export interface Differences {
  readonly value: number
  /** First derivatives, one for each variable. */
  readonly gradient: Float64Array
  /** Second derivatives, row by row, symmetric: n x n. */
  readonly hessian: Float64Array
}

/** Fourth order: error h^4 against eps / h, and eps / h^2 for second derivatives. */
const FIRST_STEP = 2 ** -10
const SECOND_STEP = 2 ** -8

/**
 * Gradient and Hessian of `f` at `x` by central differences of the fourth order. `scales` says over what change of each variable the
 * function changes its character (for a spot: spot x vol x root of time or the distance to a barrier; for a vol: the vol): steps are
 * 1/1024 and 1/256 of it. Errors are about 1e-12 and 1e-10 of the value per scale, for a smooth f; across a kink it is a mean of sides.
 * `f` gets the same array each time and must not keep it. Calls: 1 + 8 n + 4 n (n - 1). Throws `out-of-domain`.
 */
export function differences(params: {
  readonly f: (x: Float64Array) => number
  readonly x: readonly number[]
  readonly scales: readonly number[]
}): Differences {
  const { f, x, scales } = params
  const n = x.length
  const isSound =
    scales.length === n && scales.every((scale) => scale > 0 && scale < Infinity) && x.every(Number.isFinite)
  if (!isSound)
    throw outOfDomain('differences', 'One scale above 0 for each variable, all finite.', {
      n,
      scales: scales.join(' '),
    })
  const point = Float64Array.from(x)
  /** f with variables moved by whole numbers of steps; steps are made exact in the point's own digits. */
  const at = (moves: readonly (readonly [number, number])[]) => {
    for (const [i, move] of moves) point[i] = (x[i] ?? 0) + move
    const value = f(point)
    for (const [i] of moves) point[i] = x[i] ?? 0
    return value
  }
  const exact = (i: number, share: number) => {
    const own = x[i] ?? 0
    return own + share * (scales[i] ?? 0) - own || share * (scales[i] ?? 0)
  }
  const value = f(point)
  const gradient = new Float64Array(n)
  const hessian = new Float64Array(n * n)
  for (let i = 0; i < n; i += 1) {
    const h = exact(i, FIRST_STEP)
    const slope = (step: number) => (at([[i, step]]) - at([[i, -step]])) / (2 * step)
    gradient[i] = (4 * slope(h) - slope(2 * h)) / 3
    const g = exact(i, SECOND_STEP)
    const bend = (step: number) => (at([[i, step]]) - 2 * value + at([[i, -step]])) / step / step
    hessian[i * n + i] = (4 * bend(g) - bend(2 * g)) / 3
    for (let j = 0; j < i; j += 1) {
      const e = exact(j, SECOND_STEP)
      const cross = (share: number) => {
        const [a, b] = [g * share, e * share]
        const same =
          at([
            [i, a],
            [j, b],
          ]) +
          at([
            [i, -a],
            [j, -b],
          ])
        const opposite =
          at([
            [i, a],
            [j, -b],
          ]) +
          at([
            [i, -a],
            [j, b],
          ])
        return (same - opposite) / (4 * a * b)
      }
      const both = (4 * cross(1) - cross(2)) / 3
      hessian[i * n + j] = both
      hessian[j * n + i] = both
    }
  }
  return { value, gradient, hessian }
}
