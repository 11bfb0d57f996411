// How a failure spreads: the registry of methods. One function and one line adds one.

import type { Ratio } from '../../base/units.ts'
import { type Clearing, type ClearingParams, clear } from '../../quant/network/clearing.ts'
import { debtRank as debtRankOf } from '../../quant/network/debt-rank.ts'
import { type LiabilityNetwork, liabilityNetwork } from '../../quant/network/liability-network.ts'
import type { BalanceSheets } from './balance-sheets.ts'
import type { Propagation, PropagationParams } from './outcome.ts'

/** Eisenberg & Noe (2001): each pays what it can, pro rata; nothing is lost on the way. */
function eisenbergNoe({ sheets, failure }: PropagationParams): Propagation {
  return cleared(sheets, { network: sheets.network, assets: sheets.assets, ...failure })
}

/** Rogers & Veraart (2013): who defaults realises only a part of its assets and claims. */
function rogersVeraart({ sheets, failure, defaultRecovery }: PropagationParams): Propagation {
  const costs = { assetRecovery: defaultRecovery, claimRecovery: defaultRecovery }
  return cleared(sheets, { network: sheets.network, assets: sheets.assets, ...failure, ...costs })
}

/** Bardoscia et al. (2015): a claim is worth less as its debtor loses equity, long before it defaults. */
function linearDebtRank({ sheets, failure }: PropagationParams): Propagation {
  const { network, equity } = sheets
  const own = equity.map((value) => Math.max(0, value))
  const shock = own.map((value, i) => {
    if (failure.fixed.has(i)) return 1 - (failure.fixed.get(i) ?? 0)
    const robbed = (1 - (failure.kept[i] ?? 1)) * ((sheets.assets[i] ?? 0) + (network.claims[i] ?? 0))
    return robbed === 0 ? 0 : value > 0 ? Math.min(1, robbed / value) : 1
  })
  const { distress } = debtRankOf({ network, equity: own, shock, spreading: 'linear' })
  const payments = network.liabilities.map((owed, i) => owed * (1 - (distress[i] ?? 0)))
  const bare = own.filter((value, i) => value === 0 && (network.liabilities[i] ?? 0) > 0).length
  return {
    payments,
    received: receivedFrom(network, payments),
    loss: own.map((value, i) => value * (distress[i] ?? 0)),
    failed: (i) => (distress[i] ?? 0) >= 1,
    debtRank: distress,
    notes:
      bare === 0
        ? []
        : [
            `DebtRank takes all from a node without equity with its first loss: ${bare} nodes owe and have none, such as vaults.`,
          ],
  }
}

/**
 * A run on lending markets: whoever sees its market lose withdraws at once, and loans that are out (edges `lends-to`) cannot be called. Markets that lose, and
 * those that lose by that, pay out of what is at hand until nobody new loses. What is not paid is locked, not all of it lost.
 */
function lendingRun({ sheets, failure }: PropagationParams): Propagation {
  const { graph, indexOf, network, assets } = sheets
  const before = clear({ network, assets })
  const loans = graph.edges
    .filter(({ kind, from, to }) => kind === 'lends-to' && from !== to)
    .map(({ from, to, usd }) => ({ from: indexOf.get(from) ?? 0, to: indexOf.get(to) ?? 0, usd }))
  const lent = new Map<number, number>()
  for (const { to, usd } of loans) lent.set(to, (lent.get(to) ?? 0) + usd)
  const running = new Set<number>()
  let after = clear({ network, assets, ...failure })
  for (;;) {
    const joining = [...lent.keys()].filter(
      (market) => !running.has(market) && losesIn(market, before, after, failure.kept),
    )
    if (joining.length === 0) break
    for (const market of joining) running.add(market)
    after = clear({ network: frozen(sheets, running), assets, ...failure })
  }
  const utilisation = new Map<number, Ratio>(
    [...lent].map(([market, out]) => [market, running.has(market) ? 1 : out / (out + (assets[market] ?? 0) || 1)]),
  )
  const { loss, ...rest } = outcomeOf({ before, after, assets, kept: failure.kept, fixed: failure.fixed })
  const locked = [...running].map((market) => graph.nodes[market]?.id ?? '')
  return {
    ...rest,
    loss,
    utilisation,
    notes: running.size === 0 ? [] : [`In a run nobody can withdraw beyond what is at hand from ${locked.join(', ')}.`],
  }
}

export const contagionMethods = [
  { name: 'eisenberg-noe', propagate: eisenbergNoe },
  { name: 'rogers-veraart', propagate: rogersVeraart },
  { name: 'debtrank', propagate: linearDebtRank },
  { name: 'run', propagate: lendingRun },
] as const satisfies readonly {
  readonly name: string
  readonly propagate: (params: PropagationParams) => Propagation
}[]

export type ContagionMethod = (typeof contagionMethods)[number]['name']

function cleared(
  sheets: BalanceSheets,
  params: ClearingParams & { readonly kept: Float64Array; readonly fixed: ReadonlyMap<number, number> },
): Propagation {
  const before = clear({ network: sheets.network, assets: sheets.assets })
  const after = clear(params)
  return outcomeOf({
    before,
    after,
    assets: sheets.assets,
    kept: params.kept,
    fixed: params.fixed,
  })
}

function outcomeOf(params: {
  readonly before: Clearing
  readonly after: Clearing
  readonly assets: Float64Array
  readonly kept: Float64Array
  readonly fixed: ReadonlyMap<number, number>
}): Propagation {
  const { before, after, assets, kept, fixed } = params
  const loss = assets.map((own, i) => {
    const was = Math.max(0, own + (before.received[i] ?? 0) - (before.payments[i] ?? 0))
    const isFailed = (fixed.get(i) ?? 1) < 1 || (after.defaults[i] ?? 0) === 1
    const is = isFailed ? 0 : Math.max(0, (kept[i] ?? 1) * (own + (after.received[i] ?? 0)) - (after.payments[i] ?? 0))
    return was - is
  })
  return {
    payments: after.payments,
    received: after.received,
    loss,
    failed: (i) => (after.defaults[i] ?? 0) === 1 || (fixed.get(i) ?? 1) < 1,
    residual: after.residual,
    notes: [],
  }
}

/** A market that gets less than before, or is robbed. */
function losesIn(market: number, before: Clearing, after: Clearing, kept: Float64Array): boolean {
  const [was, is] = [before.received[market] ?? 0, after.received[market] ?? 0]
  return (kept[market] ?? 1) < 1 || was - is > 1e-9 * Math.max(1, was)
}

/** The same debts, but loans to these markets are not repaid now. */
function frozen({ graph, indexOf, network }: BalanceSheets, markets: ReadonlySet<number>): LiabilityNetwork {
  const liabilities = Array.from(network.debtor, (from, at) => ({ from, at }))
  const isLoan = new Set(
    graph.edges
      .filter(({ kind }) => kind === 'lends-to')
      .map(({ from, to }) => `${indexOf.get(from)}>${indexOf.get(to)}`),
  )
  const kept: { from: number; to: number; amount: number }[] = []
  const external = network.external.slice()
  for (let to = 0; to < network.nodes; to += 1)
    for (let at = network.start[to] ?? 0; at < (network.start[to + 1] ?? 0); at += 1) {
      const from = liabilities[at]?.from ?? 0
      const amount = network.owed[at] ?? 0
      // The borrower goes on owing it; whoever waits for it, waits outside.
      if (markets.has(to) && isLoan.has(`${from}>${to}`)) external[from] = (external[from] ?? 0) + amount
      else kept.push({ from, to, amount })
    }
  return liabilityNetwork({ nodes: network.nodes, liabilities: kept, external })
}

function receivedFrom({ nodes, start, debtor, share }: LiabilityNetwork, payments: Float64Array): Float64Array {
  const received = new Float64Array(nodes)
  for (let j = 0; j < nodes; j += 1)
    for (let at = start[j] ?? 0; at < (start[j + 1] ?? 0); at += 1)
      received[j] = (received[j] ?? 0) + (share[at] ?? 0) * (payments[debtor[at] ?? 0] ?? 0)
  return received
}
