// Revalues many lines in many scenarios: directly, or netted onto one spline per factor where that proves itself on a
// sample.
import { outOfDomain } from './out-of-domain.ts'
import type { RevaluationKernel } from './revaluation-kernel.ts'
import { addSpline, uniformSpline } from './spline.ts'

/** How the kernels of one factor (or one kernel with several) were revalued. */
export interface RevaluationPart {
  readonly factors: readonly number[]
  readonly lines: number
  readonly path: 'netted' | 'direct'
  /** Why not netted. */
  readonly reason?: 'not-nettable' | 'few-scenarios' | 'no-spread' | 'sample-error'
  /** Knots of the spline that was taken or, at last, refused. */
  readonly nodes?: number
  /** Greatest netted error found on the sample, as a fraction of gross; absent if nothing was netted. */
  readonly sampleError?: number
}

export interface Revaluation {
  /** n: change of the value of all lines together, against the base. */
  readonly pnl: Float64Array
  /** Value of all lines together at the base. */
  readonly base: number
  /** `netted` if every part was. */
  readonly path: 'netted' | 'direct'
  readonly parts: readonly RevaluationPart[]
}

interface Book {
  readonly kernels: readonly RevaluationKernel[]
  /** Factors x n by rows: row f holds factor f in each scenario. */
  readonly scenarios: Float64Array
  /** Factors: their values now. */
  readonly base: Float64Array
}

/** Outputs of a block stay in the cache, sums in the nearest. */
const BLOCK_VALUES = 2 ** 16
const BLOCK_SUMS = 2 ** 10
/** Scenarios looked at directly per factor, and intervals where the net value bends most. */
const SAMPLE = 48
const SUSPECTS = 12

/**
 * Change of value of all lines per scenario. Kernels that depend on one spot are netted per factor: their sum is
 * evaluated at `nodes` spots, equally spaced in log between the scenarios' lowest and highest, and a not-a-knot cubic
 * spline gives the scenarios. Each net is checked at 48 scenarios spread over all and at three points in each of the 12
 * intervals where it bends most (fourth differences: strikes near expiry, range edges). It is taken if the greatest
 * error is within half of `tolerance` x gross (mean over those scenarios of the sum of absolute line values): between
 * the points that were looked at it may be a little greater. Else the net is tried with 4 times the nodes, then those
 * kernels are valued directly, and the part says so. Defaults: 129 nodes, 1e-6. Throws `out-of-domain` for shapes that
 * disagree, spots that are not above 0 and finite, and for values that are not finite, naming the kernel.
 */
export function revalue(
  params: Book & { readonly nodes?: number; readonly tolerance?: number; readonly netting?: 'log-spot' | 'none' },
): Revaluation {
  const { kernels, scenarios, base, nodes = 129, tolerance = 1e-6, netting = 'log-spot' } = params
  const n = checkedCount(params)
  if (!(Number.isInteger(nodes) && nodes >= 8 && tolerance >= 0)) {
    throw outOfDomain('revalue', 'Nodes have to be a whole number from 8, the tolerance 0 or above.', {
      nodes,
      tolerance,
    })
  }
  const pnl = new Float64Array(n)
  const parts: RevaluationPart[] = []
  const nettable = (kernel: RevaluationKernel) => netting === 'log-spot' && kernel.netting === 'log-spot'
  for (const kernel of kernels.filter((one) => !nettable(one))) {
    addDirect(kernels, [kernel], scenarios, pnl)
    parts.push({ factors: kernel.factors, lines: kernel.lines, path: 'direct', reason: 'not-nettable' })
  }
  const nets = kernels.filter(nettable)
  for (const factor of new Set(nets.flatMap((kernel) => kernel.factors))) {
    const group = nets.filter((kernel) => kernel.factors[0] === factor)
    const how = addNetted({ group, spots: scenarios.subarray(factor * n, (factor + 1) * n), nodes, tolerance }, pnl)
    if (how.path === 'direct') addDirect(kernels, group, scenarios, pnl)
    parts.push({ factors: [factor], lines: group.reduce((sum, one) => sum + one.lines, 0), ...how })
  }
  const now = new Float64Array(1)
  addDirect(kernels, kernels, base, now)
  const baseValue = now[0] as number
  for (let j = 0; j < n; j += 1) pnl[j] = (pnl[j] as number) - baseValue
  return { pnl, base: baseValue, path: parts.every((part) => part.path === 'netted') ? 'netted' : 'direct', parts }
}

/**
 * Change of value of each line per scenario, always direct: lines x n by rows, in the order of the kernels and of their
 * lines. Throws as `revalue`.
 */
export function revalueLines(params: Book): Float64Array {
  const { kernels, scenarios, base } = params
  const n = checkedCount(params)
  const out = new Float64Array(kernels.reduce((sum, one) => sum + one.lines, 0) * n)
  let start = 0
  for (const [index, kernel] of kernels.entries()) {
    const block = out.subarray(start, start + kernel.lines * n)
    const now = new Float64Array(kernel.lines)
    kernel.values(rowsOf(kernel, scenarios, n, 0, n), block)
    kernel.values(rowsOf(kernel, base, 1, 0, 1), now)
    for (let i = 0; i < kernel.lines; i += 1) {
      const value = now[i] as number
      for (let j = i * n; j < (i + 1) * n; j += 1) {
        const change = (block[j] as number) - value
        if (!Number.isFinite(change)) throw notFinite(index, j - i * n)
        block[j] = change
      }
    }
    start += kernel.lines * n
  }
  return out
}

/** Adds the values of all lines of `group`, some of the kernels, to `out` (n), in blocks of scenarios. */
function addDirect(
  kernels: readonly RevaluationKernel[],
  group: readonly RevaluationKernel[],
  scenarios: Float64Array,
  out: Float64Array,
): void {
  const n = out.length
  for (const kernel of group) {
    const { lines, addSum } = kernel
    const size = Math.min(addSum ? BLOCK_SUMS : Math.max(Math.floor(BLOCK_VALUES / lines), 128), n)
    const scratch = new Float64Array(addSum ? 0 : lines * size)
    for (let start = 0; start < n; start += size) {
      const end = Math.min(start + size, n)
      const rows = rowsOf(kernel, scenarios, n, start, end)
      if (addSum === undefined) {
        kernel.values(rows, scratch.subarray(0, lines * (end - start)))
        addLines(scratch, lines, end - start, out, start)
      } else addSum(rows, out.subarray(start, end))
      for (let j = start; j < end; j += 1) if (!Number.isFinite(out[j])) throw notFinite(kernels.indexOf(kernel), j)
    }
  }
}

function addLines(values: Float64Array, lines: number, n: number, out: Float64Array, start: number): void {
  for (let i = 0; i < lines; i += 1) {
    const row = i * n
    for (let j = 0; j < n; j += 1) out[start + j] = (out[start + j] as number) + (values[row + j] as number)
  }
}

type Outcome = Pick<RevaluationPart, 'path' | 'reason' | 'nodes' | 'sampleError'>

/** Adds the net to `out` if it holds on the sample; else adds nothing and says why. */
function addNetted(
  params: {
    readonly group: readonly RevaluationKernel[]
    readonly spots: Float64Array
    readonly nodes: number
    readonly tolerance: number
  },
  out: Float64Array,
): Outcome {
  const { group, spots, nodes, tolerance } = params
  const { logs, from, to } = logsOf(spots)
  if (nodes + SAMPLE + 3 * SUSPECTS >= spots.length) return { path: 'direct', reason: 'few-scenarios' }
  if (to - from < 1e-9) return { path: 'direct', reason: 'no-spread' }
  let knots = nodes
  let sampleError = Number.POSITIVE_INFINITY
  for (let next = nodes; next === nodes || 2 * next < spots.length; next = 4 * (next - 1) + 1) {
    knots = next
    const values = netValues(group, grid(from, to, knots))
    if (values === undefined) break
    const spline = uniformSpline({ from, to, values })
    sampleError = errorOnSample(group, sampleOf(logs, from, spline.step, values), (x, net) => addSpline(spline, x, net))
    if (sampleError <= tolerance / 2) {
      addSpline(spline, logs, out)
      return { path: 'netted', nodes: knots, sampleError }
    }
    if (next > nodes) break
  }
  return { path: 'direct', reason: 'sample-error', nodes: knots, sampleError }
}

function logsOf(spots: Float64Array): { readonly logs: Float64Array; readonly from: number; readonly to: number } {
  const logs = new Float64Array(spots.length)
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let j = 0; j < spots.length; j += 1) {
    const spot = spots[j] as number
    if (!(spot > 0 && spot < Number.POSITIVE_INFINITY))
      throw outOfDomain('revalue', 'Spots have to be above 0 and finite.', { spot })
    const log = Math.log(spot)
    logs[j] = log
    from = Math.min(from, log)
    to = Math.max(to, log)
  }
  return { logs, from, to }
}

function grid(from: number, to: number, nodes: number): Float64Array {
  return Float64Array.from({ length: nodes }, (_, k) => (k === nodes - 1 ? to : from + ((to - from) * k) / (nodes - 1)))
}

/** Sum of all lines at exp(logs), or nothing if some value is not finite. */
function netValues(group: readonly RevaluationKernel[], logs: Float64Array): Float64Array | undefined {
  const net = new Float64Array(logs.length)
  for (const kernel of group) {
    const values = new Float64Array(kernel.lines * logs.length)
    kernel.values([logs.map(Math.exp)], values)
    addLines(values, kernel.lines, logs.length, net, 0)
  }
  return net.every(Number.isFinite) ? net : undefined
}

/**
 * Every so many-th scenario, and three points in each of the intervals around the greatest fourth differences of the
 * net value.
 */
function sampleOf(logs: Float64Array, from: number, step: number, values: Float64Array): Float64Array {
  const last = values.length - 2
  // The bend of interval k is that of the five knots around either of its ends, where there are five.
  const bend = Float64Array.from({ length: values.length - 4 }, (_, k) =>
    Math.abs(at(values, k) - 4 * at(values, k + 1) + 6 * at(values, k + 2) - 4 * at(values, k + 3) + at(values, k + 4)),
  )
  const bendOf = (k: number) =>
    Math.max(bend[Math.min(Math.max(k - 2, 0), last - 3)] ?? 0, bend[Math.min(Math.max(k - 1, 0), last - 3)] ?? 0)
  const intervals = Array.from({ length: last + 1 }, (_, k) => ({ k, size: bendOf(k) }))
  const suspects = intervals.toSorted((one, two) => two.size - one.size).slice(0, SUSPECTS)
  const inside = suspects.flatMap(({ k }) => [0.2, 0.5, 0.8].map((t) => from + (k + t) * step))
  const spread = Array.from({ length: SAMPLE }, (_, i) => at(logs, Math.floor(((i + 0.5) * logs.length) / SAMPLE)))
  return Float64Array.from([...inside, ...spread])
}

function at(values: Float64Array, k: number): number {
  return values[k] as number
}

/**
 * Greatest absolute error of the net over the mean gross value in the sampled scenarios, which are the last entries.
 */
function errorOnSample(
  group: readonly RevaluationKernel[],
  logs: Float64Array,
  addNet: (x: Float64Array, net: Float64Array) => void,
): number {
  const n = logs.length
  const spots = logs.map(Math.exp)
  const error = new Float64Array(n)
  addNet(logs, error)
  let gross = 0
  for (const kernel of group) {
    const values = new Float64Array(kernel.lines * n)
    kernel.values([spots], values)
    for (let k = 0; k < values.length; k += 1) {
      if (k % n >= n - SAMPLE) gross += Math.abs(at(values, k))
      error[k % n] = at(error, k % n) - at(values, k)
    }
  }
  const worst = error.reduce((most, one) => Math.max(most, Math.abs(one)), 0)
  return worst === 0 ? 0 : (worst * SAMPLE) / gross
}

function rowsOf(
  kernel: RevaluationKernel,
  scenarios: Float64Array,
  n: number,
  from: number,
  to: number,
): readonly Float64Array[] {
  return kernel.factors.map((factor) => scenarios.subarray(factor * n + from, factor * n + to))
}

function checkedCount({ kernels, scenarios, base }: Book): number {
  const factors = base.length
  const n = scenarios.length / factors
  if (!(factors > 0 && Number.isInteger(n) && n > 0)) {
    throw outOfDomain('revalue', 'Scenarios have to be factors x n, with as many factors as the base.', {
      factors,
      values: scenarios.length,
    })
  }
  for (const [index, { lines, factors: rows, netting }] of kernels.entries()) {
    const known = rows.every((row) => Number.isInteger(row) && row >= 0 && row < factors)
    if (
      !(Number.isInteger(lines) && lines > 0 && rows.length > 0 && known && (netting === 'none' || rows.length === 1))
    ) {
      throw outOfDomain(
        'revalue',
        'A kernel has lines and known factors; only one with a single factor can be netted.',
        { kernel: index, lines },
      )
    }
  }
  return n
}

function notFinite(kernel: number, scenario: number): Error {
  return outOfDomain('revalue', 'Every value has to be finite: look at the terms of this kernel in this scenario.', {
    kernel,
    scenario,
  })
}
