// A dependency graph as balance sheets: who owes whom, who has what, and who governs whom.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio, Usd } from '../../base/units.ts'
import type { DependencyEdge, DependencyGraph, DependencyNode, EdgeKind } from '../../model/dependency-graph.ts'
import { edgeKinds, nodeKinds } from '../../model/dependency-graph.ts'
import { type LiabilityNetwork, liabilityNetwork } from '../../quant/network/liability-network.ts'

/** Edges that owe nothing: if `from` fails, `to` is robbed of what `from` governs there. */
const controlKinds: readonly string[] = ['priced-by', 'upgradable-by', 'controlled-by'] satisfies readonly EdgeKind[]

/** Beyond these a graph is refused: no portfolio stands on so many, and an answer would take more than seconds. */
export const graphLimits = { nodes: 20_000, edges: 200_000 } as const

/** What `to` loses of an edge's dollars if `from` fails. An upgrade can take all there is; a wrong price and a role can take all that they reach. */
const lossGivenControlFails: Readonly<Record<string, Ratio>> = {
  'upgradable-by': 1,
  'controlled-by': 1,
  'priced-by': 1,
}

/** What one node governs in another, by number of node. */
export interface Control {
  readonly from: number
  readonly to: number
  /** USD that `to` loses if `from` fails. */
  readonly loss: Usd
}

/** Arrays are by node, in the order of the graph. */
export interface BalanceSheets {
  readonly graph: DependencyGraph
  readonly indexOf: ReadonlyMap<string, number>
  readonly network: LiabilityNetwork
  /** What each has outside of the graph, 0 or above. */
  readonly assets: Float64Array
  /** Assets + claims - liabilities at face value; below 0 for one that cannot pay even before a shock. */
  readonly equity: Float64Array
  readonly controls: readonly Control[]
  /** Sentences: unknown kinds, self-loops, what was assumed of nodes that state nothing. */
  readonly notes: readonly string[]
}

/**
 * equity = external assets + claims - liabilities - external liabilities. Of equity and external assets one is enough; both must agree to a millionth. A node
 * that states neither is taken to be just solvent: it has what it owes and does not get from others (a pure holder has nothing but its claims).
 * @throws HomeostatError `invalid-graph` for duplicate ids, edges without a node, amounts that are none, contradictions, and too large a graph
 */
export function balanceSheets(graph: DependencyGraph): BalanceSheets {
  const { nodes, edges } = graph
  if (nodes.length === 0) throw invalid('It has no nodes.', 'A graph has at least one node.')
  if (nodes.length > graphLimits.nodes || edges.length > graphLimits.edges)
    throw invalid(
      `It has ${nodes.length} nodes and ${edges.length} edges.`,
      `At most ${graphLimits.nodes} nodes and ${graphLimits.edges} edges: merge what is small.`,
    )
  const indexOf = numbered(nodes)
  const placed = edges.map((edge, at) => ({ edge, ...endsOf(edge, at, indexOf) }))
  const claims = placed.filter(({ edge, from, to }) => !isControl(edge) && from !== to)
  const external = nodes.map((node) => amount(node.externalLiabilitiesUsd ?? 0, `externalLiabilitiesUsd of ${node.id}`))
  const network = liabilityNetwork({
    nodes: nodes.length,
    liabilities: claims.map(({ from, to, edge }) => ({ from, to, amount: edge.usd })),
    external,
  })
  const assumed: string[] = []
  const assets = Float64Array.from(nodes, (node, i) => {
    const debt = network.liabilities[i] ?? 0
    const due = network.claims[i] ?? 0
    if (node.externalAssetsUsd === undefined && node.equityUsd === undefined && debt > due) assumed.push(node.id)
    return assetsOf(node, debt, due)
  })
  return {
    graph,
    indexOf,
    network,
    assets,
    equity: assets.map((own, i) => own + (network.claims[i] ?? 0) - (network.liabilities[i] ?? 0)),
    controls: placed
      .filter(({ edge, from, to }) => isControl(edge) && from !== to)
      .map(({ edge, from, to }) => ({
        from,
        to,
        loss: edge.usd * (edge.lossGivenFailure ?? lossGivenControlFails[edge.kind] ?? 1),
      })),
    notes: notesOf({ graph, assumed, loops: placed.filter(({ from, to }) => from === to).length }),
  }
}

export function isControl(edge: Pick<DependencyEdge, 'kind'>): boolean {
  return controlKinds.includes(edge.kind)
}

function numbered(nodes: readonly DependencyNode[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const [index, { id }] of nodes.entries()) {
    const before = found.get(id)
    if (before !== undefined)
      throw invalid(`nodes[${index}] has the id ${id} of nodes[${before}].`, 'Each id is there once.')
    found.set(id, index)
  }
  return found
}

function endsOf(
  edge: DependencyEdge,
  at: number,
  indexOf: ReadonlyMap<string, number>,
): { readonly from: number; readonly to: number } {
  const [from, to] = [indexOf.get(edge.from), indexOf.get(edge.to)]
  if (from === undefined || to === undefined)
    throw invalid(
      `edges[${at}] names the node ${from === undefined ? edge.from : edge.to}, which is not there.`,
      'Both ends of an edge are ids of nodes.',
    )
  amount(edge.usd, `usd of edges[${at}] (${edge.from} to ${edge.to})`)
  const loss = edge.lossGivenFailure
  if (loss !== undefined && !(loss >= 0 && loss <= 1))
    throw invalid(`lossGivenFailure of edges[${at}] is ${loss}.`, 'It is a share in 0..1.')
  return { from, to }
}

function assetsOf(node: DependencyNode, debt: Usd, due: Usd): Usd {
  const { externalAssetsUsd, equityUsd } = node
  const implied = equityUsd === undefined ? undefined : finite(equityUsd, `equityUsd of ${node.id}`) - due + debt
  if (externalAssetsUsd === undefined && implied === undefined) return Math.max(0, debt - due)
  const scale = Math.max(1, debt, due)
  if (externalAssetsUsd === undefined) {
    if ((implied ?? 0) < -1e-6 * scale)
      throw invalid(
        `${node.id} has claims of ${due} USD, owes ${debt} and states an equity of ${equityUsd}: its external assets would be ${implied}.`,
        'Equity is external assets + claims - liabilities - external liabilities: state a larger one, or an external liability.',
      )
    return Math.max(0, implied ?? 0)
  }
  amount(externalAssetsUsd, `externalAssetsUsd of ${node.id}`)
  if (implied !== undefined && Math.abs(implied - externalAssetsUsd) > 1e-6 * Math.max(scale, externalAssetsUsd))
    throw invalid(
      `${node.id} states an equity of ${equityUsd} USD, but external assets ${externalAssetsUsd} + claims ${due} - liabilities ${debt} are ${externalAssetsUsd + due - debt}.`,
      'Leave out one of equityUsd and externalAssetsUsd, or correct it.',
    )
  return externalAssetsUsd
}

function notesOf(params: {
  readonly graph: DependencyGraph
  readonly assumed: readonly string[]
  readonly loops: number
}): readonly string[] {
  const { graph, assumed, loops } = params
  const strange = (given: readonly string[], known: readonly string[]) => [
    ...new Set(given.filter((kind) => !known.includes(kind))),
  ]
  const nodes = strange(
    graph.nodes.map(({ kind }) => kind),
    nodeKinds,
  )
  const edges = strange(
    graph.edges.map(({ kind }) => kind),
    edgeKinds,
  )
  return [
    ...(nodes.length === 0 ? [] : [`Kinds of nodes that are not known, treated like a protocol: ${some(nodes)}.`]),
    ...(edges.length === 0 ? [] : [`Kinds of edges that are not known, treated as claims: ${some(edges)}.`]),
    ...(loops === 0 ? [] : [`${loops} edges from a node to itself were left out: nobody owes itself.`]),
    ...(assumed.length === 0
      ? []
      : [
          `${assumed.length} nodes state neither equity nor external assets and are taken to be just solvent: ${some(assumed)}.`,
        ]),
  ]
}

function some(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`
}

function finite(value: number, what: string): number {
  if (Number.isFinite(value)) return value
  throw invalid(`${what} is ${value}.`, 'It is a finite number of US dollars.')
}

function amount(value: number, what: string): number {
  if (finite(value, what) >= 0) return value
  throw invalid(`${what} is ${value}.`, 'It is 0 or above; what is owed the other way is an edge the other way.')
}

function invalid(message: string, hint: string): HomeostatError {
  return new HomeostatError('invalid-graph', { message: `The graph cannot be used: ${message}`, retry: 'never', hint })
}
