// What the account holds of each configured token.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import { defineProtocol, gapOf, joinParts } from './define-protocol.ts'

export const erc20Abi = parseAbi(['function balanceOf(address account) view returns (uint256)'])

export const erc20 = defineProtocol({
  name: 'erc20',
  title: 'Balances of the configured tokens',
  evidence: 'real contracts',
  read: async (reader, { chain, account }) => {
    const parts = chain.assets.map(async ({ symbol, address, decimals }) => {
      const call = { to: address, abi: erc20Abi, functionName: 'balanceOf', args: [account] } as const
      const balance = await reader.ask(call)
      if (!balance.ok) {
        const touches = { kind: 'position', positionId: `wallet:${symbol}` } as const
        return { gaps: [gapOf(balance, { subject: `balance of ${symbol}`, touches })] }
      }
      const quantity = toDecimal(balance.value, decimals)
      return { balances: [{ asset: symbol, quantity, units: balance.value.toString() }] }
    })
    return joinParts(await Promise.all(parts))
  },
})
