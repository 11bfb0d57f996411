// A plan made exact at one block: quotes, whole units, approvals, and the Safe that will carry it.

import { erc20Abi } from 'viem'
import { multicall } from 'viem/actions'
import { HomeostatError } from '../base/homeostat-error.ts'
import type { PortfolioSettings } from '../model/configuration.ts'
import type { AssetSymbol } from '../model/identity.ts'
import type { PreparedOrder, Venues } from '../model/ports.ts'
import { atBlock, type Chain } from './chain-client.ts'
import { venueOf } from './configured.ts'
import type { Draft } from './venues/define-venue.ts'
import { lookAt } from './venues/index.ts'
import { mustGuard, readSafe } from './venues/safe.ts'

/**
 * Deadline first, then each intent's actions in the plan's order, each approval right before what it is for and reset right after.
 * @throws HomeostatError `not-a-safe`, `quote-too-far`, `repay-more-than-debt`, `withdraw-more-than-supplied`, `spare-too-small`, ...
 */
export function prepareOrder(
  deps: { readonly chain: Chain },
  params: Parameters<Venues['prepare']>[0],
): Promise<PreparedOrder> {
  const { settings, intents, validUntil, prices } = params
  const { universalRouter } = venueOf(settings, 'safe')
  if (intents.length === 0) throw nothingToDo()
  return atBlock(deps.chain, { chainId: settings.chain.chainId }, async ({ pinned, blockNumber }) => {
    const context = { chain: deps.chain, blockNumber, settings, prices }
    const looks = intents.map((intent, index) => lookAt({ ...context, earlier: intents.slice(0, index) }, intent))
    const [account, holdings, , ...steps] = await Promise.all([
      readSafe(deps.chain, settings.portfolio.account, blockNumber),
      readBalances(deps.chain, settings, blockNumber),
      mustGuard(deps.chain, settings, blockNumber),
      ...looks,
    ])
    const start: Draft = {
      actions: [{ kind: 'deadline', contract: universalRouter, validUntil }],
      holdings,
      bought: {},
      withdrawn: {},
      repaid: {},
      costUsd: 0,
    }
    const draft = steps.reduce((soFar, step) => step(soFar), start)
    return { block: pinned, actions: draft.actions, account, expectedCostUsd: draft.costUsd }
  })
}

/**
 * The account's own balances of all configured assets, in their smallest units.
 * @throws HomeostatError `malformed-return` if one cannot be read: a missing balance is not a zero
 */
export async function readBalances(
  chain: Chain,
  settings: PortfolioSettings,
  blockNumber: bigint,
): Promise<Readonly<Record<AssetSymbol, bigint>>> {
  const { assets, multicall3 } = settings.chain
  const args = [settings.portfolio.account] as const
  const contracts = assets.map(({ address }) => ({ address, abi: erc20Abi, functionName: 'balanceOf', args }) as const)
  const balances = await chain.ask('read the account’s balances', (client) =>
    multicall(client, { contracts, allowFailure: false, blockNumber, multicallAddress: multicall3 }),
  )
  return Object.fromEntries(assets.map(({ symbol }, index) => [symbol, balances[index] ?? 0n]))
}

function nothingToDo(): HomeostatError {
  return new HomeostatError('nothing-to-do', {
    message: 'A plan without intents is no order.',
    retry: 'never',
    hint: 'This is a defect of what made the plan.',
  })
}
