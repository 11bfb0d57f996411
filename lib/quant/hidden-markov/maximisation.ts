// The parameters that explain the expected states best, under floors that keep every state alive.
import { symmetricEigen } from '../covariance/symmetric-eigen.ts'
import type { Chain, Workspace } from './expectation.ts'
import { cholesky, setCovariance } from './gaussian-emission.ts'

/** No probability of a start or a move falls below it: no state is ever out of reach. */
const PROBABILITY_FLOOR = 1e-6
/** No eigenvalue of a state's covariance falls below it, in units of each dimension's variance: no state closes in on one date. */
const VARIANCE_FLOOR = 1e-3

/**
 * The probabilities with the largest sum of weight x ln p under p >= floor: proportional to the weights, but for those that would fall below. Into `out` at
 * `to`; left as they are without any weight.
 */
function setProbabilities(out: Float64Array, to: number, weights: Float64Array, from: number, n: number): void {
  let weight = 0
  for (let k = 0; k < n; k += 1) weight += weights[from + k] as number
  if (!(weight > 0)) return
  const isLow = new Uint8Array(n)
  let mass = 1
  for (let pass = 0; pass < n; pass += 1) {
    let changed = false
    for (let k = 0; k < n; k += 1) {
      if (isLow[k] === 1 || ((weights[from + k] as number) / weight) * mass >= PROBABILITY_FLOOR) continue
      isLow[k] = 1
      changed = true
    }
    if (!changed) break
    mass = 1
    weight = 0
    for (let k = 0; k < n; k += 1) {
      if (isLow[k] === 1) mass -= PROBABILITY_FLOOR
      else weight += weights[from + k] as number
    }
  }
  for (let k = 0; k < n; k += 1)
    out[to + k] = isLow[k] === 1 ? PROBABILITY_FLOOR : ((weights[from + k] as number) / weight) * mass
}

/**
 * The covariance with the largest Gaussian likelihood under Sigma >= floor I: that of the sample with its eigenvalues lifted. So the floor leaves EM monotone.
 */
function lifted(covariance: Float64Array, d: number): Float64Array {
  const excess = Float64Array.from(covariance)
  for (let i = 0; i < d; i += 1) excess[i * d + i] = (excess[i * d + i] as number) - VARIANCE_FLOOR
  if (cholesky(new Float64Array(d * d), excess, d)) return covariance
  const { values, vectors } = symmetricEigen({ matrix: covariance, size: d })
  const out = new Float64Array(d * d)
  for (let k = 0; k < d; k += 1) {
    const value = Math.max(VARIANCE_FLOOR, values[k] as number)
    for (let i = 0; i < d; i += 1)
      for (let j = 0; j < d; j += 1)
        out[i * d + j] =
          (out[i * d + j] as number) + value * ((vectors[k * d + i] as number) * (vectors[k * d + j] as number))
  }
  return out
}

/** Mean and covariance of state k, with the weights gamma; a state without weight stays as it is. */
function setState(chain: Chain, gamma: Float64Array, observations: Float64Array, k: number): void {
  const { emission } = chain
  const { states: K, dimension: d, means } = emission
  const T = gamma.length / K
  let weight = 0
  const sum = new Float64Array(d)
  const cross = new Float64Array(d * d)
  // Observations are standardised: sums of squares about zero lose nothing that matters.
  for (let t = 0; t < T; t += 1) {
    const w = gamma[t * K + k] as number
    weight += w
    for (let i = 0; i < d; i += 1) {
      const x = w * (observations[t * d + i] as number)
      sum[i] = (sum[i] as number) + x
      for (let j = 0; j <= i; j += 1)
        cross[i * d + j] = (cross[i * d + j] as number) + x * (observations[t * d + j] as number)
    }
  }
  if (!(weight > 1e-10)) return
  const covariance = new Float64Array(d * d)
  for (let i = 0; i < d; i += 1) means[k * d + i] = (sum[i] as number) / weight
  for (let i = 0; i < d; i += 1)
    for (let j = 0; j <= i; j += 1) {
      const value = (cross[i * d + j] as number) / weight - (means[k * d + i] as number) * (means[k * d + j] as number)
      covariance[i * d + j] = value
      covariance[j * d + i] = value
    }
  setCovariance(emission, k, lifted(covariance, d))
}

/** Moves the chain to the most likely parameters given `gamma` and `moves` (Rabiner 1989, equations 40 and 52-54). */
export function maximise(chain: Chain, work: Workspace, observations: Float64Array): void {
  const { initial, transition, emission } = chain
  const K = emission.states
  setProbabilities(initial, 0, work.gamma, 0, K)
  for (let k = 0; k < K; k += 1) {
    setProbabilities(transition, k * K, work.moves, k * K, K)
    setState(chain, work.gamma, observations, k)
  }
}
