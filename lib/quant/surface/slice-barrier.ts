// How far a smile is from giving something away, as a barrier that an optimiser does not cross, with its derivatives.
import { type SviParameters, sviTotalVariance } from './svi.ts'

/**
 * What is allowed of w(k) = level + put u + call v, u = (z - y) / 2, v = (z + y) / 2, y = k - m, z = sqrt(y^2 +
 * sigma^2): raw SVI with its wings' slopes, linear in the vector x = (level, put, call).
 */
export interface SliceBarrier {
  /** Sets the vertex and the width; has to be called before the others. */
  readonly place: (m: number, sigma: number) => void
  /** Sum of ln(1 + s / slack) over all that is asked for, s the size of the slack; infinite where x is not allowed. */
  readonly value: (x: Float64Array) => number
  /** Adds tau times the barrier's gradient (3) and Hessian (3 x 3), at an x that is allowed. */
  readonly addDerivatives: (x: Float64Array, tau: number, gradient: Float64Array, hessian: Float64Array) => void
}

export interface BarrierTerms {
  /** Nodes at which g >= 0 is asked for, in (k - m) / sigma. */
  readonly nodes: Float64Array
  /** A typical total variance: the size of the least variance's slack. */
  readonly scale: number
  /** A slice of an earlier expiry that total variance must not fall below. */
  readonly floor?: SviParameters
}

/** Lee's bound on the slopes of total variance (2004). */
const STEEPEST = 2

interface Columns {
  readonly k: Float64Array
  /** u and v, their derivatives in k, and d2u/dk2 = d2v/dk2. */
  readonly u: Float64Array
  readonly v: Float64Array
  readonly du: Float64Array
  readonly dv: Float64Array
  readonly bend: Float64Array
}

function columns(n: number): Columns {
  const [k, u, v, du, dv, bend] = Array.from({ length: 6 }, () => new Float64Array(n)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  return { k, u, v, du, dv, bend }
}

function fill({ k, u, v, du, dv, bend }: Columns, m: number, sigma: number): void {
  for (let i = 0; i < k.length; i += 1) {
    const y = (k[i] as number) - m
    const z = Math.sqrt(y * y + sigma * sigma)
    // The smaller of both without cancellation: u v = sigma^2 / 4.
    const larger = 0.5 * (z + Math.abs(y))
    const smaller = (0.25 * sigma * sigma) / larger
    u[i] = y > 0 ? smaller : larger
    v[i] = y > 0 ? larger : smaller
    du[i] = -(u[i] as number) / z
    dv[i] = (v[i] as number) / z
    bend[i] = (0.5 * (sigma / z) ** 2) / z
  }
}

/** ln(1 + s / slack) is what keeps a slack above 0; unlike -ln(slack), it does not reward a slack of any size. */
export function makeSliceBarrier({ nodes, scale, floor }: BarrierTerms): SliceBarrier {
  const smile = columns(nodes.length)
  const above = floorColumns(floor, nodes.length)
  const wing = (side: 1 | -1) => (floor === undefined ? 0 : floor.b * (1 + side * floor.rho))
  const [leastPut, leastCall] = [wing(-1), wing(1)]
  const at = { m: 0, sigma: 1 }

  return {
    place(m, sigma) {
      at.m = m
      at.sigma = sigma
      for (let i = 0; i < nodes.length; i += 1) smile.k[i] = m + sigma * (nodes[i] as number)
      fill(smile, m, sigma)
      above?.place(m, sigma, smile.k)
    },
    value(x) {
      const [level, put, call] = x as unknown as readonly [number, number, number]
      if (!(put > leastPut && call > leastCall && put < STEEPEST && call < STEEPEST)) return Infinity
      const lowest = level + at.sigma * Math.sqrt(put * call)
      if (!(lowest > 0)) return Infinity
      const slopes =
        slackCost(put - leastPut, STEEPEST - leastPut) *
        slackCost(call - leastCall, STEEPEST - leastCall) *
        slackCost(STEEPEST - put, STEEPEST - leastPut) *
        slackCost(STEEPEST - call, STEEPEST - leastCall)
      const sum = Math.log(slopes) + Math.log(slackCost(lowest, scale)) + butterflies(smile, level, put, call)
      return above === undefined ? sum : sum + above.value(level, put, call)
    },
    addDerivatives(x, tau, gradient, hessian) {
      const [level, put, call] = x as unknown as readonly [number, number, number]
      const add = (slack: number, size: number, direction: readonly [number, number, number]) =>
        addSlack({ slack, size, tau }, direction, gradient, hessian)
      add(put - leastPut, STEEPEST - leastPut, [0, 1, 0])
      add(call - leastCall, STEEPEST - leastCall, [0, 0, 1])
      add(STEEPEST - put, STEEPEST - leastPut, [0, -1, 0])
      add(STEEPEST - call, STEEPEST - leastCall, [0, 0, -1])
      const dip = at.sigma * Math.sqrt(put * call)
      const lowest = level + dip
      add(lowest, scale, [1, (0.5 * dip) / put, (0.5 * dip) / call])
      // The least variance is not linear in the wings.
      const curve = 0.25 * dip * tau * (1 / (lowest + scale) - 1 / lowest)
      for (const [entry, over] of [
        [4, -put * put],
        [5, put * call],
        [7, put * call],
        [8, -call * call],
      ] as const)
        hessian[entry] = (hessian[entry] as number) + curve / over
      addButterflies(smile, x, tau, gradient, hessian)
      above?.addDerivatives(x, tau, gradient, hessian)
    },
  }
}

const slackCost = (slack: number, size: number) => 1 + size / slack

type Direction = readonly [number, number, number]

/** Derivatives of tau ln(1 + size / slack) for a slack that is linear in x. */
function addSlack(
  { slack, size, tau }: { readonly slack: number; readonly size: number; readonly tau: number },
  direction: Direction,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const [near, far] = [1 / slack, 1 / (slack + size)]
  const first = tau * (far - near)
  const second = tau * (near - far) * (near + far)
  for (let i = 0; i < 3; i += 1) {
    const di = direction[i] as number
    gradient[i] = (gradient[i] as number) + first * di
    for (let j = 0; j < 3; j += 1)
      hessian[3 * i + j] = (hessian[3 * i + j] as number) + second * di * (direction[j] as number)
  }
}

/** Sum of ln(1 + 1 / g) over the nodes; g as in sviDensityFactor. */
function butterflies({ k, u, v, du, dv, bend }: Columns, level: number, put: number, call: number): number {
  let [sum, product] = [0, 1]
  for (let i = 0; i < k.length; i += 1) {
    const w = level + put * (u[i] as number) + call * (v[i] as number)
    const slope = put * (du[i] as number) + call * (dv[i] as number)
    const over = 1 / w
    const first = 1 - 0.5 * (k[i] as number) * slope * over
    const g = first * first - 0.25 * slope * slope * (over + 0.25) + 0.5 * (put + call) * (bend[i] as number)
    if (!(g > 0)) return Infinity
    product *= 1 + 1 / g
    // A logarithm every few nodes.
    if (product > 1e100) {
      sum += Math.log(product)
      product = 1
    }
  }
  return sum + Math.log(product)
}

function addButterflies(
  { k, u, v, du, dv, bend }: Columns,
  x: Float64Array,
  tau: number,
  gradient: Float64Array,
  hessian: Float64Array,
): void {
  const level = x[0] as number
  const put = x[1] as number
  const call = x[2] as number
  let b0 = 0
  let b1 = 0
  let b2 = 0
  let h00 = 0
  let h01 = 0
  let h02 = 0
  let h11 = 0
  let h12 = 0
  let h22 = 0
  for (let i = 0; i < k.length; i += 1) {
    const ui = u[i] as number
    const vi = v[i] as number
    const dui = du[i] as number
    const dvi = dv[i] as number
    const half = 0.5 * (bend[i] as number)
    const ki = k[i] as number
    const over = 1 / (level + put * ui + call * vi)
    const slope = put * dui + call * dvi
    const lean = ki * slope * over
    const first = 1 - 0.5 * lean
    const curve = 0.25 * slope * slope * over
    const g = first * first - curve - 0.0625 * slope * slope + (put + call) * half
    // g as a function of w, w' and w'': first and second derivatives.
    const byW = (first * lean + curve) * over
    const bySlope = -first * ki * over - 0.125 * slope - 0.5 * slope * over
    const byWW = (0.5 * lean * lean - 2 * first * lean - 2 * curve) * over * over
    const byWSlope = (first * ki - 0.5 * ki * lean + 0.5 * slope) * over * over
    const bySlopes = 0.5 * ki * ki * over * over - 0.125 - 0.5 * over
    const near = 1 / g
    const far = 1 / (1 + g)
    const p1 = tau * (far - near)
    const p2 = -p1 * (near + far)
    const g1 = byW * ui + bySlope * dui + half
    const g2 = byW * vi + bySlope * dvi + half
    b0 += p1 * byW
    b1 += p1 * g1
    b2 += p1 * g2
    h00 += p2 * byW * byW + p1 * byWW
    h01 += p2 * byW * g1 + p1 * (byWW * ui + byWSlope * dui)
    h02 += p2 * byW * g2 + p1 * (byWW * vi + byWSlope * dvi)
    h11 += p2 * g1 * g1 + p1 * (byWW * ui * ui + 2 * byWSlope * ui * dui + bySlopes * dui * dui)
    h12 += p2 * g1 * g2 + p1 * (byWW * ui * vi + byWSlope * (ui * dvi + vi * dui) + bySlopes * dui * dvi)
    h22 += p2 * g2 * g2 + p1 * (byWW * vi * vi + 2 * byWSlope * vi * dvi + bySlopes * dvi * dvi)
  }
  addTo(gradient, [b0, b1, b2])
  addTo(hessian, [h00, h01, h02, h01, h11, h12, h02, h12, h22])
}

/** Total variance above that of the floor: at the nodes of both slices. */
function floorColumns(floor: SviParameters | undefined, n: number) {
  if (floor === undefined) return undefined
  const own = Array.from({ length: n }, (_, i) => floor.m + floor.sigma * Math.sinh(((2 * i) / (n - 1) - 1) * 9))
  const all = columns(2 * n)
  const least = new Float64Array(2 * n)
  return {
    place(m: number, sigma: number, nodes: Float64Array): void {
      all.k.set(own)
      all.k.set(nodes, n)
      for (let i = 0; i < 2 * n; i += 1) least[i] = sviTotalVariance(floor, all.k[i] as number)
      fill(all, m, sigma)
    },
    value(level: number, put: number, call: number): number {
      let sum = 0
      for (let i = 0; i < 2 * n; i += 1) {
        const floorAt = least[i] as number
        const slack = level + put * (all.u[i] as number) + call * (all.v[i] as number) - floorAt
        if (!(slack > 0)) return Infinity
        sum += Math.log1p(floorAt / slack)
      }
      return sum
    },
    addDerivatives(x: Float64Array, tau: number, gradient: Float64Array, hessian: Float64Array): void {
      const level = x[0] as number
      const put = x[1] as number
      const call = x[2] as number
      let b0 = 0
      let b1 = 0
      let b2 = 0
      let h00 = 0
      let h01 = 0
      let h02 = 0
      let h11 = 0
      let h12 = 0
      let h22 = 0
      for (let i = 0; i < 2 * n; i += 1) {
        const u = all.u[i] as number
        const v = all.v[i] as number
        const w = level + put * u + call * v
        const near = 1 / (w - (least[i] as number))
        const far = 1 / w
        const first = tau * (far - near)
        const second = -first * (near + far)
        b0 += first
        b1 += first * u
        b2 += first * v
        h00 += second
        h01 += second * u
        h02 += second * v
        h11 += second * u * u
        h12 += second * u * v
        h22 += second * v * v
      }
      addTo(gradient, [b0, b1, b2])
      addTo(hessian, [h00, h01, h02, h01, h11, h12, h02, h12, h22])
    },
  }
}

function addTo(sums: Float64Array, terms: readonly number[]): void {
  for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] as number) + (terms[i] as number)
}
