// Somebody's collateral was taken: ours is the worst news there is, and that of others says what the market is like.

import type { Address } from '../../model/identity.ts'
import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'
import { shortAddress } from './log-words.ts'

/** Where each names the one who was liquidated, and the collateral if it does. */
const places = {
  'LiquidationCall(address,address,address,uint256,uint256,address,bool)': { who: 2, collateral: 0 },
  'AbsorbDebt(address,address,uint256,uint256)': { who: 1, collateral: undefined },
  'AbsorbCollateral(address,address,address,uint256,uint256)': { who: 1, collateral: 2 },
  'Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)': { who: 2, collateral: undefined },
} as const
type Signature = keyof typeof places
const signatures = Object.keys(places) as readonly Signature[]

export const liquidation = defineEvent({
  name: 'liquidation',
  title: 'Liquidations on Aave v3, Compound v3 and Morpho Blue',
  signatures,
  speakers: async (_, scope) =>
    configuredContracts(scope)
      .filter(({ subject }) => /^(aaveV3\.pool|protocols\.(compound-v3|morpho-blue)\..*address)$/.test(subject))
      .map((contract) => ({ ...contract, portfolios: everybody(scope) })),
  meaning({ signature, words, scope }) {
    const { who, collateral } = places[signature as Signature]
    const account = words.address(who)
    const own = scope.portfolios.filter((one) => one.account === account)
    if (own.length === 0) return { severity: 'info', says: `liquidated ${shortAddress(account)}` }
    const ids = own.map(({ id }) => id)
    const taken = collateral === undefined ? undefined : nameOf(words.address(collateral), scope.chain.assets)
    const says = `liquidated the account of ${ids.join(', ')}${taken === undefined ? '' : ` and took ${taken}`}`
    return { severity: 'critical', says, portfolios: ids }
  },
})

function nameOf(
  address: Address | undefined,
  assets: readonly { readonly address: Address; readonly symbol: string }[],
): string {
  return assets.find((asset) => asset.address === address)?.symbol ?? shortAddress(address)
}
