// What a revaluation says of itself, in words: which positions were valued how, and why not the fast way.

import type { BookGroup, BookPlan } from './plan-book.ts'
import type { GroupOutcome } from './revalue-group.ts'
import type { Factor } from './stage.ts'

/** Of a position with several legs each may stand in a part of its own. */
export interface BookPart {
  /** `linear`: cash, holdings and whatever nothing moves, summed. `one by one`: no kernel knows this kind, which is slow. */
  readonly method: 'linear' | BookGroup['method']
  /** By index, ascending. */
  readonly positions: readonly number[]
  /** Moving factors that it reads: `spot of ETH`. */
  readonly factors: readonly string[]
  /** `netted`: all lines at once, by their sum or its spline. */
  readonly path: 'netted' | 'direct'
  /** Why it was valued directly, and where that is slow. */
  readonly reason?: string
  /** Knots of the spline that was taken or, at last, refused. */
  readonly nodes?: number
  /** Greatest error found in testing the spline, as a fraction of gross. */
  readonly sampleError?: number
}

export function linearParts({ constant, holdings, groups, staged, positions }: BookPlan): readonly BookPart[] {
  const elsewhere = new Set(groups.flatMap(({ lines }) => lines.flat()))
  const held = new Set(holdings.map(({ position }) => position))
  const isOwn = (index: number) => held.has(index) || constant[index] !== 0 || !elsewhere.has(index)
  const indices = [...positions.keys()].filter(isOwn)
  if (indices.length === 0) return []
  const rows = new Set(holdings.map(({ row }) => row))
  const factors = staged.factors.filter((_, row) => rows.has(row)).map(factorName)
  return [{ method: 'linear', positions: indices, factors, path: 'netted' }]
}

/** The part of a group, given how it went; without that it was valued line by line. */
export function groupPart(group: BookGroup, { staged, positions }: BookPlan, found?: GroupOutcome): BookPart {
  const { method, kernels, lines } = group
  const indices = [...new Set(lines.flat())].toSorted((one, other) => one - other)
  const rows = [...new Set(kernels.flatMap(({ factors }) => factors))]
  const factors = staged.factors.filter((_, row) => rows.includes(row)).map(factorName)
  const part = { method, positions: indices, factors, path: found?.path ?? 'direct' } as const
  if (found?.path === 'netted') return { ...part, ...figures(found) }
  const kind = positions[indices[0] ?? 0]?.kind
  const slow = method === 'one by one' ? `; one by one, as ${kind} has no kernel of its own, which is slow` : ''
  return { ...part, reason: `${whyDirect(found, kernels, factors)}${slow}`, ...figures(found) }
}

function figures(found: GroupOutcome | undefined) {
  const { nodes, sampleError } = found ?? {}
  return { ...(nodes === undefined ? {} : { nodes }), ...(sampleError === undefined ? {} : { sampleError }) }
}

function whyDirect(found: GroupOutcome | undefined, kernels: BookGroup['kernels'], factors: readonly string[]): string {
  if (found === undefined) return 'each line is wanted on its own'
  switch (found.reason) {
    case 'few-scenarios':
      return 'there are too few scenarios for a net to pay'
    case 'no-spread':
      return 'its spot moves by next to nothing'
    case 'narrow-bends':
      return 'its values bend within less than a few knots of a net (options expired, or about to)'
    case 'sample-error':
      return found.sampleError === undefined || !Number.isFinite(found.sampleError)
        ? 'it has no value at some spots between those of the scenarios'
        : `its net missed by ${found.sampleError.toExponential(1)} of gross on a sample, which is too much: kinks or jumps`
    default:
      return kernels.every(({ netting }) => netting === 'log-spot')
        ? 'netting was not asked for'
        : `it moves with ${factors.join(', ')}: more than one spot`
  }
}

function factorName(factor: Factor): string {
  if (factor.kind === 'interest') return 'the dollar rate'
  return `${factor.kind} of ${factor.underlying}`
}
