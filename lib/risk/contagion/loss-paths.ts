// By which ways a loss came: from the failed nodes to whoever lost, each way with its dollars.

import type { Usd } from '../../base/units.ts'
import { clear } from '../../quant/network/clearing.ts'
import { type BalanceSheets, isControl } from './balance-sheets.ts'
import { failureOf } from './failure.ts'
import type { Contagion } from './outcome.ts'

export interface LossPath {
  /** From the failed node to the one that lost. */
  readonly nodes: readonly string[]
  /** Kinds of the edges between them. */
  readonly edges: readonly string[]
  /** What came by this way. */
  readonly usd: Usd
}

/** A way of more steps explains nothing to anybody. */
const maxSteps = 8
/** Ways looked at before the search ends with the best so far. */
const maxVisits = 20_000

interface Inflow {
  readonly from: number
  readonly kind: string
  readonly usd: Usd
}

interface PartOfWay {
  readonly nodes: readonly number[]
  readonly edges: readonly string[]
  readonly usd: Usd
}

/**
 * Ways by which `target` lost, the largest first. Going back from it, each loss is split over the edges by which it came in, in proportion (a claim that paid
 * less than before the failure, a control that failed), so that the ways of a graph without cycles sum to the loss.
 * @param params.limit at most so many
 * @returns nothing where `target` lost nothing by others
 */
export function lossPaths(params: {
  readonly sheets: BalanceSheets
  readonly contagion: Contagion
  readonly target: string
  readonly limit: number
}): readonly LossPath[] {
  const { sheets, contagion, limit } = params
  const { graph, indexOf } = sheets
  const target = indexOf.get(params.target)
  if (target === undefined) return []
  const inflows = inflowsOf(sheets, contagion)
  const sources = new Set(contagion.shocks.map(({ node }) => indexOf.get(node) ?? -1))
  const found: LossPath[] = []
  const open: PartOfWay[] = [{ nodes: [target], edges: [], usd: total(inflows.get(target) ?? []) }]
  for (let visits = 0; visits < maxVisits && found.length < limit; visits += 1) {
    const best = takeLargest(open)
    if (best === undefined) break
    const head = best.nodes[0] ?? target
    if (sources.has(head)) {
      const ids = best.nodes.map((node) => graph.nodes[node]?.id ?? '')
      if (best.edges.length > 0) found.push({ nodes: ids, edges: best.edges, usd: best.usd })
      continue
    }
    if (best.edges.length >= maxSteps) continue
    const entering = inflows.get(head) ?? []
    const all = total(entering)
    for (const { from, kind, usd } of entering)
      if (!best.nodes.includes(from))
        open.push({ nodes: [from, ...best.nodes], edges: [kind, ...best.edges], usd: (best.usd * usd) / all })
  }
  return found
}

/** What each node lost, by the edge it came in. */
function inflowsOf(sheets: BalanceSheets, { nodes, shocks }: Contagion): ReadonlyMap<number, readonly Inflow[]> {
  const { graph, indexOf, network, assets } = sheets
  const before = clear({ network, assets })
  const unpaid = nodes.map(({ payment, owed }, i) => (owed > 0 ? ((before.payments[i] ?? 0) - payment) / owed : 0))
  const claims = graph.edges.flatMap((edge) => {
    const [from, to] = [indexOf.get(edge.from) ?? 0, indexOf.get(edge.to) ?? 0]
    const usd = edge.usd * (unpaid[from] ?? 0)
    return !isControl(edge) && from !== to && usd > 1e-9 ? [{ to, from, kind: edge.kind, usd }] : []
  })
  const { robbedBy, kept } = failureOf({ sheets, shocks })
  const robberies = graph.edges.flatMap((edge) => {
    const [from, to] = [indexOf.get(edge.from) ?? 0, indexOf.get(edge.to) ?? 0]
    const usd = (1 - (kept[to] ?? 1)) * ((assets[to] ?? 0) + (network.claims[to] ?? 0))
    return isControl(edge) && robbedBy[to] === from && usd > 1e-9 ? [{ to, from, kind: edge.kind, usd }] : []
  })
  return Map.groupBy([...claims, ...robberies], ({ to }) => to)
}

function total(inflows: readonly Inflow[]): Usd {
  return inflows.reduce((sum, { usd }) => sum + usd, 0)
}

function takeLargest(open: PartOfWay[]): PartOfWay | undefined {
  let best = 0
  for (const [at, { usd }] of open.entries()) if (usd > (open[best]?.usd ?? 0)) best = at
  const [taken] = open.splice(best, 1)
  return taken
}
