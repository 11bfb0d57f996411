import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastSquares } from '../../lib/quant/least-squares.ts'
import { random } from '../../lib/quant/random.ts'

describe('least squares', () => {
  it('leave residuals that are orthogonal to every regressor, whatever their scales', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 5 }), (seed, k) => {
        const { normal } = random(seed)
        const rows = Array.from({ length: 40 }, () => Array.from({ length: k }, (_, i) => 1_000 ** i * normal()))
        const y = rows.map(() => normal())
        const fit = leastSquares({ rows, y })
        expect(fit).toBeDefined()
        const rest = y.map(
          (value, t) => value - (rows[t] ?? []).reduce((sum, x, i) => sum + x * (fit?.coefficients[i] ?? 0), 0),
        )
        for (let i = 0; i < k; i += 1)
          expect(Math.abs(rest.reduce((sum, e, t) => sum + (e * (rows[t]?.[i] ?? 0)) / 1_000 ** i, 0))).toBeLessThan(
            1e-10,
          )
        expect(fit?.residualVariance).toBeCloseTo(rest.reduce((sum, e) => sum + e * e, 0) / (40 - k), 10)
      }),
    )
  })

  it('are the line that one finds by hand: 2 + 3 x with residuals 1, -2, 1', () => {
    const fit = leastSquares({
      rows: [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
      y: [3, 3, 9],
    })
    expect(fit?.coefficients[0]).toBeCloseTo(2, 12)
    expect(fit?.coefficients[1]).toBeCloseTo(3, 12)
    expect(fit?.residualVariance).toBeCloseTo(6, 12)
  })

  it('say nothing where regressors are copies, zero, or as many as observations, and refuse NaN', () => {
    expect(
      leastSquares({
        rows: [
          [1, 2],
          [2, 4],
          [3, 6],
        ],
        y: [1, 2, 3],
      }),
    ).toBeUndefined()
    expect(leastSquares({ rows: [[0], [0]], y: [1, 2] })).toBeUndefined()
    expect(
      leastSquares({
        rows: [
          [1, 0],
          [0, 1],
        ],
        y: [1, 2],
      }),
    ).toBeUndefined()
    expect(leastSquares({ rows: [], y: [] })).toBeUndefined()
    const code = expect.objectContaining({ code: 'out-of-domain' })
    expect(() => leastSquares({ rows: [[1], [Number.NaN]], y: [1, 2] })).toThrow(code)
    expect(() => leastSquares({ rows: [[1], [2]], y: [1, Infinity] })).toThrow(code)
    expect(() => leastSquares({ rows: [[1], [2, 3]], y: [1, 2] })).toThrow(code)
    expect(() => leastSquares({ rows: [[1]], y: [1, 2] })).toThrow(code)
  })
})
