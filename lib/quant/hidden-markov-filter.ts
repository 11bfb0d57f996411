// What a hidden Markov model says of the state now, from the past alone: a figure shown at a date must not know what came after.
import { scaleDensities } from './hidden-markov/expectation.ts'
import { logDensities, noEmission, setCovariance } from './hidden-markov/gaussian-emission.ts'
import type { HiddenMarkovModel } from './hidden-markov.ts'
import { outOfDomain } from './out-of-domain.ts'

/** One step of the filter; less than a microsecond for a few states. */
export type HiddenMarkovStep = (params: {
  /** K probabilities after the date before; absent: this is the first date. */
  readonly previous?: ArrayLike<number> | undefined
  /** d numbers; absent: nothing was seen on this date, and the chain moves on unseen. */
  readonly observation?: ArrayLike<number> | undefined
}) => readonly number[]

/**
 * The filter of a model: from the probabilities of the states after one date to those after the next (Rabiner 1989, equations 19-20, scaled). The step throws
 * `out-of-domain` for another length, a number that is not finite, and probabilities that are none; making it does for a model that is none.
 */
export function hiddenMarkovStep(model: HiddenMarkovModel): HiddenMarkovStep {
  const K = model.initial.length
  const d = model.means[0]?.length ?? 0
  const emission = emissionOf(model, K, d)
  const transition = Float64Array.from(model.transition.flat())
  const initial = Float64Array.from(model.initial)
  const prior = new Float64Array(K)
  const density = new Float64Array(K)
  const values = new Float64Array(d)
  return ({ previous, observation }) => {
    if (previous === undefined) prior.set(initial)
    else predict(prior, previous, transition)
    if (observation === undefined) return Array.from(prior)
    if (observation.length !== d)
      throw outOfDomain('hiddenMarkovStep', 'An observation has the dimension of the model.', {
        dimension: d,
        entries: observation.length,
      })
    for (let i = 0; i < d; i += 1) {
      const x = observation[i] as number
      if (!(Math.abs(x) <= 1e100))
        throw outOfDomain('hiddenMarkovStep', 'An observation is finite.', { dimension: i, value: x })
      values[i] = x
    }
    logDensities(density, 0, emission, values, 0)
    scaleDensities(density, 0, prior)
    const next: number[] = []
    let total = 0
    for (let k = 0; k < K; k += 1) total += (prior[k] as number) * (density[k] as number)
    for (let k = 0; k < K; k += 1) next.push(((prior[k] as number) * (density[k] as number)) / total)
    return next
  }
}

/**
 * T x K: the probability of each state at each date, given that date and those before. `undefined` is a date without an observation. Throws as
 * `hiddenMarkovStep`.
 */
export function filterHiddenMarkov(params: {
  readonly model: HiddenMarkovModel
  readonly observations: readonly (ArrayLike<number> | undefined)[]
}): readonly (readonly number[])[] {
  const step = hiddenMarkovStep(params.model)
  const filtered: (readonly number[])[] = []
  for (const observation of params.observations) filtered.push(step({ previous: filtered.at(-1), observation }))
  return filtered
}

/** P(state next) = sum_i P(state i) a_ij, of probabilities that are made to sum to 1. */
function predict(prior: Float64Array, previous: ArrayLike<number>, transition: Float64Array): void {
  const K = prior.length
  let total = 0
  for (let i = 0; i < previous.length; i += 1) {
    const p = previous[i] as number
    total += p >= 0 && p < Infinity ? p : Number.NaN
  }
  if (previous.length !== K || !(total > 0))
    throw outOfDomain('hiddenMarkovStep', 'As many probabilities as states, none below 0, not all 0.', {
      states: K,
      entries: previous.length,
    })
  for (let j = 0; j < K; j += 1) {
    let sum = 0
    for (let i = 0; i < K; i += 1) sum += (previous[i] as number) * (transition[i * K + j] as number)
    prior[j] = sum / total
  }
}

function emissionOf(model: HiddenMarkovModel, K: number, d: number) {
  const { initial, transition, means, covariances } = model
  const isProbable = (row: readonly number[]) =>
    row.length === K && row.every((p) => p >= 0) && Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-9
  const isWhole =
    d > 0 &&
    [initial, ...transition].every(isProbable) &&
    transition.length === K &&
    means.length === K &&
    means.every((mean) => mean.length === d && mean.every(Number.isFinite)) &&
    covariances.length === K &&
    covariances.every((covariance) => covariance.length === d * d && covariance.every(Number.isFinite))
  if (!isWhole)
    throw outOfDomain(
      'hiddenMarkovStep',
      'The model has K initial probabilities, K x K moves, K means and covariances.',
      {
        states: K,
        dimension: d,
      },
    )
  const emission = noEmission(K, d)
  emission.means.set(means.flat())
  for (const [k, covariance] of covariances.entries()) setCovariance(emission, k, Float64Array.from(covariance))
  return emission
}
