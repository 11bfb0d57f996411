// For a given vertex and width of a smile, its level and wings: closest to the quotes without giving anything away.
import { nodesAround } from './nodes-around.ts'
import { makeSliceBarrier } from './slice-barrier.ts'
import type { WeightedVariance } from './smile-quotes.ts'
import type { SviParameters } from './svi.ts'

export interface FreeSliceProblem {
  readonly quotes: WeightedVariance
  /** How many nodes g >= 0 is asked for at. */
  readonly nodes: number
  /** A slice of an earlier expiry, free of butterfly arbitrage, that total variance must not fall below. */
  readonly floor?: SviParameters
  /** A mean squared error of volatility that does not matter any more. */
  readonly precision: number
}

export interface FreeSlice {
  readonly parameters: SviParameters
  /** Weighted mean squared volatility error. */
  readonly cost: number
}

export interface FreeSliceSolver {
  /** The slice with the least cost. Undefined where none was found. */
  readonly closest: (m: number, sigma: number) => FreeSlice | undefined
  /** A slice well inside of what is allowed, as close as it may be. Undefined where none was found. */
  readonly inner: (m: number, sigma: number) => SviParameters | undefined
}

const [STAGES, STEPS, FALL] = [20, 30, 0.1]
/** The weight of the barrier, over the cost, at which it has done its work; a floor is touched at many nodes at once. */
const [LAST, LAST_ON_FLOOR] = [1e-4, 1e-5]

/**
 * Least squares over level and wings, subject to g(k) >= 0 (Durrleman's function, Gatheral & Jacquier 2014, eq. 2.1),
 * slopes between 0 (the floor's) and 2, variance above 0 (the floor). Where the unconstrained solution is not allowed: an
 * interior-point method, Newton on cost + tau barrier as tau falls. Not reentrant: it holds its buffers.
 */
export function freeSliceSolver(problem: FreeSliceProblem): FreeSliceSolver {
  const { quotes, floor, precision } = problem
  const scale =
    quotes.w.reduce((sum, w, i) => sum + w * (quotes.weight[i] as number), 0) / quotes.weight.reduce((a, b) => a + b)
  const barrier = makeSliceBarrier({
    nodes: nodesAround(problem.nodes),
    scale,
    ...(floor === undefined ? {} : { floor }),
  })
  const form = { matrix: new Float64Array(9), pull: new Float64Array(3), constant: 0 }
  const slopes = (floor === undefined ? [0, 0] : [floor.b * (1 - floor.rho), floor.b * (1 + floor.rho)]) as [
    number,
    number,
  ]

  const last = floor === undefined ? LAST : LAST_ON_FLOOR

  const place = (m: number, sigma: number) => {
    barrier.place(m, sigma)
    normalForm(quotes, m, sigma, form)
  }
  const merit = (x: Float64Array, tau: number) => quadratic(form, x) + (tau === 0 ? 0 : tau * barrier.value(x))
  const isAllowed = (x: Float64Array) => barrier.value(x) < Infinity
  const result = (x: Float64Array, m: number, sigma: number): FreeSlice => {
    const [a, put, call] = x as unknown as readonly [number, number, number]
    const parameters = { a, b: 0.5 * (put + call), rho: (call - put) / (call + put), m, sigma }
    return { parameters, cost: quadratic(form, x) }
  }
  /** Nearly level wings, or those of the floor, lifted until they are allowed. */
  const interior = (sigma: number): Float64Array | undefined => {
    const wing = (least: number) => least + Math.min(0.05 * (2 - least), (0.05 * scale) / sigma)
    const x = Float64Array.of(0.9 * scale, wing(slopes[0]), wing(slopes[1]))
    for (let i = 0; i < 100 && !isAllowed(x); i += 1) x[0] = 1.2 * (x[0] as number)
    return isAllowed(x) ? x : undefined
  }
  /** Close to the boundary on the way from the interior to x. */
  const towards = (from: Float64Array, x: Float64Array) => {
    let [low, high] = [0, 1]
    const on = (part: number) => from.map((at, i) => at + part * ((x[i] as number) - at))
    for (let i = 0; i < 12; i += 1) {
      const middle = 0.5 * (low + high)
      if (isAllowed(on(middle))) low = middle
      else high = middle
    }
    return on(0.9 * low)
  }
  return {
    closest(m, sigma) {
      place(m, sigma)
      const free = newtonStep(form.matrix, form.pull)
      if (free !== undefined && isAllowed(free)) return result(free, m, sigma)
      const inner = interior(sigma)
      if (inner === undefined) return undefined
      let x = free === undefined ? inner : towards(inner, free)
      let tau = Math.max(0.1 * quadratic(form, x), precision)
      for (let stage = 0; stage < STAGES; stage += 1) {
        x = centre(x, tau)
        if (tau <= Math.max(precision, last * quadratic(form, x))) break
        tau = Math.max(precision, FALL * tau)
      }
      return result(x, m, sigma)
    },
    inner(m, sigma) {
      place(m, sigma)
      const x = interior(sigma)
      return x === undefined ? undefined : result(x, m, sigma).parameters
    },
  }

  /** The minimum of cost + tau barrier, by Newton steps that never leave what is allowed. */
  function centre(start: Float64Array, tau: number): Float64Array {
    let x = start
    let value = merit(x, tau)
    const [gradient, hessian] = [new Float64Array(3), new Float64Array(9)]
    for (let i = 0; i < STEPS; i += 1) {
      for (let r = 0; r < 3; r += 1) {
        let along = -(form.pull[r] as number)
        for (let c = 0; c < 3; c += 1) {
          const entry = form.matrix[3 * r + c] as number
          along += entry * (x[c] as number)
          hessian[3 * r + c] = 2 * entry
        }
        gradient[r] = 2 * along
      }
      barrier.addDerivatives(x, tau, gradient, hessian)
      const next = descend(x, value, tau, gradient, hessian)
      if (next === undefined) return x
      const gain = value - next.value
      x = next.x
      value = next.value
      if (gain < 1e-3 * tau) return x
    }
    return x
  }

  function descend(x: Float64Array, value: number, tau: number, gradient: Float64Array, hessian: Float64Array) {
    const down = gradient.map((b) => -b)
    for (let shift = 0; shift < 1e12; shift = Math.max(1e-3, 5 * shift)) {
      const shifted = hessian.map((h, i) => (i % 4 === 0 ? h + shift * Math.abs(h) : h))
      const step = newtonStep(shifted, down)
      if (step === undefined) continue
      for (let part = 1; part > 0.1; part *= 0.5) {
        const next = x.map((at, i) => at + part * (step[i] as number))
        const there = merit(next, tau)
        if (there < value) return { x: next, value: there }
      }
    }
    return undefined
  }
}

interface Form {
  /** cost = x' matrix x - 2 pull' x + constant. */
  readonly matrix: Float64Array
  readonly pull: Float64Array
  constant: number
}

function normalForm({ k, w, weight }: WeightedVariance, m: number, sigma: number, form: Form): void {
  let [s1, su, sv, suu, suv, svv, sw, suw, svw, sww] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  for (let i = 0; i < k.length; i += 1) {
    const y = (k[i] as number) - m
    const z = Math.sqrt(y * y + sigma * sigma)
    const [u, v] = [0.5 * (z - y), 0.5 * (z + y)]
    const wt = weight[i] as number
    const wi = w[i] as number
    s1 += wt
    su += wt * u
    sv += wt * v
    suu += wt * u * u
    suv += wt * u * v
    svv += wt * v * v
    sw += wt * wi
    suw += wt * u * wi
    svw += wt * v * wi
    sww += wt * wi * wi
  }
  form.matrix.set([s1, su, sv, su, suu, suv, sv, suv, svv])
  form.pull.set([sw, suw, svw])
  form.constant = sww
}

function quadratic({ matrix, pull, constant }: Form, x: Float64Array): number {
  let sum = constant
  for (let r = 0; r < 3; r += 1) {
    let row = -2 * (pull[r] as number)
    for (let c = 0; c < 3; c += 1) row += (matrix[3 * r + c] as number) * (x[c] as number)
    sum += row * (x[r] as number)
  }
  return sum
}

/** The solution of a positive definite 3 x 3 system by Cholesky's method; undefined where it is not one. */
function newtonStep(h: Float64Array, b: Float64Array): Float64Array | undefined {
  const [h0, , , h3, h4, , h6, h7, h8] = h as unknown as readonly number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [b0, b1, b2] = b as unknown as readonly [number, number, number]
  if (!(h0 > 0)) return undefined
  const a = Math.sqrt(h0)
  const [c, e] = [h3 / a, h6 / a]
  const second = h4 - c * c
  if (!(second > 1e-15 * h4)) return undefined
  const d = Math.sqrt(second)
  const f = (h7 - e * c) / d
  const third = h8 - e * e - f * f
  if (!(third > 1e-15 * h8)) return undefined
  const g = Math.sqrt(third)
  const y0 = b0 / a
  const y1 = (b1 - c * y0) / d
  const y2 = (b2 - e * y0 - f * y1) / g
  const x2 = y2 / g
  const x1 = (y1 - f * x2) / d
  return Float64Array.of((y0 - c * x1 - e * x2) / a, x1, x2)
}
