// Which of anvil's accounts plays which part on a local chain.

import { mnemonicToAccount } from 'viem/accounts'
import { demoMnemonic } from './anvil.ts'

export const parts = { deployer: 0, firstApprover: 1, liquidityProvider: 7, feedKeeper: 8, arbitrageur: 9 } as const

export function demoAccount(addressIndex: number) {
  return mnemonicToAccount(demoMnemonic, { addressIndex })
}
