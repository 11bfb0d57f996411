// Tokens, or the NFT of a position, came to an account or left it.

import type { Address } from '../../model/identity.ts'
import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, type Scope, type Speaker } from './define-event.ts'
import { topicOf } from './log-words.ts'

/** Contracts whose transfers change what an account holds, by the path that the configuration gives them. */
const movable =
  /^(asset |uniswapV3\.positions$|protocols\.(erc4626\.vaults|rate-wrapper\.tokens|uniswap-v2\.pairs|curve\.pools|balancer\.pools)\.\d+\.(address|lpToken)$|protocols\.uniswap-v4\.positionManager$)/

export const transfer = defineEvent({
  name: 'transfer',
  title: 'Transfers of configured tokens and positions from or to the accounts',
  signatures: ['Transfer(address,address,uint256)'],
  speakers: async (_, scope) =>
    configuredContracts(scope)
      .filter(({ subject }) => movable.test(subject))
      .flatMap(({ address, subject }) => bothWays(scope, { address, subject })),
  meaning: ({ words, scope }) => {
    const isFrom = scope.portfolios.some(({ account }) => account === words.address(0))
    return { severity: 'info', says: isFrom ? 'left the account' : 'came to the account' }
  },
})

/** What leaves each account, and what comes to it. */
function bothWays(
  { portfolios }: Scope,
  contract: { readonly address: Address; readonly subject: string },
): readonly Speaker[] {
  return portfolios.flatMap(({ id, account }) => [
    { ...contract, portfolios: [id], topics: [[topicOf(account)]] },
    { ...contract, portfolios: [id], topics: [null, [topicOf(account)]] },
  ])
}
