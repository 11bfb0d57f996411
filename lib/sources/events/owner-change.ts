// Whoever may change a contract that we rely on is somebody else than before.

import { aaveContracts } from './aave-contracts.ts'
import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'
import { shortAddress } from './log-words.ts'

export const ownerChange = defineEvent({
  name: 'owner-change',
  title: 'Owners and roles that changed (Ownable, AccessControl)',
  signatures: [
    'OwnershipTransferred(address,address)',
    'OwnershipTransferStarted(address,address)',
    'RoleGranted(bytes32,address,address)',
    'RoleRevoked(bytes32,address,address)',
    'ACLAdminUpdated(address,address)',
  ],
  async speakers(reader, scope) {
    const aave = await aaveContracts(reader, scope)
    const further = aave === undefined ? [] : [aave.registry, aave.access].filter((one) => one !== undefined)
    return [...configuredContracts(scope), ...further].map((contract) => ({
      ...contract,
      portfolios: everybody(scope),
    }))
  },
  meaning({ signature, words }) {
    const severity = 'warning'
    const to = shortAddress(words.address(1))
    if (signature.startsWith('RoleGranted'))
      return { severity, says: `gave ${to} the role ${shortRole(words.hash(0))}` }
    if (signature.startsWith('RoleRevoked'))
      return { severity, says: `took the role ${shortRole(words.hash(0))} from ${to}` }
    if (signature.startsWith('OwnershipTransferStarted')) return { severity, says: `is about to have the owner ${to}` }
    return { severity, says: `has a new owner: ${to}` }
  },
})

function shortRole(role: string | undefined): string {
  return role === undefined ? 'unknown' : `${role.slice(0, 10)}…`
}
