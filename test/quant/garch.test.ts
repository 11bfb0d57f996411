import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filterGarch, fitGarch, type GarchParameters, garchForecast, updateGarch } from '../../lib/quant/garch.ts'
import { logDensityOf } from '../../lib/quant/garch-likelihood.ts'
import { random } from '../../lib/quant/random.ts'

const planted: GarchParameters = { omega: 1e-5, alpha: 0.08, beta: 0.9, longRun: 5e-4 }

/** Student innovations of 5 degrees from normals, or normal ones, on a path with the planted parameters. */
function path(seed: number, n: number, law: 'normal' | 'student' = 'normal'): number[] {
  const { normal } = random(seed)
  let h = planted.longRun
  return Array.from({ length: n }, () => {
    const z = normal()
    const chi = law === 'student' ? [1, 2, 3, 4, 5].reduce((sum) => sum + normal() ** 2, 0) : 1
    const r = Math.sqrt(h) * (law === 'student' ? z / Math.sqrt((chi / 5) * (5 / 3)) : z)
    h = updateGarch(planted, h, r)
    return r
  })
}

describe('a fitted GARCH(1,1)', () => {
  it.each(['normal', 'student'] as const)('finds planted parameters under %s innovations, by either law', (law) => {
    const fits = Array.from({ length: 12 }, (_, seed) => fitGarch({ returns: path(seed, 3_000, law), law }).parameters)
    const mean = (f: (p: GarchParameters) => number) => fits.reduce((sum, p) => sum + f(p), 0) / fits.length
    expect(Math.abs(mean(({ alpha }) => alpha) - 0.08)).toBeLessThan(0.015)
    expect(Math.abs(mean(({ beta }) => beta) - 0.9)).toBeLessThan(0.025)
    for (const { alpha, beta } of fits) {
      expect(Math.abs(alpha - 0.08)).toBeLessThan(0.05)
      expect(Math.abs(beta - 0.9)).toBeLessThan(0.08)
    }
  })

  it('is at least as likely as the planted truth, and as its neighbours', () => {
    for (const seed of [1, 2, 3]) {
      const returns = path(seed, 1_500)
      const { parameters, logLikelihood } = fitGarch({ returns, targeting: false })
      const squares = Float64Array.from(returns, (r) => r * r)
      const first = filterGarch({ parameters, returns })[0] ?? Number.NaN
      const at = ({ omega, alpha, beta }: GarchParameters) =>
        logDensityOf({ squares, omega, alpha, beta, first, law: { kind: 'normal' } })
      expect(Math.abs(at(parameters) - logLikelihood)).toBeLessThan(1e-6)
      expect(logLikelihood).toBeGreaterThanOrEqual(at(planted) - 1e-6)
      const { omega, alpha, beta } = parameters
      for (const [o, a, b] of [
        [1.05, 1, 1],
        [0.95, 1, 1],
        [1, 1.05, 1],
        [1, 0.95, 1],
        [1, 1, 1.004],
        [1, 1, 0.996],
      ] as const)
        expect(logLikelihood).toBeGreaterThan(at({ ...parameters, omega: o * omega, alpha: a * alpha, beta: b * beta }))
    }
  })

  it('finds the degrees of fat tails, and many where there are none', () => {
    expect(fitGarch({ returns: path(7, 4_000, 'student'), law: 'student' }).degrees).toBeCloseTo(5, 0)
    expect(fitGarch({ returns: path(7, 4_000), law: 'student' }).degrees).toBeGreaterThan(20)
  })

  it('does not depend on the unit of the returns, and its parameters stay in their range', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 60, max: 400 }), fc.constantFrom(1e-6, 100), (seed, n, unit) => {
        const returns = path(seed, n, 'student')
        const own = fitGarch({ returns })
        const { omega, alpha, beta, longRun } = own.parameters
        expect(omega > 0 && alpha >= 0 && beta >= 0 && alpha + beta < 1).toBe(true)
        expect(Math.abs(omega / (1 - alpha - beta) / longRun - 1)).toBeLessThan(1e-9)
        const scaled = fitGarch({ returns: returns.map((r) => unit * r) }).parameters
        expect(Math.abs(scaled.alpha - alpha)).toBeLessThan(1e-3)
        expect(Math.abs(scaled.longRun / (unit * unit * longRun) - 1)).toBeLessThan(1e-9)
      }),
      { numRuns: 25 },
    )
  })

  it('stays close with a fifth of the returns missing', () => {
    const { uniform } = random(9)
    const returns = path(4, 4_000).map((r) => (uniform() < 0.2 ? undefined : r))
    const { parameters, observations } = fitGarch({ returns })
    expect(observations).toBe(returns.filter((r) => r !== undefined).length)
    expect(Math.abs(parameters.alpha - 0.08)).toBeLessThan(0.045)
    expect(Math.abs(parameters.beta - 0.9)).toBeLessThan(0.065)
  })

  it('of independent returns has a flat variance', () => {
    const { normal } = random(3)
    const returns = Array.from({ length: 2_000 }, () => 0.01 * normal())
    const { parameters } = fitGarch({ returns })
    const variances = filterGarch({ parameters, returns }).slice(200)
    expect(Math.max(...variances) / Math.min(...variances)).toBeLessThan(1.6)
  })

  it('lives with a ten-fold bar, a dead asset and a peg that moves once', () => {
    const wild = path(5, 500)
    wild[250] = -Math.log(10)
    const dying = path(6, 500).map((r, t) => (t === 490 ? -4 : r))
    const peg = Array.from({ length: 300 }, (_, t) => (t === 150 ? 1e-4 : 0))
    for (const returns of [wild, dying, peg])
      for (const law of ['normal', 'student'] as const) {
        const { parameters, variance } = fitGarch({ returns, law })
        expect([...Object.values(parameters), variance].every((x) => Number.isFinite(x) && x >= 0)).toBe(true)
        expect(parameters.alpha + parameters.beta).toBeLessThan(1)
      }
  })

  it('refuses too few returns, returns that never moved and what is no number, saying which', () => {
    const code = expect.objectContaining({ code: 'out-of-domain' })
    expect(() => fitGarch({ returns: path(1, 59) })).toThrow(code)
    expect(() => fitGarch({ returns: new Float64Array(100) })).toThrow(code)
    const holed = path(1, 100)
    holed[42] = Number.NaN
    expect(() => fitGarch({ returns: holed })).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ at: 42 }) }),
    )
  })
})

describe('the variance that follows', () => {
  it('is the same return by return as at once, and moves to its forecast over a gap', () => {
    const returns = [0.01, -0.05, undefined, undefined, 0.02]
    const [first = 0, ...rest] = filterGarch({ parameters: planted, returns, first: 9e-4 })
    let h = first
    expect(h).toBe(9e-4)
    for (const [t, r] of returns.entries()) {
      h = updateGarch(planted, h, r)
      expect(rest[t]).toBeCloseTo(h, 15)
    }
    let gap = 9e-4
    for (let k = 0; k < 2_000; k += 1) gap = updateGarch(planted, gap, undefined)
    expect(Math.abs(gap / planted.longRun - 1)).toBeLessThan(1e-9)
    expect([...filterGarch({ parameters: planted, returns: [] })]).toEqual([planted.longRun])
  })

  it('over several steps is the sum of what each step expects', () => {
    let [h, sum] = [2e-3, 0]
    for (let k = 1; k <= 30; k += 1) {
      sum += h
      h = updateGarch(planted, h, undefined)
      expect(Math.abs(garchForecast({ parameters: planted, variance: 2e-3, steps: k }) / sum - 1)).toBeLessThan(1e-12)
    }
    const flat = { omega: 4, alpha: 0, beta: 0, longRun: 4 }
    expect(garchForecast({ parameters: flat, variance: 7, steps: 3 })).toBeCloseTo(15, 12)
  })

  it('refuses NaN and negative variances', () => {
    for (const attempt of [
      () => updateGarch(planted, -1, 0),
      () => updateGarch(planted, 1, Number.NaN),
      () => filterGarch({ parameters: planted, returns: [Infinity] }),
      () => garchForecast({ parameters: planted, variance: 1, steps: 0 }),
    ])
      expect(attempt).toThrow(expect.objectContaining({ code: 'out-of-domain' }))
  })
})
