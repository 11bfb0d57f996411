import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { paretoMargin, paretoRisk, paretoTail } from '../../../lib/quant/tail/pareto-tail.ts'

/** Student's t with 4 degrees of freedom: its quantile in closed form (Shaw 2006); its tail has shape 1/4. */
function t4(u: number): number {
  const a = Math.sqrt(4 * u * (1 - u))
  return Math.sign(u - 0.5) * 2 * Math.sqrt(Math.cos(Math.acos(a) / 3) / a - 1)
}
const student = (seed: number, n: number) => {
  const stream = random(seed)
  return Float64Array.from({ length: n }, () => t4(stream.uniform()))
}

describe('a generalised Pareto tail', () => {
  it('reproduces value at risk and expected shortfall of Student’s t at 99% and 99.9% over 50 seeds', () => {
    for (const level of [0.99, 0.999]) {
      const exact = t4(level)
      // ES = density(q) (4 + q^2) / (3 (1 - level)).
      const shortfall = ((3 / 8) * (1 + exact ** 2 / 4) ** -2.5 * (4 + exact ** 2)) / (3 * (1 - level))
      let [value, beyond] = [0, 0]
      for (let seed = 0; seed < 50; seed += 1) {
        const tail = paretoTail(student(seed, 3_000))
        if (tail.status !== 'fitted') throw new Error(tail.status)
        const risk = paretoRisk(tail, level)
        value += risk.valueAtRisk / 50
        beyond += risk.expectedShortfall / 50
      }
      expect(Math.abs(value / exact - 1)).toBeLessThan(0.05)
      expect(Math.abs(beyond / shortfall - 1)).toBeLessThan(0.07)
    }
  })

  it('has at shape 1/4 the risk that the closed form gives', () => {
    const fit = { excesses: 100, atBound: 'none', shapeError: 0, logLikelihood: 0 } as const
    const tail = { ...fit, threshold: 1, exceedanceProbability: 0.16, shape: 0.25, scale: 0.5 }
    // (0.01 / 0.16)^(-1/4) = 2: excess 0.5 / 0.25 = 2, and the mean of what is beyond adds (0.5 + 0.25 x 2) / 0.75.
    expect(paretoRisk(tail, 0.99).valueAtRisk).toBeCloseTo(3, 12)
    expect(paretoRisk(tail, 0.99).expectedShortfall).toBeCloseTo(3 + 4 / 3, 12)
    expect(paretoRisk(tail, 0.84).valueAtRisk).toBeCloseTo(1, 12)
    expect(() => paretoRisk(tail, 0.8)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    expect(() => paretoRisk(tail, Number.NaN)).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})

describe('a margin with smoothed tails', () => {
  it('keeps order, ties and body, whatever the sample', () => {
    const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ min: -50, max: 50, noNaN: true }))
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), (raw) => {
        const sample = Float64Array.from(raw)
        const { values, lower, upper } = paretoMargin(sample, { fewest: 5 })
        const order = [...sample.keys()].sort((a, b) => (sample[a] ?? 0) - (sample[b] ?? 0))
        for (let k = 1; k < order.length; k += 1) {
          const [a, b] = [order[k - 1] ?? 0, order[k] ?? 0]
          const rise = (values[b] ?? 0) - (values[a] ?? 0)
          if (sample[a] === sample[b]) expect(rise).toBe(0)
          else expect(rise).toBeGreaterThanOrEqual(0)
        }
        sample.forEach((x, i) => {
          if (x <= upper.threshold && -x <= lower.threshold) expect(values[i]).toBe(x)
        })
      }),
      { numRuns: 200 },
    )
  })

  it('leaves a constant, a short and a heavily tied sample as they are and says so', () => {
    for (const sample of [new Float64Array(500).fill(1), student(1, 50), student(1, 500).map(Math.round)]) {
      const { values, lower, upper } = paretoMargin(sample)
      expect([lower.status, upper.status]).toEqual(['too-few-exceedances', 'too-few-exceedances'])
      expect(values).toEqual(sample)
    }
  })

  it('refuses a sample that is empty or not finite', () => {
    for (const sample of [[], [1, Number.NaN], [1, Infinity]])
      expect(() => paretoMargin(Float64Array.from(sample))).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
    expect(() => paretoTail(student(1, 500), { fraction: 0.6 })).toThrow(
      expect.objectContaining({ code: 'out-of-domain' }),
    )
  })
})
