// Sorts a book into what is linear, what has a kernel that values many lines at once, and what has to be valued one by one.

import type { Usd } from '../../base/units.ts'
import { knotsForBends, logSpan } from '../../quant/add-net.ts'
import type { RevaluationKernel } from '../../quant/revaluation-kernel.ts'
import type { PositionTerms } from '../index.ts'
import { instrumentOf } from '../instrument-of.ts'
import { type Market, own, rateOf, spotOf } from '../market/market.ts'
import { value } from '../value.ts'
import { europeanBends, europeanKernel } from './european-kernel.ts'
import type { EuropeanLeg, Leg, RangeLeg } from './leg.ts'
import type { Netting } from './netting.ts'
import { rangeKernel } from './range-kernel.ts'
import { explained, revaluationFailed } from './revaluation-failed.ts'
import { scalarKernel } from './scalar-kernel.ts'
import type { ScenarioSet } from './scenario-set.ts'
import { rowOf, type Stage, stage } from './stage.ts'

export interface BookParams {
  readonly positions: readonly PositionTerms[]
  readonly market: Market
  readonly scenarios: ScenarioSet
}

/** Lines that are revalued together: one net or none. */
export interface BookGroup {
  readonly method: 'european' | 'range' | 'one by one'
  readonly kernels: readonly RevaluationKernel[]
  /** For each kernel the positions of its lines, by index. */
  readonly lines: readonly (readonly number[])[]
  /** Spots at which their values have kinks or jumps, where those are few: between them each piece is a net of its own. */
  readonly edges: readonly Usd[]
}

export interface BookPlan {
  readonly positions: readonly PositionTerms[]
  readonly staged: Stage
  /** Value of each position in the market as it is. */
  readonly base: Float64Array
  /** Of each position in all scenarios: cash, and whatever nothing moves. */
  readonly constant: Float64Array
  /** Units of the underlying whose spot is this row. */
  readonly holdings: readonly { readonly position: number; readonly row: number; readonly units: number }[]
  readonly groups: readonly BookGroup[]
}

/** Lines of a kernel: enough to share its columns, few enough for blocks of many scenarios to stay in the cache. */
const chunk = 64

const defaultNodes = 129

/** `netting` and `nodes` decide which options share a group. @throws HomeostatError `invalid-scenarios`; `revaluation-failed` for a position without a value in the market as it is */
export function planBook({ positions, market, scenarios, netting, nodes }: BookParams & Netting): BookPlan {
  const staged = stage(market, scenarios)
  const base = new Float64Array(positions.length)
  const constant = new Float64Array(positions.length)
  const legs: Placed<Leg>[] = []
  const scalars: BookGroup[] = []
  for (const [index, position] of positions.entries()) {
    try {
      base[index] = value(position, market)
    } catch (cause) {
      throw revaluationFailed({ position, index, cause })
    }
    try {
      const its = instrumentOf(position.kind).legs?.(position.terms as never, staged.market)
      if (its !== undefined) legs.push(...its.map((leg) => ({ index, leg })))
      else {
        const group = scalarGroup(staged, position, index)
        if (moves(group)) scalars.push(group)
        else constant[index] = value(position, staged.market)
      }
    } catch (cause) {
      throw revaluationFailed({ position, index, scenario: 0, cause })
    }
  }
  const holdings = placeLinear(legs, staged, constant)
  const classes = netting === 'none' ? undefined : (nodes ?? defaultNodes)
  const groups = [...europeanGroups(legs, staged, classes), ...rangeGroups(legs, staged)]
  const plan = { positions, staged, base, constant, holdings, groups: [...groups.filter(moves), ...scalars] }
  for (const group of groups) if (!moves(group)) addConstants(group, plan)
  return plan
}

function scalarGroup(staged: Stage, position: PositionTerms, index: number): BookGroup {
  const kernel = scalarKernel(staged, position)
  const factor = staged.factors[kernel.factors[0] ?? -1]
  const { edges, optionality } = instrumentOf(position.kind)
  const isVolatile = (optionality?.(position.terms as never) ?? []).length > 0
  const edgesOf = (underlying: string) => [
    ...(own(edges?.(position.terms as never, staged.market) ?? {}, underlying) ?? []),
    ...(isVolatile ? shiftEdges(staged, underlying) : []),
  ]
  return {
    method: 'one by one',
    kernels: [kernel],
    lines: [[index]],
    edges: factor?.kind === 'spot' ? edgesOf(factor.underlying) : [],
  }
}

/** Where a shift that follows the spot has kinks. */
function shiftEdges(staged: Stage, underlying: string): readonly Usd[] {
  return staged.shiftBySpot.has(underlying) ? (own(staged.shiftEdges, underlying) ?? []) : []
}

interface Placed<L extends Leg> {
  readonly index: number
  readonly leg: L
}

function placeLinear(legs: readonly Placed<Leg>[], staged: Stage, constant: Float64Array): BookPlan['holdings'] {
  return legs.flatMap(({ index, leg }) => {
    if (leg.kind === 'cash') constant[index] = (constant[index] as number) + leg.usd
    if (leg.kind !== 'holding') return []
    const { underlying, rate } = rateOf(staged.market, leg.asset)
    const units = leg.quantity * rate
    const row = rowOf(staged, 'spot', underlying)
    if (row !== undefined) return [{ position: index, row, units }]
    constant[index] = (constant[index] as number) + units * spotOf(staged.market, underlying)
    return []
  })
}

/** By underlying and, where they may be netted, by the knots that their bends ask for: the few that ask for more, or could hide, do not spoil the rest. */
function europeanGroups(legs: readonly Placed<Leg>[], staged: Stage, nodes: number | undefined): readonly BookGroup[] {
  const found = legs.filter((one): one is Placed<EuropeanLeg> => one.leg.kind === 'european')
  const byUnderlying = Map.groupBy(found, ({ leg }) => rateOf(staged.market, leg.asset).underlying)
  return [...byUnderlying].flatMap(([underlying, placed]) => {
    const classes = nodes === undefined ? [placed] : byKnots(staged, underlying, placed, nodes)
    return classes.map((own) => ({
      ...groupOf('european', own, (chunked) => europeanKernel(staged, underlying, chunked)),
      edges: shiftEdges(staged, underlying),
    }))
  })
}

function byKnots(
  staged: Stage,
  underlying: string,
  placed: readonly Placed<EuropeanLeg>[],
  nodes: number,
): readonly (readonly Placed<EuropeanLeg>[])[] {
  const { factors, rows, count } = staged
  const row = rowOf(staged, 'spot', underlying)
  const isFixed = row === undefined || rowOf(staged, 'volatility', underlying) !== undefined
  if (isFixed || factors.some(({ kind }) => kind === 'interest')) return [placed]
  const { from, to } = logSpan(rows.subarray(row * count, (row + 1) * count))
  const bends = europeanBends(
    staged,
    underlying,
    placed.map(({ leg }) => leg),
  )
  const knots = bends.map((own) => knotsForBends({ bends: own, from, to, nodes, scenarios: count }))
  return [...Map.groupBy(placed.keys(), (i) => knots[i]).values()].map((indices) =>
    indices.flatMap((i) => placed[i] ?? []),
  )
}

/** Pairs that move with the same spot are netted together, apart from options, whose net their edges would spoil. */
function rangeGroups(legs: readonly Placed<Leg>[], staged: Stage): readonly BookGroup[] {
  const found = legs.filter((one): one is Placed<RangeLeg> => one.leg.kind === 'range')
  const byPair = Map.groupBy(found, ({ leg }) => JSON.stringify([leg.asset0, leg.asset1]))
  const groups = [...byPair.values()].flatMap((placed) => {
    const pair = placed[0]?.leg
    return pair === undefined ? [] : [groupOf('range', placed, (chunked) => rangeKernel(staged, pair, chunked))]
  })
  const byFactors = Map.groupBy(groups, ({ kernels }) => kernels[0]?.factors.join(' '))
  return [...byFactors.values()].map((same) => ({
    method: 'range',
    kernels: same.flatMap(({ kernels }) => kernels),
    lines: same.flatMap(({ lines }) => lines),
    edges: [],
  }))
}

function groupOf<L extends Leg>(
  method: BookGroup['method'],
  placed: readonly Placed<L>[],
  kernelOf: (legs: readonly L[]) => RevaluationKernel,
): BookGroup {
  const starts = Array.from({ length: Math.ceil(placed.length / chunk) }, (_, i) => i * chunk)
  const chunks = starts.map((start) => placed.slice(start, start + chunk))
  return {
    method,
    kernels: chunks.map((one) => kernelOf(one.map(({ leg }) => leg))),
    lines: chunks.map((one) => one.map(({ index }) => index)),
    edges: [],
  }
}

function moves({ kernels }: BookGroup): boolean {
  return kernels.some(({ factors }) => factors.length > 0)
}

/** What nothing moves is worth the same everywhere. */
function addConstants({ kernels, lines }: BookGroup, { positions, staged, constant }: BookPlan): void {
  for (const [k, kernel] of kernels.entries()) {
    const indices = lines[k] ?? []
    const values = new Float64Array(kernel.lines)
    kernel.values([], values)
    for (const [i, index] of indices.entries()) {
      const found = values[i] as number
      if (!Number.isFinite(found)) throw explained({ positions, indices: [index], staged, scenario: 0 })
      constant[index] = (constant[index] as number) + found
    }
  }
}
