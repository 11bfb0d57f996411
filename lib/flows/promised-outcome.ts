// Whether an approved order still does what people approved: it is needed, it reaches what was promised, and nothing else moves.

import type { Usd } from '../base/units.ts'
import type { Order, Simulation } from '../model/order.ts'

/** Health may miss its promise by this fraction: interest, and a market that moved within the order's own limit. */
const healthTolerance = 0.02
/** Below this a difference of balances is rounding. */
const leastDifferenceUsd: Usd = 1

/** Undefined if it does. The limit on price moves is checked elsewhere; this is about the account. */
export function whyOtherThanPromised(simulation: Simulation, order: Order): string | undefined {
  const { healthFactorBefore: before } = simulation
  const after = simulation.after.healthFactor
  if (before !== undefined && before >= order.targetHealthFactor)
    return `it is not needed any more: the health factor is ${before.toFixed(3)}, the target ${order.targetHealthFactor}`
  const promised = order.predicted.healthFactor
  if (promised !== undefined && after !== undefined) {
    // What the order adds to health is its promise; where health starts is the market's doing.
    const moved = before === undefined ? 1 : before / (order.simulation.healthFactorBefore ?? before)
    const least = Math.min(promised, order.targetHealthFactor) * Math.min(1, moved) * (1 - healthTolerance)
    if (after < least) return `the health factor would only be ${after.toFixed(3)}, ${promised.toFixed(3)} was promised`
  }
  return strangeMove(simulation, order)
}

/** Balances that change otherwise than predicted, by more than the slippage that was allowed on what the order moves. */
function strangeMove(simulation: Simulation, order: Order): string | undefined {
  const priceOf = (asset: string) => order.prices[asset] ?? 0
  const movedUsd = order.chosen.intents.reduce(
    (sum, intent) => (intent.kind === 'swap' ? sum + intent.quantityIn * priceOf(intent.assetIn) : sum),
    0,
  )
  const allowedUsd = leastDifferenceUsd + movedUsd * ((2 * order.limits.maxSlippageBps) / 10_000 + order.maxPriceMove)
  const promised = order.predicted.balanceChanges
  const seen = simulation.after.balanceChanges
  for (const asset of new Set([...Object.keys(promised), ...Object.keys(seen)])) {
    const difference = (seen[asset] ?? 0) - (promised[asset] ?? 0)
    const isKnown = order.prices[asset] !== undefined
    const isStrange = isKnown ? Math.abs(difference) * priceOf(asset) > allowedUsd : difference !== 0
    if (isStrange)
      return `${asset} in the account would change by ${seen[asset] ?? 0} instead of ${promised[asset] ?? 0}`
  }
  return undefined
}
