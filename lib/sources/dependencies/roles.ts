// Who holds a role of a contract with AccessControl: listed where it lists them, else asked for everybody who is known to govern something.

import { keccak256, parseAbi, toBytes } from 'viem/utils'
import type { Address, Hash } from '../../model/identity.ts'
import type { ChainReader } from '../chain/chain-session.ts'
import { lowerCase } from '../discovery/findings.ts'
import { isPlace } from './found.ts'

const rolesAbi = parseAbi([
  'function getRoleMemberCount(bytes32 role) view returns (uint256)',
  'function getRoleMember(bytes32 role, uint256 index) view returns (address)',
  'function hasRole(bytes32 role, address account) view returns (bool)',
])

const defaultAdmin: Hash = `0x${'00'.repeat(32)}`
const names = [
  // OpenZeppelin's timelock, and what upgradeable tokens and vaults are made with.
  'TIMELOCK_ADMIN_ROLE PROPOSER_ROLE EXECUTOR_ROLE CANCELLER_ROLE MINTER_ROLE BURNER_ROLE PAUSER_ROLE UPGRADER_ROLE',
  'MANAGER_ROLE OPERATOR_ROLE GUARDIAN_ROLE GOVERNOR_ROLE ORACLE_ROLE BLACKLISTER_ROLE',
  // Lido's and EtherFi's.
  'PAUSE_ROLE RESUME_ROLE',
].flatMap((line) => line.split(' '))
/** Aave's ACLManager names them so. */
const aaveNames = ['POOL_ADMIN', 'EMERGENCY_ADMIN', 'RISK_ADMIN', 'ASSET_LISTING_ADMIN', 'BRIDGE', 'FLASH_BORROWER']
const roles: readonly { readonly name: string; readonly id: Hash }[] = [
  { name: 'DEFAULT_ADMIN_ROLE', id: defaultAdmin },
  ...[...names, ...aaveNames].map((name) => ({ name, id: keccak256(toBytes(name)) })),
]
/** Of one role of one contract. */
const mostMembers = 20

export interface RoleHolding {
  readonly contract: Address
  readonly member: Address
  readonly role: string
  readonly evidence: string
}

export interface ListedRoles {
  readonly holdings: readonly RoleHolding[]
  /** Those that do not list who holds their roles. */
  readonly unlisted: readonly Address[]
  readonly cut: readonly string[]
}

/** In three rounds. */
export async function listRoles(reader: ChainReader, contracts: readonly Address[]): Promise<ListedRoles> {
  const parts = await Promise.all(contracts.map((contract) => listOne(reader, contract)))
  return {
    holdings: parts.flatMap(({ holdings }) => holdings),
    unlisted: parts.flatMap(({ unlisted }) => unlisted),
    cut: parts.flatMap(({ cut }) => cut),
  }
}

async function listOne(reader: ChainReader, contract: Address): Promise<ListedRoles> {
  const at = { to: contract, abi: rolesAbi } as const
  const count = (id: Hash) => reader.ask({ ...at, functionName: 'getRoleMemberCount', args: [id] })
  if (!(await count(defaultAdmin)).ok) return { holdings: [], unlisted: [contract], cut: [] }
  const found = await Promise.all(
    roles.map(async ({ name, id }) => {
      const answer = await count(id)
      const total = answer.ok ? answer.value : 0n
      const listed = total > BigInt(mostMembers) ? mostMembers : Number(total)
      const members = await Promise.all(
        Array.from({ length: listed }, (_, index) =>
          reader.ask({ ...at, functionName: 'getRoleMember', args: [id, BigInt(index)] }),
        ),
      )
      const holdings = members.flatMap((member): readonly RoleHolding[] =>
        member.ok && isPlace(member.value)
          ? [{ contract, member: lowerCase(member.value), role: name, evidence: `getRoleMember(${name})` }]
          : [],
      )
      const cut = total > BigInt(listed) ? [`${contract} has ${total} holders of ${name}, ${listed} are listed`] : []
      return { holdings, cut }
    }),
  )
  return { holdings: found.flatMap(({ holdings }) => holdings), unlisted: [], cut: found.flatMap(({ cut }) => cut) }
}

/** One round: every role of every contract for every candidate, up to `most` questions. */
export async function askRoles(
  reader: ChainReader,
  params: { readonly contracts: readonly Address[]; readonly candidates: readonly Address[]; readonly most: number },
): Promise<{ readonly holdings: readonly RoleHolding[]; readonly left: number }> {
  const all = params.contracts.flatMap((contract) =>
    params.candidates.flatMap((member) => roles.map(({ name, id }) => ({ contract, member, name, id }))),
  )
  const asked = all.slice(0, params.most)
  const answers = await Promise.all(
    asked.map(async ({ contract, member, name, id }): Promise<readonly RoleHolding[]> => {
      const call = { to: contract, abi: rolesAbi, functionName: 'hasRole', args: [id, member] } as const
      const answer = await reader.ask(call)
      return answer.ok && answer.value ? [{ contract, member, role: name, evidence: `hasRole(${name})` }] : []
    }),
  )
  return { holdings: answers.flat(), left: all.length - asked.length }
}
