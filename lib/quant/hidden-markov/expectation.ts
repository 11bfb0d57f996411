// What one pass over the observations expects of the hidden states: forward and backward in probabilities that are scaled at each date.
import { type GaussianEmission, logDensities } from './gaussian-emission.ts'

/** A chain of K states with Gaussian observations, in typed arrays. */
export interface Chain {
  /** K. */
  readonly initial: Float64Array
  /** K x K by rows: from, to. */
  readonly transition: Float64Array
  readonly emission: GaussianEmission
}

/** Arrays that the passes over T observations share. */
export interface Workspace {
  /** T x K: p(x_t | state) over the largest of them. */
  readonly density: Float64Array
  /** T x K: P(state | x_0 .. x_t). */
  readonly alpha: Float64Array
  /** T x K: P(state | all). */
  readonly gamma: Float64Array
  /** T: p(x_t | x_0 .. x_t-1) over the largest density. */
  readonly scale: Float64Array
  /** K x K: expected number of moves. */
  readonly moves: Float64Array
}

export function workspaceFor(observations: number, states: number): Workspace {
  return {
    density: new Float64Array(observations * states),
    alpha: new Float64Array(observations * states),
    gamma: new Float64Array(observations * states),
    scale: new Float64Array(observations),
    moves: new Float64Array(states * states),
  }
}

/**
 * Log densities at `to` become densities over the largest that the prior allows; returns the logarithm of that one. So an observation far from every state
 * underflows for none of them.
 */
export function scaleDensities(density: Float64Array, to: number, prior: Float64Array): number {
  const states = prior.length
  let largest = -Infinity
  for (let k = 0; k < states; k += 1)
    if ((prior[k] as number) > 0 && (density[to + k] as number) > largest) largest = density[to + k] as number
  for (let k = 0; k < states; k += 1) {
    const below = (density[to + k] as number) - largest
    // exp is most of the cost of a pass: not for the largest, nor for what is zero anyway or what the prior forbids.
    if (below === 0) density[to + k] = 1
    else density[to + k] = below < -745 || (prior[k] as number) === 0 ? 0 : Math.exp(below)
  }
  return largest
}

/** Fills `density`, `alpha` and `scale`; returns the log-likelihood (Rabiner 1989, equations 18-20 and 91-92). */
export function forward(work: Workspace, chain: Chain, observations: Float64Array): number {
  const { density, alpha, scale } = work
  const { initial, transition, emission } = chain
  const { states: K, dimension } = emission
  const T = scale.length
  const prior = Float64Array.from(initial)
  let logLikelihood = 0
  let product = 1
  for (let t = 0; t < T; t += 1) {
    const at = t * K
    if (t > 0)
      for (let j = 0; j < K; j += 1) {
        let sum = 0
        for (let i = 0; i < K; i += 1) sum += (alpha[at - K + i] as number) * (transition[i * K + j] as number)
        prior[j] = sum
      }
    logDensities(density, at, emission, observations, t * dimension)
    logLikelihood += scaleDensities(density, at, prior)
    let total = 0
    for (let k = 0; k < K; k += 1) {
      const joint = (prior[k] as number) * (density[at + k] as number)
      alpha[at + k] = joint
      total += joint
    }
    const unit = 1 / total
    for (let k = 0; k < K; k += 1) alpha[at + k] = (alpha[at + k] as number) * unit
    scale[t] = total
    // One logarithm for many factors; each is above the least prior probability.
    product *= total
    if (product < 1e-200) {
      logLikelihood += Math.log(product)
      product = 1
    }
  }
  return logLikelihood + Math.log(product)
}

/** Fills `gamma` and `moves` after `forward` (Rabiner 1989, equations 25, 27, 37 and 92, with scaled beta). */
export function backward(work: Workspace, chain: Chain): void {
  const { density, alpha, gamma, scale, moves } = work
  const { transition } = chain
  const K = chain.emission.states
  const T = scale.length
  const beta = new Float64Array(K).fill(1)
  const weighted = new Float64Array(K)
  moves.fill(0)
  for (let k = 0; k < K; k += 1) gamma[(T - 1) * K + k] = alpha[(T - 1) * K + k] as number
  for (let t = T - 2; t >= 0; t -= 1) {
    const at = t * K
    const c = scale[t + 1] as number
    for (let j = 0; j < K; j += 1) weighted[j] = ((density[at + K + j] as number) * (beta[j] as number)) / c
    for (let i = 0; i < K; i += 1) {
      const a = alpha[at + i] as number
      let sum = 0
      for (let j = 0; j < K; j += 1) {
        const term = (transition[i * K + j] as number) * (weighted[j] as number)
        sum += term
        moves[i * K + j] = (moves[i * K + j] as number) + a * term
      }
      beta[i] = sum
      gamma[at + i] = a * sum
    }
  }
}
