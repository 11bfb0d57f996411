// The message that a chain's logs are due, in the group of that chain, so that two runs never follow one chain at once.

import { identityOf, type MessageOf } from '../model/messages.ts'
import type { Sending } from '../model/ports.ts'

export function chainDue(of: Omit<MessageOf<'chain-due'>, 'kind'>): Sending {
  const message = { kind: 'chain-due', ...of } as const
  return { message, deduplicationId: identityOf(message), group: String(of.chainId) }
}
