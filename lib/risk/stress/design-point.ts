// The point nearest to the origin at which a limit is passed: in standard normal coordinates the likeliest way to break something.

export interface LimitState {
  readonly dimension: number
  /** At radius x direction. Below 0: passed; NaN counts as not passed. What is the same all along a ray is done once. */
  readonly along: (direction: Float64Array) => (radius: number) => number
  /** Writes its slopes at `y`; zeros where there are none. */
  readonly gradient: (y: Float64Array, out: Float64Array) => void
}

export interface DesignPoint {
  /** Unit vector. */
  readonly direction: Float64Array
  /** Passed at radius x direction, and not 1e-12 of it before. */
  readonly radius: number
}

const firstRadius = 0.25
const stride = 1.25
/** Of a radius: far below what .999 of it is. */
const tolerance = 1e-12

/** The first radius along a direction at which the limit is passed, as far as steps of a quarter of the radius show; absent: not within `maxRadius`. */
function firstCrossing(at: (radius: number) => number, maxRadius: number): number | undefined {
  let [low, atLow] = [0, at(0)]
  if (atLow < 0) return 0
  for (let radius = firstRadius; ; radius = Math.min(radius * stride, maxRadius)) {
    const found = at(radius)
    if (found < 0) return rootBetween(at, [low, atLow], [radius, found])
    if (radius >= maxRadius) return undefined
    if (!Number.isNaN(found)) [low, atLow] = [radius, found]
  }
}

/** The Illinois variant of false position, with bisection where that is slow: the passed side of a bracket that is a few roundings wide. */
function rootBetween(
  at: (radius: number) => number,
  notPassed: readonly [number, number],
  passed: readonly [number, number],
): number {
  let [low, atLow] = notPassed
  let [high, atHigh] = passed
  let lastSide = 0
  let width = high - low
  for (let step = 0; step < 100 && high - low > tolerance * high; step += 1) {
    const isSlow = step % 4 === 3 && high - low > 0.5 * width
    if (step % 4 === 3) width = high - low
    // A hair beyond the estimate, so that the bracket closes from both sides once that is good.
    const hair = (atHigh + atLow < 0 ? -0.25 : 0.25) * tolerance * high
    const secant = (low * atHigh - high * atLow) / (atHigh - atLow) + hair
    const middle = isSlow || !(secant > low && secant < high) ? 0.5 * (low + high) : secant
    if (middle <= low || middle >= high) break
    const found = at(middle)
    const side = found < 0 ? 1 : -1
    if (side > 0) {
      high = middle
      atHigh = found
      if (lastSide > 0) atLow *= 0.5
    } else {
      low = middle
      atLow = Number.isNaN(found) ? 0 : found
      if (lastSide < 0) atHigh *= 0.5
    }
    lastSide = side
  }
  return high
}

/**
 * Nearest of what each start leads to. From where a start's ray passes the limit the direction turns towards the steepest descent there as long as that brings
 * the passing nearer: Hasofer & Lind (1974) and Rackwitz & Fiessler (1978), with the step halved where it would lead away, as Zhang & Der Kiureghian (1995).
 * @returns undefined where no start reaches the limit within `maxRadius`
 */
export function designPoint(
  state: LimitState,
  params: { readonly starts: readonly Float64Array[]; readonly maxRadius: number; readonly maxTurns?: number },
): DesignPoint | undefined {
  const { starts, maxRadius, maxTurns = 40 } = params
  let best: DesignPoint | undefined
  for (const start of starts) {
    const within = best === undefined ? maxRadius : best.radius * 4
    const found = descend(state, start, { maxRadius: within, maxTurns, ...(best && { known: best }) })
    if (found !== undefined && found.radius < (best?.radius ?? Number.POSITIVE_INFINITY) && found.radius <= maxRadius)
      best = found
  }
  return best
}

function descend(
  state: LimitState,
  start: Float64Array,
  params: {
    readonly maxRadius: number
    readonly maxTurns: number
    /** The nearest so far: a start that is led next to it, and no nearer to the origin, only finds it again. */
    readonly known?: DesignPoint
  },
): DesignPoint | undefined {
  const { maxRadius, maxTurns, known } = params
  const { dimension, gradient, along } = state
  const slope = new Float64Array(dimension)
  const y = new Float64Array(dimension)
  const steepest = (radius: number, direction: Float64Array): Float64Array | undefined => {
    for (let i = 0; i < dimension; i += 1) y[i] = radius * (direction[i] as number)
    gradient(y, slope)
    return unit(slope, -1)
  }
  let direction = start
  let radius = firstCrossing(along(direction), maxRadius)
  if (radius === undefined) {
    // Its ray leads nowhere: from a little way out the slope knows better.
    const turned = steepest(1, direction)
    if (turned === undefined) return undefined
    direction = turned
    radius = firstCrossing(along(direction), maxRadius)
    if (radius === undefined) return undefined
  }
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const towards = steepest(radius, direction)
    if (towards === undefined) break
    const next = nearer({ along, direction, towards, radius })
    if (next === undefined) break
    const gain = radius - next.radius
    direction = next.direction
    radius = next.radius
    if (gain < 1e-10 * radius) break
    if (known !== undefined && radius >= known.radius && isNear(direction, known.direction)) return undefined
  }
  return { direction, radius }
}

/** Of unit vectors: within a thousandth. */
function isNear(one: Float64Array, other: Float64Array): boolean {
  let squares = 0
  for (let i = 0; i < one.length; i += 1) squares += ((one[i] as number) - (other[i] as number)) ** 2
  return squares < 1e-6
}

function nearer(params: {
  readonly along: LimitState['along']
  readonly direction: Float64Array
  readonly towards: Float64Array
  readonly radius: number
}): DesignPoint | undefined {
  const { along, direction, towards, radius } = params
  const between = new Float64Array(direction.length)
  for (let part = 1; part > 0.01; part /= 2) {
    for (let i = 0; i < between.length; i += 1)
      between[i] = (direction[i] as number) + part * ((towards[i] as number) - (direction[i] as number))
    const turned = unit(between)
    if (turned === undefined) continue
    const at = along(turned)
    const there = at(radius)
    if (there < 0) return { direction: turned, radius: rootBetween(at, [0, at(0)], [radius, there]) }
  }
  return undefined
}

function unit(vector: Float64Array, sign = 1): Float64Array | undefined {
  let largest = 0
  for (let i = 0; i < vector.length; i += 1) largest = Math.max(largest, Math.abs(vector[i] as number))
  if (!(largest > 0 && largest < Number.POSITIVE_INFINITY)) return undefined
  let squares = 0
  for (let i = 0; i < vector.length; i += 1) squares += ((vector[i] as number) / largest) ** 2
  const scale = sign / (largest * Math.sqrt(squares))
  const found = new Float64Array(vector.length)
  for (let i = 0; i < found.length; i += 1) found[i] = (vector[i] as number) * scale
  return found
}
