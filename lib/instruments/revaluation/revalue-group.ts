// The values of some lines of a book together in each scenario, netted where that proves itself, or the name of the position that has none.

import { isHomeostatError } from '../../base/homeostat-error.ts'
import type { Usd } from '../../base/units.ts'
import { type RevaluationPart, revalue } from '../../quant/revaluation.ts'
import type { RevaluationKernel } from '../../quant/revaluation-kernel.ts'
import type { Netting } from './netting.ts'
import type { BookGroup, BookPlan } from './plan-book.ts'
import { explained } from './revaluation-failed.ts'
import type { Stage } from './stage.ts'

/** What a group's revaluation says of itself. */
export type GroupOutcome = Pick<RevaluationPart, 'path' | 'reason' | 'nodes' | 'sampleError'>

/** Scenarios that are revalued together. */
interface Piece {
  readonly kernels: readonly RevaluationKernel[]
  readonly scenarios: Float64Array
  /** The first of its scenarios: there every line has a value, if it has one in all of them. */
  readonly base: Float64Array
  /** Which scenario each of them is; absent: all are in it. */
  readonly indices?: readonly number[]
}

/** Adds the sum of the group's lines in each scenario to `out` (n), and says how. @throws HomeostatError `revaluation-failed` */
export function addGroup(group: BookGroup, plan: BookPlan, netting: Netting, out: Float64Array): GroupOutcome {
  const { netting: how = 'log-spot', nodes, tolerance } = netting
  const options = { netting: how, ...(nodes && { nodes }), ...(tolerance && { tolerance }) }
  const parts = piecesOf(group, plan.staged, how).flatMap((piece) => {
    const { pnl, base, parts: found } = attempt(piece, group, plan, options)
    const { indices } = piece
    for (let j = 0; j < pnl.length; j += 1) {
      const scenario = indices === undefined ? j : (indices[j] as number)
      out[scenario] = (out[scenario] as number) + (pnl[j] as number) + base
    }
    return found
  })
  return merged(parts)
}

function piecesOf(
  { kernels, edges }: BookGroup,
  { rows, count, factors }: Stage,
  how: Netting['netting'],
): readonly Piece[] {
  const [row] = kernels[0]?.factors ?? []
  const isNettable = kernels.every(({ netting }) => netting === 'log-spot')
  if (how === 'none' || !isNettable || row === undefined || edges.length === 0)
    return [{ kernels, scenarios: rows, base: Float64Array.from(factors, (_, one) => rows[one * count] as number) }]
  const spots = rows.subarray(row * count, (row + 1) * count)
  const alone = kernels.map((kernel) => ({ ...kernel, factors: [0] }))
  // What lies on an edge itself belongs to neither side.
  const sideOf = (spot: Usd) => edges.reduce((side, edge) => side + Math.sign(spot - edge), 0)
  const sides = new Map<number, number[]>()
  for (let j = 0; j < count; j += 1) {
    const side = sideOf(spots[j] as number)
    const known = sides.get(side)
    if (known === undefined) sides.set(side, [j])
    else known.push(j)
  }
  return [...sides.values()].map((indices) => {
    const scenarios = new Float64Array(indices.length)
    for (let i = 0; i < scenarios.length; i += 1) scenarios[i] = spots[indices[i] as number] as number
    return { kernels: alone, scenarios, base: scenarios.slice(0, 1), indices }
  })
}

function attempt(piece: Piece, group: BookGroup, { staged, positions }: BookPlan, options: Netting) {
  try {
    return revalue({ ...piece, ...options })
  } catch (cause) {
    const { kernel, scenario } = isHomeostatError(cause) ? cause.facts : {}
    if (typeof kernel !== 'number' || typeof scenario !== 'number') throw cause
    const indices = group.lines[kernel] ?? []
    throw explained({ positions, indices, staged, scenario: piece.indices?.[scenario] ?? scenario })
  }
}

/** Of the pieces between edges: direct if one of them could not be netted, or all had too few scenarios. */
function merged(parts: readonly RevaluationPart[]): GroupOutcome {
  const refused = parts.find(
    ({ reason }) => reason === 'sample-error' || reason === 'narrow-bends' || reason === 'not-nettable',
  )
  const netted = parts.filter(({ path }) => path === 'netted')
  const [first] = netted
  if (refused !== undefined || first === undefined) return refused ?? parts[0] ?? { path: 'direct' }
  const most = (figure: (part: RevaluationPart) => number | undefined) =>
    netted.reduce((most, part) => Math.max(most, figure(part) ?? 0), 0)
  return { path: 'netted', nodes: most(({ nodes }) => nodes), sampleError: most(({ sampleError }) => sampleError) }
}
