import { describe, expect, it } from 'vitest'
import { random } from '../../../lib/quant/random.ts'
import { acerbiSzekely, type TailForecast } from '../../../lib/quant/tail/acerbi-szekely.ts'
import { expectedShortfall } from '../../../lib/quant/tail/expected-shortfall.ts'

const level = 0.95

function forecastOf(sample: Float64Array): TailForecast {
  const { valueAtRisk, expectedShortfall: shortfall } = expectedShortfall(sample, level)
  return {
    valueAtRisk,
    expectedShortfall: shortfall,
    beyond: sample.filter((x) => x > valueAtRisk),
    scenarios: sample.length,
  }
}

/** Student t with 4 degrees of freedom. */
function heavy(seed: number, n: number): Float64Array {
  const stream = random(seed)
  return Float64Array.from({ length: n }, () => {
    const squares = [0, 0, 0, 0].reduce((sum) => sum + stream.normal() ** 2, 0)
    return stream.normal() / Math.sqrt(squares / 4)
  })
}

function pValues(seeds: number, drawn: (seed: number) => Float64Array, forecast: TailForecast) {
  return Array.from({ length: seeds }, (_, seed) => {
    const losses = drawn(1_000 + seed)
    return acerbiSzekely({
      losses,
      forecasts: Array.from(losses, () => forecast),
      level,
      simulations: 200,
      random: random(seed),
    })
  })
}

describe('the test of expected shortfall', () => {
  const truth = forecastOf(heavy(1, 100_000))

  it('has the statistics of Acerbi and Szekely, signs turned for losses', () => {
    const forecast = { valueAtRisk: 1, expectedShortfall: 2, beyond: Float64Array.of(1.5, 2.5), scenarios: 40 }
    const losses = Float64Array.of(0, 3, 1, 1.5, -2, ...new Array<number>(35).fill(0))
    const { z1, z2 } = acerbiSzekely({
      losses,
      forecasts: Array.from(losses, () => forecast),
      level,
      simulations: 100,
      random: random(1),
    })
    expect(z1.statistic).toBeCloseTo((1.5 + 0.75) / 2 - 1, 14)
    expect(z2.statistic).toBeCloseTo((1.5 + 0.75) / (40 * 0.05) - 1, 14)
  })

  it('rejects a true forecast about as often as it should', () => {
    const found = pValues(300, (seed) => heavy(seed, 500), truth)
    const rejected = (which: 'z1' | 'z2') => found.filter((one) => one[which].pValue <= 0.05).length
    for (const which of ['z1', 'z2'] as const) {
      expect(rejected(which)).toBeGreaterThan(4)
      expect(rejected(which)).toBeLessThan(32)
    }
  })

  it('finds a tail that was promised a third too short, and one too long does not alarm it', () => {
    const larger = pValues(60, (seed) => heavy(seed, 500).map((x) => 1.5 * x), truth)
    expect(larger.filter(({ z2 }) => z2.pValue <= 0.05).length).toBeGreaterThan(54)
    const smaller = pValues(60, (seed) => heavy(seed, 500).map((x) => x / 1.5), truth)
    expect(smaller.filter(({ z2 }) => z2.pValue <= 0.05).length).toBeLessThan(2)
  })

  it('finds losses beyond that are too large although they come as often as promised, which coverage cannot', () => {
    const stretched = (seed: number) =>
      heavy(seed, 1_000).map((x) => (x > truth.valueAtRisk ? truth.valueAtRisk + 2.5 * (x - truth.valueAtRisk) : x))
    const found = pValues(60, stretched, truth)
    expect(found.filter(({ z1 }) => z1.pValue <= 0.05).length).toBeGreaterThan(54)
  })

  it('says that there is nothing to learn of sizes without a breach, and gives the same for the same seed', () => {
    const calm = () =>
      acerbiSzekely({
        losses: new Float64Array(50),
        forecasts: new Array(50).fill(truth),
        level,
        simulations: 50,
        random: random(4),
      })
    expect(calm().z1).toEqual({ statistic: 0, pValue: 1, informative: false })
    expect(calm().z2.statistic).toBe(-1)
    expect(calm()).toEqual(calm())
  })

  it('refuses what cannot be tested', () => {
    const refusal = expect.objectContaining({ code: 'out-of-domain' })
    const good = { losses: Float64Array.of(1), forecasts: [truth], level, simulations: 10, random: random(1) }
    expect(() => acerbiSzekely({ ...good, losses: new Float64Array(), forecasts: [] })).toThrow(refusal)
    expect(() => acerbiSzekely({ ...good, losses: Float64Array.of(1, 2) })).toThrow(refusal)
    expect(() => acerbiSzekely({ ...good, losses: Float64Array.of(Number.NaN) })).toThrow(refusal)
    expect(() => acerbiSzekely({ ...good, forecasts: [{ ...truth, expectedShortfall: 0 }] })).toThrow(refusal)
    expect(() => acerbiSzekely({ ...good, level: 1 })).toThrow(refusal)
  })
})
