// What each pays when not all can pay in full: the greatest clearing vector of a network of liabilities.
import { outOfDomain } from '../out-of-domain.ts'
import type { LiabilityNetwork } from './liability-network.ts'
import { solveDense } from './solve-dense.ts'

export interface ClearingParams {
  readonly network: LiabilityNetwork
  /** n: what each has outside of the network, 0 or above. */
  readonly assets: ArrayLike<number>
  /** Share of its outside assets that a defaulting node realises (alpha); left out: 1. */
  readonly assetRecovery?: number
  /** Share of what it receives that a defaulting node passes on (beta); left out: 1. */
  readonly claimRecovery?: number
  /** n: share of all it has and receives that a node keeps, the rest being stolen (0..1); left out: all. */
  readonly kept?: ArrayLike<number>
  /** Nodes that pay a fixed share (0..1) of what they owe, whatever they have. */
  readonly fixed?: ReadonlyMap<number, number>
}

export interface Clearing {
  /** n: what each pays in all (p). */
  readonly payments: Float64Array
  /** n: what each receives. */
  readonly received: Float64Array
  /** n: 1 for those who cannot pay in full, and for fixed ones that pay less. */
  readonly defaults: Uint8Array
  /** Rounds of the fictitious default algorithm. */
  readonly rounds: number
  /** Largest |p - f(p)|, over the largest liability (1 where that is less). */
  readonly residual: number
}

/** Shortfalls below this share of what is owed are rounding, not default. */
const ROUNDING = 1e-13
/** Sweeps before a linear system is solved at once. */
const SWEEPS = 60
/** The largest system that is solved at once; larger ones go on sweeping. */
const DENSE = 700
const MAX_SWEEPS = 100_000

/**
 * The greatest fixed point of p = p-bar where e + Pi' p covers it, else alpha e + beta Pi' p. With alpha = beta = 1 that is Eisenberg & Noe (2001), below
 * Rogers & Veraart (2013). By fictitious default: all pay in full until somebody cannot; the payments of those who cannot solve a linear system (Gauss-Seidel
 * from above, sparse; if it is slow, at once); who is pulled down by them joins, until nobody does. Monotone, so it ends after n rounds at most.
 * What a node is robbed of (`kept`) is gone before it pays: e and Pi' p both count by that share. Liabilities to the outside rank with the rest.
 * @throws HomeostatError `out-of-domain` for assets below 0 or not finite, and recoveries outside of 0..1
 */
export function clear(params: ClearingParams): Clearing {
  const { network, assetRecovery = 1, claimRecovery = 1, fixed } = params
  const { nodes, liabilities } = network
  const assets = checkedAssets(params)
  const kept = keptShares(params)
  const payments = liabilities.slice()
  const defaults = new Uint8Array(nodes)
  const isFixed = new Uint8Array(nodes)
  for (const [node, share] of fixed ?? []) {
    payments[node] = share * (liabilities[node] as number)
    isFixed[node] = 1
    if (share < 1 && (liabilities[node] as number) > 0) defaults[node] = 1
  }
  const received = new Float64Array(nodes)
  const system = { network, assets, kept, payments, alpha: assetRecovery, beta: claimRecovery }
  const failing: number[] = []
  let rounds = 0
  for (;;) {
    receive(network, payments, received)
    const before = failing.length
    for (let i = 0; i < nodes; i += 1) {
      if (defaults[i] === 1 || isFixed[i] === 1) continue
      const owed = liabilities[i] as number
      const has = (kept[i] as number) * ((assets[i] as number) + (received[i] as number))
      if (has >= owed * (1 - ROUNDING)) continue
      defaults[i] = 1
      failing.push(i)
    }
    if (failing.length === before) break
    rounds += 1
    settle({ ...system, failing })
  }
  return { payments, received, defaults, rounds, residual: residualOf({ ...system, received, defaults, isFixed }) }
}

function receive(
  { nodes, start, debtor, share }: LiabilityNetwork,
  payments: Float64Array,
  received: Float64Array,
): void {
  for (let j = 0; j < nodes; j += 1) received[j] = receivedBy(j, start, debtor, share, payments)
}

function receivedBy(
  j: number,
  start: Int32Array,
  debtor: Int32Array,
  share: Float64Array,
  payments: Float64Array,
): number {
  let sum = 0
  const end = start[j + 1] as number
  for (let at = start[j] as number; at < end; at += 1)
    sum += (share[at] as number) * (payments[debtor[at] as number] as number)
  return sum
}

interface System {
  readonly network: LiabilityNetwork
  readonly assets: Float64Array
  readonly kept: Float64Array
  /** Changed: those of `failing` become the solution. */
  readonly payments: Float64Array
  readonly failing: readonly number[]
  readonly alpha: number
  readonly beta: number
}

function settle(system: System): void {
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) if (swept(system)) return
  if (system.failing.length <= DENSE && atOnce(system)) {
    swept(system)
    return
  }
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep += 1) if (swept(system)) return
}

/** One sweep of Gauss-Seidel; true once nothing moves but the last digits. Payments only fall. */
function swept({ network, assets, kept, payments, failing, alpha, beta }: System): boolean {
  const { start, debtor, share, liabilities } = network
  let isStill = true
  for (const i of failing) {
    const had = payments[i] as number
    const has = alpha * (assets[i] as number) + beta * receivedBy(i, start, debtor, share, payments)
    const next = Math.min(had, (kept[i] as number) * has)
    if (had - next > 1e-15 * (liabilities[i] as number)) isStill = false
    payments[i] = next
  }
  return isStill
}

/** (I - beta Pi'_DD) p_D = alpha e_D + beta Pi' p of the others; false where that is singular. */
function atOnce({ network, assets, kept, payments, failing, alpha, beta }: System): boolean {
  const { start, debtor, share, liabilities } = network
  const size = failing.length
  const place = new Map(failing.map((node, row) => [node, row]))
  const matrix = new Float64Array(size * size)
  const right = new Float64Array(size)
  for (const [row, i] of failing.entries()) {
    matrix[row * size + row] = 1
    const keeps = kept[i] as number
    let others = 0
    for (let at = start[i] as number; at < (start[i + 1] as number); at += 1) {
      const column = place.get(debtor[at] as number)
      if (column === undefined) others += (share[at] as number) * (payments[debtor[at] as number] as number)
      else matrix[row * size + column] = (matrix[row * size + column] as number) - keeps * beta * (share[at] as number)
    }
    right[row] = keeps * (alpha * (assets[i] as number) + beta * others)
  }
  const solution = solveDense({ matrix, right, size })
  if (solution === undefined) return false
  const isSound = failing.every((i, row) => {
    const value = solution[row] as number
    return value >= -1e-9 * (liabilities[i] as number) && value <= (payments[i] as number) * (1 + 1e-9)
  })
  if (!isSound) return false
  for (const [row, i] of failing.entries())
    payments[i] = Math.max(0, Math.min(payments[i] as number, solution[row] as number))
  return true
}

function residualOf(
  params: Omit<System, 'failing'> & {
    readonly received: Float64Array
    readonly defaults: Uint8Array
    readonly isFixed: Uint8Array
  },
): number {
  const { network, assets, kept, payments, received, defaults, isFixed, alpha, beta } = params
  let largest = 0
  let scale = 1
  for (let i = 0; i < network.nodes; i += 1) {
    const owed = network.liabilities[i] as number
    scale = Math.max(scale, owed)
    if (isFixed[i] === 1) continue
    const e = assets[i] as number
    const r = received[i] as number
    const pays = defaults[i] === 1 ? (kept[i] as number) * (alpha * e + beta * r) : owed
    largest = Math.max(largest, Math.abs((payments[i] as number) - pays))
  }
  return largest / scale
}

function checkedAssets({ network, assets, assetRecovery = 1, claimRecovery = 1, fixed }: ClearingParams): Float64Array {
  if (assets.length !== network.nodes)
    throw outOfDomain('clear', 'There are assets for each node.', { nodes: network.nodes, assets: assets.length })
  const isShare = (value: number) => value >= 0 && value <= 1
  if (!isShare(assetRecovery) || !isShare(claimRecovery))
    throw outOfDomain('clear', 'Recoveries lie in 0..1.', { assetRecovery, claimRecovery })
  for (const [node, share] of fixed ?? [])
    if (!(node >= 0 && node < network.nodes && isShare(share)))
      throw outOfDomain('clear', 'A fixed node is one of the network and pays a share in 0..1.', { node, share })
  return Float64Array.from(assets, (value, node) => {
    if (value >= 0 && value < Number.POSITIVE_INFINITY) return value
    throw outOfDomain('clear', 'Assets are finite and 0 or above.', { node, assets: value })
  })
}

function keptShares({ network: { nodes }, kept }: ClearingParams): Float64Array {
  if (kept === undefined) return new Float64Array(nodes).fill(1)
  if (kept.length !== nodes)
    throw outOfDomain('clear', 'There is a kept share for each node.', { nodes, kept: kept.length })
  return Float64Array.from(kept, (value, node) => {
    if (value >= 0 && value <= 1) return value
    throw outOfDomain('clear', 'What a node keeps lies in 0..1.', { node, kept: value })
  })
}
