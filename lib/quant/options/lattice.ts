// Barrier options that may be exercised early, for which no closed form exists: a trinomial lattice whose nodes lie on the barrier.
import { outOfDomain } from '../out-of-domain.ts'
import { type BarrierParams, isBreached, requireBarrier } from './barrier.ts'
import { sureTouchTime } from './first-passage.ts'
import { NO_DEVIATION, representable } from './lognormal.ts'

export interface LatticeBarrierParams extends BarrierParams {
  readonly exercise: 'american' | 'european'
  /** Time steps of the finer of the two lattices, from 16; raised where drift or volatility ask for more. Error falls as 1 / steps. */
  readonly steps?: number
}

const DEFAULT_STEPS = 1200
const MOST_STEPS = 20_000
/** Deviations of the final log price that the lattice spans on either side; what lies beyond weighs below 1e-15. */
const SPAN = 8

interface Grid {
  readonly steps: number
  readonly dx: number
  /** Index of the lowest node, counted from the barrier. */
  readonly low: number
  readonly nodes: number
  readonly up: number
  readonly middle: number
  readonly down: number
  /** Ratio of neighbouring prices. */
  readonly growth: number
}

/** Steps spent at most on bringing a strike that is close to the barrier onto a node of its own. */
const ALIGNING_STEPS = 8000

/** Time steps, a multiple of 4: as asked for, or what keeps probabilities positive and the strike on a node. */
function stepsOf(params: LatticeBarrierParams, asked: number): number {
  const s = params.volatility * Math.sqrt(params.time)
  const distance = Math.log(params.strike / params.barrier)
  const aligning = distance === 0 ? 0 : Math.min(ALIGNING_STEPS, 13 * (s / distance) ** 2)
  return 4 * Math.ceil(Math.max(asked, aligning, 12 * s * s, 28 * ((params.carry * params.time) / s) ** 2) / 4)
}

/**
 * Spacing that puts the strike on a node as well: then the error is a smooth multiple of dx^2, which extrapolation removes. It stays
 * near sqrt(3) deviations of a step, and above 1.3 of them, where all probabilities are positive.
 */
function spacing(params: LatticeBarrierParams, steps: number): number {
  const plain = params.volatility * Math.sqrt((3 * params.time) / steps)
  const distance = Math.abs(Math.log(params.strike / params.barrier))
  const near = Math.round(distance / plain)
  const cells = distance < 0.8 * near * plain ? near - 1 : near
  return cells === 0 ? plain : distance / cells
}

/** Probabilities discounted over one step that match the first two moments of the price, so that forwards are exact. */
function gridOf(params: LatticeBarrierParams, steps: number, dx: number): Grid {
  const { rate, carry, volatility, time } = params
  const dt = time / steps
  const a = Math.expm1(carry * dt)
  const b = Math.expm1((2 * carry + volatility * volatility) * dt) - 2 * a
  const u = Math.expm1(dx)
  const d = -Math.expm1(-dx)
  const up = (b + a * d) / (u * (u + d))
  const down = (b - a * u) / (d * (u + d))
  const discount = Math.exp(-rate * dt)
  const at = Math.log(params.spot / params.barrier)
  const reach = SPAN * volatility * Math.sqrt(time) + Math.abs(carry - (volatility * volatility) / 2) * time + 4 * dx
  let low = Math.floor((at - reach) / dx)
  let high = Math.ceil((at + reach) / dx)
  if (params.knock === 'out' && !isBreached(params)) {
    if (params.direction === 'down') low = Math.max(0, low)
    else high = Math.min(0, high)
  }
  return {
    steps,
    dx,
    low,
    nodes: high - low + 1,
    up: discount * up,
    middle: discount * (1 - up - down),
    down: discount * down,
    growth: Math.exp(dx),
  }
}

/** One step back in time, in place, exercising where that pays more; the ends follow a straight line in the price. */
function stepBack(values: Float64Array, grid: Grid, floor: Float64Array): void {
  const { up, middle, down, growth } = grid
  const last = values.length - 1
  let below = values[0] ?? 0
  let here = values[1] ?? 0
  for (let i = 1; i < last; i += 1) {
    const above = values[i + 1] ?? 0
    const held = down * below + middle * here + up * above
    const paid = floor[i] ?? 0
    values[i] = Math.max(held, paid)
    below = here
    here = above
  }
  const lowest = values[1] ?? 0
  const highest = values[last - 1] ?? 0
  values[0] = Math.max(floor[0] ?? 0, lowest - ((values[2] ?? 0) - lowest) / growth)
  values[last] = Math.max(floor[last] ?? 0, highest + (highest - (values[last - 2] ?? 0)) * growth)
}

/** Interpolation at x nodes from the first by the polynomial through six neighbours within first..last (Neville), smooth enough for a gamma. */
function interpolate(values: Float64Array, x: number, first: number, last: number): number {
  const start = Math.max(first, Math.min(last - 5, Math.floor(x) - 2))
  const t = x - start
  const p = Array.from({ length: 6 }, (_, i) => values[start + i] ?? 0)
  for (let order = 1; order < 6; order += 1)
    for (let i = 0; i < 6 - order; i += 1) p[i] = ((i + order - t) * (p[i] ?? 0) + (t - i) * (p[i + 1] ?? 0)) / order
  return p[0] ?? 0
}

/** What the option pays when exercised, per node. */
function payoffs(params: LatticeBarrierParams, grid: Grid): Float64Array {
  const phi = params.kind === 'call' ? 1 : -1
  const onStrike = Math.log(params.strike / params.barrier)
  const payoff = new Float64Array(grid.nodes)
  for (let i = 0; i < grid.nodes; i += 1)
    payoff[i] = Math.max(0, phi * params.strike * Math.expm1((grid.low + i) * grid.dx - onStrike))
  return payoff
}

/** The payoff at expiry; where the strike lies between nodes its nearest node takes the mean over its cell. */
function atExpiry(params: LatticeBarrierParams, grid: Grid, payoff: Float64Array): Float64Array {
  const values = Float64Array.from(payoff)
  const at = Math.log(params.strike / params.barrier) / grid.dx - grid.low
  const node = Math.round(at)
  if (Math.abs(at - node) < 1e-6 || node < 0 || node >= grid.nodes) return values
  const left = (node - 0.5 - at) * grid.dx
  const right = (node + 0.5 - at) * grid.dx
  const paid = params.kind === 'call' ? Math.expm1(right) - right : Math.expm1(left) - left
  values[node] = (params.strike * paid) / grid.dx
  return values
}

/** The least that the option is worth at each node before expiry: its payoff if it may be exercised. */
function floorOf(params: LatticeBarrierParams, payoff: Float64Array): Float64Array {
  return params.exercise === 'american' ? payoff : new Float64Array(payoff.length).fill(Number.NEGATIVE_INFINITY)
}

/**
 * Value on one lattice of an option that is alive now and, where `limited`, ends at the barrier. Its holder exercises just before the
 * touch if that pays more than the rebate, so the barrier's node is worth the better of the two.
 */
function knockOut(params: LatticeBarrierParams, grid: Grid, limited: boolean): number {
  const payoff = payoffs(params, grid)
  const floor = floorOf(params, payoff)
  const values = atExpiry(params, grid, payoff)
  const end = params.direction === 'down' ? 0 : grid.nodes - 1
  const bounded = limited && grid.low + end === 0
  const atBarrier = Math.max(params.rebate, floor[end] ?? 0)
  if (bounded) values[end] = atBarrier
  for (let step = 0; step < grid.steps; step += 1) {
    stepBack(values, grid, floor)
    if (bounded) values[end] = atBarrier
  }
  return interpolate(values, Math.log(params.spot / params.barrier) / grid.dx - grid.low, 0, grid.nodes - 1)
}

/** Value on one lattice of an option that the barrier brings to life: the vanilla option's lattice runs beside it. */
function knockIn(params: LatticeBarrierParams, grid: Grid): number {
  const payoff = payoffs(params, grid)
  const floor = floorOf(params, payoff)
  const asleep = new Float64Array(grid.nodes).fill(Number.NEGATIVE_INFINITY)
  const awake = atExpiry(params, grid, payoff)
  const values = Float64Array.from(awake)
  const down = params.direction === 'down'
  const barrier = Math.max(-1, Math.min(grid.nodes, -grid.low))
  const first = down ? barrier + 1 : 0
  const end = down ? grid.nodes : barrier
  values.fill(params.rebate, first, end)
  for (let step = 0; step < grid.steps; step += 1) {
    stepBack(awake, grid, floor)
    stepBack(values, grid, asleep)
    if (first > 0) values.set(awake.subarray(0, first), 0)
    if (end < grid.nodes) values.set(awake.subarray(end), end)
  }
  const x = Math.log(params.spot / params.barrier) / grid.dx - grid.low
  return interpolate(values, x, Math.max(0, first - 1), Math.min(grid.nodes - 1, end))
}

function onLattice(params: LatticeBarrierParams, steps: number, dx: number): number {
  const grid = gridOf(params, steps, dx)
  if (isBreached(params)) return knockOut(params, grid, false)
  return params.knock === 'in' ? knockIn(params, grid) : knockOut(params, grid, true)
}

/** The limit sigma sqrt(T) = 0: exercise at the best moment of a price that moves on its forward. */
function withoutDeviation(params: LatticeBarrierParams): number {
  const { kind, knock, spot, strike, barrier, rate, carry, time, rebate } = params
  const phi = kind === 'call' ? 1 : -1
  const tau = isBreached(params) ? 0 : sureTouchTime(Math.log(barrier / spot), carry, time)
  const touched = tau < Number.POSITIVE_INFINITY
  const paidAt = (t: number): number => phi * (spot * Math.exp((carry - rate) * t) - strike * Math.exp(-rate * t))
  const [from, to] = knock === 'in' ? [tau, time] : [0, touched ? tau : time]
  if (knock === 'in' && !touched) return rebate * Math.exp(-rate * time)
  const turn = Math.log(((carry - rate) * spot) / (-rate * strike)) / -carry
  const moments = params.exercise === 'american' ? [from, to, turn].filter((t) => t >= from && t <= to) : [time]
  const end = knock === 'out' && touched ? rebate * Math.exp(-rate * tau) : 0
  if (end !== 0 && params.exercise === 'european') return end
  return Math.max(end, ...moments.map(paidAt))
}

/**
 * Price in quote units of a barrier option, watched continuously, that may be exercised early; European ones for comparison. Rebates as
 * in `barrierValue`. An American `out` option is worth its payoff just short of the barrier where that beats the rebate, the rebate at
 * the barrier: there, and only there, value jumps in the spot. Everything else is continuous; in the spot it is smooth, as the lattice
 * does not move with it. Two lattices, the finer extrapolated: error some 1e-7 of the spot at 1,200 steps,
 * up to 1e-5 where the deviation is above 1 or the strike within a hundredth of the barrier.
 * Ritchken (1995), "On pricing barrier options", for nodes on the barrier; moments matched to the price; Richardson extrapolation.
 * Throws `out-of-domain` as `barrierValue` does, and where drift or volatility would take above 20,000 steps.
 */
export function latticeBarrierValue(params: LatticeBarrierParams): number {
  const kernel = 'latticeBarrierValue'
  requireBarrier(kernel, params)
  const { strike, kind, spot, carry, volatility, time, exercise, knock, rebate, steps = DEFAULT_STEPS } = params
  if (!(steps >= 16 && steps <= MOST_STEPS))
    throw outOfDomain(kernel, 'steps has to be 16..20,000.', { field: 'steps', steps })
  if (isBreached(params) && knock === 'out') return rebate
  const s = volatility * Math.sqrt(time)
  if (s < NO_DEVIATION) return representable(kernel, withoutDeviation(params))
  const needed = stepsOf(params, steps)
  if (!(needed <= MOST_STEPS))
    throw outOfDomain(kernel, 'volatility x sqrt(time) has to be below 40, and above carry x time / 26.', {
      field: 'volatility',
      volatility,
      time,
      carry,
    })
  const coarse = needed / 4
  const dx = spacing(params, coarse)
  const rough = onLattice(params, coarse, dx)
  const fine = onLattice(params, 4 * coarse, dx / 2)
  const value = fine + (fine - rough) / 3
  const now =
    exercise === 'american' && (knock === 'out' || isBreached(params))
      ? kind === 'call'
        ? spot - strike
        : strike - spot
      : 0
  return representable(kernel, Math.max(value, now, Math.min(0, rebate)))
}
