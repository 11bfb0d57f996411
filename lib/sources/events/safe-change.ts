// A Safe executed something, or has other owners, modules or a guard: who may move what it holds.

import type { Severity } from '../../model/configuration.ts'
import { defineEvent } from './define-event.ts'
import { printed, shortAddress } from './log-words.ts'

/** Safe 1.3 has the argument of some events not indexed; the words do not care. */
const said: Readonly<Record<string, readonly [Severity, string]>> = {
  'ExecutionSuccess(bytes32,uint256)': ['info', 'executed a transaction'],
  'ExecutionFailure(bytes32,uint256)': ['warning', 'failed to execute a transaction'],
  'ExecutionFromModuleSuccess(address)': ['warning', 'executed a transaction of the module'],
  'AddedOwner(address)': ['critical', 'has a new owner:'],
  'RemovedOwner(address)': ['critical', 'has lost the owner'],
  'ChangedThreshold(uint256)': ['critical', 'needs another number of signatures:'],
  'EnabledModule(address)': ['critical', 'has a new module, which needs no signatures:'],
  'DisabledModule(address)': ['warning', 'has lost the module'],
  'ChangedGuard(address)': ['critical', 'has another guard:'],
  'ChangedModuleGuard(address)': ['critical', 'has another module guard:'],
  'ChangedFallbackHandler(address)': ['warning', 'has another fallback handler:'],
  'ChangedMasterCopy(address)': ['critical', 'runs other code:'],
}

export const safeChange = defineEvent({
  name: 'safe-change',
  title: 'Transactions, owners, threshold, modules and guards of the Safes',
  signatures: Object.keys(said),
  speakers: async (_, { portfolios }) =>
    portfolios.map(({ id, account }) => ({ address: account, subject: `Safe of ${id}`, portfolios: [id] })),
  meaning({ signature, words }) {
    const [severity, says] = said[signature] ?? ['info', 'said something']
    if (signature.startsWith('Execution') && !signature.includes('Module')) return { severity, says }
    const value = signature.includes('uint256') ? printed(words.unsigned(0)) : shortAddress(words.address(0))
    return { severity, says: `${says} ${value}` }
  },
})
