// What a state change still has to tell: written with the state in one conditional write, removed once the bus accepted it.

import type { UnixSeconds } from '../base/units.ts'
import type { Severity } from './configuration.ts'
import { identityOf, type Message } from './messages.ts'

/** Ids and severity, never bodies. */
export interface OutboxEntry {
  readonly id: string
  readonly severity: Severity
  readonly since: UnixSeconds
  readonly message: Message
}

/** An entry for a message; its id is the message's own identity, so that the same news is one entry. */
export function outboxEntry(
  message: Message,
  params: { readonly severity: OutboxEntry['severity']; readonly since: UnixSeconds },
): OutboxEntry {
  return { id: identityOf(message), severity: params.severity, since: params.since, message }
}

/** Entries joined, each id once. */
export function withEntries(outbox: readonly OutboxEntry[], added: readonly OutboxEntry[]): readonly OutboxEntry[] {
  const known = new Set(outbox.map((entry) => entry.id))
  return [...outbox, ...added.filter((entry) => !known.has(entry.id))]
}
