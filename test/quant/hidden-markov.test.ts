import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../lib/base/homeostat-error.ts'
import { chooseHiddenMarkov, fitHiddenMarkov, type HiddenMarkovModel } from '../../lib/quant/hidden-markov.ts'
import { filterHiddenMarkov, hiddenMarkovStep } from '../../lib/quant/hidden-markov-filter.ts'
import { random } from '../../lib/quant/random.ts'

const planted: HiddenMarkovModel = {
  initial: [1, 0],
  transition: [
    [0.98, 0.02],
    [0.06, 0.94],
  ],
  means: [
    [-4, 0.5],
    [-2.5, 1.1],
  ],
  covariances: [
    [0.49, 0.056, 0.056, 0.04],
    [0.49, 0.056, 0.056, 0.04],
  ],
}

/** Dates of a model, and the states that made them. */
function drawn(model: HiddenMarkovModel, dates: number, seed: number) {
  const stream = random(seed)
  const states: number[] = []
  const observations = Array.from({ length: dates }, (_, t) => {
    let left = stream.uniform()
    const odds = t === 0 ? model.initial : (model.transition[states[t - 1] ?? 0] ?? [])
    let state = 0
    while (left > (odds[state] ?? 1) && state < odds.length - 1) left -= odds[state++] ?? 0
    states.push(state)
    const [m0 = 0, m1 = 0] = model.means[state] ?? []
    const [s00 = 1, s01 = 0, , s11 = 1] = model.covariances[state] ?? []
    const [a, b] = [stream.normal(), stream.normal()]
    const l10 = s01 / Math.sqrt(s00)
    return [m0 + Math.sqrt(s00) * a, m1 + l10 * a + Math.sqrt(s11 - l10 * l10) * b]
  })
  return { observations, states }
}

/** The probability of every path of states at once: nothing recursive, nothing scaled. */
function byEnumeration(model: HiddenMarkovModel, observations: readonly (readonly number[])[]) {
  const K = model.initial.length
  const density = (k: number, [x = 0, y = 0]: readonly number[]) => {
    const [a = 0, b = 0, , c = 0] = model.covariances[k] ?? []
    const [u, v] = [x - (model.means[k]?.[0] ?? 0), y - (model.means[k]?.[1] ?? 0)]
    const determinant = a * c - b * b
    return (
      Math.exp(-0.5 * ((c * u * u - 2 * b * u * v + a * v * v) / determinant)) / (2 * Math.PI * Math.sqrt(determinant))
    )
  }
  const last = new Array<number>(K).fill(0)
  for (let path = 0; path < K ** observations.length; path += 1) {
    let weight = 1
    let before: number | undefined
    for (const [t, observation] of observations.entries()) {
      const state = Math.floor(path / K ** t) % K
      weight *= (before === undefined ? model.initial : (model.transition[before] ?? []))[state] ?? 0
      weight *= density(state, observation)
      before = state
    }
    last[before ?? 0] = (last[before ?? 0] ?? 0) + weight
  }
  const total = last.reduce((a, b) => a + b, 0)
  return { total, last: last.map((weight) => weight / total) }
}

const codeOf = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    return isHomeostatError(error) ? error.code : 'another error'
  }
  return 'no error'
}

describe('fitting a hidden Markov model', () => {
  it('finds planted means, covariances and moves, on most seeds within their noise', () => {
    const errors = Array.from({ length: 10 }, (_, seed) => {
      const { observations } = drawn(planted, 1_500, seed)
      const fit = fitHiddenMarkov({ observations, states: 2, random: random(seed) })
      const off = (got: readonly (readonly number[])[], expected: readonly (readonly number[])[]) =>
        Math.max(...expected.flatMap((row, i) => row.map((value, j) => Math.abs(value - (got[i]?.[j] ?? 9)))))
      return {
        mean: off(fit.means, planted.means),
        move: off(fit.transition, planted.transition),
        covariance: off(fit.covariances, planted.covariances),
      }
    })
    const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[5] ?? 9
    expect(median(errors.map(({ mean }) => mean))).toBeLessThan(0.08)
    expect(median(errors.map(({ move }) => move))).toBeLessThan(0.025)
    expect(median(errors.map(({ covariance }) => covariance))).toBeLessThan(0.08)
    expect(Math.max(...errors.map(({ mean }) => mean))).toBeLessThan(0.25)
  })

  it('never lowers the likelihood, whatever it is given', () => {
    const number = fc.oneof(
      { weight: 8, arbitrary: fc.double({ min: -3, max: 3, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(0, 1, 1e6, -1e9) },
    )
    const series = fc.array(fc.tuple(number, number), { minLength: 40, maxLength: 90 })
    fc.assert(
      fc.property(series, fc.integer({ min: 2, max: 4 }), fc.nat(), (observations, states, seed) => {
        const moves = [0, 1].every((i) => new Set(observations.map((row) => row[i])).size > 1)
        fc.pre(moves)
        const { path, transition, initial } = fitHiddenMarkov({ observations, states, random: random(seed) })
        for (const [index, value] of path.entries())
          expect(value).toBeGreaterThanOrEqual((path[index - 1] ?? -Infinity) - 1e-8 * (1 + Math.abs(value)))
        for (const row of [initial, ...transition]) {
          expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
          expect(Math.min(...row)).toBeGreaterThan(0.99e-6)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('has the likelihood that an enumeration of all paths has, in the units of the observations', () => {
    const { observations } = drawn(planted, 400, 3)
    const scaled = observations.map(([x = 0, y = 0]) => [1_000 * x, 0.01 * y])
    const [fit, other] = [observations, scaled].map((rows) =>
      fitHiddenMarkov({ observations: rows, states: 2, random: random(1) }),
    )
    expect(other?.logLikelihood).toBeCloseTo((fit?.logLikelihood ?? 0) - 400 * Math.log(10), 6)
    const few = drawn(planted, 20, 4).observations
    const short = fitHiddenMarkov({ observations: few, states: 2, random: random(1), maxIterations: 3 })
    const { total } = byEnumeration(short, few)
    expect(short.logLikelihood).toBeCloseTo(Math.log(total), 8)
    expect(short.bic).toBeCloseTo(-2 * short.logLikelihood + 13 * Math.log(20), 8)
  })

  it('is the same for the same seed, and orders states by violence for every seed', () => {
    const { observations } = drawn(planted, 600, 5)
    const fits = [1, 1, 2].map((seed) => fitHiddenMarkov({ observations, states: 3, random: random(seed) }))
    expect(fits[0]).toEqual(fits[1])
    for (const { means } of fits) {
      const first = means.map(([mean = 0]) => mean)
      expect(first).toEqual(first.toSorted((a, b) => a - b))
    }
  })

  it('chooses the planted number of states by BIC', () => {
    const three: HiddenMarkovModel = {
      initial: [1, 0, 0],
      transition: [
        [0.97, 0.02, 0.01],
        [0.04, 0.93, 0.03],
        [0.02, 0.06, 0.92],
      ],
      means: [
        [-5, 0.4],
        [-3.5, 0.8],
        [-2, 1.4],
      ],
      covariances: [0, 1, 2].map(() => [0.3, 0.02, 0.02, 0.04]),
    }
    const states = [planted, three].flatMap((model) =>
      [1, 2, 3].map((seed) => {
        const { observations } = drawn(model, 1_500, seed)
        return chooseHiddenMarkov({ observations, random: random(seed) }).initial.length
      }),
    )
    expect(states).toEqual([2, 2, 2, 3, 3, 3])
  })

  it('lets no state close in on one date: a ten-fold bar and repeated values stay finite', () => {
    const { observations } = drawn(planted, 300, 6)
    const wild = observations.map((row, t) => (t === 100 ? [50, 20] : t > 250 ? [-4, 0.5] : row))
    const fit = fitHiddenMarkov({ observations: wild, states: 3, random: random(1) })
    expect([fit.logLikelihood, ...fit.means.flat(), ...fit.covariances.flat()].every(Number.isFinite)).toBe(true)
    for (const [a = 0, b = 0, , c = 0] of fit.covariances) expect(a * c - b * b).toBeGreaterThan(0)
  })

  it.each([
    ['no observations', []],
    ['too few for the states', drawn(planted, 19, 1).observations],
    ['a dimension that never moves', Array.from({ length: 50 }, (_, t) => [Math.sin(t), 0.3])],
    ['a number that is none', Array.from({ length: 50 }, (_, t) => [Math.sin(t), t === 7 ? Number.NaN : t])],
    ['rows of unequal length', Array.from({ length: 50 }, (_, t) => (t === 7 ? [1] : [Math.sin(t), t]))],
  ])('refuses %s by name', (_, observations) => {
    expect(codeOf(() => fitHiddenMarkov({ observations, states: 2, random: random(1) }))).toBe('out-of-domain')
  })
})

describe('filtering with a hidden Markov model', () => {
  it('agrees with an enumeration of all paths at every date, and so knows nothing of the future', () => {
    const { observations } = drawn(planted, 12, 7)
    const filtered = filterHiddenMarkov({ model: planted, observations })
    for (const [t, row] of filtered.entries()) {
      const { last } = byEnumeration(planted, observations.slice(0, t + 1))
      for (const [k, p] of row.entries()) expect(Math.abs(p - (last[k] ?? 9))).toBeLessThan(1e-12)
    }
  })

  it('tells the planted states apart', () => {
    const { observations, states } = drawn(planted, 2_000, 8)
    const filtered = filterHiddenMarkov({ model: planted, observations })
    const right = filtered.filter((row, t) => (row[1] ?? 0) > 0.5 === (states[t] === 1)).length
    expect(right / 2_000).toBeGreaterThan(0.95)
  })

  it('goes on unseen over a date without an observation', () => {
    const step = hiddenMarkovStep(planted)
    expect(step({ previous: [1, 0] })).toEqual([0.98, 0.02])
    expect(step({})).toEqual([1, 0])
  })

  it('gives probabilities for what no state explains', () => {
    const step = hiddenMarkovStep(planted)
    for (const observation of [
      [1e9, -1e9],
      [1e90, 0],
      [-1e4, 1e4],
    ]) {
      const next = step({ previous: [0.5, 0.5], observation })
      expect(next.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
    }
    // State 1 was ruled out, however well it would fit.
    const certain = hiddenMarkovStep({
      ...planted,
      transition: [
        [1, 0],
        [0, 1],
      ],
    })
    expect(certain({ previous: [1, 0], observation: [40, 9] })).toEqual([1, 0])
  })

  it('refuses what is no observation, no probability and no model', () => {
    const step = hiddenMarkovStep(planted)
    expect(codeOf(() => step({ observation: [1] }))).toBe('out-of-domain')
    expect(codeOf(() => step({ observation: [1, Number.NaN] }))).toBe('out-of-domain')
    expect(codeOf(() => step({ previous: [0, 0], observation: [1, 1] }))).toBe('out-of-domain')
    expect(codeOf(() => step({ previous: [1], observation: [1, 1] }))).toBe('out-of-domain')
    expect(
      codeOf(() =>
        hiddenMarkovStep({
          ...planted,
          covariances: [
            [1, 2, 2, 1],
            [1, 0, 0, 1],
          ],
        }),
      ),
    ).toBe('out-of-domain')
    expect(codeOf(() => hiddenMarkovStep({ ...planted, initial: [0.5, 0.6] }))).toBe('out-of-domain')
  })
})
