// A failure, spread over the graph by one of the methods: what each node pays, loses and hands on.

import { HomeostatError } from '../../base/homeostat-error.ts'
import type { Ratio } from '../../base/units.ts'
import { clear } from '../../quant/network/clearing.ts'
import type { BalanceSheets } from './balance-sheets.ts'
import { failureOf, type Shock } from './failure.ts'
import { type ContagionMethod, contagionMethods } from './methods.ts'
import type { Contagion } from './outcome.ts'

/** Share that a defaulting node realises, where the method has such costs: losses of 20 % (Glasserman & Young 2015 take 0 to 30 %). */
const usualRecovery: Ratio = 0.8

/**
 * @throws HomeostatError `unknown-node`, `unknown-method`, `invalid-graph`
 */
export function spreadFailure(params: {
  readonly sheets: BalanceSheets
  readonly shocks: readonly Shock[]
  readonly method: string
  readonly defaultRecovery?: Ratio
}): Contagion {
  const { sheets, shocks, defaultRecovery = usualRecovery } = params
  const method = contagionMethods.find(({ name }) => name === params.method)
  if (method === undefined)
    throw new HomeostatError('unknown-method', {
      message: `There is no method ${params.method}.`,
      retry: 'never',
      hint: `It is one of ${contagionMethods.map(({ name }) => name).join(', ')}.`,
    })
  const failure = failureOf({ sheets, shocks })
  const { network, assets, graph } = sheets
  const spread = method.propagate({ sheets, failure, defaultRecovery })
  const before = clear({ network, assets })
  let external = 0
  let loss = 0
  let destroyed = 0
  const nodes = graph.nodes.map(({ id, kind }, i) => {
    const owed = network.liabilities[i] ?? 0
    const payment = spread.payments[i] ?? 0
    const outside = owed > 0 ? (network.external[i] ?? 0) / owed : 0
    const lost = spread.loss[i] ?? 0
    const utilisation = spread.utilisation?.get(i)
    external += outside * ((before.payments[i] ?? 0) - payment)
    loss += lost
    destroyed += destroyedAt({
      own: assets[i] ?? 0,
      received: spread.received[i] ?? 0,
      payment,
      kept: failure.kept[i] ?? 1,
      fixed: failure.fixed.get(i),
    })
    return {
      id,
      kind,
      payment,
      owed,
      loss: lost,
      claimsLost: Math.max(0, (before.received[i] ?? 0) - (spread.received[i] ?? 0)),
      failed: spread.failed(i),
      ...(spread.debtRank === undefined ? {} : { debtRank: spread.debtRank[i] ?? 0 }),
      ...(utilisation === undefined ? {} : { utilisation }),
    }
  })
  return {
    method: method.name satisfies ContagionMethod,
    shocks,
    nodes,
    lossUsd: loss,
    externalLossUsd: external,
    destroyedUsd: destroyed,
    ...(spread.residual === undefined ? {} : { residual: spread.residual }),
    notes: [...sheets.notes, ...spread.notes],
  }
}

/** What a failed node has and does not pay out, and what a robbed one no longer has. */
function destroyedAt(params: {
  readonly own: number
  readonly received: number
  readonly payment: number
  readonly kept: number
  readonly fixed: number | undefined
}): number {
  const { own, received, payment, kept, fixed } = params
  if (fixed !== undefined && fixed < 1) return own + received - payment
  return (1 - kept) * (own + received)
}
