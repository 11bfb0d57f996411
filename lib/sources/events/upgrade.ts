// The code behind an address that we rely on, or the right to change it, is another one than before.

import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'
import { shortAddress } from './log-words.ts'

export const upgrade = defineEvent({
  name: 'upgrade',
  title: 'Proxies that got another implementation, beacon or admin (ERC-1967)',
  signatures: ['Upgraded(address)', 'BeaconUpgraded(address)', 'AdminChanged(address,address)'],
  speakers: async (_, scope) =>
    [...configuredContracts(scope), ...accountsOf(scope)].map((contract) => ({
      portfolios: everybody(scope),
      ...contract,
    })),
  meaning({ signature, words }) {
    if (signature.startsWith('AdminChanged'))
      return { severity: 'warning', says: `has a new proxy admin: ${shortAddress(words.address(1))}` }
    const what = signature.startsWith('Beacon') ? 'follows another beacon' : 'was upgraded'
    return { severity: 'warning', says: `${what}: ${shortAddress(words.address(0))}` }
  },
})

function accountsOf({ portfolios }: Parameters<typeof configuredContracts>[0]) {
  return portfolios.map(({ id, account }) => ({ address: account, subject: `account of ${id}`, portfolios: [id] }))
}
