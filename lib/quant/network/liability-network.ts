// Who owes whom, as sparse arrays that a clearing can run through in a straight line.
import { outOfDomain } from '../out-of-domain.ts'

/** `from` owes `to`. Several between the same two add up; whoever owes itself owes nobody. */
export interface Liability {
  readonly from: number
  readonly to: number
  readonly amount: number
}

/** Nodes 0 .. n-1. Sparse by creditor: the claims of node j are the entries start[j] .. start[j + 1] - 1. */
export interface LiabilityNetwork {
  readonly nodes: number
  readonly start: Int32Array
  readonly debtor: Int32Array
  /** What the debtor owes this creditor. */
  readonly owed: Float64Array
  /** That as a share of all that the debtor owes, to the outside too: it pays pro rata. */
  readonly share: Float64Array
  /** n: what each owes in all (p-bar), to the outside too. */
  readonly liabilities: Float64Array
  /** n: what others owe to each. */
  readonly claims: Float64Array
  /** n: what each owes to the outside. */
  readonly external: Float64Array
}

/** Above it sums and their residuals would leave the range in which doubles tell cents apart. */
const LARGEST = 1e30

/**
 * @param params.external n: what each owes outside of the network, of the same rank as the rest; left out: nothing
 * @throws HomeostatError `out-of-domain` for a node that is not there, and for amounts that are not finite or below 0
 */
export function liabilityNetwork(params: {
  readonly nodes: number
  readonly liabilities: readonly Liability[]
  readonly external?: ArrayLike<number>
}): LiabilityNetwork {
  const { nodes } = params
  if (!(Number.isInteger(nodes) && nodes >= 1)) throw outOfDomain('liabilityNetwork', 'At least one node.', { nodes })
  const external = Float64Array.from({ length: nodes }, (_, i) => checked(params.external?.[i] ?? 0, i))
  const between = params.liabilities.filter((one, edge) => {
    const isNode = (index: number) => Number.isInteger(index) && index >= 0 && index < nodes
    if (!isNode(one.from) || !isNode(one.to))
      throw outOfDomain('liabilityNetwork', 'Both ends of an edge are nodes.', { edge, from: one.from, to: one.to })
    checked(one.amount, edge)
    return one.from !== one.to && one.amount > 0
  })
  const count = new Int32Array(nodes + 1)
  for (const { to } of between) count[to + 1] = (count[to + 1] as number) + 1
  for (let i = 0; i < nodes; i += 1) count[i + 1] = (count[i + 1] as number) + (count[i] as number)
  const start = count.slice()
  const debtor = new Int32Array(between.length)
  const owed = new Float64Array(between.length)
  const liabilities = external.slice()
  const claims = new Float64Array(nodes)
  for (const { from, to, amount } of between) {
    const at = count[to] as number
    count[to] = at + 1
    debtor[at] = from
    owed[at] = amount
    liabilities[from] = (liabilities[from] as number) + amount
    claims[to] = (claims[to] as number) + amount
  }
  const share = owed.map((amount, at) => amount / (liabilities[debtor[at] as number] as number))
  return { nodes, start, debtor, owed, share, liabilities, claims, external }
}

function checked(amount: number, at: number): number {
  if (amount >= 0 && amount <= LARGEST) return amount
  throw outOfDomain('liabilityNetwork', 'What is owed is a finite amount, 0 or above.', { at, amount })
}
