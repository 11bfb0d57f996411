// What a holder really stands on: its assets, their assets, and so on, each in dollars of the holder's.

import type { BalanceSheets } from './balance-sheets.ts'

/** Steps of a cycle after which what is left of a dollar is next to nothing. */
const maxSteps = 10_000
const negligible = 1e-12

export interface LookThrough {
  /** By node: dollars of the holder's assets that stand on it, at any depth; what it owns outside of the graph stays with it. */
  readonly usd: Float64Array
  /** Nodes that stand on themselves: their backing is circular. */
  readonly circular: readonly number[]
}

/**
 * x_j = sum_i x_i A_ij / A_i, where A_ij is what j owes i and A_i all that i has (Miller & Blair 2009, eq. 2.6, as a flow of claims). Without regard to who
 * absorbs a first loss. A circle without anything outside of it would count for ever: it is followed until nothing moves, and told.
 */
export function lookThrough(params: { readonly sheets: BalanceSheets; readonly holder: number }): LookThrough {
  const { sheets, holder } = params
  const { network, assets } = sheets
  const { nodes, start, debtor, owed, claims } = network
  const usd = new Float64Array(nodes)
  let wave = new Map<number, number>([[holder, (assets[holder] ?? 0) + (claims[holder] ?? 0)]])
  for (let step = 0; step < maxSteps && wave.size > 0; step += 1) {
    const next = new Map<number, number>()
    for (const [node, amount] of wave) {
      const has = (assets[node] ?? 0) + (claims[node] ?? 0)
      for (let at = start[node] ?? 0; at < (start[node + 1] ?? 0); at += 1) {
        const to = debtor[at] ?? 0
        const part = (amount * (owed[at] ?? 0)) / has
        if (part <= negligible * Math.max(1, usd[to] ?? 0)) continue
        next.set(to, (next.get(to) ?? 0) + part)
      }
    }
    for (const [node, part] of next) usd[node] = (usd[node] ?? 0) + part
    wave = next
  }
  return { usd, circular: circularOf(sheets, usd) }
}

/** Nodes of the holder's that reach themselves over claims (strongly connected components of more than one; Tarjan 1972). */
function circularOf({ network }: BalanceSheets, usd: Float64Array): readonly number[] {
  const { nodes, start, debtor } = network
  const index = new Int32Array(nodes).fill(-1)
  const low = new Int32Array(nodes)
  const onStack = new Uint8Array(nodes)
  const stack: number[] = []
  const found: number[] = []
  let count = 0
  // Explicit frames: a chain of twenty thousand must not end the stack.
  const frames: { readonly node: number; at: number }[] = []
  const enter = (node: number) => {
    index[node] = count
    low[node] = count
    count += 1
    stack.push(node)
    onStack[node] = 1
    frames.push({ node, at: start[node] ?? 0 })
  }
  for (let root = 0; root < nodes; root += 1) {
    if (index[root] !== -1 || (usd[root] ?? 0) === 0) continue
    enter(root)
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const { node } = frame
      if (frame.at < (start[node + 1] ?? 0)) {
        const to = debtor[frame.at] ?? 0
        frame.at += 1
        if (index[to] === -1) enter(to)
        else if (onStack[to] === 1) low[node] = Math.min(low[node] ?? 0, index[to] ?? 0)
        continue
      }
      frames.pop()
      const above = frames.at(-1)
      if (above !== undefined) low[above.node] = Math.min(low[above.node] ?? 0, low[node] ?? 0)
      if (low[node] !== index[node]) continue
      const component = stack.splice(stack.indexOf(node))
      for (const one of component) onStack[one] = 0
      if (component.length > 1) found.push(...component)
    }
  }
  return found.toSorted((a, b) => a - b)
}
