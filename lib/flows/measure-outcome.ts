// What an order really did: the account in the order's own block against the block before it.

import type { Usd } from '../base/units.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { Outcome } from '../model/order.ts'
import type { ChainReceipt, Venues } from '../model/ports.ts'

/** @throws HomeostatError if the provider does not answer for these blocks, or has forgotten them */
export async function measureOutcome(
  deps: { readonly venues: Venues },
  params: { readonly settings: PortfolioSettings; readonly receipt: ChainReceipt; readonly gasUsd: Usd },
): Promise<Outcome> {
  const { settings, receipt, gasUsd } = params
  const [before, after] = await Promise.all([
    deps.venues.health({ settings, blockNumber: receipt.blockNumber - 1 }),
    deps.venues.health({ settings, blockNumber: receipt.blockNumber }),
  ])
  const balanceChanges = differences(before.balances, after.balances)
  // At one set of prices: what the market did in that block is not what the order cost.
  const changes = Object.entries(differences(before.holdings, after.holdings))
  const isPriced = changes.every(([asset]) => after.prices[asset] !== undefined)
  const gainUsd = changes.reduce((sum, [asset, change]) => sum + change * (after.prices[asset] ?? 0), 0)
  return {
    ...(after.healthFactor === undefined ? {} : { healthFactor: after.healthFactor }),
    collateralUsd: after.collateralUsd,
    debtUsd: after.debtUsd,
    gasUsd,
    ...(isPriced ? { costUsd: gasUsd - gainUsd } : {}),
    balanceChanges,
  }
}

function differences(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([asset, quantity]) => [asset, quantity - (before[asset] ?? 0)] as const)
      .filter(([, change]) => change !== 0),
  )
}
