// An issuer closed an address: what lies there cannot be moved any more.

import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'

export const blacklist = defineEvent({
  name: 'blacklist',
  title: 'Issuers that closed an account, or a contract that we rely on (USDC, USDT)',
  signatures: [
    'Blacklisted(address)',
    'UnBlacklisted(address)',
    'AddedBlackList(address)',
    'RemovedBlackList(address)',
  ],
  speakers: async (_, scope) =>
    configuredContracts(scope)
      .filter(({ subject }) => subject.startsWith('asset '))
      .map((contract) => ({ ...contract, portfolios: everybody(scope) })),
  meaning({ signature, words, scope }) {
    const who = words.address(0)
    const isClosed = /^(Blacklisted|Added)/.test(signature)
    const severity = isClosed ? 'critical' : 'warning'
    const own = scope.portfolios.filter(({ account }) => account === who).map(({ id }) => id)
    const act = isClosed ? 'closed' : 'opened again'
    if (own.length > 0) return { severity, says: `${act} the account of ${own.join(', ')}`, portfolios: own }
    const contract = configuredContracts(scope).find(({ address }) => address === who)
    return contract && { severity, says: `${act} ${contract.subject}` }
  },
})
