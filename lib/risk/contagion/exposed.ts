// Who stands on what has failed, near and far, whether or not it loses: a buffer that holds today is no reason to be left out of the list.

import type { BalanceSheets } from './balance-sheets.ts'
import type { Shock } from './failure.ts'

export interface Exposed {
  readonly id: string
  readonly kind: string
  /** Steps from the nearest failed node. */
  readonly hops: number
  /** The shortest way, of those the one with the largest edges. */
  readonly path: { readonly nodes: readonly string[]; readonly edges: readonly string[] }
}

interface Reached {
  readonly hops: number
  readonly from: number
  readonly kind: string
}

/** All nodes that edges lead to from the failed ones, by distance, in each distance in the order of the graph. Edges of 0 USD lead nowhere. */
export function exposedTo(params: {
  readonly sheets: BalanceSheets
  readonly shocks: readonly Shock[]
}): readonly Exposed[] {
  const { graph, indexOf } = params.sheets
  const leaving = Map.groupBy(
    graph.edges.filter(({ usd }) => usd > 0).toSorted((a, b) => b.usd - a.usd),
    ({ from }) => indexOf.get(from) ?? -1,
  )
  const reached = new Map<number, Reached>()
  let wave = params.shocks.map(({ node }) => indexOf.get(node) ?? -1)
  for (const node of wave) reached.set(node, { hops: 0, from: -1, kind: '' })
  for (let hops = 1; wave.length > 0; hops += 1) {
    const next: number[] = []
    for (const node of wave)
      for (const { to, kind } of leaving.get(node) ?? []) {
        const index = indexOf.get(to) ?? -1
        if (reached.has(index)) continue
        reached.set(index, { hops, from: node, kind })
        next.push(index)
      }
    wave = next
  }
  return [...reached]
    .filter(([, { hops }]) => hops > 0)
    .toSorted(([a, one], [b, other]) => one.hops - other.hops || a - b)
    .map(([index, { hops }]) => ({
      id: graph.nodes[index]?.id ?? '',
      kind: graph.nodes[index]?.kind ?? '',
      hops,
      path: wayTo(index, reached, params.sheets),
    }))
}

function wayTo(index: number, reached: ReadonlyMap<number, Reached>, { graph }: BalanceSheets): Exposed['path'] {
  const nodes: string[] = []
  const edges: string[] = []
  let at = index
  for (let step = reached.get(at); step !== undefined; step = reached.get(at)) {
    nodes.unshift(graph.nodes[at]?.id ?? '')
    if (step.hops === 0) break
    edges.unshift(step.kind)
    at = step.from
  }
  return { nodes, edges }
}
