// A contract stopped, or went on: what is held there may not move.

import { configuredContracts } from './configured-contracts.ts'
import { defineEvent, everybody } from './define-event.ts'

export const pause = defineEvent({
  name: 'pause',
  title: 'Contracts that stopped or went on (Pausable)',
  signatures: ['Paused(address)', 'Unpaused(address)', 'Pause()', 'Unpause()'],
  speakers: async (_, scope) =>
    configuredContracts(scope).map((contract) => ({ ...contract, portfolios: everybody(scope) })),
  meaning: ({ signature }) =>
    signature.startsWith('Pause')
      ? { severity: 'critical', says: 'was paused' }
      : { severity: 'warning', says: 'is no longer paused' },
})
