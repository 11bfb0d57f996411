// The contracts behind an Aave v3 pool that say what the pool itself does not: who may change it, and what was changed.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import type { NamedContract } from './configured-contracts.ts'
import type { Scope } from './define-event.ts'

export const aavePoolRegistryAbi = parseAbi(['function ADDRESSES_PROVIDER() view returns (address)'])
export const aaveRegistryAbi = parseAbi([
  'function getPoolConfigurator() view returns (address)',
  'function getACLManager() view returns (address)',
])

export interface AaveContracts {
  /** PoolAddressesProvider: says which contract plays which part. */
  readonly registry: NamedContract
  /** Says what happens to reserves. */
  readonly configurator: NamedContract | undefined
  /** Says who may do what. */
  readonly access: NamedContract | undefined
}

/** Undefined if the chain has no market, or its pool does not say. Equal questions are asked once, so every kind may call it. */
export async function aaveContracts(reader: ChainReader, { chain }: Scope): Promise<AaveContracts | undefined> {
  if (chain.aaveV3 === undefined) return undefined
  const { pool } = chain.aaveV3
  const found = await reader.ask({ to: pool, abi: aavePoolRegistryAbi, functionName: 'ADDRESSES_PROVIDER', args: [] })
  if (!found.ok) return undefined
  const at = { to: found.value.toLowerCase() as Address, abi: aaveRegistryAbi } as const
  const [configurator, access] = await Promise.all([
    reader.ask({ ...at, functionName: 'getPoolConfigurator', args: [] }),
    reader.ask({ ...at, functionName: 'getACLManager', args: [] }),
  ])
  const named = (answer: typeof configurator, subject: string) =>
    answer.ok ? { address: answer.value.toLowerCase() as Address, subject } : undefined
  return {
    registry: { address: at.to, subject: 'Aave address provider' },
    configurator: named(configurator, 'Aave configurator'),
    access: named(access, 'Aave access control'),
  }
}
