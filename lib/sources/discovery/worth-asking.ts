// Which of the contracts whose tokens ever moved are asked what they are: what is there now, and what the account has used.

import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { erc20Abi } from '../protocols/erc20.ts'
import type { TransferLogs } from './transfer-logs.ts'

/** Of those without a balance: who owes to a market has nothing of its token. */
const mostUsed = 200

/** In one round. */
export async function worthAsking(
  reader: ChainReader,
  { account, logs }: { readonly account: Address; readonly logs: TransferLogs },
): Promise<readonly Address[]> {
  const held = await Promise.all(
    logs.contracts.map(async (to) => {
      const balance = await reader.ask({ to, abi: erc20Abi, functionName: 'balanceOf', args: [account] })
      return balance.ok && balance.value > 0n
    }),
  )
  const used = logs.contracts.filter((contract, index) => held[index] !== true && logs.used.has(contract))
  return [...logs.contracts.filter((_, index) => held[index] === true), ...used.slice(0, mostUsed)]
}
