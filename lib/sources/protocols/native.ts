// What the account holds of the chain's own coin: no token has its balance, and gas is paid with it.

import { parseAbi } from 'viem/utils'
import { toDecimal } from '../../base/amount.ts'
import * as z from '../../base/schema.ts'
import { assetTerm } from '../../instruments/term-schemas.ts'
import type { Holding } from '../discovery/findings.ts'
import { defineProtocol } from './define-protocol.ts'
import { positionPart, refusedPart } from './position-part.ts'

/** Asked of Multicall3 itself, so that the balance travels with the other calls and is of the same block. */
export const nativeBalanceAbi = parseAbi(['function getEthBalance(address account) view returns (uint256 balance)'])

/** On every EVM chain a whole coin has 10^18 wei. */
const decimals = 18

export const native = defineProtocol({
  name: 'native',
  title: "Balance of the chain's own coin",
  evidence: 'real contracts',
  settings: z.strictObject({ underlying: assetTerm("the chain's coin by its price, such as ETH") }),
  read: async (reader, { chain, account, settings: { underlying } }) => {
    const id = `native:${underlying}`
    const call = { abi: nativeBalanceAbi, functionName: 'getEthBalance', args: [account] } as const
    const balance = await reader.ask({ to: chain.multicall3, ...call })
    if (!balance.ok) return refusedPart(id, balance)
    if (balance.value === 0n) return {}
    const quantity = toDecimal(balance.value, decimals)
    const instrument = { kind: 'spot', terms: { asset: underlying, quantity } } as const
    return positionPart({ id, label: `${underlying} in the account`, instrument, needs: [underlying] })
  },
  discover: async (reader, { account, multicall3, wrappedNative }) => {
    const call = { abi: nativeBalanceAbi, functionName: 'getEthBalance', args: [account] } as const
    const balance = await reader.ask({ to: multicall3, ...call })
    if (!balance.ok) return { unseen: [`the chain's own coin: ${balance.reason}`] }
    if (balance.value === 0n) return {}
    const what = `${toDecimal(balance.value, decimals)} of the chain's own coin`
    if (wrappedNative === undefined)
      return { unseen: [`${what}: no exchange that is known tells which token is worth as much`] }
    const holding: Holding = {
      what,
      evidence: 'getEthBalance of Multicall3; its price is that of the token that wraps it',
      restsOn: wrappedNative,
      voucher: 'an exchange names it as WETH9',
      covers: [],
      needs: [wrappedNative],
      unpriced: 'leave',
      settings: (name) => ({ underlying: name(wrappedNative).underlying }),
    }
    return { holdings: [holding] }
  },
})
