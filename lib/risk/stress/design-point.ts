// The point nearest to the origin at which a limit is passed: in standard normal coordinates the likeliest way to break something.

export interface LimitState {
  readonly dimension: number
  /** Below 0: passed. Must not keep its argument; NaN counts as not passed. */
  readonly limit: (y: Float64Array) => number
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
function firstCrossing(
  { limit, dimension }: Pick<LimitState, 'limit' | 'dimension'>,
  direction: Float64Array,
  maxRadius: number,
): number | undefined {
  const y = new Float64Array(dimension)
  const at = (radius: number) => {
    for (let i = 0; i < dimension; i += 1) y[i] = radius * (direction[i] as number)
    return limit(y)
  }
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
    const found = descend(state, start, { maxRadius: best === undefined ? maxRadius : best.radius * 4, maxTurns })
    if (found !== undefined && found.radius < (best?.radius ?? Number.POSITIVE_INFINITY) && found.radius <= maxRadius)
      best = found
  }
  return best
}

function descend(
  state: LimitState,
  start: Float64Array,
  { maxRadius, maxTurns }: { readonly maxRadius: number; readonly maxTurns: number },
): DesignPoint | undefined {
  const { dimension, gradient, limit } = state
  const slope = new Float64Array(dimension)
  const y = new Float64Array(dimension)
  const steepest = (radius: number, direction: Float64Array): Float64Array | undefined => {
    for (let i = 0; i < dimension; i += 1) y[i] = radius * (direction[i] as number)
    gradient(y, slope)
    return unit(slope.map((one) => -one))
  }
  let direction = start
  let radius = firstCrossing(state, direction, maxRadius)
  if (radius === undefined) {
    // Its ray leads nowhere: from a little way out the slope knows better.
    const turned = steepest(1, direction)
    if (turned === undefined) return undefined
    direction = turned
    radius = firstCrossing(state, direction, maxRadius)
    if (radius === undefined) return undefined
  }
  for (let turn = 0; turn < maxTurns; turn += 1) {
    const towards = steepest(radius, direction)
    if (towards === undefined) break
    const next = nearer({ limit, dimension, direction, towards, radius })
    if (next === undefined) break
    const gain = radius - next.radius
    direction = next.direction
    radius = next.radius
    if (gain < 1e-10 * radius) break
  }
  return { direction, radius }
}

function nearer(params: {
  readonly limit: LimitState['limit']
  readonly dimension: number
  readonly direction: Float64Array
  readonly towards: Float64Array
  readonly radius: number
}): DesignPoint | undefined {
  const { limit, dimension, direction, towards, radius } = params
  const y = new Float64Array(dimension)
  for (let part = 1; part > 0.01; part /= 2) {
    const turned = unit(direction.map((one, i) => one + part * ((towards[i] as number) - one)))
    if (turned === undefined) continue
    const at = (r: number) => {
      for (let i = 0; i < dimension; i += 1) y[i] = r * (turned[i] as number)
      return limit(y)
    }
    const there = at(radius)
    if (there < 0) return { direction: turned, radius: rootBetween(at, [0, at(0)], [radius, there]) }
  }
  return undefined
}

function unit(vector: Float64Array): Float64Array | undefined {
  const size = Math.hypot(...vector)
  return size > 0 && size < Number.POSITIVE_INFINITY ? vector.map((one) => one / size) : undefined
}
