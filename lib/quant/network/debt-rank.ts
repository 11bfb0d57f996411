// How far distress travels before anybody defaults: lost equity of one is a weaker claim of the other.
import { outOfDomain } from '../out-of-domain.ts'
import type { LiabilityNetwork } from './liability-network.ts'

export interface DebtRank {
  /** n: share of its equity that each has lost, 0..1 (h); those without equity have lost all of it from the start only if they were shocked. */
  readonly distress: Float64Array
  /** Lost by the spreading alone, weighted by equity: sum of (h - h(0)) E over the sum of E. */
  readonly rank: number
  readonly rounds: number
}

const MAX_ROUNDS = 10_000
/** Distress that spreads no further. */
const STILL = 1e-14

/**
 * `single`: a node hands on its distress once, when it first has any (Battiston et al. 2012). `linear`: every further loss is handed on (Bardoscia et al.
 * 2015): h_i(t + 1) = min(1, h_i(t) + sum_j A_ij / E_i (h_j(t) - h_j(t - 1))), where A_ij is what j owes i. A node without equity loses it with the first loss.
 * @param params.equity n, 0 or above
 * @param params.shock n: shares of equity that are lost at the start, 0..1
 * @throws HomeostatError `out-of-domain`
 */
export function debtRank(params: {
  readonly network: LiabilityNetwork
  readonly equity: ArrayLike<number>
  readonly shock: ArrayLike<number>
  readonly spreading: 'single' | 'linear'
}): DebtRank {
  const { network, equity, shock, spreading } = params
  const { nodes, start, debtor, owed } = network
  check(params)
  let distress = Float64Array.from(shock)
  let fresh = distress.slice()
  const spent = new Uint8Array(nodes)
  let rounds = 0
  while (rounds < MAX_ROUNDS && fresh.some((value) => value > STILL)) {
    rounds += 1
    if (spreading === 'single') for (let i = 0; i < nodes; i += 1) if ((fresh[i] as number) > 0) spent[i] = 1
    const next = distress.slice()
    for (let i = 0; i < nodes; i += 1) {
      let lost = 0
      for (let at = start[i] as number; at < (start[i + 1] as number); at += 1)
        lost += weight(owed[at] as number, equity[i] as number, spreading) * (fresh[debtor[at] as number] as number)
      next[i] = Math.min(1, (distress[i] as number) + lost)
    }
    fresh = next.map((value, i) => (spent[i] === 1 ? 0 : value - (distress[i] as number)))
    distress = next
  }
  let all = 0
  let spread = 0
  for (let i = 0; i < nodes; i += 1) {
    all += equity[i] as number
    spread += (equity[i] as number) * ((distress[i] as number) - (shock[i] as number))
  }
  return { distress, rank: all > 0 ? spread / all : 0, rounds }
}

/** Share of its equity that a creditor loses with a claim; each alone takes all of it at most where distress is handed on once (2012, eq. 2). */
function weight(claim: number, equity: number, spreading: 'single' | 'linear'): number {
  if (equity > 0) return Math.min(spreading === 'single' ? 1 : Number.MAX_VALUE, claim / equity)
  return claim > 0 ? Number.MAX_VALUE : 0
}

function check({
  network: { nodes },
  equity,
  shock,
}: {
  readonly network: LiabilityNetwork
  readonly equity: ArrayLike<number>
  readonly shock: ArrayLike<number>
}): void {
  for (let i = 0; i < nodes; i += 1) {
    const own = equity[i] as number
    const lost = shock[i] as number
    if (!(own >= 0 && own < Number.POSITIVE_INFINITY && lost >= 0 && lost <= 1))
      throw outOfDomain('debtRank', 'Equity is finite and 0 or above, a shock lies in 0..1.', {
        node: i,
        equity: own,
        shock: lost,
      })
  }
}
