// A dependency graph, with or without a failure in it, as what the picture of it shows.

import type { DependencyGraph } from '../../lib/model/dependency-graph.ts'
import { type BalanceSheets, isControl } from '../../lib/risk/contagion/balance-sheets.ts'
import type { Contagion } from '../../lib/risk/contagion/outcome.ts'
import type { GraphPicture } from '../../lib/web/charts/graph-chart.ts'
import { dollars } from './dollars.ts'

/** Nodes by kind in colours that repeat after eight; with a failure, who failed and who lost is marked, and dollars are losses. */
export function graphPicture(params: {
  readonly title: string
  readonly graph: DependencyGraph
  readonly sheets: BalanceSheets
  readonly contagion?: Contagion
}): GraphPicture {
  const { title, graph, sheets, contagion } = params
  const kinds = [...new Set(graph.nodes.map(({ kind }) => kind))]
  const largest = Math.max(...graph.edges.map(({ usd }) => usd), 1e-9)
  const failed = new Set(contagion?.shocks.map(({ node }) => node))
  return {
    title,
    subtitle: `From what may fail on the left to who is hurt on the right; the width of a line is what is owed, dashed is what governs. ${contagion === undefined ? '' : `Failed: ${[...failed].join(', ')}; thick frames lose.`}`,
    nodes: graph.nodes.map(({ id, kind, label }, index) => {
      const outcome = contagion?.nodes[index]
      const lost = Math.max(outcome?.loss ?? 0, outcome?.claimsLost ?? 0)
      const has = (sheets.assets[index] ?? 0) + (sheets.network.claims[index] ?? 0)
      const money =
        contagion === undefined ? (has > 0 ? ` · ${dollars(has)}` : '') : lost > 0 ? ` · loses ${dollars(lost)}` : ''
      const state = failed.has(id) ? ('failed' as const) : lost > 0 ? ('hurt' as const) : undefined
      return {
        id,
        label: label ?? id,
        detail: `${kind}${money}`,
        colour: kinds.indexOf(kind) % 8,
        ...(state === undefined ? {} : { state }),
      }
    }),
    edges: graph.edges.map((edge) => ({
      from: edge.from,
      to: edge.to,
      label: `${edge.from} ${edge.kind} ${edge.to}: ${dollars(edge.usd)}`,
      weight: edge.usd / largest,
      dashed: isControl(edge),
    })),
    legend: kinds.map((name, index) => ({ colour: index % 8, name })),
  }
}
