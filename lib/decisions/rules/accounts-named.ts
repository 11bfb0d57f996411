// Which lending accounts a rule means by a key: `aave` is the account at aave-v3.

import type { Report } from '../../model/report.ts'
import { lendingProtocols } from '../../model/telemetry.ts'
import { absent, type Missing, missing, type NotApplicable } from './term.ts'
import { unknownAccounts } from './unknown-parts.ts'

export type AccountsNamed =
  | {
      readonly kind: 'accounts'
      readonly accounts: Report['accounts']
      /** An account that may be meant too, and is not known. */
      readonly unknown: Missing | undefined
    }
  | NotApplicable
  | Missing

/**
 * The position of exactly that id; else all accounts of the protocol of that name, or of the only one whose name begins so; '' names all.
 * A protocol that is known, and where the portfolio has no account, is not applicable; any other key is missing.
 */
export function accountsNamed(report: Report, key: string): AccountsNamed {
  const { accounts } = report
  if (key === '') return { kind: 'accounts', accounts, unknown: unknownAccounts(report) }
  const exact = accounts.filter(({ positionId }) => positionId === key)
  if (exact.length > 0) return { kind: 'accounts', accounts: exact, unknown: undefined }
  const unknown = unknownAccounts(report, (id) => id === key || protocolOf(id).startsWith(key))
  const held = protocolsNamed(accounts.map(protocolOfAccount), key)
  const [protocol, ...others] = held
  if (protocol === undefined) return unknown ?? nobody(key)
  if (others.length > 0) return missing('unknown-key', `${key} could be ${held.join(' or ')}: write one of them`)
  return { kind: 'accounts', accounts: accounts.filter((one) => protocolOfAccount(one) === protocol), unknown }
}

/** `aave-v3` of the position `arbitrum/aave-v3`, `compound-v3` of `compound-v3:USDC`; of a declared loan its id. */
export function protocolOf(positionId: string): string {
  return positionId.slice(positionId.lastIndexOf('/') + 1).split(':')[0] ?? positionId
}

/** An account that no protocol has summed up goes by its position. */
function protocolOfAccount({ protocol, positionId }: Report['accounts'][number]): string {
  return protocol === 'unknown' ? protocolOf(positionId) : protocol
}

/** The one of that name, else those whose names begin so. */
export function protocolsNamed(protocols: readonly string[], key: string): readonly string[] {
  const all = [...new Set(protocols)]
  return all.includes(key) ? [key] : all.filter((one) => one.startsWith(key))
}

function nobody(key: string): AccountsNamed {
  return protocolsNamed(lendingProtocols, key).length > 0
    ? absent(`the portfolio has no account at ${key}`)
    : missing('unknown-key', `the portfolio knows no lending account ${key}`)
}
