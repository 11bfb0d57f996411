// What stands at the account's address: a Safe with its owners, another contract, or a plain key.

import { parseAbi } from 'viem/utils'
import type { Address } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { distinct } from './findings.ts'
import { shown } from './token-facts.ts'

const accountAbi = parseAbi([
  'function getOwners() view returns (address[])',
  'function getThreshold() view returns (uint256)',
  'function VERSION() view returns (string)',
  'function totalSupply() view returns (uint256)',
  'function decimals() view returns (uint8)',
])

export type AccountKind =
  | { readonly kind: 'safe'; readonly owners: readonly Address[]; readonly threshold: number; readonly version: string }
  /** A contract that is a token by itself: its address was hardly meant. */
  | { readonly kind: 'token' }
  /** A plain account, or a contract that says nothing. */
  | { readonly kind: 'other' }

const mostOwners = 50

export async function readAccountKind(reader: ChainReader, account: Address): Promise<AccountKind> {
  const at = { to: account, abi: accountAbi, args: [] } as const
  const [owners, threshold, version, supply, decimals] = await Promise.all([
    reader.ask({ ...at, functionName: 'getOwners' }),
    reader.ask({ ...at, functionName: 'getThreshold' }),
    reader.ask({ ...at, functionName: 'VERSION' }),
    reader.ask({ ...at, functionName: 'totalSupply' }),
    reader.ask({ ...at, functionName: 'decimals' }),
  ])
  if (owners.ok && threshold.ok && version.ok && threshold.value <= BigInt(owners.value.length)) {
    const list = distinct(owners.value).slice(0, mostOwners)
    return { kind: 'safe', owners: list, threshold: Number(threshold.value), version: shown(version.value) }
  }
  return supply.ok && decimals.ok ? { kind: 'token' } : { kind: 'other' }
}
