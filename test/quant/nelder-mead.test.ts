import { describe, expect, it } from 'vitest'
import { nelderMead } from '../../lib/quant/nelder-mead.ts'

describe('Nelder and Mead’s simplex', () => {
  it('finds the end of Rosenbrock’s valley', () => {
    const objective = ([x = 0, y = 0]: Float64Array) => 100 * (y - x * x) ** 2 + (1 - x) ** 2
    const found = nelderMead({ objective, start: [-1.2, 1], step: [0.5, 0.5], tolerance: 1e-9, maxEvaluations: 1_000 })
    expect(found.converged).toBe(true)
    expect(found.point[0]).toBeCloseTo(1, 7)
    expect(found.point[1]).toBeCloseTo(1, 7)
  })

  it('walks around what is not a number, and stops when told to', () => {
    const objective = ([x = 0]: Float64Array) => (x < 0 ? Number.NaN : (x - 0.1) ** 2)
    expect(nelderMead({ objective, start: [3], step: [1], tolerance: 1e-8, maxEvaluations: 200 }).point[0]).toBeCloseTo(
      0.1,
      6,
    )
    const early = nelderMead({ objective, start: [3], step: [1], tolerance: 1e-8, maxEvaluations: 8 })
    expect(early.converged).toBe(false)
    expect(early.evaluations).toBeLessThan(12)
  })

  it('refuses a simplex without extent', () => {
    const problem = { objective: () => 0, tolerance: 1e-3, maxEvaluations: 10 }
    for (const [start, step] of [
      [[], []],
      [[1], [0]],
      [[1, 2], [1]],
    ] as const)
      expect(() => nelderMead({ ...problem, start, step })).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
