// Hidden Markov model with Gaussian states, by which a market's calm and violent times are told apart without thresholds.
import type { Chain } from './hidden-markov/expectation.ts'
import { backward, forward, type Workspace, workspaceFor } from './hidden-markov/expectation.ts'
import { noEmission, setCovariance } from './hidden-markov/gaussian-emission.ts'
import { maximise } from './hidden-markov/maximisation.ts'
import { outOfDomain } from './out-of-domain.ts'
import type { Random } from './random.ts'

/** Plain data. K states in the order of their mean in the first dimension: the last one is the most violent if that is a measure of violence. */
export interface HiddenMarkovModel {
  /** K: of the first observation's state. */
  readonly initial: readonly number[]
  /** K x K, from and to. */
  readonly transition: readonly (readonly number[])[]
  /** K x d. */
  readonly means: readonly (readonly number[])[]
  /** K, each d x d by rows. */
  readonly covariances: readonly (readonly number[])[]
}

export interface HiddenMarkovFit extends HiddenMarkovModel {
  readonly observations: number
  readonly logLikelihood: number
  /** -2 ln L + parameters x ln T: smaller is better. */
  readonly bic: number
  /** Log-likelihood before each iteration of the run that won, and after the last. It never falls. */
  readonly path: readonly number[]
  /** False if the iterations ran out before the gain fell below the tolerance. */
  readonly converged: boolean
}

export interface HiddenMarkovParams {
  /** T dates in order, each with d finite numbers; T >= 10 K. */
  readonly observations: readonly ArrayLike<number>[]
  /** K, 1 or above. */
  readonly states: number
  /** Starts that are tried: quantiles of each dimension and of their sum, and then drawn ones. 5 where absent. */
  readonly restarts?: number
  readonly random: Random
  /** Of the run that won. 200 where absent. */
  readonly maxIterations?: number
  /** Done when an iteration gains less, in log-likelihood per observation. 1e-5 where absent. */
  readonly tolerance?: number
}

/** So many iterations before only so many starts go on (the "small EM" of Biernacki, Celeux & Govaert 2003, in two rounds): early likelihoods mislead. */
const rounds = [
  { iterations: 6, kept: 2 },
  { iterations: 8, kept: 1 },
] as const

interface Standardised {
  /** T x d, mean 0 and variance 1. */
  readonly values: Float64Array
  readonly dimension: number
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/**
 * Baum-Welch with full covariances (of two dimensions that costs one number more than a diagonal, and the measures we watch rise together within a state too).
 * Runs on standardised observations; eigenvalues of a state's covariance stay above 1e-3 of them and probabilities above 1e-6, both as constrained maxima, so
 * that each iteration raises the likelihood. The same random state gives the same model. Throws `out-of-domain` for too few observations, rows of unequal
 * length, numbers that are not finite, and a dimension that never moves.
 */
export function fitHiddenMarkov(params: HiddenMarkovParams): HiddenMarkovFit {
  const { observations, states, restarts = 5, random, maxIterations = 200, tolerance = 1e-5 } = params
  checkParams(params, restarts)
  const data = standardised(observations)
  const T = observations.length
  const work = workspaceFor(T, states)
  const gain = tolerance * T
  let runs = Array.from({ length: states === 1 ? 1 : restarts }, (_, index) => {
    const chain = index <= data.dimension ? quantileStart(data, states, index) : drawnStart(data, states, random)
    return { chain, path: [] as number[] }
  })
  for (const { iterations, kept } of rounds) {
    for (const { chain, path } of runs) advance({ chain, work, data, path, iterations, gain })
    runs = runs.toSorted((a, b) => Number(b.path.at(-1)) - Number(a.path.at(-1))).slice(0, kept)
  }
  const [best] = runs
  if (best === undefined) throw outOfDomain('fitHiddenMarkov', 'One start at least.', { restarts })
  const { chain, path } = best
  const converged = advance({ chain, work, data, path, iterations: maxIterations, gain })
  const d = data.dimension
  // Densities of the observations themselves, not of the standardised ones.
  const jacobian = T * data.deviation.reduce((sum, deviation) => sum + Math.log(deviation), 0)
  const logLikelihood = Number(path.at(-1)) - jacobian
  const parameters = states - 1 + states * (states - 1) + states * (d + (d * (d + 1)) / 2)
  return {
    ...modelOf(chain, data),
    observations: T,
    logLikelihood,
    bic: -2 * logLikelihood + parameters * Math.log(T),
    path: path.map((value) => value - jacobian),
    converged,
  }
}

/**
 * The fit with the smallest BIC over the numbers of states given (2 and 3 where absent); fewer states where two are equal. Throws as `fitHiddenMarkov`.
 */
export function chooseHiddenMarkov(
  params: Omit<HiddenMarkovParams, 'states'> & { readonly candidates?: readonly number[] },
): HiddenMarkovFit {
  const { candidates = [2, 3], ...rest } = params
  const fits = candidates.map((states) => fitHiddenMarkov({ ...rest, states }))
  const [first, ...others] = fits
  if (first === undefined) throw outOfDomain('chooseHiddenMarkov', 'At least one number of states.', { candidates: 0 })
  return others.reduce((a, b) => (b.bic < a.bic ? b : a), first)
}

/** EM until the gain falls below `gain`; true if it did. `path` has the log-likelihood of the chain as it is at its end. */
function advance(params: {
  readonly chain: Chain
  readonly work: Workspace
  readonly data: Standardised
  readonly path: number[]
  readonly iterations: number
  readonly gain: number
}): boolean {
  const { chain, work, data, path, iterations, gain } = params
  let before = forward(work, chain, data.values)
  if (path.length === 0) path.push(before)
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    backward(work, chain)
    maximise(chain, work, data.values)
    const after = forward(work, chain, data.values)
    path.push(after)
    if (after - before < gain) return true
    before = after
  }
  return false
}

function checkParams({ observations, states }: HiddenMarkovParams, restarts: number): void {
  const d = observations[0]?.length ?? 0
  if (!(Number.isInteger(states) && states >= 1 && Number.isInteger(restarts) && restarts >= 1))
    throw outOfDomain('fitHiddenMarkov', 'One state and one start at least.', { states, restarts })
  if (d === 0 || observations.length < 10 * states)
    throw outOfDomain('fitHiddenMarkov', 'Ten observations per state at least, of one dimension or more.', {
      observations: observations.length,
      states,
      dimension: d,
    })
  for (const [t, row] of observations.entries()) {
    if (row.length !== d)
      throw outOfDomain('fitHiddenMarkov', 'Every observation has the same dimension.', {
        at: t,
        dimension: row.length,
      })
    for (let i = 0; i < d; i += 1)
      if (!(Math.abs(row[i] as number) <= 1e100))
        throw outOfDomain('fitHiddenMarkov', 'Observations are finite.', { at: t, dimension: i, value: Number(row[i]) })
  }
}

function standardised(observations: readonly ArrayLike<number>[]): Standardised {
  const T = observations.length
  const d = observations[0]?.length ?? 0
  const mean = new Float64Array(d)
  const deviation = new Float64Array(d)
  const values = new Float64Array(T * d)
  for (let i = 0; i < d; i += 1) {
    let sum = 0
    for (let t = 0; t < T; t += 1) sum += observations[t]?.[i] as number
    const centre = sum / T
    let square = 0
    for (let t = 0; t < T; t += 1) square += ((observations[t]?.[i] as number) - centre) ** 2
    const root = Math.sqrt(square / T)
    if (!(root > 1e-12 * Math.abs(centre)) || root < 1e-100)
      throw outOfDomain('fitHiddenMarkov', 'Every dimension moves: leave out one that does not.', {
        dimension: i,
        value: centre,
      })
    mean[i] = centre
    deviation[i] = root
    for (let t = 0; t < T; t += 1) values[t * d + i] = ((observations[t]?.[i] as number) - centre) / root
  }
  return { values, dimension: d, mean, deviation }
}

/** A chain whose states have these dates: P(stay) = 0.9. */
function chainOf(data: Standardised, states: number, stateOf: (t: number) => number): Chain {
  const { values, dimension } = data
  const T = values.length / dimension
  const chain: Chain = {
    initial: new Float64Array(states).fill(1 / states),
    transition: new Float64Array(states * states),
    emission: noEmission(states, dimension),
  }
  const unit = new Float64Array(dimension * dimension)
  for (let i = 0; i < dimension; i += 1) unit[i * dimension + i] = 1
  for (let k = 0; k < states; k += 1) setCovariance(chain.emission, k, unit)
  const work = workspaceFor(T, states)
  for (let t = 0; t < T; t += 1) work.gamma[t * states + stateOf(t)] = 1
  for (let i = 0; i < states; i += 1)
    for (let j = 0; j < states; j += 1)
      work.moves[i * states + j] = states === 1 ? 1 : i === j ? 0.9 : 0.1 / (states - 1)
  maximise(chain, work, values)
  chain.initial.fill(1 / states)
  return chain
}

/** States by equal parts of one dimension, or of the sum of all of them where `index` is beyond. */
function quantileStart(data: Standardised, states: number, index: number): Chain {
  const { values, dimension: d } = data
  const first = Float64Array.from({ length: values.length / d }, (_, t) =>
    index < d
      ? (values[t * d + index] as number)
      : values.subarray(t * d, t * d + d).reduce((sum, value) => sum + value, 0),
  )
  const sorted = Float64Array.from(first).sort()
  const edges = Array.from(
    { length: states - 1 },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / states)] as number,
  )
  return chainOf(data, states, (t) => edges.filter((edge) => (first[t] as number) >= edge).length)
}

/** States by the nearest of K drawn observations. */
function drawnStart(data: Standardised, states: number, random: Random): Chain {
  const { values, dimension: d } = data
  const T = values.length / d
  const centres = Array.from({ length: states }, () => random.below(T) * d)
  return chainOf(data, states, (t) => {
    let nearest = 0
    let least = Infinity
    for (const [k, centre] of centres.entries()) {
      let square = 0
      for (let i = 0; i < d; i += 1) square += ((values[t * d + i] as number) - (values[centre + i] as number)) ** 2
      if (square < least) {
        least = square
        nearest = k
      }
    }
    return nearest
  })
}

/** In the units of the observations, states in their order. */
function modelOf(chain: Chain, data: Standardised): HiddenMarkovModel {
  const { initial, transition, emission } = chain
  const { states: K, dimension: d, means, covariances } = emission
  const scale = (at: number) => (data.deviation[Math.floor(at / d)] as number) * (data.deviation[at % d] as number)
  const order = Array.from({ length: K }, (_, k) => k).sort(
    (a, b) => (means[a * d] as number) - (means[b * d] as number),
  )
  return {
    initial: order.map((k) => initial[k] as number),
    transition: order.map((i) => order.map((j) => transition[i * K + j] as number)),
    means: order.map((k) =>
      Array.from(
        { length: d },
        (_, i) => (data.mean[i] as number) + (data.deviation[i] as number) * (means[k * d + i] as number),
      ),
    ),
    covariances: order.map((k) =>
      Array.from({ length: d * d }, (_, at) => (covariances[k * d * d + at] as number) * scale(at)),
    ),
  }
}
