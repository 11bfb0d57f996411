// What a failure destroys before anybody has paid or not paid: the failed node itself, and whoever is governed by it, however far.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio } from '../../base/units.ts'
import type { BalanceSheets } from './balance-sheets.ts'

/** One node that fails: it pays this share of what it owes (0: nothing), and what it governs goes with it. */
export interface Shock {
  readonly node: string
  /** Share of its debts that it pays, 0..1; a depeg to 0.9 is 0.9. */
  readonly recovery: Ratio
  /** Whether what it governs fails too; a depeg governs nothing. */
  readonly governs: boolean
}

/** Arrays are by node. */
export interface Failure {
  readonly shocks: readonly Shock[]
  /** Node -> share that it pays. */
  readonly fixed: ReadonlyMap<number, number>
  /** Share of all it has and gets that each keeps. */
  readonly kept: Float64Array
  /** By whom each was robbed last; -1 for nobody: its way back to the failed node. */
  readonly robbedBy: Int32Array
}

/**
 * Of what it holds, a governed node loses the dollars of the edge; that share of it is lost, and so it fails by that share towards what it governs itself. Of
 * several ways the worst counts, not their sum: what is robbed twice is robbed once.
 * @throws HomeostatError `unknown-node`, `invalid-graph` for a recovery that is no share
 */
export function failureOf(params: { readonly sheets: BalanceSheets; readonly shocks: readonly Shock[] }): Failure {
  const { sheets, shocks } = params
  const { network, assets, controls, indexOf } = sheets
  const severity = new Float64Array(network.nodes)
  const robbedBy = new Int32Array(network.nodes).fill(-1)
  const fixed = new Map<number, number>()
  const queue: number[] = []
  for (const { node, recovery, governs } of shocks) {
    const index = indexOf.get(node)
    if (index === undefined) throw unknownNode(node, [...indexOf.keys()])
    if (!(recovery >= 0 && recovery <= 1))
      throw new HomeostatError('invalid-graph', {
        message: `${node} cannot recover ${recovery} of its debts.`,
        retry: 'never',
        hint: 'A recovery is a share in 0..1.',
      })
    fixed.set(index, Math.min(recovery, fixed.get(index) ?? 1))
    if (!governs) continue
    severity[index] = 1
    queue.push(index)
  }
  const governedBy = Map.groupBy(controls, ({ from }) => from)
  // Severities only rise and a way through a cycle cannot raise its own beginning: this ends.
  for (let node = queue.shift(); node !== undefined; node = queue.shift())
    for (const { to, loss } of governedBy.get(node) ?? []) {
      const holds = (assets[to] ?? 0) + (network.claims[to] ?? 0)
      const share = holds > 0 ? Math.min(1, loss / holds) : loss > 0 ? 1 : 0
      const next = (severity[node] ?? 0) * share
      if (next <= (severity[to] ?? 0)) continue
      severity[to] = next
      robbedBy[to] = node
      queue.push(to)
    }
  return { shocks, fixed, kept: severity.map((value, i) => (fixed.has(i) ? 1 : 1 - value)), robbedBy }
}

function unknownNode(node: string, known: readonly string[]): HomeostatError {
  const near = known.filter((id) => id.toLowerCase().includes(node.toLowerCase())).slice(0, 5)
  return new HomeostatError('unknown-node', {
    message: `There is no node ${node} in the graph.`,
    retry: 'never',
    facts: { node },
    hint:
      near.length > 0
        ? `Did you mean ${near.join(' or ')}?`
        : `It has ${known.slice(0, 10).join(', ')}${known.length > 10 ? ' and more' : ''}.`,
  })
}
