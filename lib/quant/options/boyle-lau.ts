// The binomial lattice that published values of American barrier options were computed with, so that they can be reproduced.
import { outOfDomain } from '../out-of-domain.ts'
import { type BarrierParams, isBreached, requireBarrier } from './barrier.ts'
import { NO_DEVIATION, representable } from './lognormal.ts'

export interface BoyleLauParams extends BarrierParams {
  readonly exercise: 'american' | 'european'
  /** Least number of time steps, 1..5,000. */
  readonly steps: number
}

const MOST_STEPS = 20_000

/**
 * The first of the step counts floor(m^2 sigma^2 T / ln(S/H)^2), m = 1, 2, ..., at or above `least`: with them a layer of nodes lies just
 * beyond the barrier (Boyle & Lau 1994, "Bumping up against the barrier with the binomial method").
 */
export function boyleLauSteps(params: BarrierParams, least: number): number {
  const { spot, barrier, volatility, time } = params
  const unit = (volatility / Math.log(spot / barrier)) ** 2 * time
  const first = Math.max(1, Math.floor(Math.sqrt(least / unit)))
  for (let m = first; ; m += 1) {
    const steps = Math.floor(m * m * unit)
    if (steps >= least) return steps
  }
}

/**
 * Price in quote units on a Cox-Ross-Rubinstein lattice whose step count suits the barrier: what Haug (1998) tabulates for 400 steps.
 * Where exercise just short of the barrier pays, it is far from converged: `latticeBarrierValue` is the accurate one. Not smooth in any
 * input. Throws `out-of-domain` as `barrierValue` does, and where the lattice has no probabilities or needs above 20,000 steps.
 */
export function boyleLauBarrierValue(params: BoyleLauParams): number {
  const kernel = 'boyleLauBarrierValue'
  requireBarrier(kernel, params)
  const { spot, rate, carry, volatility, time, knock, rebate, steps } = params
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= 5000))
    throw outOfDomain(kernel, 'steps has to be a whole number from 1 to 5,000.', { field: 'steps', steps })
  const breached = isBreached(params)
  if (breached && knock === 'out') return rebate
  if (volatility * Math.sqrt(time) < NO_DEVIATION)
    throw outOfDomain(kernel, 'volatility and time have to be above 0; latticeBarrierValue has the limits.', {
      volatility,
      time,
    })
  const n = breached ? steps : boyleLauSteps(params, steps)
  const dt = time / n
  const u = Math.exp(volatility * Math.sqrt(dt))
  const p = (Math.exp(carry * dt) - 1 / u) / (u - 1 / u)
  if (!(n <= MOST_STEPS && p > 0 && p < 1))
    throw outOfDomain(kernel, 'The lattice has no probabilities; use latticeBarrierValue.', {
      steps: n,
      probability: p,
      spot,
    })
  const discount = Math.exp(-rate * dt)
  return representable(kernel, binomial(params, { n, u, up: discount * p, down: discount * (1 - p), breached }))
}

interface Binomial {
  readonly n: number
  readonly u: number
  readonly up: number
  readonly down: number
  readonly breached: boolean
}

function binomial(params: BoyleLauParams, { n, u, up, down, breached }: Binomial): number {
  const { kind, direction, knock, exercise, spot, strike, barrier, rebate } = params
  const phi = kind === 'call' ? 1 : -1
  const prices = Float64Array.from({ length: 2 * n + 1 }, (_, j) => spot * u ** (j - n))
  const isDead = (price: number): boolean =>
    breached || (direction === 'down' ? price <= barrier * (1 + 1e-12) : price >= barrier * (1 - 1e-12))
  const dead = Array.from(prices, isDead)
  const pays = prices.map((price) => Math.max(0, phi * (price - strike)))
  const awake = Float64Array.from({ length: n + 1 }, (_, i) => pays[2 * i] ?? 0)
  const asleep = awake.map((paid, i) => (dead[2 * i] === (knock === 'in') ? paid : rebate))
  for (let step = n - 1; step >= 0; step -= 1)
    for (let i = 0; i <= step; i += 1) {
      const node = 2 * i + n - step
      const paid = exercise === 'american' ? (pays[node] ?? 0) : Number.NEGATIVE_INFINITY
      awake[i] = Math.max(paid, down * (awake[i] ?? 0) + up * (awake[i + 1] ?? 0))
      const held = down * (asleep[i] ?? 0) + up * (asleep[i + 1] ?? 0)
      if (knock === 'in') asleep[i] = dead[node] ? (awake[i] ?? 0) : held
      else asleep[i] = dead[node] ? rebate : Math.max(paid, held)
    }
  return asleep[0] ?? 0
}
