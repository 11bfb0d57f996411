// The message that the holders of a chain's tokens are due to be counted further.

import { identityOf } from '../model/messages.ts'
import type { Sending } from '../model/ports.ts'

/** Between two pieces of one count, so that it does not take all that a provider lets us ask. */
export const holdersPauseSeconds = 5

/** @param of.round how many pieces of this slot came before */
export function holdersDue(of: { readonly chainId: number; readonly slot: number; readonly round: number }): Sending {
  const message = { kind: 'holders-due', ...of } as const
  return { message, deduplicationId: identityOf(message), delaySeconds: holdersPauseSeconds }
}
