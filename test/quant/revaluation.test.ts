import { describe, expect, it } from 'vitest'
import { concentratedValues } from '../../lib/quant/amm/concentrated-batch.ts'
import { normalCdf } from '../../lib/quant/normal.ts'
import { revalue, revalueLines } from '../../lib/quant/revaluation.ts'
import type { RevaluationKernel } from '../../lib/quant/revaluation-kernel.ts'
import { uniform } from './amm/big.ts'

const random = uniform(2_026)
const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())

/** Undiscounted Black (1976) calls and puts, quantity included, whose vol moves with the spot: a smile of its own. */
function options(params: {
  readonly lines: number
  readonly shortest: number
  readonly factor: number
}): RevaluationKernel {
  const { lines, shortest, factor } = params
  const terms = Array.from({ length: lines }, () => ({
    K: 1_500 + 3_000 * random(),
    vol: 0.4 + 0.6 * random(),
    root: Math.sqrt(shortest + random()),
    sign: random() < 0.5 ? 1 : -1,
    quantity: random() * 20 - 9,
  }))
  return {
    lines,
    factors: [factor],
    netting: 'log-spot',
    values: ([spots = new Float64Array()], out) => {
      for (const [i, { K, vol, root, sign, quantity }] of terms.entries()) {
        for (const [j, S] of spots.entries()) {
          const x = Math.log(S / K)
          const sd = vol * root * (1 + 0.1 * Math.tanh(x))
          const d = x / sd
          out[i * spots.length + j] =
            quantity * sign * (S * normalCdf(sign * (d + sd / 2)) - K * normalCdf(sign * (d - sd / 2)))
        }
      }
    },
  }
}

const linear = (size: number, factor: number): RevaluationKernel => ({
  lines: 1,
  factors: [factor],
  netting: 'log-spot',
  values: ([spots = new Float64Array()], out) => out.set(spots.map((S) => size * S)),
})

/** One range of liquidity between two factors: it reads both and cannot be netted. */
const pairRange: RevaluationKernel = {
  lines: 1,
  factors: [0, 1],
  netting: 'none',
  values: ([one = new Float64Array(), two = new Float64Array()], out) => {
    concentratedValues(
      Float64Array.of(50),
      Float64Array.of(0.03),
      Float64Array.of(0.07),
      one.map((p, j) => p / (two[j] ?? 0)),
      out,
    )
    for (const [j, price] of two.entries()) out[j] = (out[j] ?? 0) * price
  },
}

const n = 10_000
const base = Float64Array.of(3_000, 60_000)
const scenarios = Float64Array.from({ length: 2 * n }, (_, k) => (k < n ? 3_000 : 60_000) * Math.exp(0.25 * gaussian()))
const refused = expect.objectContaining({ code: 'out-of-domain' })

function difference(one: Float64Array, two: Float64Array): number {
  return one.reduce((most, value, j) => Math.max(most, Math.abs(value - (two[j] ?? Number.NaN))), 0)
}

describe('a book revalued', () => {
  const kernels = [
    options({ lines: 200, shortest: 0.05, factor: 0 }),
    options({ lines: 60, shortest: 0.05, factor: 1 }),
    linear(-40, 0),
  ]
  const netted = revalue({ kernels, scenarios, base })
  const direct = revalue({ kernels, scenarios, base, netting: 'none' })

  it('nets each factor and is within 1e-6 of gross of the direct way in every scenario, not only in the sample', () => {
    expect(netted.path).toBe('netted')
    expect(netted.parts.map(({ factors, lines, path, nodes }) => ({ factors, lines, path, nodes }))).toEqual([
      { factors: [0], lines: 201, path: 'netted', nodes: 129 },
      { factors: [1], lines: 60, path: 'netted', nodes: 129 },
    ])
    const lines = revalueLines({ kernels: [kernels[0] ?? pairRange], scenarios, base })
    const gross = lines.reduce((sum, one) => sum + Math.abs(one), 0) / n
    expect(difference(netted.pnl, direct.pnl)).toBeLessThan(1e-7 * gross)
    for (const part of netted.parts) expect(part.sampleError).toBeLessThan(1e-7)
  })

  it('says that the direct way was direct', () => {
    expect(direct.path).toBe('direct')
    expect(direct.parts.every((part) => part.reason === 'not-nettable' && part.sampleError === undefined)).toBe(true)
    expect(direct.base).toBeCloseTo(netted.base, 6)
  })

  it('is the sum of its lines, each of which changes by nothing at the base', () => {
    const lines = revalueLines({ kernels, scenarios, base })
    expect(lines.length).toBe(261 * n)
    for (const j of [0, 17, 9_999]) {
      let sum = 0
      for (let i = 0; i < 261; i += 1) sum += lines[i * n + j] ?? Number.NaN
      expect(sum).toBeCloseTo(direct.pnl[j] ?? Number.NaN, 4)
    }
    expect([...revalueLines({ kernels, scenarios: base, base })].every((change) => change === 0)).toBe(true)
  })

  it('takes the sum of lines that a kernel can add by itself, wherever lines are not wanted one by one', () => {
    const one = options({ lines: 30, shortest: 0.05, factor: 0 })
    let taken = 0
    const summing: RevaluationKernel = {
      ...one,
      addSum: (rows, out) => {
        const values = new Float64Array(one.lines * out.length)
        one.values(rows, values)
        for (const [k, value] of values.entries()) out[k % out.length] = (out[k % out.length] ?? Number.NaN) + value
        taken += out.length
      },
    }
    const by = (kernel: RevaluationKernel) =>
      revalue({ kernels: [linear(3, 0), kernel], scenarios, base, netting: 'none' })
    expect(difference(by(summing).pnl, by(one).pnl)).toBeLessThan(1e-8)
    expect(taken).toBe(n + 1)
    expect(revalueLines({ kernels: [summing], scenarios, base })).toEqual(
      revalueLines({ kernels: [one], scenarios, base }),
    )
    expect(taken).toBe(n + 1)
  })

  it('values what reads two factors directly, next to what is netted', () => {
    const mixed = revalue({ kernels: [...kernels, pairRange], scenarios, base })
    expect(mixed.path).toBe('direct')
    expect(mixed.parts.map(({ path, reason }) => [path, reason])).toEqual([
      ['direct', 'not-nettable'],
      ['netted', undefined],
      ['netted', undefined],
    ])
    const alone = revalue({ kernels: [pairRange], scenarios, base })
    const sum = netted.pnl.map((pnl, j) => pnl + (alone.pnl[j] ?? Number.NaN))
    expect(difference(mixed.pnl, sum)).toBeLessThan(1e-6)
  })
})

describe('a net that does not hold', () => {
  const step: RevaluationKernel = {
    lines: 1,
    factors: [0],
    netting: 'log-spot',
    values: ([spots = new Float64Array()], out) => out.set(spots.map((S) => (S > 2_345.678 ? 1_000 : 0))),
  }

  it('falls back to the direct way by itself, says so, and is exact', () => {
    const got = revalue({ kernels: [step], scenarios, base })
    expect(got.path).toBe('direct')
    expect(got.parts).toEqual([
      { factors: [0], lines: 1, path: 'direct', reason: 'sample-error', nodes: 2049, sampleError: expect.any(Number) },
    ])
    expect(got.parts[0]?.sampleError).toBeGreaterThan(1e-3)
    expect(got.pnl[0]).toBe((scenarios[0] ?? 0) > 2_345.678 ? 0 : -1_000)
    expect(difference(got.pnl, revalueLines({ kernels: [step], scenarios, base }))).toBe(0)
  })

  it('is found out although the kink lies where few scenarios are', () => {
    const tail = scenarios.slice(0, n).toSorted()[3] ?? 0
    const kink: RevaluationKernel = {
      ...step,
      values: ([spots = new Float64Array()], out) =>
        out.set(spots.map((S) => 1e4 + 100 * Math.max(tail * 1.02 - S, 0))),
    }
    const got = revalue({ kernels: [kink], scenarios, base })
    expect(got.path).toBe('direct')
    expect(got.parts[0]?.reason).toBe('sample-error')
  })

  it('is tried with more nodes before that: an option with two hours to go', () => {
    const short: RevaluationKernel = {
      ...step,
      values: ([spots = new Float64Array()], out) =>
        out.set(
          spots.map((S) => {
            const [x, sd] = [Math.log(S / 3_100), 0.01]
            return S * 10 + S * normalCdf(x / sd + sd / 2) - 3_100 * normalCdf(x / sd - sd / 2)
          }),
        ),
    }
    const got = revalue({ kernels: [short], scenarios, base })
    expect(got.parts).toEqual([{ factors: [0], lines: 1, path: 'netted', nodes: 513, sampleError: expect.any(Number) }])
    expect(difference(got.pnl, revalueLines({ kernels: [short], scenarios, base }))).toBeLessThan(1e-6 * 31_000)
  })

  it('is never taken beyond its tolerance: narrow ranges, short options and an outright holding, in 80 random books', () => {
    const count = 3_000
    const taken = { netted: 0, direct: 0 }
    for (let book = 0; book < 80; book += 1) {
      const sd = 10 ** (random() * 1.5 - 1.3)
      const lines = 1 + Math.floor(random() * 12)
      const L = Float64Array.from({ length: lines }, () => 1 + 10 * random())
      const a = L.map(() => Math.exp(2 * sd * gaussian()))
      const width = 10 ** (-2 * random())
      const b = a.map((lower) => lower * (1 + width * (0.2 + random())))
      const root = 10 ** (-3 * random())
      const range: RevaluationKernel = {
        ...step,
        lines,
        values: ([spots = new Float64Array()], out) => concentratedValues(L, a, b, spots, out),
      }
      const short: RevaluationKernel = {
        ...step,
        values: ([spots = new Float64Array()], out) =>
          out.set(
            spots.map((S) => S * normalCdf(Math.log(S) / root + root / 2) - normalCdf(Math.log(S) / root - root / 2)),
          ),
      }
      const kernels = [[range], [short, linear(1_000, 0)], [range, short, linear(100, 0)]][book % 3] ?? []
      const drawn = {
        kernels,
        scenarios: Float64Array.from({ length: count }, () => Math.exp(sd * gaussian())),
        base: Float64Array.of(1),
      }
      const got = revalue(drawn)
      taken[got.path] += 1
      const direct = revalue({ ...drawn, netting: 'none' })
      const lineValues = kernels.map((kernel) => {
        const out = new Float64Array(kernel.lines * count)
        kernel.values([drawn.scenarios], out)
        return out.reduce((sum, value) => sum + Math.abs(value), 0)
      })
      const gross = lineValues.reduce((sum, one) => sum + one, 0) / count
      expect(difference(got.pnl, direct.pnl), `book ${book}`).toBeLessThanOrEqual(1e-6 * gross)
    }
    expect(taken.netted).toBeGreaterThan(15)
    expect(taken.direct).toBeGreaterThan(15)
  })

  it('is not tried where it would not pay, or where spots do not differ', () => {
    const few = revalue({ kernels: [step], scenarios: Float64Array.of(2_000, 3_000), base: Float64Array.of(3_000) })
    expect(few.parts[0]?.reason).toBe('few-scenarios')
    expect([...few.pnl]).toEqual([-1_000, 0])
    const same = revalue({
      kernels: [linear(2, 0)],
      scenarios: new Float64Array(1_000).fill(3_300),
      base: Float64Array.of(3_000),
    })
    expect(same.parts[0]?.reason).toBe('no-spread')
    expect(same.pnl[0]).toBeCloseTo(600, 9)
  })

  it('costs nothing where there is nothing: a book worth zero everywhere is netted exactly', () => {
    const got = revalue({ kernels: [linear(0, 0)], scenarios, base })
    expect(got.parts).toEqual([{ factors: [0], lines: 1, path: 'netted', nodes: 129, sampleError: 0 }])
    expect(difference(got.pnl, new Float64Array(n))).toBe(0)
  })
})

describe('a book that cannot be revalued', () => {
  const bad = (value: number, netting: 'log-spot' | 'none'): RevaluationKernel => ({
    lines: 1,
    factors: [0],
    netting,
    values: ([spots = new Float64Array()], out) => out.set(spots.map((S) => (S > 3_500 ? value : S))),
  })

  it.each(['log-spot', 'none'] as const)(
    'is refused with the kernel and the scenario where a value is not finite (%s)',
    (netting) => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const kernels = [linear(1, 0), bad(value, netting)]
        const named = expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ kernel: 1 }) })
        expect(() => revalue({ kernels, scenarios, base })).toThrow(named)
        expect(() => revalueLines({ kernels, scenarios, base })).toThrow(named)
      }
    },
  )

  it('is refused for spots at or below 0, unknown factors, and shapes that disagree', () => {
    const one = { kernels: [linear(1, 0)], scenarios, base }
    expect(() => revalue({ ...one, scenarios: scenarios.map((S, k) => (k === 5 ? 0 : S)) })).toThrow(refused)
    expect(() => revalue({ ...one, kernels: [linear(1, 2)] })).toThrow(refused)
    expect(() => revalue({ ...one, base: Float64Array.of(1, 2, 3) })).toThrow(refused)
    expect(() => revalue({ ...one, kernels: [{ ...pairRange, netting: 'log-spot' }] })).toThrow(refused)
    expect(() => revalue({ ...one, nodes: 3 })).toThrow(refused)
  })
})
