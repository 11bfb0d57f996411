// What a smile or a pair of smiles would give away for free.
import { nodesAround } from './nodes-around.ts'
import { checkSvi, type SviParameters, sviDensityFactor, sviMinimum, sviTotalVariance } from './svi.ts'

export interface ButterflyReport {
  /** True if variance is positive, the wings keep to Lee's bound, and g >= 0 everywhere. */
  readonly free: boolean
  /** Least g, see sviDensityFactor, and where. Not defined (NaN) if the variance is not positive. */
  readonly least: number
  readonly leastAt: number
  /** Intervals of k = ln(strike / forward) in which g < 0. */
  readonly intervals: readonly (readonly [number, number])[]
  /** Least total variance; has to be above 0. */
  readonly leastVariance: number
  /** b (1 + abs(rho)), the steeper wing of total variance; has to be below 2 (Lee 2004). */
  readonly steepestWing: number
}

export interface CalendarReport {
  /** True if the later slice has no less total variance at any k. */
  readonly free: boolean
  /** Least w(later) - w(earlier), and where (infinite where a wing is to blame). */
  readonly least: number
  readonly leastAt: number
  /** Intervals of k in which the later slice has less; infinite at the end of a wing that is flatter. */
  readonly intervals: readonly (readonly [number, number])[]
}

/** g below this is a violation; above it is what rounding makes of zero. */
const ZERO = -1e-12
const NODES = nodesAround(601)

/** Nodes of k, dense around a slice's vertex. */
function nodesOf({ m, sigma }: SviParameters): Float64Array {
  return NODES.map((node) => m + sigma * node)
}

/** The least of f near the middle of three neighbouring nodes, by golden section. */
function leastBetween(f: (k: number) => number, from: number, to: number): number {
  const ratio = 0.6180339887498949
  let [low, high] = [from, to]
  for (let i = 0; i < 45; i += 1) {
    const left = high - ratio * (high - low)
    const right = low + ratio * (high - low)
    if (f(left) < f(right)) high = right
    else low = left
  }
  return 0.5 * (low + high)
}

/** Where f changes sign between two points of different sign. */
function crossing(f: (k: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  const negative = f(low) < 0
  for (let i = 0; i < 60; i += 1) {
    const middle = 0.5 * (low + high)
    if (f(middle) < 0 === negative) low = middle
    else high = middle
  }
  return 0.5 * (low + high)
}

/** The least value of f over the nodes, refined, and every interval in which it is below zero. */
function lowPoints(f: (k: number) => number, nodes: Float64Array) {
  const values = nodes.map(f)
  const at = (i: number) => nodes[i] ?? 0
  let [least, leastAt] = [Infinity, 0]
  for (let i = 0; i < nodes.length; i += 1) {
    const value = values[i] ?? Infinity
    const lowest = value <= (values[i - 1] ?? Infinity) && value <= (values[i + 1] ?? Infinity)
    if (!lowest || value > least + 0.1 + 0.1 * Math.abs(least)) continue
    const k = leastBetween(f, at(Math.max(0, i - 1)), at(Math.min(nodes.length - 1, i + 1)))
    for (const candidate of [k, at(i)])
      if (f(candidate) < least) {
        least = f(candidate)
        leastAt = candidate
      }
  }
  const intervals: [number, number][] = []
  let start: number | undefined
  for (let i = 0; i < nodes.length; i += 1) {
    const below = (values[i] ?? 0) < ZERO
    if (below && start === undefined) start = i === 0 ? at(0) : crossing(f, at(i - 1), at(i))
    if (!below && start !== undefined) {
      intervals.push([start, crossing(f, at(i - 1), at(i))])
      start = undefined
    }
  }
  if (start !== undefined) intervals.push([start, at(nodes.length - 1)])
  // A dip between two nodes.
  if (least < ZERO && intervals.length === 0) intervals.push([leastAt, leastAt])
  return { least, leastAt, intervals }
}

/**
 * Whether a slice allows a butterfly arbitrage, and where. Throws `out-of-domain`. Gatheral & Jacquier (2014), theorem
 * 2.1 ff.
 */
export function butterflyReport(svi: SviParameters): ButterflyReport {
  checkSvi(svi, 'butterflyReport')
  const leastVariance = sviMinimum(svi)
  const steepestWing = svi.b * (1 + Math.abs(svi.rho))
  if (!(leastVariance > 0))
    return { free: false, least: Number.NaN, leastAt: svi.m, intervals: [], leastVariance, steepestWing }
  const points = lowPoints((k) => sviDensityFactor(svi, k), nodesOf(svi))
  return { free: points.least >= ZERO && steepestWing < 2, ...points, leastVariance, steepestWing }
}

/**
 * Whether a later slice falls below an earlier one, so that a calendar spread costs less than nothing. Throws
 * `out-of-domain`.
 */
export function calendarReport(earlier: SviParameters, later: SviParameters): CalendarReport {
  checkSvi(earlier, 'calendarReport')
  checkSvi(later, 'calendarReport')
  const gap = (k: number) => sviTotalVariance(later, k) - sviTotalVariance(earlier, k)
  const nodes = Float64Array.of(...nodesOf(earlier), ...nodesOf(later)).sort()
  const points = lowPoints(gap, nodes)
  const intervals = points.intervals.map(([from, to]): [number, number] => [from, to])
  const flatter = ([-1, 1] as const).filter(
    (side) => later.b * (1 + side * later.rho) - earlier.b * (1 + side * earlier.rho) < -1e-12,
  )
  for (const side of [-1, 1] as const) openAtEnd(side, { gap, nodes, intervals, isFlatter: flatter.includes(side) })
  const [first] = flatter
  if (first !== undefined) return { free: false, least: -Infinity, leastAt: first * Infinity, intervals }
  return { free: points.least >= ZERO, least: points.least, leastAt: points.leastAt, intervals }
}

/** What is below zero at the last node stays so; and a flatter wing is below from somewhere on, beyond the nodes perhaps. */
function openAtEnd(
  side: 1 | -1,
  {
    gap,
    nodes,
    intervals,
    isFlatter,
  }: {
    readonly gap: (k: number) => number
    readonly nodes: Float64Array
    readonly intervals: [number, number][]
    readonly isFlatter: boolean
  },
): void {
  const end = (side > 0 ? nodes.at(-1) : nodes[0]) ?? 0
  const last = side > 0 ? intervals.at(-1) : intervals[0]
  if (last?.[side > 0 ? 1 : 0] === end) last[side > 0 ? 1 : 0] = side * Infinity
  else if (isFlatter) {
    let [from, to] = [end, side * Math.max(1, 2 * Math.abs(end))]
    while (gap(to) >= ZERO && Math.abs(to) < 1e300) [from, to] = [to, 2 * to]
    const begin = gap(to) < ZERO ? crossing(gap, from, to) : to
    if (side > 0) intervals.push([begin, Infinity])
    else intervals.unshift([-Infinity, begin])
  }
}
