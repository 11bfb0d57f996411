// A minimiser without derivatives for a handful of variables.
import { outOfDomain } from './out-of-domain.ts'

export interface NelderMeadResult {
  readonly point: Float64Array
  readonly value: number
  readonly evaluations: number
  /** False if the evaluations ran out before the simplex had shrunk to the tolerance. */
  readonly converged: boolean
}

export interface NelderMeadProblem {
  /** The function to be minimised; must not keep its argument. NaN counts as worst. */
  readonly objective: (point: Float64Array) => number
  /** n start values. */
  readonly start: readonly number[]
  /** n edge lengths of the first simplex, not 0. */
  readonly step: readonly number[]
  /** The simplex is done when no edge exceeds this fraction of its first length. */
  readonly tolerance: number
  readonly maxEvaluations: number
}

/**
 * Nelder & Mead (1965), "A simplex method for function minimization", with the standard coefficients 1, 2, 1/2, 1/2.
 * Deterministic. Throws `out-of-domain` for an empty start or a step of 0.
 */
export function nelderMead(problem: NelderMeadProblem): NelderMeadResult {
  const { start, step, tolerance, maxEvaluations } = problem
  const n = start.length
  if (n === 0 || step.length !== n || step.some((length) => !(Math.abs(length) > 0)))
    throw outOfDomain('nelderMead', 'start and step have one length above 0, no step is 0.', {
      start: n,
      step: step.length,
    })
  let evaluations = 0
  const evaluate = (point: Float64Array) => {
    evaluations += 1
    const value = problem.objective(point)
    return Number.isNaN(value) ? Infinity : value
  }
  const corner = (i: number) => Float64Array.from(start, (x, j) => (i === j + 1 ? x + (step[j] ?? 0) : x))
  const simplex = Array.from({ length: n + 1 }, (_, i) => {
    const point = corner(i)
    return { point, value: evaluate(point) }
  })
  const away = (centre: Float64Array, from: Float64Array, factor: number) => {
    const point = centre.map((c, j) => c + factor * ((from[j] ?? 0) - c))
    return { point, value: evaluate(point) }
  }
  for (;;) {
    simplex.sort((a, b) => a.value - b.value)
    const [best, worst] = [simplex[0], simplex[n]]
    const second = simplex[n - 1]
    if (best === undefined || worst === undefined || second === undefined)
      throw outOfDomain('nelderMead', 'A simplex.', { n })
    const wide = simplex.some(({ point }) =>
      point.some((x, j) => Math.abs(x - (best.point[j] ?? 0)) > tolerance * Math.abs(step[j] ?? 0)),
    )
    if (!wide || evaluations >= maxEvaluations)
      return { point: best.point, value: best.value, evaluations, converged: !wide }
    const centre = best.point.map(
      (_, j) => simplex.slice(0, n).reduce((sum, { point }) => sum + (point[j] ?? 0), 0) / n,
    )
    const reflected = away(centre, worst.point, -1)
    let next = reflected
    if (reflected.value < best.value) {
      const expanded = away(centre, worst.point, -2)
      if (expanded.value < reflected.value) next = expanded
    } else if (reflected.value >= second.value) {
      const inside = reflected.value >= worst.value
      next = away(centre, inside ? worst.point : reflected.point, 0.5)
      if (next.value > Math.min(worst.value, reflected.value)) {
        for (let i = 1; i <= n; i += 1) {
          const old = simplex[i]
          if (old !== undefined) simplex[i] = away(best.point, old.point, 0.5)
        }
        continue
      }
    }
    simplex[n] = next
  }
}
