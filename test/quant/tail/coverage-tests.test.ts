import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { christoffersenTest, kupiecTest } from '../../../lib/quant/tail/coverage-tests.ts'

describe('tests of coverage', () => {
  it('has Kupiec’s statistic, and stated values without and with nothing but exceedances', () => {
    const { statistic, pValue } = kupiecTest({ observations: 250, exceedances: 5, probability: 0.01 })
    expect(statistic).toBeCloseTo(-2 * (245 * Math.log(0.99 / 0.98) + 5 * Math.log(0.01 / 0.02)), 11)
    expect(pValue).toBeCloseTo(0.1618, 3)
    const none = kupiecTest({ observations: 250, exceedances: 0, probability: 0.01 })
    expect(none.statistic).toBeCloseTo(-500 * Math.log(0.99), 11)
    expect(kupiecTest({ observations: 9, exceedances: 9, probability: 0.5 }).statistic).toBeCloseTo(
      18 * Math.log(2),
      11,
    )
    expect(kupiecTest({ observations: 100, exceedances: 5, probability: 0.05 }).pValue).toBeCloseTo(1, 6)
  })

  it('tells clusters from single exceedances, and says where the data cannot tell', () => {
    const clustered = Uint8Array.from({ length: 1_000 }, (_, t) => (t % 200 < 10 ? 1 : 0))
    const test = christoffersenTest(clustered, 0.05)
    expect(test.unconditional.pValue).toBeCloseTo(1, 6)
    expect(test.independence.pValue).toBeLessThan(1e-6)
    expect(test.conditional.statistic).toBeCloseTo(test.unconditional.statistic + test.independence.statistic, 12)
    const last = Uint8Array.from([0, 0, 0, 1])
    for (const hits of [new Uint8Array(50), new Uint8Array(50).fill(1), last])
      expect(christoffersenTest(hits, 0.05).independence).toEqual({ statistic: 0, pValue: 1, informative: false })
  })

  it('rejects a true model about as often as it should', () => {
    const rejected = [0, 0, 0]
    for (let seed = 0; seed < 1_000; seed += 1) {
      const stream = random(seed)
      const hits = Uint8Array.from({ length: 1_000 }, () => (stream.uniform() < 0.05 ? 1 : 0))
      const test = christoffersenTest(hits, 0.05)
      ;[test.unconditional, test.independence, test.conditional].forEach(({ pValue }, i) => {
        if (pValue < 0.05) rejected[i] = (rejected[i] ?? 0) + 1
      })
    }
    for (const count of rejected) {
      expect(count).toBeGreaterThan(22)
      expect(count).toBeLessThan(100)
    }
  })

  it('refuses counts and hits that are none', () => {
    const refusal = expect.objectContaining({ code: 'out-of-domain' })
    for (const [observations, exceedances, probability] of [
      [0, 0, 0.05],
      [10, 11, 0.05],
      [10, Number.NaN, 0.05],
      [10, 1, 0],
    ] as const)
      expect(() => kupiecTest({ observations, exceedances, probability })).toThrow(refusal)
    expect(() => christoffersenTest(Uint8Array.from([0]), 0.05)).toThrow(refusal)
    expect(() => christoffersenTest(Uint8Array.from([0, 2]), 0.05)).toThrow(refusal)
  })
})
