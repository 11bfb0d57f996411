import { describe, expect, it } from 'vitest'
import { fitHar, forecastHar, type HarDay, type HarFit } from '../../lib/quant/har.ts'
import { random } from '../../lib/quant/random.ts'

const planted = { constant: -0.4, day: 0.35, week: 0.3, month: 0.25, noise: 0.4 }

/** Variances whose logarithms follow the planted recursion. */
function days(seed: number, n: number): HarDay[] {
  const { normal } = random(seed)
  const variances: number[] = new Array(30).fill(Math.exp(planted.constant / 0.1))
  const mean = (window: number) => Math.log(variances.slice(-window).reduce((sum, v) => sum + v, 0) / window)
  while (variances.length < n + 60) {
    const { constant, day, week, month, noise } = planted
    variances.push(Math.exp(constant + day * mean(1) + week * mean(7) + month * mean(30) + noise * normal()))
  }
  return variances.slice(60).map((variance) => ({ variance, jump: 0 }))
}

function fitted(history: readonly (HarDay | undefined)[]): HarFit {
  const fit = fitHar(history)
  if (fit === undefined) throw new Error('nothing was fitted')
  return fit
}

describe('log-HAR', () => {
  it('finds planted coefficients and noise', () => {
    const [constant = 0, day = 0, week = 0, month = 0] = fitted(days(1, 20_000)).coefficients
    expect(day).toBeCloseTo(planted.day, 1)
    expect(week).toBeCloseTo(planted.week, 1)
    expect(month).toBeCloseTo(planted.month, 1)
    expect(constant).toBeCloseTo(planted.constant, 0)
    expect(Math.sqrt(fitted(days(1, 20_000)).residualVariance)).toBeCloseTo(planted.noise, 2)
  })

  it('forecasts without bias: variances are on average what was expected', () => {
    const ratios = [2, 3, 4, 5].map((seed) => {
      const all = days(seed, 3_000)
      const fit = fitted(all.slice(0, 2_000))
      const ahead = all
        .slice(2_000)
        .map(({ variance }, t) => variance / (forecastHar(fit, all.slice(0, 2_000 + t)) ?? 0))
      return ahead.reduce((sum, ratio) => sum + ratio, 0) / ahead.length
    })
    expect(Math.abs(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length - 1)).toBeLessThan(0.02)
  })

  it('takes only what its history says: a later day changes nothing', () => {
    const all = days(3, 200)
    expect(fitHar(all.slice(0, 150))).toEqual(fitHar([...all.slice(0, 150)]))
    const fit = fitted(all.slice(0, 150))
    expect(forecastHar(fit, all.slice(0, 150))).toBe(forecastHar(fit, all.slice(100, 150)))
  })

  it('learns that jumps pass, where it sees enough of them', () => {
    const { uniform } = random(4)
    const jumpy = days(4, 1_500).map(({ variance }) => {
      const jump = uniform() < 0.1 ? 4 * variance : 0
      return { variance: variance + jump, jump }
    })
    const fit = fitted(jumpy)
    expect(fit.coefficients).toHaveLength(5)
    expect(fit.coefficients[4]).toBeLessThan(0)
    expect(fitted(days(4, 300)).coefficients).toHaveLength(4)
  })

  it('lives with days that are not known and with days without trades, and is silent where it knows too little', () => {
    const { uniform } = random(5)
    const holed = days(5, 600).map((day) => (uniform() < 0.1 ? undefined : day))
    const still = holed.map((day, t) => (t % 50 === 0 ? { variance: 0, jump: 0 } : day))
    for (const history of [holed, still]) {
      const known = history.slice(0, history.findLastIndex((day) => day !== undefined) + 1)
      expect(forecastHar(fitted(history), known)).toBeGreaterThan(0)
    }
    expect(forecastHar(fitted(holed), [...holed, undefined])).toBeUndefined()
    expect(fitHar(days(5, 80))).toBeUndefined()
    expect(fitHar(new Array(200).fill({ variance: 0, jump: 0 }))).toBeUndefined()
    expect(fitHar(new Array(200).fill({ variance: 1, jump: 0 }))).toBeUndefined()
    expect(fitHar([])).toBeUndefined()
  })

  it('stays within reach of what it has seen after a day beyond all others', () => {
    const history = days(6, 400)
    const fit = fitted(history)
    const most = Math.max(...history.map(({ variance }) => variance))
    expect(forecastHar(fit, [...history, { variance: 1e9 * most, jump: 0 }])).toBeLessThanOrEqual(
      2 * most * (1 + 1e-12),
    )
  })

  it('refuses variances below 0, NaN, and a jump larger than the variance, saying which day', () => {
    for (const bad of [
      { variance: -1, jump: 0 },
      { variance: Number.NaN, jump: 0 },
      { variance: 1, jump: 2 },
    ])
      expect(() => fitHar([...days(1, 100), bad])).toThrow(
        expect.objectContaining({ code: 'out-of-domain', facts: expect.objectContaining({ at: 100 }) }),
      )
  })
})
