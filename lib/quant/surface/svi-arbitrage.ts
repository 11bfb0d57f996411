// What a smile or a pair of smiles would give away for free, and the closest ones that do not.
import { HomeostatError, isHomeostatError } from '../../base/homeostat-error.ts'
import {
  checkSvi,
  type SviJumpWings,
  type SviParameters,
  sviDensityFactor,
  sviFromJumpWings,
  sviJumpWings,
  sviMinimum,
  sviTotalVariance,
} from './svi.ts'

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
}

/** g below this is a violation; above it is what rounding makes of zero. */
const ZERO = -1e-12
const NODES = 600
const REACH = 9
/** Stages of the way from the safe slice to the given one that a repair tries before it halves. */
const STAGES = 16

/** Nodes of k, dense around a slice's vertex and out to 4,000 of its widths. */
function nodesOf(svi: SviParameters): Float64Array {
  return Float64Array.from(
    { length: NODES + 1 },
    (_, i) => svi.m + svi.sigma * Math.sinh(((2 * i) / NODES - 1) * REACH),
  )
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
  for (const side of [-1, 1] as const) {
    const steeper = later.b * (1 + side * later.rho) - earlier.b * (1 + side * earlier.rho)
    if (steeper < -1e-12) return { free: false, least: -Infinity, leastAt: side * Infinity }
  }
  const gap = (k: number) => sviTotalVariance(later, k) - sviTotalVariance(earlier, k)
  const { least, leastAt } = [nodesOf(earlier), nodesOf(later)]
    .map((nodes) => lowPoints(gap, nodes))
    .reduce((a, b) => (b.least < a.least ? b : a))
  return { free: least >= ZERO, least, leastAt }
}

/**
 * The slice closest to the given one that has no butterfly arbitrage, its at-the-money variance, skew and put wing
 * unchanged: on the way from the SSVI slice with c' = p + 2 psi, vTilde' = 4 v p c' / (p + c')^2 back to the given call
 * wing and minimum, as far as g >= 0 lasts. A slice without arbitrage comes back as it is. Throws
 * `butterfly-not-repairable` where the SSVI slice has one itself (wings or skew too steep). Gatheral & Jacquier (2014),
 * section 5.1.
 */
export function repairButterfly(svi: SviParameters, time: number): SviParameters {
  if (butterflyReport(svi).free) return svi
  const wings = sviTotalVariance(svi, 0) > 0 ? sviJumpWings(svi, time) : undefined
  const safe = wings && ssviOf(wings)
  const at = (part: number) => {
    if (wings === undefined || safe === undefined) return undefined
    const c = safe.c + part * (wings.c - safe.c)
    const vTilde = safe.vTilde + part * (wings.vTilde - safe.vTilde)
    return freeSlice({ ...wings, c, vTilde }, time)
  }
  let part = STAGES - 1
  let best = at(part / STAGES)
  for (; best === undefined && part > 0; best = at(part / STAGES)) part -= 1
  if (best === undefined)
    throw new HomeostatError('butterfly-not-repairable', {
      message: 'No slice with this level, skew and put wing is free of butterfly arbitrage.',
      retry: 'later',
      facts: { ...svi, time },
      hint: 'Look for wrong quotes: the wings or the skew are too steep for this expiry.',
    })
  let [low, high] = [part / STAGES, (part + 1) / STAGES]
  for (let i = 0; i < 30; i += 1) {
    const middle = 0.5 * (low + high)
    const slice = at(middle)
    if (slice === undefined) high = middle
    else {
      low = middle
      best = slice
    }
  }
  return best
}

/** The jump wings of the SSVI slice with the same level, skew and put wing, if it has two wings. */
function ssviOf(wings: SviJumpWings): SviJumpWings | undefined {
  const c = wings.p + 2 * wings.psi
  return c > 0 && wings.p > 0 ? { ...wings, c, vTilde: (4 * wings.v * wings.p * c) / (wings.p + c) ** 2 } : undefined
}

function freeSlice(wings: SviJumpWings, time: number): SviParameters | undefined {
  try {
    const slice = sviFromJumpWings(wings, time)
    const { free, least } = butterflyReport(slice)
    return free && least >= 0 ? slice : undefined
  } catch (error) {
    if (isHomeostatError(error)) return undefined
    throw error
  }
}

/**
 * The later slice lifted by what it lacks to the earlier one, so that no calendar spread is free; as it is where it
 * lacks nothing. Throws `calendar-not-repairable` where a wing is flatter than before, or the lift brings a butterfly
 * arbitrage with it.
 */
export function repairCalendar(earlier: SviParameters, later: SviParameters): SviParameters {
  const { free, least, leastAt } = calendarReport(earlier, later)
  if (free) return later
  const lifted = { ...later, a: later.a - least + 1e-15 }
  if (least > -Infinity && (butterflyReport(lifted).free || !butterflyReport(later).free)) return lifted
  throw new HomeostatError('calendar-not-repairable', {
    message: 'The later smile falls below the earlier one, and lifting it does not help.',
    retry: 'later',
    facts: { least, leastAt },
    hint: 'Fit both expiries again, or leave out the one with fewer quotes.',
  })
}
