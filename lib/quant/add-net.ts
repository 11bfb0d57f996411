// The sum of many lines of one factor as one spline over log spot, taken only where it proves itself.
import { outOfDomain } from './out-of-domain.ts'
import type { Bend, RevaluationKernel } from './revaluation-kernel.ts'
import { addSpline, uniformSpline } from './spline.ts'

/** How a net went. */
export interface NetOutcome {
  readonly path: 'netted' | 'direct'
  /** Why not netted. */
  readonly reason?: 'few-scenarios' | 'no-spread' | 'narrow-bends' | 'sample-error'
  /** Knots of the spline that was taken or, at last, refused. */
  readonly nodes?: number
  /**
   * Greatest error found in testing it, as a fraction of gross: on the sample, or a quarter of what every other knot
   * misses; absent if no net was tested.
   */
  readonly sampleError?: number
}

/** Scenarios looked at directly, whatever the knots. */
const SAMPLE = 48
/** Most points at kinks; a kernel with more of them is tested at some. */
const KINK_POINTS = 4_096
/** Knots within the width of a bend: a bell that is so wide cannot vanish at all knots, whatever cancels it. */
const KNOTS_PER_BEND = 4
const BEND_REACH = 9

/**
 * Adds the sum of all lines of `group`, all of one factor, at `spots` (n) to `out` (n), if its net holds; else adds
 * nothing and says why. The lines are valued at knots equally spaced in log between the lowest and the highest spot,
 * and a not-a-knot cubic spline gives the scenarios. What proves it:
 *
 * 1. No line bends within less than 4 knots (`bends` of its kernels), so that none can hide between them.
 * 2. The spline through every other knot misses the knots between by no more than 4 times half of `tolerance` x gross:
 *    the one that is taken, with all knots, is some 16 times closer where lines are smooth, 4 times at kinks of slopes.
 * 3. It meets direct values within half of `tolerance` x gross at 48 scenarios spread over all, at one bend of each interval that has some,
 *    and at, around and between the `kinks` of the kernels.
 *
 * Gross is the mean over the scenarios of the sum of absolute line values, and does not fall where lines cancel. The
 * net is tried with `nodes` knots (rounded up to an odd number), 4 times and 16 times as many, while they are fewer than
 * half of the scenarios. A kernel that has narrower features than it states, of both signs, can still deceive it.
 * Throws `out-of-domain` for spots that are not above 0 and finite.
 */
export function addNet(
  params: {
    readonly group: readonly RevaluationKernel[]
    readonly spots: Float64Array
    readonly nodes: number
    readonly tolerance: number
  },
  out: Float64Array,
): NetOutcome {
  const { group, spots, nodes, tolerance } = params
  const { from, to } = logSpan(spots)
  const tried = knotsTried(nodes, spots.length)
  if (tried.length === 0) return { path: 'direct', reason: 'few-scenarios' }
  if (to - from < 1e-9) return { path: 'direct', reason: 'no-spread' }
  const logs = spots.map(Math.log)
  const bends = group.flatMap((kernel) => kernel.bends ?? []).filter((bend) => isFelt(bend, from, to))
  const width = narrowest(bends, from, to)
  const fine = tried.filter((knots) => isResolved({ width, range: to - from, knots }))
  if (fine.length === 0) return { path: 'direct', reason: 'narrow-bends' }
  const kinks = group.flatMap((kernel) => kernel.kinks ?? [])
  let found: NetOutcome = { path: 'direct', reason: 'sample-error' }
  for (const knots of fine) {
    const grid = gridOf(from, to, knots)
    const { net, gross } = sums(group, grid)
    if (!net.every(Number.isFinite)) return { path: 'direct', reason: 'sample-error', nodes: knots }
    const spline = uniformSpline({ from, to, values: net })
    const scale = meanAt(logs, from, spline.step, gross)
    let error = ratio(errorOfHalf(net, from, to) / 4, scale)
    if (error <= tolerance / 2) {
      const sample = sampleOf({ logs, from, step: spline.step, bends, kinks, knots })
      error = Math.max(
        error,
        ratio(
          errorAt(group, sample, (x, sum) => addSpline(spline, x, sum)),
          scale,
        ),
      )
    }
    if (error <= tolerance / 2) {
      addSpline(spline, logs, out)
      return { path: 'netted', nodes: knots, sampleError: error }
    }
    found = { path: 'direct', reason: 'sample-error', nodes: knots, sampleError: error }
  }
  return found
}

/** Numbers of knots that pay for so many scenarios, the fewest first. */
function knotsTried(nodes: number, scenarios: number): readonly number[] {
  const intervals = 2 * Math.ceil((nodes - 1) / 2)
  const pays = (knots: number) => (knots === intervals + 1 ? knots + SAMPLE : 2 * knots) < scenarios
  return [1, 4, 16].map((times) => times * intervals + 1).filter(pays)
}

/** The first number of knots that `addNet` would try with these bends; none: they are too narrow for a net. */
export function knotsForBends(params: {
  readonly bends: readonly Bend[]
  /** Lowest and highest log spot. */
  readonly from: number
  readonly to: number
  readonly nodes: number
  readonly scenarios: number
}): number | undefined {
  const { bends, from, to, nodes, scenarios } = params
  const width = narrowest(bends, from, to)
  return knotsTried(nodes, scenarios).find((knots) => isResolved({ width, range: to - from, knots }))
}

function isResolved({
  width,
  range,
  knots,
}: {
  readonly width: number
  readonly range: number
  readonly knots: number
}) {
  return width * (knots - 1) >= KNOTS_PER_BEND * range
}

function narrowest(bends: readonly Bend[], from: number, to: number): number {
  return bends.reduce((least, bend) => (isFelt(bend, from, to) ? Math.min(least, bend.width) : least), Infinity)
}

function isFelt({ at, width, reach = 0 }: Bend, from: number, to: number): boolean {
  const far = Math.max(reach, BEND_REACH * width)
  return at >= from - far && at <= to + far
}

/** Logarithms of the least and the greatest spot. Throws `out-of-domain` as `addNet`. */
export function logSpan(spots: Float64Array): { readonly from: number; readonly to: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (let j = 0; j < spots.length; j += 1) {
    const spot = spots[j] as number
    if (!(spot > 0 && spot < Number.POSITIVE_INFINITY))
      throw outOfDomain('revalue', 'Spots have to be above 0 and finite.', { spot })
    if (spot < least) least = spot
    if (spot > most) most = spot
  }
  return { from: Math.log(least), to: Math.log(most) }
}

/** Equally spaced, both ends included. */
export function gridOf(from: number, to: number, knots: number): Float64Array {
  return Float64Array.from({ length: knots }, (_, k) => (k === knots - 1 ? to : from + ((to - from) * k) / (knots - 1)))
}

/** Of all lines at exp(logs): their sum, and that of their absolute values. */
function sums(group: readonly RevaluationKernel[], logs: Float64Array) {
  const n = logs.length
  const [net, gross] = [new Float64Array(n), new Float64Array(n)]
  const spots = logs.map(Math.exp)
  for (const kernel of group) {
    const values = new Float64Array(kernel.lines * n)
    kernel.values([spots], values)
    for (let i = 0; i < kernel.lines; i += 1) {
      for (let j = 0; j < n; j += 1) {
        const value = values[i * n + j] as number
        net[j] = (net[j] as number) + value
        gross[j] = (gross[j] as number) + Math.abs(value)
      }
    }
  }
  return { net, gross }
}

/** Mean over all logs of what lies linearly between `values` at the knots. */
function meanAt(logs: Float64Array, from: number, step: number, values: Float64Array): number {
  const last = values.length - 2
  let sum = 0
  for (let j = 0; j < logs.length; j += 1) {
    const u = ((logs[j] as number) - from) / step
    const k = Math.min(Math.max(Math.floor(u), 0), last)
    const left = values[k] as number
    sum += left + (u - k) * ((values[k + 1] as number) - left)
  }
  return sum / logs.length
}

/** Greatest error at the other knots of the spline through every other one. */
function errorOfHalf(values: Float64Array, from: number, to: number): number {
  const [even, odd] = [0, 1].map((first) => values.filter((_, k) => k % 2 === first)) as [Float64Array, Float64Array]
  const half = uniformSpline({ from, to, values: even })
  const found = new Float64Array(odd.length)
  addSpline(
    half,
    odd.map((_, k) => from + (k + 0.5) * half.step),
    found,
  )
  return found.reduce((most, one, k) => Math.max(most, Math.abs(one - (odd[k] as number))), 0)
}

function sampleOf(params: {
  readonly logs: Float64Array
  readonly from: number
  readonly step: number
  readonly bends: readonly Bend[]
  readonly kinks: readonly number[]
  readonly knots: number
}): Float64Array {
  const { logs, from, step, bends, kinks, knots } = params
  const to = from + step * (knots - 1)
  const inside = (x: number) => x >= from && x <= to
  const spread = Array.from(
    { length: SAMPLE },
    (_, i) => logs[Math.floor(((i + 0.5) * logs.length) / SAMPLE)] as number,
  )
  const bent = new Map(bends.map(({ at }) => [Math.floor((at - from) / step), at]))
  const sorted = Float64Array.from(new Set(kinks.filter(inside))).sort()
  const every = Math.max(Math.ceil((4 * sorted.length) / KINK_POINTS), 1)
  const around = [...sorted].flatMap((x, i) =>
    i % every === 0 ? [x, x - step / 4, x + step / 4, (x + (sorted[i + 1] ?? x)) / 2] : [],
  )
  return Float64Array.from([...spread, ...[...bent.values(), ...around].filter(inside)])
}

/** Greatest absolute error of a net; none where it has no value. */
function errorAt(
  group: readonly RevaluationKernel[],
  logs: Float64Array,
  addSum: (x: Float64Array, sum: Float64Array) => void,
): number {
  const found = new Float64Array(logs.length)
  addSum(logs, found)
  const { net } = sums(group, logs)
  let worst = 0
  for (let j = 0; j < net.length; j += 1) {
    const error = Math.abs((found[j] as number) - (net[j] as number))
    if (!(error <= worst)) worst = error
    if (Number.isNaN(worst)) return Number.POSITIVE_INFINITY
  }
  return worst
}

function ratio(error: number, scale: number): number {
  return error === 0 ? 0 : error / scale
}
