// The two parameters of SVI that least squares cannot solve for, searched within what the quotes can tell of them.
import { nelderMead } from '../nelder-mead.ts'

export interface VertexSearch {
  /** Values ln(strike / forward) of the quotes, not all the same. */
  readonly k: Float64Array
  /** What is to be least over m and sigma; infinite where there is no slice. */
  readonly cost: (m: number, sigma: number) => number
  /** The simplex is done at this fraction of its first size. */
  readonly tolerance: number
  readonly maxEvaluations: number
}

export interface Vertex {
  readonly m: number
  readonly sigma: number
  readonly cost: number
  readonly evaluations: number
}

/**
 * The best of a coarse grid of (m, ln sigma), and the best two of it refined. With r the range of the quotes, m stays
 * within r / 2 of them and sigma within r / 1,000 and r: beyond, a smile looks the same between the quotes (a parabola)
 * and is arbitrary outside of them. After De Marco & Martini (2009), section 4.
 */
export function searchVertex({ k, cost, tolerance, maxEvaluations }: VertexSearch): Vertex {
  const low = k.reduce((a, b) => Math.min(a, b), Infinity)
  const high = k.reduce((a, b) => Math.max(a, b), -Infinity)
  const range = high - low
  const inside = (x: number, from: number, to: number) => Math.max(from, Math.min(to, x))
  const mOf = (x: number) => inside(x, low - 0.5 * range, high + 0.5 * range)
  const sigmaOf = (x: number) => Math.exp(inside(x, Math.log(1e-3 * range), Math.log(range)))
  const starts: { m: number; u: number; cost: number }[] = []
  for (let i = 0; i <= 6; i += 1)
    for (const part of [0.03, 0.1, 0.3, 0.8]) {
      const m = low + (i / 6) * range
      starts.push({ m, u: Math.log(part * range), cost: cost(m, part * range) })
    }
  starts.sort((a, b) => a.cost - b.cost)
  const found = starts.slice(0, 2).map(({ m, u }) =>
    nelderMead({
      objective: (point) => cost(mOf(point[0] as number), sigmaOf(point[1] as number)),
      start: [m, u],
      step: [0.1 * range, 0.3],
      tolerance,
      maxEvaluations,
    }),
  )
  const best = found.reduce((a, b) => (b.value < a.value ? b : a))
  const evaluations = starts.length + found.reduce((sum, { evaluations }) => sum + evaluations, 0)
  return { m: mOf(best.point[0] ?? 0), sigma: sigmaOf(best.point[1] ?? 0), cost: best.value, evaluations }
}
