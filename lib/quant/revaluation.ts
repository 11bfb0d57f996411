// Revalues many lines in many scenarios: directly, or netted onto one spline per factor where that proves itself.
import { addNet, type NetOutcome } from './add-net.ts'
import { outOfDomain } from './out-of-domain.ts'
import type { RevaluationKernel } from './revaluation-kernel.ts'

/** How the kernels of one factor (or one kernel with several) were revalued. */
export interface RevaluationPart extends Omit<NetOutcome, 'reason'> {
  readonly factors: readonly number[]
  readonly lines: number
  /** Why not netted. */
  readonly reason?: NetOutcome['reason'] | 'not-nettable'
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

/**
 * Change of value of all lines per scenario. Kernels that depend on one spot are netted per factor where `addNet` finds
 * that this holds to `tolerance` x gross (mean over the scenarios of the sum of absolute line values), with `nodes` knots
 * or more; else those kernels are valued directly, and the part says so. Defaults: 129 nodes, 1e-6. Throws
 * `out-of-domain` for shapes that disagree, spots that are not above 0 and finite, and for values that are not finite,
 * naming the kernel.
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
    const how = addNet({ group, spots: scenarios.subarray(factor * n, (factor + 1) * n), nodes, tolerance }, pnl)
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
